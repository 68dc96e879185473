//! The two ends of a stream, one to read from and one to write to, with the descriptors that pass through a Unix socket.

#[cfg(unix)]
use std::any::{Any, TypeId};
use std::io;
#[cfg(all(unix, feature = "descriptors"))]
use std::os::fd::{AsFd as _, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, ReadHalf, WriteHalf};
#[cfg(all(unix, feature = "descriptors"))]
use tokio::io::{AsyncWriteExt as _, Interest};
#[cfg(unix)]
use tokio::net::UnixStream;
#[cfg(unix)]
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};

#[cfg(all(unix, feature = "descriptors"))]
use crate::descriptors;
use crate::incoming_descriptors::Descriptor;

/// The end to read from.
#[derive(Debug)]
pub(crate) enum ReadEnd<S> {
    #[cfg(unix)]
    Unix {
        half: OwnedReadHalf,
        /// Descriptors that came with the last read.
        #[cfg(feature = "descriptors")]
        received: Vec<OwnedFd>,
    },
    Other(ReadHalf<S>),
}

/// The end to write to.
#[derive(Debug)]
pub(crate) enum WriteEnd<S> {
    #[cfg(unix)]
    Unix(OwnedWriteHalf),
    Other(WriteHalf<S>),
}

/// Returns whether streams of this type carry descriptors.
pub(crate) fn carries_descriptors<S: 'static>() -> bool {
    #[cfg(unix)]
    let is_socket = TypeId::of::<S>() == TypeId::of::<UnixStream>();
    #[cfg(not(unix))]
    let is_socket = false;
    cfg!(feature = "descriptors") && is_socket
}

/// Takes a stream apart.
pub(crate) fn split<S: AsyncRead + AsyncWrite + 'static>(stream: S) -> (ReadEnd<S>, WriteEnd<S>) {
    let mut stream = Some(stream);
    #[cfg(unix)]
    if let Some(stream) = (&mut stream as &mut dyn Any).downcast_mut::<Option<UnixStream>>() {
        if let Some(stream) = stream.take() {
            let (half, writer) = stream.into_split();
            let reader = ReadEnd::Unix {
                half,
                #[cfg(feature = "descriptors")]
                received: Vec::new(),
            };
            return (reader, WriteEnd::Unix(writer));
        }
    }
    let stream = stream.expect("it was not taken");
    let (reader, writer) = tokio::io::split(stream);
    (ReadEnd::Other(reader), WriteEnd::Other(writer))
}

impl<S> ReadEnd<S> {
    /// Returns the descriptors that came with what has been read since the last call of this method.
    pub(crate) fn take_descriptors(&mut self) -> Vec<Descriptor> {
        match self {
            #[cfg(all(unix, feature = "descriptors"))]
            Self::Unix { received, .. } => std::mem::take(received),
            _ => Vec::new(),
        }
    }
}

impl<S: AsyncRead> AsyncRead for ReadEnd<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            #[cfg(all(unix, feature = "descriptors"))]
            Self::Unix { half, received } => poll_receive(half.as_ref(), received, context, buffer),
            #[cfg(all(unix, not(feature = "descriptors")))]
            Self::Unix { half } => Pin::new(half).poll_read(context, buffer),
            Self::Other(half) => Pin::new(half).poll_read(context, buffer),
        }
    }
}

/// Reads as `poll_read` does, and takes descriptors that come along.
#[cfg(all(unix, feature = "descriptors"))]
fn poll_receive(
    stream: &UnixStream,
    received: &mut Vec<OwnedFd>,
    context: &mut Context<'_>,
    buffer: &mut ReadBuf<'_>,
) -> Poll<io::Result<()>> {
    loop {
        std::task::ready!(stream.poll_read_ready(context))?;
        let read = stream.try_io(Interest::READABLE, || {
            descriptors::receive(stream.as_fd(), buffer.initialize_unfilled(), received)
        });
        match read {
            Ok(length) => {
                buffer.advance(length);
                return Poll::Ready(Ok(()));
            }
            Err(error) if is_delay(&error) => {}
            Err(error) => return Poll::Ready(Err(error)),
        }
    }
}

#[cfg(all(unix, feature = "descriptors"))]
fn is_delay(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

impl<S: AsyncWrite> WriteEnd<S> {
    /// Writes all of a text, and sends descriptors along with its first byte.
    ///
    /// # Errors
    /// The stream failed, or cannot carry descriptors.
    #[cfg(all(unix, feature = "descriptors"))]
    pub(crate) async fn write_with(
        &mut self,
        text: &[u8],
        descriptors: &[OwnedFd],
    ) -> io::Result<()> {
        let Self::Unix(half) = self else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let stream: &UnixStream = half.as_ref();
        let borrowed: Vec<_> = descriptors.iter().map(|it| it.as_fd()).collect();
        let sent = stream.async_io(Interest::WRITABLE, || {
            descriptors::send(stream.as_fd(), text, &borrowed)
        });
        let sent = sent.await?;
        self.write_all(&text[sent..]).await
    }
}

impl<S: AsyncWrite> AsyncWrite for WriteEnd<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            #[cfg(unix)]
            Self::Unix(half) => Pin::new(half).poll_write(context, bytes),
            Self::Other(half) => Pin::new(half).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            #[cfg(unix)]
            Self::Unix(half) => Pin::new(half).poll_flush(context),
            Self::Other(half) => Pin::new(half).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            #[cfg(unix)]
            Self::Unix(half) => Pin::new(half).poll_shutdown(context),
            Self::Other(half) => Pin::new(half).poll_shutdown(context),
        }
    }
}
