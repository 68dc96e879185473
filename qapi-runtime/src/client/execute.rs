//! Traits for executing commands, blocking and asynchronous.

use std::future::Future;

use super::error::ClientError;
use crate::command::Command;
use crate::introspect::ServerCommands;
use crate::introspect::commands::{GuestInfo, QueryCommands};
use crate::message::ErrorClass;

/// Executes commands: a client, or a client with other options.
pub trait Execute {
    /// Executes a command and waits for its reply.
    ///
    /// # Errors
    /// See [`ClientError`].
    fn execute<C: Command>(&mut self, command: &C) -> Result<C::Reply, ClientError>;

    /// Asks the server which commands it has: a QMP server by `query-commands`, a guest agent by `guest-info`.
    ///
    /// # Errors
    /// See [`ClientError`].
    fn server_commands(&mut self) -> Result<ServerCommands, ClientError> {
        match self.execute(&QueryCommands) {
            Err(error) if is_unknown(&error) => Ok(self.execute(&GuestInfo)?.0),
            listed => Ok(listed?.0),
        }
    }

    /// Asks the server whether it has a command, enabled. To ask about several, ask
    /// [`server_commands`](Execute::server_commands) once.
    ///
    /// # Errors
    /// See [`ClientError`].
    fn supports<C: Command>(&mut self) -> Result<bool, ClientError> {
        Ok(self.server_commands()?.supports::<C>())
    }
}

/// Returns whether a server answers that it has no such command.
fn is_unknown(error: &ClientError) -> bool {
    error
        .server_error()
        .is_some_and(|error| error.class == ErrorClass::CommandNotFound)
}

impl<E: Execute + ?Sized> Execute for &mut E {
    fn execute<C: Command>(&mut self, command: &C) -> Result<C::Reply, ClientError> {
        (**self).execute(command)
    }

    fn server_commands(&mut self) -> Result<ServerCommands, ClientError> {
        (**self).server_commands()
    }
}

/// The future of a reply, returned by the methods of generated asynchronous clients. Every future of a result
/// implements it.
pub trait Pending<T>: Future<Output = Result<T, ClientError>> + Send {}

impl<T, F: Future<Output = Result<T, ClientError>> + Send> Pending<T> for F {}

/// Executes commands without blocking.
pub trait AsyncExecute: Sync {
    /// Executes a command and waits for its reply.
    ///
    /// The future may be dropped at any time: then its reply is dropped, but the command may still be executed.
    ///
    /// # Errors
    /// See [`ClientError`].
    fn execute<C: Command + Sync>(
        &self,
        command: &C,
    ) -> impl Future<Output = Result<C::Reply, ClientError>> + Send;

    /// Asks the server which commands it has, as [`Execute::server_commands`] does.
    ///
    /// # Errors
    /// See [`ClientError`].
    fn server_commands(&self) -> impl Future<Output = Result<ServerCommands, ClientError>> + Send {
        async {
            match self.execute(&QueryCommands).await {
                Err(error) if is_unknown(&error) => Ok(self.execute(&GuestInfo).await?.0),
                listed => Ok(listed?.0),
            }
        }
    }

    /// Asks the server whether it has a command, enabled. To ask about several, ask
    /// [`server_commands`](AsyncExecute::server_commands) once.
    ///
    /// # Errors
    /// See [`ClientError`].
    fn supports<C: Command>(&self) -> impl Future<Output = Result<bool, ClientError>> + Send {
        async { Ok(self.server_commands().await?.supports::<C>()) }
    }
}

impl<E: AsyncExecute + ?Sized> AsyncExecute for &E {
    fn execute<C: Command + Sync>(
        &self,
        command: &C,
    ) -> impl Future<Output = Result<C::Reply, ClientError>> + Send {
        (**self).execute(command)
    }

    fn server_commands(&self) -> impl Future<Output = Result<ServerCommands, ClientError>> + Send {
        (**self).server_commands()
    }
}
