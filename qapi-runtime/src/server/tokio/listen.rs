//! Accepting clients.

use std::future::Future;
use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::stop::Stop;
use crate::channel::{First, race};
use crate::server::listen::ACCEPT_PAUSE;
use crate::server::trace::ClientLog;

/// A socket that clients connect to.
pub trait Listen: Send {
    /// The stream to a client.
    type Stream: AsyncRead + AsyncWrite + Send + 'static;

    /// Waits for the next client. No client is lost if the future is dropped.
    fn accept(&mut self) -> impl Future<Output = io::Result<Self::Stream>> + Send;
}

#[cfg(unix)]
impl Listen for UnixListener {
    type Stream = tokio::net::UnixStream;

    async fn accept(&mut self) -> io::Result<Self::Stream> {
        Self::accept(self).await.map(|(stream, _)| stream)
    }
}

impl Listen for TcpListener {
    type Stream = tokio::net::TcpStream;

    async fn accept(&mut self) -> io::Result<Self::Stream> {
        let (stream, _) = Self::accept(self).await?;
        // Replies are small and waited for.
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// Accepts clients, up to a number at a time, until `stop`, and serves each in a task. Returns when the last one has
/// been served.
pub(super) async fn accept_all<L: Listen, F>(
    mut listener: L,
    clients: usize,
    stop: &Stop,
    serve: impl Fn(L::Stream) -> F,
) where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let clients = clients.clamp(1, Semaphore::MAX_PERMITS);
    let room = Arc::new(Semaphore::new(clients));
    let mut log = ClientLog::default();
    loop {
        let next = async {
            let permit = Arc::clone(&room).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, stream) = match race(stop.stopped(), next).await {
            First::One(()) => break,
            First::Other(next) => next,
        };
        let stream = match stream {
            Ok(stream) => stream,
            Err(error) => {
                log.cannot_accept(&error);
                race(stop.stopped(), sleep(ACCEPT_PAUSE)).await;
                continue;
            }
        };
        let logged = log.connected();
        let served = serve(stream);
        tokio::spawn(async move {
            logged.ended(&served.await);
            drop(permit);
        });
    }
    let everybody = u32::try_from(clients).unwrap_or(u32::MAX);
    drop(room.acquire_many(everybody).await);
}
