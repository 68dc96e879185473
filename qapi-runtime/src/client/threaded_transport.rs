//! Time-outs for streams that have none.

use std::cell::Cell;
use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use super::Transport;

/// Pieces read ahead of the client. Times their size, this bounds the memory.
const PIECES: usize = 4;
const PIECE_SIZE: usize = 64 << 10;

/// A transport over any reader and writer: character devices, pipes, a child's standard streams.
///
/// A thread reads ahead. It ends with the stream, or at its next read after this value is dropped. Only reading can
/// time out: writing blocks for as long as the writer does.
pub struct ThreadedTransport<W> {
    pieces: Receiver<io::Result<Vec<u8>>>,
    /// The rest of the last piece.
    piece: Vec<u8>,
    position: usize,
    timeout: Cell<Option<Duration>>,
    writer: W,
}

impl<W: Write> ThreadedTransport<W> {
    /// Starts reading.
    ///
    /// # Errors
    /// No thread could be started.
    pub fn new<R: Read + Send + 'static>(reader: R, writer: W) -> io::Result<Self> {
        let (sender, pieces) = sync_channel(PIECES);
        thread::Builder::new()
            .name("qapi reader".to_owned())
            .spawn(move || read_ahead(reader, &sender))?;
        Ok(Self {
            pieces,
            piece: Vec::new(),
            position: 0,
            timeout: Cell::new(None),
            writer,
        })
    }
}

/// Passes on everything that is read, until the end, an error, or a dropped receiver. An empty piece is the end of the
/// stream.
fn read_ahead(mut reader: impl Read, sender: &SyncSender<io::Result<Vec<u8>>>) {
    let mut buffer = vec![0; PIECE_SIZE];
    loop {
        let piece = match reader.read(&mut buffer) {
            Ok(length) => Ok(buffer[..length].to_vec()),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let last = !matches!(&piece, Ok(piece) if !piece.is_empty());
        if sender.send(piece).is_err() || last {
            return;
        }
    }
}

impl<W> Read for ThreadedTransport<W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position == self.piece.len() {
            let piece = match self.timeout.get() {
                Some(timeout) => self.pieces.recv_timeout(timeout),
                None => self
                    .pieces
                    .recv()
                    .map_err(|_| RecvTimeoutError::Disconnected),
            };
            self.piece = match piece {
                Ok(piece) => piece?,
                Err(RecvTimeoutError::Timeout) => return Err(ErrorKind::TimedOut.into()),
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            };
            self.position = 0;
        }
        let length = buffer.len().min(self.piece.len() - self.position);
        buffer[..length].copy_from_slice(&self.piece[self.position..][..length]);
        self.position += length;
        Ok(length)
    }
}

impl<W: Write> Write for ThreadedTransport<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl<W: Write> Transport for ThreadedTransport<W> {
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.timeout.set(timeout);
        Ok(())
    }

    fn set_write_timeout(&self, _: Option<Duration>) -> io::Result<()> {
        Ok(())
    }
}

impl<W: fmt::Debug> fmt::Debug for ThreadedTransport<W> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ThreadedTransport")
            .field("writer", &self.writer)
            .finish_non_exhaustive()
    }
}
