//! Transports: the ways by which clients reach the agent.

pub(crate) mod activation;
mod clients;
mod isa_serial;
pub(crate) mod unix_listen;
mod virtio_serial;
pub(crate) mod vsock_listen;
mod wait;

use std::fmt;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::poll::PollFlags;
use qapi_runtime::server::{Dispatcher, Service, TaskId};
use qapi_runtime::{Encode, Error};

use self::clients::Clients;
use self::isa_serial::IsaSerial;
use self::unix_listen::UnixListen;
use self::virtio_serial::VirtioSerial;
use self::vsock_listen::{Address, VsockListen};
use self::wait::Waiting;
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
    /// A vsock socket that the agent makes.
    VsockListen(Address),
    /// A Unix socket that the process was started with.
    InheritedUnix,
    /// A vsock socket that the process was started with.
    InheritedVsock,
}

/// As in "waiting for ...".
impl fmt::Display for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::VirtioSerial(_) => "virtio port",
            Self::IsaSerial(_) => "serial line",
            Self::UnixListen(_) => "socket",
            Self::VsockListen(_) => "vsock socket",
            Self::InheritedUnix | Self::InheritedVsock => "the socket handed over",
        };
        formatter.write_str(what)?;
        match self.path() {
            Some(path) => write!(formatter, " `{}`", path.display()),
            None => Ok(()),
        }
    }
}

/// A transport at work.
pub(crate) trait Channel<S> {
    /// What to wait for before the next call of [`Channel::advance`].
    fn watch(&mut self) -> Watch<'_>;

    /// Serves whoever is there, for one portion of work, without waiting. Returns a text if this
    /// transport cannot go on.
    fn advance(&mut self, dispatcher: &Dispatcher<S>, log: &Log) -> Result<(), String>;

    /// Takes the result of a background task, to be sent to the client whose reply was deferred until
    /// then. False if that client does not wait for it any more.
    fn complete(&mut self, task: TaskId, result: Result<&dyn Encode, &Error>) -> bool;

    /// Ends the service of whoever is there: requests without a reply are refused, and replies that are
    /// taken within the time are sent.
    fn finish(&mut self, refusal: &Error, patience: Duration);
}

/// A reason to be called.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    /// What to poll, and for what; without, only the time is waited for.
    pub(crate) descriptor: Option<(BorrowedFd<'a>, PollFlags)>,
    /// After this time at the latest.
    pub(crate) timeout: Option<Duration>,
}

impl Transport {
    /// Its name on the command line.
    pub(crate) fn method(&self) -> &'static str {
        match self {
            Self::VirtioSerial(_) => "virtio-serial",
            Self::IsaSerial(_) => "isa-serial",
            Self::UnixListen(_) | Self::InheritedUnix => "unix-listen",
            Self::VsockListen(_) | Self::InheritedVsock => "vsock-listen",
        }
    }

    /// Where it is in the file system.
    fn path(&self) -> Option<&Path> {
        match self {
            Self::VirtioSerial(path) | Self::IsaSerial(path) | Self::UnixListen(path) => Some(path),
            Self::VsockListen(_) | Self::InheritedUnix | Self::InheritedVsock => None,
        }
    }

    /// Opens it, now and when it breaks, as soon as that is possible.
    pub(crate) fn open_patiently<'a, S: Service + 'a>(
        &self,
        log: &Log,
    ) -> Box<dyn Channel<S> + 'a> {
        Box::new(Waiting::new(self.clone(), log))
    }

    /// Opens it. Returns a text that says why it cannot.
    pub(crate) fn open<S: Service>(&self) -> Result<Box<dyn Channel<S>>, String> {
        Ok(match self {
            Self::VirtioSerial(path) => Box::new(VirtioSerial::open(path)?),
            Self::IsaSerial(path) => Box::new(IsaSerial::open(path)?),
            Self::UnixListen(path) => Box::new(Clients::new(UnixListen::bind(path)?)),
            Self::VsockListen(address) => Box::new(Clients::new(VsockListen::bind(*address)?)),
            Self::InheritedUnix => {
                Box::new(Clients::new(UnixListen::inherited(activation::socket()?)))
            }
            Self::InheritedVsock => {
                Box::new(Clients::new(VsockListen::inherited(activation::socket()?)))
            }
        })
    }
}
