//! The clients that events go to.

use std::collections::BTreeMap;
use std::fmt;
use std::net::Shutdown;
use std::sync::Arc;

use crate::server::ShutDown;
use crate::server::outbox::Outbox;

/// Identifies a client of a [`QmpServer`](super::QmpServer), among all that events of one sender go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(u64);

impl ClientId {
    /// Returns the number, from 1 in the order in which clients connected.
    pub fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The clients that are connected.
#[derive(Default)]
pub(super) struct Clients {
    last: u64,
    attached: BTreeMap<ClientId, AttachedClient>,
}

struct AttachedClient {
    outbox: Arc<Outbox>,
    /// Events are sent from the end of the negotiation on.
    is_ready: bool,
    shut_down: Option<ShutDown>,
}

impl Clients {
    /// Adds a client that negotiates.
    pub(super) fn add(&mut self, outbox: Arc<Outbox>, shut_down: Option<ShutDown>) -> ClientId {
        self.last += 1;
        let client = ClientId(self.last);
        let attached = AttachedClient {
            outbox,
            is_ready: false,
            shut_down,
        };
        self.attached.insert(client, attached);
        client
    }

    pub(super) fn remove(&mut self, client: ClientId) {
        self.attached.remove(&client);
    }

    /// Records that the client has negotiated: `reply` says so, and events follow it.
    pub(super) fn set_ready(&mut self, client: ClientId, reply: &[u8]) {
        if let Some(attached) = self.attached.get_mut(&client) {
            attached.outbox.append(reply);
            attached.is_ready = true;
        }
    }

    /// Ends a client's connection.
    pub(super) fn disconnect(&self, client: ClientId) {
        let shut_down = self.attached.get(&client);
        if let Some(shut_down) = shut_down.and_then(|client| client.shut_down.as_ref()) {
            shut_down(Shutdown::Both);
        }
    }

    /// Returns the clients that have negotiated.
    pub(super) fn ready(&self) -> impl Iterator<Item = ClientId> + '_ {
        let ready = self.attached.iter().filter(|(_, client)| client.is_ready);
        ready.map(|(id, _)| *id)
    }

    /// Sends a line to all, or to one. Returns their number. Clients that do not read are disconnected.
    pub(super) fn send(&self, line: &[u8], to: Option<ClientId>) -> usize {
        let mut sent = 0;
        for (id, client) in &self.attached {
            if !client.is_ready || to.is_some_and(|to| to != *id) {
                continue;
            }
            if client.outbox.append_event(line) {
                sent += 1;
            } else if let Some(shut_down) = &client.shut_down {
                shut_down(Shutdown::Both);
            }
        }
        sent
    }
}
