//! A QMP server on tokio.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::connection::{self, QmpMember};
use super::listen::{Listen, accept_all};
use super::respond::{AsyncRespond, Paced};
use super::stop::Stop;
use crate::channel::{First, race};
use crate::server::outbox::Outbox;
use crate::server::qmp::ServerNegotiation;
use crate::server::{
    AsyncService, Dispatcher, EventSender, Greeting, QmpServer as Blocking, Respond, ServerLimits,
};
use crate::wire::MemoryBudget;

/// Serves a service to the clients of QMP, each greeted and negotiated with, as the blocking
/// [`QmpServer`](crate::server::QmpServer) does.
///
/// ```no_run
/// use qapi_runtime::server::tokio::{QmpServer, Stop};
/// use qapi_runtime::server::{AsyncService, Dispatcher, EventSender, Greeting};
/// use tokio::net::UnixListener;
/// # async fn example(dispatcher: Dispatcher<impl AsyncService + 'static>) -> std::io::Result<()> {
/// let events = EventSender::new();
/// let server = QmpServer::new(dispatcher, Greeting::new((9, 2, 0))).with_events(&events);
/// tokio::spawn(async move { events.emit("POWERDOWN", &()) });
/// server.listen(UnixListener::bind("qmp.sock")?, &Stop::new()).await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct QmpServer<S>(Arc<SharedServer<S>>);

#[derive(Debug)]
struct SharedServer<S> {
    dispatcher: Dispatcher<S>,
    greeting: Greeting,
    events: EventSender,
    limits: ServerLimits,
}

impl<S: AsyncService + 'static> QmpServer<S> {
    /// Creates a server with the default limits. Out-of-band execution is offered if the dispatcher is
    /// [`with_oob`](Dispatcher::with_oob).
    pub fn new(dispatcher: Dispatcher<S>, greeting: Greeting) -> Self {
        Self(Arc::new(SharedServer {
            dispatcher,
            greeting,
            events: EventSender::new(),
            limits: ServerLimits::default(),
        }))
    }

    /// Sets the sender of events to its clients.
    ///
    /// # Panics
    /// If the server serves clients already.
    #[must_use]
    pub fn with_events(mut self, events: &EventSender) -> Self {
        self.shared().events = events.clone();
        self
    }

    /// Sets the limits.
    ///
    /// # Panics
    /// If the server serves clients already.
    #[must_use]
    pub fn with_limits(mut self, limits: ServerLimits) -> Self {
        self.shared().limits = limits;
        self
    }

    fn shared(&mut self) -> &mut SharedServer<S> {
        Arc::get_mut(&mut self.0).expect("a server is set up before it serves")
    }

    /// Returns the sender of events to its clients.
    pub fn events(&self) -> &EventSender {
        &self.0.events
    }

    /// Returns the dispatcher.
    pub fn dispatcher(&self) -> &Dispatcher<S> {
        &self.0.dispatcher
    }

    /// Serves one client until it goes away, or until `stop`.
    ///
    /// # Errors
    /// The stream failed, other than by the client closing it, or the client stalled.
    pub async fn serve<T>(&self, stream: T, stop: &Stop) -> io::Result<()>
    where
        T: AsyncRead + AsyncWrite + Send + 'static,
    {
        let budget = MemoryBudget::new(self.0.limits.memory);
        let serve = Box::pin(self.0.serve(stream, &budget, stop));
        match race(serve, self.0.events.run_async()).await {
            First::One(result) => result,
            First::Other(never) => match never {},
        }
    }

    /// Serves all clients that connect until `stop`, and returns when the last one has been served. If the future is
    /// dropped, no more clients are accepted, but connected ones are still served.
    pub async fn listen<L: Listen>(&self, listener: L, stop: &Stop) {
        let budget = MemoryBudget::new(self.0.limits.memory);
        let accept = accept_all(listener, self.0.limits.clients, stop, |stream| {
            let (shared, budget, stop) = (Arc::clone(&self.0), budget.clone(), stop.clone());
            async move { shared.serve(stream, &budget, &stop).await }
        });
        race(accept, self.0.events.run_async()).await;
    }
}

impl<S: AsyncService> SharedServer<S> {
    async fn serve<T>(&self, stream: T, budget: &MemoryBudget, stop: &Stop) -> io::Result<()>
    where
        T: AsyncRead + AsyncWrite + Send + 'static,
    {
        let (events, limits) = (&self.events, &self.limits);
        let greeting = Some(&self.greeting);
        serve(
            &self.dispatcher,
            greeting,
            events,
            limits,
            stream,
            budget,
            stop,
        )
        .await
    }
}

/// Serves one client of anything that responds, with the settings of a blocking server.
pub(crate) async fn respond_to<R, T>(server: &Blocking<R>, stream: T) -> io::Result<()>
where
    R: Respond,
    T: AsyncRead + AsyncWrite + Send + 'static,
{
    let (greeting, events, limits) = server.settings();
    let budget = MemoryBudget::new(limits.memory);
    let (responder, stop) = (Paced(server.responder()), Stop::new());
    let serve = serve(&responder, greeting, events, limits, stream, &budget, &stop);
    match race(Box::pin(serve), events.run_async()).await {
        First::One(result) => result,
        First::Other(never) => match never {},
    }
}

async fn serve<R, T>(
    responder: &R,
    greeting: Option<&Greeting>,
    events: &EventSender,
    limits: &ServerLimits,
    stream: T,
    budget: &MemoryBudget,
    stop: &Stop,
) -> io::Result<()>
where
    R: AsyncRespond,
    T: AsyncRead + AsyncWrite + Send + 'static,
{
    let outbox = Arc::new(Outbox::new(budget.share()));
    let membership = events.attach(Arc::clone(&outbox), None);
    let negotiation = if let Some(greeting) = greeting {
        let offers_oob = responder.offers_oob();
        outbox.append(&greeting.line(offers_oob));
        ServerNegotiation::new(offers_oob)
    } else {
        membership.set_ready(&[]);
        ServerNegotiation::none()
    };
    let qmp = QmpMember {
        membership,
        negotiation,
    };
    connection::serve(responder, stream, limits, budget, &outbox, Some(qmp), stop).await
}
