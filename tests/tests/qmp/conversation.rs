//! The same conversation with both clients.

use std::future::Future;
use std::os::unix::net::UnixStream;
use std::sync::Mutex;
use std::time::Duration;

use qapi_runtime::client::tokio::{self as concurrent, Events, UnixPath};
use qapi_runtime::{
    AsyncExecute, Client, ClientError, ClientErrorKind, Command, Error, EventMessage, Execute as _,
    Options,
};
use qapi_tests::qmp_server::QmpServer;

/// Limit for what must happen; only a failing test waits that long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A client of either kind.
pub(crate) trait Conversation: AsyncExecute {
    /// Executes a command ahead of others.
    fn out_of_band<C: Command + Sync>(
        &self,
        command: &C,
    ) -> impl Future<Output = Result<C::Reply, ClientError>>;

    /// The next event.
    fn event(&self) -> impl Future<Output = EventMessage>;
}

/// Both kinds of clients, in this order, each with a server of its own.
macro_rules! with_both_clients {
    ($start:path, $conversation:path) => {
        $crate::conversation::run(async {
            let Some(server) = $start() else { return };
            let client = $crate::conversation::Blocking::connect(&server);
            $conversation(&client, &server).await;
            let Some(server) = $start() else { return };
            let client = $crate::conversation::Concurrent::connect(&server).await;
            $conversation(&client, &server).await;
        });
    };
}
pub(crate) use with_both_clients;

/// Runs a test on one thread.
pub(crate) fn run(test: impl Future<Output = ()>) {
    ::tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made")
        .block_on(test);
}

/// Options with out-of-band execution.
pub(crate) fn options() -> Options {
    Options::default()
        .with_timeout(PATIENCE)
        .with_connect_timeout(PATIENCE)
        .with_out_of_band(true)
}

/// The blocking client.
pub(crate) struct Blocking(Mutex<Client<UnixStream>>);

impl Blocking {
    pub(crate) fn connect(server: &QmpServer) -> Self {
        let stream = UnixStream::connect(server.socket()).expect("the server listens");
        let client = Client::qmp(stream, options()).expect("the server negotiates");
        Self(Mutex::new(client))
    }
}

impl AsyncExecute for Blocking {
    async fn execute<C: Command + Sync>(&self, command: &C) -> Result<C::Reply, ClientError> {
        self.0.lock().unwrap().execute(command)
    }
}

impl Conversation for Blocking {
    async fn out_of_band<C: Command + Sync>(&self, command: &C) -> Result<C::Reply, ClientError> {
        self.0.lock().unwrap().execute_out_of_band(command)
    }

    async fn event(&self) -> EventMessage {
        let notice = self.0.lock().unwrap().next_event(PATIENCE);
        let notice = notice.expect("the server is there");
        let notice = notice.expect("an event is due");
        notice.into_event().expect("nothing else has happened")
    }
}

/// The tokio client.
pub(crate) struct Concurrent {
    pub(crate) client: concurrent::Client,
    events: ::tokio::sync::Mutex<Events>,
}

impl Concurrent {
    pub(crate) async fn connect(server: &QmpServer) -> Self {
        let connector = UnixPath::new(server.socket());
        let (client, events) = concurrent::Client::connect_qmp(connector, options())
            .await
            .expect("the server negotiates");
        Self {
            client,
            events: ::tokio::sync::Mutex::new(events),
        }
    }
}

impl AsyncExecute for Concurrent {
    async fn execute<C: Command + Sync>(&self, command: &C) -> Result<C::Reply, ClientError> {
        self.client.execute(command).await
    }
}

impl Conversation for Concurrent {
    async fn out_of_band<C: Command + Sync>(&self, command: &C) -> Result<C::Reply, ClientError> {
        self.client.execute_out_of_band(command).await
    }

    async fn event(&self) -> EventMessage {
        let mut events = self.events.lock().await;
        let notice = ::tokio::time::timeout(PATIENCE, events.next()).await;
        let notice = notice
            .expect("an event is due")
            .expect("the server is there");
        notice.into_event().expect("nothing else has happened")
    }
}

/// The server's own error, where a call must fail with one.
#[track_caller]
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, ClientError>) -> Error {
    match result.map_err(ClientError::into_kind) {
        Err(ClientErrorKind::Command(error)) => error,
        other => panic!("not an error reply: {other:?}"),
    }
}
