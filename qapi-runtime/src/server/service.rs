//! Services: commands that a server runs.

use std::future::Future;

use super::outcome::Outcome;
use crate::command::CommandInfo;
use crate::message::Error;
use crate::read::Members;
use crate::write::Writer;

/// Commands that can be called by index. Implemented by generated code for its `Server<H>`.
pub trait Service {
    /// Returns the commands, in schema order.
    fn commands(&self) -> &'static [CommandInfo];

    /// Runs the command at `index` of [`commands`](Service::commands).
    ///
    /// # Errors
    /// The arguments do not fit, or the command failed. What was written to `reply` is then dropped.
    fn call(
        &self,
        index: usize,
        arguments: Members<'_>,
        reply: &mut Writer,
    ) -> Result<Outcome, Error>;

    /// Returns true if the command at `index` of [`commands`](Service::commands) must not run now, because of one
    /// before it that is still at work. The request then waits, and with it the following ones that are blocked, too;
    /// others overtake them.
    ///
    /// It is asked again by [`Session::resume`](super::Session::resume). Most services block nothing and keep this
    /// default. Others call `resume` when something has ended, which [`serve`](super::serve()) and
    /// [`listen`](super::listen()) do not.
    fn is_blocked(&self, _index: usize) -> bool {
        false
    }
}

impl<S: Service + ?Sized> Service for &S {
    fn commands(&self) -> &'static [CommandInfo] {
        (**self).commands()
    }

    fn call(
        &self,
        index: usize,
        arguments: Members<'_>,
        reply: &mut Writer,
    ) -> Result<Outcome, Error> {
        (**self).call(index, arguments, reply)
    }

    fn is_blocked(&self, index: usize) -> bool {
        (**self).is_blocked(index)
    }
}

/// The future of a reply, returned by the methods of generated asynchronous handlers. Every future of a result
/// implements it, so handlers use `async fn`.
pub trait ReplyFuture<T>: Future<Output = Result<T, Error>> + Send {}

impl<T, F: Future<Output = Result<T, Error>> + Send> ReplyFuture<T> for F {}

/// Commands that can be called by index and do not block a thread.
pub trait AsyncService: Send + Sync {
    /// Returns the commands, in schema order.
    fn commands(&self) -> &'static [CommandInfo];

    /// Runs the command at `index` of [`commands`](AsyncService::commands). The future is ready when the command has ended,
    /// so no reply is [deferred](Outcome::Deferred).
    ///
    /// # Errors
    /// The arguments do not fit, or the command failed. What was written to `reply` is then dropped.
    fn call<'c>(
        &'c self,
        index: usize,
        arguments: Members<'c>,
        reply: &'c mut Writer,
    ) -> impl Future<Output = Result<Outcome, Error>> + Send + 'c;
}

/// Adapts a [`Service`] to an [`AsyncService`]. While a handler runs, all clients of its thread wait, so handlers
/// should be quick. Replies cannot be [deferred](Outcome::Deferred), and requests are never
/// [blocked](Service::is_blocked).
#[derive(Debug, Clone, Default)]
pub struct Immediate<S>(
    /// The service.
    pub S,
);

impl<S: Service + Send + Sync> AsyncService for Immediate<S> {
    fn commands(&self) -> &'static [CommandInfo] {
        self.0.commands()
    }

    async fn call<'c>(
        &'c self,
        index: usize,
        arguments: Members<'c>,
        reply: &'c mut Writer,
    ) -> Result<Outcome, Error> {
        self.0.call(index, arguments, reply)
    }
}
