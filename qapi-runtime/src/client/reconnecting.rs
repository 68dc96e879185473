//! How a blocking client gets its connection, and gets it back when it was lost.

use std::fmt;
use std::io;
use std::thread;

use super::backoff::Backoff;
use super::connection::Deadline;
use super::conversation::{closed, timed_out};
use super::exchange::Exchange;
use super::{ClientError, ClientEvent, Reconnect, Transport};

/// Whatever connects.
pub(super) struct Connector<T>(Box<dyn FnMut() -> io::Result<T> + Send>);

impl<T> Connector<T> {
    pub(super) fn new(connect: impl FnMut() -> io::Result<T> + Send + 'static) -> Self {
        Self(Box::new(connect))
    }
}

impl<T> fmt::Debug for Connector<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Connector")
    }
}

impl<T: Transport> Connector<T> {
    /// Connects and begins the conversation, again and again until it works or the time is over.
    ///
    /// # Errors
    /// What the last attempt failed of; whatever another attempt would not change.
    pub(super) fn connect<R>(
        &mut self,
        backoff: &mut Backoff,
        deadline: Deadline,
        opening: &str,
        mut begin: impl FnMut(T) -> Result<R, ClientError>,
    ) -> Result<R, ClientError> {
        loop {
            let result = match (self.0)() {
                Ok(transport) => begin(transport),
                Err(error) => Err(ClientError::Io {
                    command: opening.into(),
                    error,
                }),
            };
            match result {
                // There is nobody yet, or something in between that found nobody.
                Err(error @ (ClientError::Io { .. } | ClientError::Closed { .. })) => {
                    let pause = backoff.next();
                    let left = deadline.left().unwrap_or(pause);
                    thread::sleep(pause.min(left));
                    if deadline.is_over() {
                        return Err(error);
                    }
                }
                result => return result,
            }
        }
    }

    /// Gets a lost connection back for the call of command `name`, which may take until `deadline`.
    pub(super) fn restore(
        &mut self,
        exchange: &mut Exchange<T>,
        policy: &Reconnect,
        name: &str,
        deadline: Deadline,
    ) -> Result<(), ClientError> {
        let give_up = Deadline::after(policy.give_up);
        let attempt = exchange.options.connect_timeout;
        let restored = self.connect(
            &mut Backoff::new(policy),
            deadline.min(give_up),
            name,
            |transport| {
                exchange.renew(transport);
                let limit = deadline.min(give_up).min(Deadline::after(attempt));
                match exchange.open(limit) {
                    // A server that does not greet may do so next time.
                    Err(ClientError::TimedOut { .. }) => Err(closed(name)),
                    result => result,
                }
            },
        );
        match restored {
            Ok(()) => {
                exchange.events.push(ClientEvent::Reconnected);
                Ok(())
            }
            Err(ClientError::Io { .. } | ClientError::Closed { .. }) if deadline.is_over() => {
                Err(timed_out(name))
            }
            Err(ClientError::Io { .. } | ClientError::Closed { .. }) => Err(closed(name)),
            Err(error) => Err(error),
        }
    }
}
