//! The blocking client.

use std::time::Duration;

use super::connection::{Deadline, Received};
use super::conversation::{NEGOTIATION, closed};
use super::exchange::{Call, Exchange, Protocol, Qmp};
use super::{ClientError, EventMessage, Execute, Options, Transport};
use crate::command::Command;
use crate::introspect::ServerCommands;
use crate::introspect::commands::{GuestInfo, QueryCommands};
use crate::value::{Any, Object};

/// A client that blocks until a call is answered, fails, or its time is over.
///
/// After a time-out or an oversized reply the client remains usable: it finds the next reply that is its own by
/// synchronising with the agent anew, or by the `id` that QMP servers echo.
#[derive(Debug)]
pub struct Client<T: Transport> {
    exchange: Exchange<T>,
}

impl<T: Transport> Client<T> {
    /// A client of a guest agent. Synchronises with it before it returns, so nothing stale is left in the channel.
    ///
    /// # Errors
    /// The agent did not answer within `connect_timeout`, or the connection failed.
    pub fn guest(transport: T, options: Options) -> Result<Self, ClientError> {
        let mut client = Self::new(
            transport,
            options,
            Protocol::Guest {
                synchronised: false,
            },
        );
        let deadline = Deadline::after(client.exchange.options.connect_timeout);
        client
            .exchange
            .synchronise("guest-sync-delimited", deadline)?;
        Ok(client)
    }

    /// A client of a QMP server: reads the greeting and leaves capability negotiation.
    ///
    /// # Errors
    /// There was no greeting within `connect_timeout`, or the server refused the capabilities.
    pub fn qmp(transport: T, options: Options) -> Result<Self, ClientError> {
        let mut client = Self::new(transport, options, Protocol::Qmp(Qmp::default()));
        let deadline = Deadline::after(client.exchange.options.connect_timeout);
        let negotiation = client.exchange.greet(deadline)?;
        let call = Call {
            name: NEGOTIATION,
            out_of_band: false,
            success_response: true,
            arguments: &negotiation.arguments(),
        };
        client.exchange.call(&call, deadline)?;
        if let Protocol::Qmp(qmp) = &mut client.exchange.protocol {
            qmp.negotiation = negotiation;
        }
        Ok(client)
    }

    fn new(transport: T, options: Options, protocol: Protocol) -> Self {
        Self {
            exchange: Exchange::new(transport, options, protocol),
        }
    }

    /// The client with another time-out for the calls made through the result; `None` waits for ever.
    pub fn with_timeout(&mut self, timeout: impl Into<Option<Duration>>) -> WithTimeout<'_, T> {
        WithTimeout {
            timeout: timeout.into(),
            client: self,
        }
    }

    /// Calls a command by name, without a schema.
    ///
    /// For commands that answer success with silence use [`call_silent`](Client::call_silent).
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn call(&mut self, name: &str, arguments: &Object) -> Result<Any, ClientError> {
        let timeout = self.exchange.options.timeout;
        self.with_timeout(timeout).call(name, arguments)
    }

    /// Calls a command that answers success with silence, by name. Waits [`Options::silence`] for an error.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn call_silent(&mut self, name: &str, arguments: &Object) -> Result<(), ClientError> {
        let timeout = self.exchange.options.timeout;
        self.with_timeout(timeout).call_silent(name, arguments)
    }

    /// Executes a command ahead of those that are running, if the server agreed to do so and the command allows it;
    /// otherwise like [`Execute::execute`].
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn execute_out_of_band<C: Command>(
        &mut self,
        command: &C,
    ) -> Result<C::Reply, ClientError> {
        let out_of_band = C::ALLOW_OOB
            && matches!(&self.exchange.protocol, Protocol::Qmp(qmp) if qmp.negotiation.out_of_band);
        self.run(command, out_of_band, self.exchange.options.timeout)
    }

    /// What a QMP server said of itself: the value of its greeting's `QMP`, with `version` and `capabilities`.
    pub fn greeting(&self) -> Option<&Object> {
        match &self.exchange.protocol {
            Protocol::Qmp(qmp) => Some(&qmp.negotiation.greeting),
            Protocol::Guest { .. } => None,
        }
    }

    /// The next event of a QMP server: one that came in earlier, or else the first within `timeout`.
    ///
    /// # Errors
    /// The connection failed or was closed.
    pub fn next_event(
        &mut self,
        timeout: impl Into<Option<Duration>>,
    ) -> Result<Option<EventMessage>, ClientError> {
        const WAITING: &str = "(waiting for events)";
        let deadline = Deadline::after(timeout.into());
        loop {
            let event = match &mut self.exchange.protocol {
                Protocol::Qmp(qmp) => qmp.events.pop_front(),
                Protocol::Guest { .. } => return Ok(None),
            };
            if event.is_some() {
                return Ok(event);
            }
            match self.exchange.receive(WAITING, deadline)? {
                Received::TimedOut => return Ok(None),
                Received::Closed => return Err(closed(WAITING)),
                // Late replies, and what is no message.
                Received::Document | Received::Malformed(_) | Received::Sentinel => {}
            }
        }
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.exchange.options
    }

    /// The transport.
    pub fn transport(&self) -> &T {
        &self.exchange.connection.transport
    }

    /// The transport back. What was received but not asked for is lost.
    pub fn into_transport(self) -> T {
        self.exchange.connection.transport
    }

    fn run<C: Command>(
        &mut self,
        command: &C,
        out_of_band: bool,
        timeout: Option<Duration>,
    ) -> Result<C::Reply, ClientError> {
        let call = Call {
            name: C::NAME,
            out_of_band,
            success_response: C::SUCCESS_RESPONSE,
            arguments: command,
        };
        let outcome = self.exchange.call(&call, Deadline::after(timeout))?;
        self.exchange.reply(C::NAME, &outcome)
    }

    fn commands(&mut self, timeout: Option<Duration>) -> Result<ServerCommands, ClientError> {
        match self.exchange.protocol {
            Protocol::Qmp(_) => Ok(self.run(&QueryCommands, false, timeout)?.0),
            Protocol::Guest { .. } => Ok(self.run(&GuestInfo, false, timeout)?.0),
        }
    }
}

impl<T: Transport> Execute for Client<T> {
    fn execute<C: Command>(&mut self, command: &C) -> Result<C::Reply, ClientError> {
        self.run(command, false, self.exchange.options.timeout)
    }

    fn server_commands(&mut self) -> Result<ServerCommands, ClientError> {
        self.commands(self.exchange.options.timeout)
    }
}

/// A client with another time-out; see [`Client::with_timeout`].
#[derive(Debug)]
pub struct WithTimeout<'c, T: Transport> {
    client: &'c mut Client<T>,
    timeout: Option<Duration>,
}

impl<T: Transport> WithTimeout<'_, T> {
    /// As [`Client::call`].
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn call(&mut self, name: &str, arguments: &Object) -> Result<Any, ClientError> {
        let call = Call {
            name,
            out_of_band: false,
            success_response: true,
            arguments,
        };
        let outcome = self
            .client
            .exchange
            .call(&call, Deadline::after(self.timeout))?;
        self.client.exchange.reply(name, &outcome)
    }

    /// As [`Client::call_silent`].
    ///
    /// # Errors
    /// See [`ClientError`].
    pub fn call_silent(&mut self, name: &str, arguments: &Object) -> Result<(), ClientError> {
        let call = Call {
            name,
            out_of_band: false,
            success_response: false,
            arguments,
        };
        self.client
            .exchange
            .call(&call, Deadline::after(self.timeout))
            .map(drop)
    }
}

impl<T: Transport> Execute for WithTimeout<'_, T> {
    fn execute<C: Command>(&mut self, command: &C) -> Result<C::Reply, ClientError> {
        self.client.run(command, false, self.timeout)
    }

    fn server_commands(&mut self) -> Result<ServerCommands, ClientError> {
        self.client.commands(self.timeout)
    }
}
