//! One client over a blocking stream.

use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use super::reply::NOT_KEPT;
use super::{Dispatcher, ServerLimits, Service, Session};
use crate::message::Error;
use crate::stream::{StallWatch, is_disconnect};
use crate::wire::MemoryBudget;

/// The bytes read at once.
const BUFFER: usize = 64 << 10;

/// Sets a time-out of a stream.
pub(super) type SetTimeout<T> = fn(&T, Option<Duration>) -> io::Result<()>;

/// Serves one client over a blocking stream until it goes away, however long it stalls: a stream of any kind has no
/// time-outs. [`listen`](super::listen) has them.
///
/// A client that closes without reading its replies ends this call, not the server: a broken connection counts as end
/// of file (defect D1 of agent-behaviour.md part 10).
///
/// # Errors
/// Any other failure of the stream.
pub fn serve<S: Service, T: Read + Write>(dispatcher: &Dispatcher<S>, stream: T) -> io::Result<()> {
    Connection {
        stream,
        session: Session::new(),
        watch: StallWatch::default(),
        set_read_timeout: |_, _| Ok(()),
        timeout: None,
    }
    .serve(dispatcher, &|| true)
}

/// A client with its session.
pub(super) struct Connection<T> {
    stream: T,
    session: Session,
    watch: StallWatch,
    set_read_timeout: SetTimeout<T>,
    /// The time-out that the stream has.
    timeout: Option<Duration>,
}

impl<T: Read + Write> Connection<T> {
    /// A client within limits, whose memory comes out of `budget`. The stream has no time-outs yet.
    pub(super) fn new(
        stream: T,
        limits: &ServerLimits,
        budget: &MemoryBudget,
        set_read_timeout: SetTimeout<T>,
    ) -> Self {
        Self {
            stream,
            session: Session::within(limits.request, budget),
            watch: limits.watch(),
            set_read_timeout,
            timeout: None,
        }
    }

    /// Serves the client until it goes away or stalls, or `go_on` says no.
    pub(super) fn serve<S: Service>(
        mut self,
        dispatcher: &Dispatcher<S>,
        go_on: &dyn Fn() -> bool,
    ) -> io::Result<()> {
        match self.serve_until_error(dispatcher, go_on) {
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
            let length = match self.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(length) => length,
                Err(error) if is_timeout(&error) => return self.time_out(),
                Err(error) => return Err(error),
            };
            let before = self.session.signals();
            let mut input = &buffer[..length];
            while !input.is_empty() {
                self.session.feed_some(&mut input, dispatcher);
                // Nobody is going to resume it here.
                self.session.refuse(&Error::generic(NOT_KEPT));
                self.flush()?;
            }
            let is_new = self.session.signals() != before;
            self.watch
                .received(Instant::now(), self.session.is_between(), is_new);
        }
        Ok(())
    }

    /// Waits for bytes as long as the limits allow.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let patience = self.watch.patience(Instant::now(), false);
            if patience == Some(Duration::ZERO) {
                return Err(self.watch.error());
            }
            if patience != self.timeout {
                (self.set_read_timeout)(&self.stream, patience)?;
                self.timeout = patience;
            }
            match self.stream.read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }

    /// Tells a client that has stalled in a request why it is disconnected. One that is idle would take it for the reply to
    /// its next request.
    fn time_out(&mut self) -> io::Result<()> {
        if self.watch.is_in_request() {
            let error = Error::generic(self.watch.error().to_string());
            super::dispatch::tell(&error, self.session.output());
            self.flush()?;
        }
        Err(self.watch.error())
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

/// Returns true if the time-out of a stream has expired.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
