//! Transports through which clients reach the agent.

pub(crate) mod activation;
mod admission;
mod channel;
mod clients;
pub(crate) mod connection;
mod isa_serial;
mod kind;
pub(crate) mod unix_listen;
mod virtio_serial;
pub(crate) mod vsock_listen;
mod wait;

use std::rc::Rc;

use qapi_runtime::server::Service;

pub use self::admission::{Admission, Peers};
pub(crate) use self::channel::Channel;
use self::clients::Clients;
use self::isa_serial::IsaSerial;
pub use self::kind::Transport;
use self::unix_listen::UnixListen;
use self::virtio_serial::VirtioSerial;
use self::vsock_listen::VsockListen;
use self::wait::Waiting;
use crate::log::Log;
use crate::platform::poller::Poller;

impl Transport {
    /// Opens it, now and when it breaks, as soon as that is possible.
    pub(crate) fn open_patiently<'a, S: Service + 'a>(
        &self,
        admission: Admission,
        poller: Rc<Poller>,
        log: &Log,
    ) -> Box<dyn Channel<S> + 'a> {
        Box::new(Waiting::new(self.clone(), admission, poller, log))
    }

    /// Opens the transport. On failure, returns a text that says why.
    pub(crate) fn open<S: Service>(
        &self,
        admission: &Admission,
        poller: &Rc<Poller>,
    ) -> Result<Box<dyn Channel<S>>, String> {
        let patience = admission.max_idle_time;
        let failed = |error| format!("cannot watch the socket of {self}: {error}");
        let peers = || admission.vsock_peers.clone();
        Ok(match self {
            Self::VirtioSerial(path) => Box::new(VirtioSerial::open(path)?),
            Self::IsaSerial(path) => Box::new(IsaSerial::open(path)?),
            Self::UnixListen(path) => {
                let listener = UnixListen::bind(path)?;
                Box::new(Clients::new(listener, patience, poller).map_err(failed)?)
            }
            Self::VsockListen(address) => {
                let listener = VsockListen::bind(*address, peers())?;
                Box::new(Clients::new(listener, patience, poller).map_err(failed)?)
            }
            Self::InheritedUnix => {
                let listener = UnixListen::inherited(activation::socket()?);
                Box::new(Clients::new(listener, patience, poller).map_err(failed)?)
            }
            Self::InheritedVsock => {
                let listener = VsockListen::inherited(activation::socket()?, peers());
                Box::new(Clients::new(listener, patience, poller).map_err(failed)?)
            }
        })
    }
}
