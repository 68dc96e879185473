//! Errors of clients.

use std::{fmt, io};

use crate::message::Error;
use crate::read::DecodeError;

/// A call that has no reply, or a connection that could not be made.
///
/// Every error names the command it is about, if it is about one, and the connection. `Display` gives the whole text,
/// except for the error of the system in [`ClientErrorKind::Io`], which is the [`source`](std::error::Error::source):
/// so each text occurs once when a chain of errors is printed.
///
/// ```
/// use qapi_runtime::{ClientError, ClientErrorKind};
///
/// fn is_worth_another_try(error: &ClientError) -> bool {
///     matches!(error.kind(), ClientErrorKind::TimedOut | ClientErrorKind::Closed)
/// }
/// ```
#[derive(Debug)]
pub struct ClientError(Box<ClientErrorData>);

#[derive(Debug)]
struct ClientErrorData {
    command: Option<Box<str>>,
    connection: Box<str>,
    kind: ClientErrorKind,
}

/// The kinds of [`ClientError`].
#[derive(Debug)]
#[non_exhaustive]
pub enum ClientErrorKind {
    /// The connection failed or could not be made.
    Io(io::Error),
    /// The server did not answer in time. The connection remains usable.
    TimedOut,
    /// The connection was made, but no QMP server greeted in time.
    NoGreeting,
    /// The server closed the connection before it had answered.
    Closed,
    /// The server answered that the command failed.
    Command(Error),
    /// The reply does not fit the schema.
    Decode(DecodeError),
    /// The server sent something that is not a reply, or the request cannot be expressed.
    Protocol(Box<str>),
    /// File descriptors cannot go with the command, for this reason. Nothing was sent.
    Descriptors(Box<str>),
    /// The reply is larger than the client accepts. The connection remains usable.
    TooLarge {
        /// The largest reply accepted, in bytes.
        limit: usize,
    },
}

impl ClientError {
    /// Creates an error of command `name`.
    pub fn new(name: impl Into<Box<str>>, kind: ClientErrorKind) -> Self {
        Self::of(Some(name.into()), kind)
    }

    /// Creates an error of a connection on which no command is under way.
    pub(crate) fn of_connection(kind: ClientErrorKind) -> Self {
        Self::of(None, kind)
    }

    #[cold]
    fn of(command: Option<Box<str>>, kind: ClientErrorKind) -> Self {
        Self(Box::new(ClientErrorData {
            command,
            connection: "".into(),
            kind,
        }))
    }

    /// Returns the error with the name of its connection, as [`connection`](ClientError::connection) returns it.
    #[cold]
    #[must_use]
    pub fn at(mut self, connection: impl Into<Box<str>>) -> Self {
        self.0.connection = connection.into();
        self
    }

    /// Returns the kind of error.
    pub fn kind(&self) -> &ClientErrorKind {
        &self.0.kind
    }

    /// Returns the kind of error, owned.
    pub fn into_kind(self) -> ClientErrorKind {
        self.0.kind
    }

    /// Returns the name of the command, unless the error is about the connection as such.
    pub fn command(&self) -> Option<&str> {
        self.0.command.as_deref()
    }

    /// Returns the connection, as in `QMP server at /run/vm1/qmp`. Empty if unknown.
    pub fn connection(&self) -> &str {
        &self.0.connection
    }

    /// Returns the server's own error, if the command failed there.
    pub fn server_error(&self) -> Option<&Error> {
        match &self.0.kind {
            ClientErrorKind::Command(error) => Some(error),
            _ => None,
        }
    }

    /// Returns whether time ran out: before the reply, or before the greeting.
    pub fn is_timeout(&self) -> bool {
        matches!(
            self.0.kind,
            ClientErrorKind::TimedOut | ClientErrorKind::NoGreeting
        )
    }

    /// Returns whether the connection is gone: closed or failed.
    pub fn is_disconnect(&self) -> bool {
        matches!(
            self.0.kind,
            ClientErrorKind::Io(_) | ClientErrorKind::Closed
        )
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ClientErrorData {
            command,
            connection,
            kind,
        } = &*self.0;
        let command = command.as_deref();
        match (kind, command) {
            (ClientErrorKind::Io(_), Some(command)) => {
                write!(formatter, "the connection failed during `{command}`")
            }
            (ClientErrorKind::Io(_), None) => formatter.write_str("the connection failed"),
            (ClientErrorKind::TimedOut, Some(command)) => {
                write!(formatter, "no reply to `{command}` in time")
            }
            (ClientErrorKind::TimedOut, None) => formatter.write_str("time ran out"),
            (ClientErrorKind::NoGreeting, _) => formatter.write_str(
                "no greeting of a QMP server in time; QEMU serves one client per monitor, and there may be another",
            ),
            (ClientErrorKind::Closed, Some(command)) => write!(
                formatter,
                "the connection was closed before the reply to `{command}` was complete"
            ),
            (ClientErrorKind::Closed, None) => formatter.write_str("the connection was closed"),
            (ClientErrorKind::Command(error), Some(command)) => {
                write!(formatter, "`{command}` failed: {error}")
            }
            (ClientErrorKind::Command(error), None) => error.fmt(formatter),
            (ClientErrorKind::Decode(error), command) => write!(
                formatter,
                "the reply to `{}` does not fit the schema: {}",
                command.unwrap_or_default(),
                error.explain()
            ),
            (ClientErrorKind::Protocol(reason), Some(command)) => {
                write!(formatter, "protocol error during `{command}`: {reason}")
            }
            (ClientErrorKind::Protocol(reason), None) => {
                write!(formatter, "protocol error: {reason}")
            }
            (ClientErrorKind::Descriptors(reason), command) => write!(
                formatter,
                "`{}` was not sent: {reason}",
                command.unwrap_or_default()
            ),
            (ClientErrorKind::TooLarge { limit }, command) => write!(
                formatter,
                "the reply to `{}` is larger than the limit of {limit} bytes",
                command.unwrap_or_default()
            ),
        }?;
        if connection.is_empty() {
            return Ok(());
        }
        write!(formatter, " ({connection})")
    }
}

impl std::error::Error for ClientError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.kind {
            ClientErrorKind::Io(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each kind.
    fn kinds() -> Vec<ClientErrorKind> {
        use ClientErrorKind as K;
        let decode = || DecodeError::custom("cause");
        let mut kinds = Vec::new();
        let mut next = Some(K::Io(io::Error::other("cause")));
        while let Some(kind) = next {
            // Without a wildcard, so that a new kind needs an arm here.
            next = match &kind {
                K::Io(_) => Some(K::TimedOut),
                K::TimedOut => Some(K::NoGreeting),
                K::NoGreeting => Some(K::Closed),
                K::Closed => Some(K::Command(Error::generic("cause"))),
                K::Command(_) => Some(K::Decode(decode())),
                K::Decode(_) => Some(K::Protocol("cause".into())),
                K::Protocol(_) => Some(K::Descriptors("cause".into())),
                K::Descriptors(_) => Some(K::TooLarge { limit: 1 }),
                K::TooLarge { .. } => None,
            };
            kinds.push(kind);
        }
        kinds
    }

    #[test]
    fn errors_name_command_and_connection_and_tell_their_cause_once() {
        for kind in kinds() {
            // Before the greeting there is no command.
            let named = !matches!(kind, ClientErrorKind::NoGreeting);
            let caused = !matches!(
                kind,
                ClientErrorKind::TimedOut
                    | ClientErrorKind::NoGreeting
                    | ClientErrorKind::Closed
                    | ClientErrorKind::TooLarge { .. }
            );
            let error = ClientError::new("query-status", kind).at("QMP server at /run/vm1");
            let mut chain = error.to_string();
            let mut cause = std::error::Error::source(&error);
            while let Some(error) = cause {
                chain = format!("{chain}: {error}");
                cause = error.source();
            }
            assert_eq!(chain.contains("`query-status`"), named, "{chain}");
            assert_eq!(
                chain.matches("(QMP server at /run/vm1)").count(),
                1,
                "{chain}"
            );
            assert_eq!(
                chain.matches("cause").count(),
                usize::from(caused),
                "{chain}"
            );
        }
    }
}
