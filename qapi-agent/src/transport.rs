//! How clients reach the agent.

mod clients;
mod isa_serial;
pub(crate) mod unix_listen;
mod virtio_serial;

use std::os::fd::BorrowedFd;
use std::path::PathBuf;
use std::time::Duration;

use nix::poll::PollFlags;
use qapi_runtime::server::{Dispatcher, Service};

use self::clients::Clients;
use self::isa_serial::IsaSerial;
use self::unix_listen::UnixListen;
use self::virtio_serial::VirtioSerial;
use crate::log::Log;

/// A transport and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// A port of a virtio-serial device, which the host opens and closes.
    VirtioSerial(PathBuf),
    /// A serial line.
    IsaSerial(PathBuf),
    /// A Unix socket that the agent makes.
    UnixListen(PathBuf),
}

/// A transport at work.
pub(crate) trait Channel<S> {
    /// What to wait for before the next call of [`Channel::advance`].
    fn watch(&mut self) -> Watch<'_>;

    /// Serves whoever is there, for one portion of work, without waiting. Returns a text if this
    /// transport cannot go on.
    fn advance(&mut self, dispatcher: &Dispatcher<S>, log: &Log) -> Result<(), String>;
}

/// A reason to be called.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    pub(crate) descriptor: BorrowedFd<'a>,
    /// May be empty, to wait for nothing but the time.
    pub(crate) events: PollFlags,
    /// After this time at the latest.
    pub(crate) timeout: Option<Duration>,
}

impl Transport {
    /// Opens it. Returns a text that says why it cannot.
    pub(crate) fn open<S: Service>(&self) -> Result<Box<dyn Channel<S>>, String> {
        Ok(match self {
            Self::VirtioSerial(path) => Box::new(VirtioSerial::open(path)?),
            Self::IsaSerial(path) => Box::new(IsaSerial::open(path)?),
            Self::UnixListen(path) => Box::new(Clients::new(UnixListen::bind(path)?)),
        })
    }
}
