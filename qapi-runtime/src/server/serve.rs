//! One client over a blocking stream.

use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use super::reply::NOT_KEPT;
use super::{Dispatcher, ServerLimits, Service, Session, dispatch};
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
/// of file (defect D1 of docs/reference/agent-behaviour.md part 10).
///
/// # Errors
/// Any other failure of the stream.
pub fn serve<S: Service, T: Read + Write>(dispatcher: &Dispatcher<S>, stream: T) -> io::Result<()> {
    ServedClient {
        stream,
        session: Session::new(),
        patience: Patience::new(StallWatch::default(), |_, _| Ok(())),
    }
    .serve(dispatcher, &|| true)
}

/// A client with its session.
pub(super) struct ServedClient<T> {
    stream: T,
    session: Session,
    patience: Patience<T>,
}

impl<T: Read + Write> ServedClient<T> {
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
            patience: Patience::new(limits.watch(), set_read_timeout),
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
            let is_between = self.session.is_between();
            self.patience
                .watch
                .received(Instant::now(), is_between, is_new);
        }
        Ok(())
    }

    /// Waits for bytes as long as the limits allow.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.patience.prepare(&self.stream)?;
            match self.stream.read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }

    /// Tells a client that has stalled in a request why it is disconnected. One that is idle would take it for the reply to
    /// its next request.
    fn time_out(&mut self) -> io::Result<()> {
        let watch = &self.patience.watch;
        let error = watch.error();
        if watch.is_in_request() {
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

/// The time that reads of a stream may take.
pub(super) struct Patience<T> {
    pub(super) watch: StallWatch,
    set_read_timeout: SetTimeout<T>,
    /// The time-out that the stream has.
    timeout: Option<Duration>,
}

impl<T> Patience<T> {
    /// The patience with a stream that has no time-out yet.
    pub(super) fn new(watch: StallWatch, set_read_timeout: SetTimeout<T>) -> Self {
        Self {
            watch,
            set_read_timeout,
            timeout: None,
        }
    }

    /// Limits the time of the next read.
    ///
    /// # Errors
    /// There is no time left, or the stream refuses.
    pub(super) fn prepare(&mut self, stream: &T) -> io::Result<()> {
        let patience = self.watch.patience(Instant::now(), false);
        if patience == Some(Duration::ZERO) {
            return Err(self.watch.error());
        }
        if patience != self.timeout {
            (self.set_read_timeout)(stream, patience)?;
            self.timeout = patience;
        }
        Ok(())
    }
}

/// Returns true if the time-out of a stream has expired.
pub(super) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}
