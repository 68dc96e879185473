//! A server that plays a script.

use std::io;
use std::sync::Arc;
use std::thread;

use super::duplex::Duplex;
use super::script::Script;
use crate::server::{
    ClientStream, EventSender, Greeting, Listener, QmpServer, Respond, ServerLimits, Stop,
};
use crate::wire::MemoryBudget;

/// A server that plays a [`Script`], or another type that implements [`Respond`], to clients in this process or of a
/// listener.
#[derive(Debug)]
pub struct MockServer<R = Script> {
    server: Arc<QmpServer<Arc<R>>>,
    budget: MemoryBudget,
    stop: Stop,
}

impl MockServer {
    /// Creates a QMP server of version 10.2.2.
    pub fn qmp(script: Script) -> Self {
        let events = script.events().clone();
        Self::of_qmp(script, Greeting::new((10, 2, 2)), &events)
    }

    /// Creates a guest agent. It answers `guest-sync` and `guest-sync-delimited` by itself.
    pub fn guest(script: Script) -> Self {
        let events = script.events().clone();
        Self::of_guest(script, &events)
    }

    /// Returns the script.
    pub fn script(&self) -> &Script {
        self.server.responder()
    }
}

impl<R: Respond + 'static> MockServer<R> {
    /// Creates a QMP server over anything that responds.
    pub fn of_qmp(responder: R, greeting: Greeting, events: &EventSender) -> Self {
        Self::new(responder, Some(greeting), events)
    }

    /// Creates a server without greeting and negotiation over anything that responds.
    pub fn of_guest(responder: R, events: &EventSender) -> Self {
        Self::new(responder, None, events)
    }

    fn new(responder: R, greeting: Option<Greeting>, events: &EventSender) -> Self {
        // A test may stop in the debugger.
        let limits = ServerLimits::default()
            .with_idle_timeout(None)
            .with_request_timeout(None)
            .with_reply_timeout(None);
        let budget = MemoryBudget::new(limits.memory);
        let server = QmpServer::with_greeting(Arc::new(responder), greeting);
        Self {
            server: Arc::new(server.with_events(events).with_limits(limits)),
            budget,
            stop: Stop::new(),
        }
    }

    /// Connects a client. The server's side is a thread, which ends when the client is dropped.
    ///
    /// # Panics
    /// If the system has no thread left.
    pub fn connect(&self) -> Duplex {
        let (ours, theirs) = Duplex::pair();
        let (server, budget) = (Arc::clone(&self.server), self.budget.clone());
        let stop = self.stop.clone();
        let serve = move || {
            // After any failure, this client is gone.
            drop(server.serve(&theirs, &budget, &stop));
        };
        thread::Builder::new()
            .name("mock server".to_owned())
            .spawn(serve)
            .expect("there are threads for a test");
        ours
    }

    /// Serves one client, until it goes away.
    ///
    /// # Errors
    /// The stream failed otherwise.
    pub fn serve<T: ClientStream + Sync>(&self, stream: &T) -> io::Result<()>
    where
        for<'s> &'s T: io::Read + io::Write,
    {
        self.server.serve(stream, &self.budget, &self.stop)
    }

    /// Serves the clients that connect to a listener, until the [`stop`](Stop::stop).
    ///
    /// # Errors
    /// The listener cannot be duplicated.
    pub fn listen<L>(&self, listener: &L, stop: &Stop) -> io::Result<()>
    where
        L: Listener,
        L::Stream: Sync,
        for<'s> &'s L::Stream: io::Read + io::Write,
    {
        self.server.listen(listener, stop)
    }

    /// Connects a client on tokio. The server's side is a task of the current runtime; the time of scripted delays is that of
    /// its clock.
    ///
    /// # Panics
    /// Outside of a runtime.
    #[cfg(feature = "tokio")]
    pub fn connect_async(&self) -> tokio::io::DuplexStream {
        let (ours, theirs) = tokio::io::duplex(64 << 10);
        let server = Arc::clone(&self.server);
        tokio::spawn(async move {
            // After any failure, this client is gone.
            drop(crate::server::tokio::respond_to(&server, theirs).await);
        });
        ours
    }
}
