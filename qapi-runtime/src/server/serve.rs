//! One client over a blocking stream.

use std::io::{self, Read, Write};
use std::time::Instant;

use super::client_stream::TimedReads;
use super::reply::NOT_KEPT;
use super::{ClientStream, Dispatcher, ServerLimits, Service, Session, Stop, dispatch};
use crate::message::Error;
use crate::stream::is_disconnect;
use crate::wire::MemoryBudget;

/// The bytes read at once.
const BUFFER: usize = 64 << 10;

/// Serves one client over a blocking stream until it goes away, however long it stalls: a stream of any kind has no
/// time-outs, and carries no file descriptors. [`serve_within`] has them.
///
/// A client that closes without reading its replies ends this call, not the server: a broken connection counts as end
/// of file (defect D1 of docs/reference/agent-behaviour.md part 10).
///
/// # Errors
/// Any other failure of the stream, or the client sends nothing but [noise](ServerLimits).
pub fn serve<S: Service, T: Read + Write>(dispatcher: &Dispatcher<S>, stream: T) -> io::Result<()> {
    ServedClient {
        stream,
        session: Session::new(),
        reads: TimedReads::of_any(),
    }
    .serve(dispatcher, &|| true)
}

/// Serves one client within `limits`, until it goes away or [`Stop::stop`]. Handlers
/// [take](super::take_descriptors) the file descriptors that come with their commands over a Unix socket.
///
/// For servers that are started with a client's socket; [`listen`](super::listen()) accepts clients by itself.
///
/// # Errors
/// The client stalled, or sends nothing but noise, or the stream failed, other than by the client closing it.
pub fn serve_within<S: Service, T: ClientStream>(
    dispatcher: &Dispatcher<S>,
    stream: &T,
    limits: &ServerLimits,
    stop: &Stop,
) -> io::Result<()>
where
    for<'s> &'s T: Read + Write,
{
    let Some(_client) = stop.admit(stream.shut_down()?) else {
        return Ok(());
    };
    stream.set_write_timeout(limits.reply_timeout)?;
    let budget = MemoryBudget::new(limits.memory);
    ServedClient::new(stream, limits, &budget).serve(dispatcher, &|| !stop.is_stopped())
}

/// A client with its session.
pub(super) struct ServedClient<T> {
    stream: T,
    session: Session,
    reads: TimedReads<T>,
}

impl<'c, T: ClientStream> ServedClient<&'c T>
where
    for<'s> &'s T: Read,
{
    /// Creates a client within limits, whose memory comes out of `budget`. The stream has no time-out for reads yet.
    pub(super) fn new(stream: &'c T, limits: &ServerLimits, budget: &MemoryBudget) -> Self {
        Self {
            stream,
            session: Session::within(limits, budget),
            reads: TimedReads::of_client(),
        }
    }
}

impl<T: Read + Write> ServedClient<T> {
    /// Serves the client until it goes away or stalls, or `go_on` says no.
    pub(super) fn serve<S: Service>(
        mut self,
        dispatcher: &Dispatcher<S>,
        go_on: &dyn Fn() -> bool,
    ) -> io::Result<()> {
        let result = self.serve_until_error(dispatcher, go_on);
        match result.or_else(|error| self.give_up(error)) {
            Err(error) if is_disconnect(&error) => Ok(()),
            result => result,
        }
    }

    fn serve_until_error<S: Service>(
        &mut self,
        dispatcher: &Dispatcher<S>,
        go_on: &dyn Fn() -> bool,
    ) -> io::Result<()> {
        let mut buffer = vec![0; BUFFER];
        while go_on() {
            let incoming = self.session.incoming();
            let stream = &mut self.stream;
            let length = match self.reads.read(stream, &mut buffer, incoming, &|| false)? {
                0 => return Ok(()),
                length => length,
            };
            let mut input = &buffer[..length];
            while !input.is_empty() {
                self.session.feed_some(&mut input, dispatcher);
                // Nothing here would resume it.
                self.session.refuse(&Error::generic(NOT_KEPT));
                self.flush()?;
                self.session.incoming().check_noise()?;
            }
            self.session.incoming().wait(Instant::now());
        }
        Ok(())
    }

    /// Tells a client why it is disconnected, if it is to be told.
    fn give_up(&mut self, error: io::Error) -> io::Result<()> {
        if self.session.incoming().is_to_be_told(&error) {
            dispatch::tell(&Error::generic(error.to_string()), self.session.output());
            self.flush()?;
        }
        Err(error)
    }

    /// Writes all replies.
    fn flush(&mut self) -> io::Result<()> {
        let output = self.session.output();
        if !output.is_empty() {
            self.stream.write_all(output)?;
            self.stream.flush()?;
            self.session.clear_output();
        }
        Ok(())
    }
}
