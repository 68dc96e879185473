//! The server side: from received bytes to calls of a service, and back.

mod dispatch;
mod listen;
mod session;
mod stop;
mod table;
#[cfg(feature = "tokio")]
pub mod tokio;

use std::future::Future;

pub use self::dispatch::{Dispatcher, LateAnswer};
pub use self::listen::{Listener, listen};
pub use self::session::{Session, serve};
pub use self::stop::{ShutDown, Stop};
pub use self::table::CommandTable;
use crate::command::CommandInfo;
use crate::message::Error;
use crate::read::{Members, Value};
use crate::write::Writer;

/// Commands that can be called by index. Implemented by generated code for its `Server<H>`.
pub trait Service {
    /// The commands, in schema order.
    fn commands(&self) -> &'static [CommandInfo];

    /// Runs the command at `index` of [`commands`](Service::commands); on success the reply value has been written.
    ///
    /// # Errors
    /// The arguments do not fit, or the command failed. What was written to `reply` is then dropped.
    fn call(&self, index: usize, arguments: Members<'_>, reply: &mut Writer) -> Result<(), Error>;

    /// Whether the [`call`](Service::call) that has just returned is going to be answered later. What it returned is
    /// dropped then, and the service must keep a [`LateAnswer`] to the request for `command`, whose `id` this is.
    ///
    /// Answers then come in another order than requests. Most services answer at once and leave this as it is.
    fn postpone(&self, _command: &CommandInfo, _id: Option<&Value<'_>>) -> bool {
        false
    }

    /// Whether a request for the command at `index` of [`commands`](Service::commands) has to wait, because of one
    /// before it that has not been answered. With it wait all requests of its connection that follow.
    ///
    /// It is asked again whenever the connection is advanced. Most services let nothing wait and leave this as it is: it is
    /// for those who call [`Session::feed_some`] when something has ended. [`serve`] and [`listen`] have nothing else to do on
    /// their threads, and would ask without a pause.
    fn must_wait(&self, _index: usize) -> bool {
        false
    }
}

impl<S: Service + ?Sized> Service for &S {
    fn commands(&self) -> &'static [CommandInfo] {
        (**self).commands()
    }

    fn call(&self, index: usize, arguments: Members<'_>, reply: &mut Writer) -> Result<(), Error> {
        (**self).call(index, arguments, reply)
    }

    fn postpone(&self, command: &CommandInfo, id: Option<&Value<'_>>) -> bool {
        (**self).postpone(command, id)
    }

    fn must_wait(&self, index: usize) -> bool {
        (**self).must_wait(index)
    }
}

/// An answer that is on its way: what the methods of generated asynchronous handlers return. Every future of a result is
/// one, so handlers write `async fn`.
pub trait Answering<T>: Future<Output = Result<T, Error>> + Send {}

impl<T, F: Future<Output = Result<T, Error>> + Send> Answering<T> for F {}

/// Commands that can be called by index and take their time without blocking a thread.
pub trait AsyncService: Send + Sync {
    /// The commands, in schema order.
    fn commands(&self) -> &'static [CommandInfo];

    /// Runs the command at `index` of [`commands`](AsyncService::commands); on success the reply value has been written.
    ///
    /// # Errors
    /// The arguments do not fit, or the command failed. What was written to `reply` is then dropped.
    fn call<'c>(
        &'c self,
        index: usize,
        arguments: Members<'c>,
        reply: &'c mut Writer,
    ) -> impl Future<Output = Result<(), Error>> + Send + 'c;
}

/// A [`Service`] where an [`AsyncService`] is wanted. Its handlers hold up all clients of their thread while they run, so
/// they should be quick; nothing is [postponed](Service::postpone) or [waits](Service::must_wait).
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
    ) -> Result<(), Error> {
        self.0.call(index, arguments, reply)
    }
}
