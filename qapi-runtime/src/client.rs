//! The client side: typed and untyped calls over any stream.
//!
//! [`Client`] blocks; with the feature `tokio`, the one in the module `tokio` does not. What they send and how they judge
//! what they receive is kept apart from how they wait.

mod blocking;
mod connection;
mod conversation;
mod error;
mod event;
mod exchange;
mod options;
mod sync;
mod threaded;
#[cfg(feature = "tokio")]
pub mod tokio;
mod transport;

pub use self::blocking::{Client, WithTimeout};
pub use self::error::ClientError;
pub use self::event::EventMessage;
pub use self::options::{Options, Reconnect};
pub use self::threaded::Threaded;
pub use self::transport::Transport;
use std::future::Future;

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

/// Anything that can execute commands without blocking.
pub trait AsyncExecute: Sync {
    /// Executes a command and waits for its reply.
    ///
    /// The future may be dropped at any time: then nobody waits for the reply any more, but the command may well be
    /// executed.
    ///
    /// # Errors
    /// See [`ClientError`].
    fn execute<C: Command + Sync>(
        &self,
        command: &C,
    ) -> impl Future<Output = Result<C::Reply, ClientError>> + Send;
}

impl<E: AsyncExecute + ?Sized> AsyncExecute for &E {
    fn execute<C: Command + Sync>(
        &self,
        command: &C,
    ) -> impl Future<Output = Result<C::Reply, ClientError>> + Send {
        (**self).execute(command)
    }
}
