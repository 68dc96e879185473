//! The client side.

mod error;

pub use self::error::ClientError;
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
