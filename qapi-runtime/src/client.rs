//! The client side: typed and untyped calls over any stream.
//!
//! [`Client`] blocks. What it sends and how it judges what it receives is kept apart from how it waits.

mod blocking;
mod connection;
mod conversation;
mod error;
mod event;
mod exchange;
mod options;
mod sync;
mod threaded;
mod transport;

pub use self::blocking::{Client, WithTimeout};
pub use self::error::ClientError;
pub use self::event::EventMessage;
pub use self::options::Options;
pub use self::threaded::Threaded;
pub use self::transport::Transport;
use crate::command::Command;

/// Anything that can execute commands: a client, or a client with other options.
pub trait Execute {
    /// Executes a command and waits for its reply.
    ///
    /// # Errors
    /// See [`ClientError`].
    fn execute<C: Command>(&mut self, command: &C) -> Result<C::Reply, ClientError>;
}

impl<E: Execute + ?Sized> Execute for &mut E {
    fn execute<C: Command>(&mut self, command: &C) -> Result<C::Reply, ClientError> {
        (**self).execute(command)
    }
}
