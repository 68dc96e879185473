//! The server on tokio.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use qapi_runtime::server::tokio::{Server, Stop};
use qapi_runtime::server::{Immediate, ServerLimits};
use qapi_runtime::{
    AsyncService, CommandInfo, CommandTable, Dispatcher, Error, Members, Outcome, Writer,
};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, duplex};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;

use crate::demo;

const SHORT: Duration = Duration::from_millis(100);

const COMMANDS: &[CommandInfo] = &[
    command("quick", true),
    command("wait", true),
    command("fail", false),
    command("silent", false).with_success_response(false),
];

const fn command(name: &'static str, allow_oob: bool) -> CommandInfo {
    CommandInfo::new(name).with_oob(allow_oob)
}

/// A service with a command that waits until it is released.
struct Gate {
    begun: Arc<Semaphore>,
    open: Arc<Notify>,
}

impl AsyncService for Gate {
    fn commands(&self) -> &'static [CommandInfo] {
        COMMANDS
    }

    async fn call<'c>(
        &'c self,
        index: usize,
        arguments: Members<'c>,
        reply: &'c mut Writer,
    ) -> Result<Outcome, Error> {
        arguments.finish()?;
        reply.value(&(index as u64));
        match COMMANDS[index].name {
            "wait" => {
                self.begun.add_permits(1);
                self.open.notified().await;
                Ok(Outcome::Done)
            }
            "fail" => Err(Error::generic("no")),
            "silent" => Ok(Outcome::Silent),
            _ => Ok(Outcome::Done),
        }
    }
}

/// A server of the gate, with the signal that a command waits and the one that releases it.
fn gate() -> (Server<Gate>, Arc<Semaphore>, Arc<Notify>) {
    let (begun, open) = (Arc::new(Semaphore::new(0)), Arc::new(Notify::new()));
    let gate = Gate {
        begun: Arc::clone(&begun),
        open: Arc::clone(&open),
    };
    let dispatcher = Dispatcher::of_async(gate, Arc::new(CommandTable::new(COMMANDS)));
    (Server::new(dispatcher.with_oob()), begun, open)
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}

struct Client<T>(BufReader<T>);

impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin> Client<T> {
    fn new(stream: T) -> Self {
        Self(BufReader::new(stream))
    }

    async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).await.unwrap();
        line
    }

    async fn is_silent(&mut self) -> bool {
        timeout(SHORT, self.0.fill_buf()).await.is_err()
    }
}

/// A client of a server in a task of its own.
fn connect<S: AsyncService + 'static>(
    server: Server<S>,
    stop: &Stop,
) -> (Client<DuplexStream>, tokio::task::JoinHandle<()>) {
    let (ours, theirs) = duplex(1 << 16);
    let stop = stop.clone();
    let task = tokio::spawn(async move { server.serve(theirs, &stop).await.unwrap() });
    (Client::new(ours), task)
}

#[test]
fn a_blocking_service_answers_here_as_there() {
    run(async {
        let input = "\u{1}{\"execute\": \"guest-ping\"}\n{\"execute\": \"tree\"}{\"execute\": \"nope\", \"id\": 1}\
                     {\"execute\": \"guest-sync-delimited\", \"arguments\": {\"id\": 7}}[\
                     {\"execute\": \"guest-shutdown\"}]{\"execute\": \"guest-shutdown\"}\n";
        let table = Arc::new(CommandTable::new(demo::COMMANDS));
        let dispatcher = Dispatcher::of_async(Immediate(demo::Demo), table);
        let dispatcher = dispatcher.sentinel_before("guest-sync-delimited");
        let (ours, theirs) = duplex(1 << 16);
        let (mut reader, mut writer) = tokio::io::split(ours);
        let stop = Stop::new();
        let server = Server::new(dispatcher);
        let client = async {
            writer.write_all(input.as_bytes()).await.unwrap();
            writer.shutdown().await.unwrap();
            let mut output = Vec::new();
            tokio::io::AsyncReadExt::read_to_end(&mut reader, &mut output)
                .await
                .unwrap();
            output
        };
        let (result, output) = tokio::join!(server.serve(theirs, &stop), client);
        result.unwrap();
        assert_eq!(crate::text(&output), crate::replies(input));
    });
}

#[test]
fn answers_come_in_order_and_urgent_ones_at_once() {
    run(async {
        let (server, begun, open) = gate();
        let stop = Stop::new();
        let (mut client, task) = connect(server, &stop);
        client
            .send("{\"execute\": \"wait\", \"id\": 1}{\"execute\": \"quick\", \"id\": 2}{\"execute\": \"fail\"}")
            .await;
        begun.acquire().await.unwrap().forget();
        client
            .send("{\"exec-oob\": \"quick\", \"id\": 3}{\"exec-oob\": \"fail\", \"id\": 4}")
            .await;
        assert_eq!(client.line().await, "{\"return\": 0, \"id\": 3}\n");
        let refused = "The command fail does not support OOB";
        assert!(client.line().await.contains(refused));
        assert!(client.is_silent().await);
        open.notify_one();
        assert_eq!(client.line().await, "{\"return\": 1, \"id\": 1}\n");
        assert_eq!(client.line().await, "{\"return\": 0, \"id\": 2}\n");
        assert_eq!(client.line().await, crate::generic("no"));
        client
            .send("{\"execute\": \"silent\"}{\"execute\": \"quick\"}")
            .await;
        assert_eq!(client.line().await, "{\"return\": 0}\n");
        drop(client);
        task.await.unwrap();
    });
}

#[test]
fn a_client_that_asks_too_much_is_not_read() {
    run(async {
        let (server, _, open) = gate();
        let stop = Stop::new();
        let (mut client, task) = connect(server, &stop);
        let request = "{\"execute\": \"wait\"}\n";
        // The stream holds some of them, the server ten: one that runs, eight that wait, and one that it has just read.
        let many = (4 << 16) / request.len();
        let sent = timeout(SHORT, client.send(&request.repeat(many))).await;
        assert!(sent.is_err(), "all requests were read");
        drop(client);
        // Nobody reads the answers, which is not a failure.
        while !task.is_finished() {
            open.notify_one();
            tokio::task::yield_now().await;
        }
        task.await.unwrap();
    });
}

#[test]
fn stopping_answers_what_has_been_read() {
    run(async {
        let (server, begun, open) = gate();
        let stop = Stop::new();
        let (mut client, task) = connect(server, &stop);
        client
            .send("{\"execute\": \"wait\"}{\"execute\": \"quick\"}")
            .await;
        begun.acquire().await.unwrap().forget();
        stop.stop();
        assert!(client.is_silent().await);
        assert!(!task.is_finished());
        open.notify_one();
        assert_eq!(client.line().await, "{\"return\": 1}\n");
        assert_eq!(client.line().await, "{\"return\": 0}\n");
        assert_eq!(client.line().await, "");
        task.await.unwrap();
        // Later clients find no server.
        let (mut late, task) = connect(gate().0, &stop);
        task.await.unwrap();
        assert_eq!(late.line().await, "");
    });
}

#[test]
fn clients_share_a_server_up_to_a_limit() {
    run(async {
        let path = std::env::temp_dir().join(format!("qapi-server-{}", std::process::id()));
        drop(std::fs::remove_file(&path));
        let listener = UnixListener::bind(&path).unwrap();
        let (server, begun, open) = gate();
        let stop = Stop::new();
        let ended = stop.clone();
        let server = server.with_limits(ServerLimits::default().with_clients(2));
        let task = tokio::spawn(async move { server.listen(listener, &ended).await });
        let mut clients = Vec::new();
        for _ in 0..3 {
            clients.push(Client::new(UnixStream::connect(&path).await.unwrap()));
        }
        let [one, two, three] = &mut clients[..] else {
            panic!("there are three");
        };
        one.send("{\"execute\": \"wait\"}").await;
        begun.acquire().await.unwrap().forget();
        two.send("{\"execute\": \"quick\"}").await;
        assert_eq!(two.line().await, "{\"return\": 0}\n");
        three.send("{\"execute\": \"quick\"}").await;
        assert!(three.is_silent().await);
        drop(std::mem::replace(
            two,
            Client::new(UnixStream::pair().unwrap().0),
        ));
        assert_eq!(three.line().await, "{\"return\": 0}\n");
        stop.stop();
        assert_eq!(three.line().await, "");
        assert!(!task.is_finished());
        open.notify_one();
        assert_eq!(one.line().await, "{\"return\": 1}\n");
        task.await.unwrap();
        std::fs::remove_file(&path).unwrap();
    });
}

/// As [`run`], with a clock that jumps when everything waits.
fn run_paused(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(test);
}

fn patient() -> ServerLimits {
    ServerLimits::default()
        .with_idle_timeout(Duration::from_secs(500))
        .with_request_timeout(Duration::from_secs(50))
        .with_reply_timeout(Duration::from_secs(5))
}

#[test]
fn clients_that_stall_are_disconnected() {
    run_paused(async {
        let (server, begun, open) = gate();
        let server = server.with_limits(patient());
        let (ours, theirs) = duplex(1 << 16);
        let stop = Stop::new();
        let served = tokio::spawn(async move { server.serve(theirs, &stop).await });
        let mut client = Client::new(ours);
        let start = tokio::time::Instant::now();
        // Not idle while a command runs, however long.
        client.send("{\"execute\": \"wait\"}").await;
        begun.acquire().await.unwrap().forget();
        tokio::time::sleep(Duration::from_secs(2000)).await;
        open.notify_one();
        assert_eq!(client.line().await, "{\"return\": 1}\n");
        tokio::time::sleep(Duration::from_secs(499)).await;
        // A request that arrives in drops has one limit in all.
        for byte in ["{", "\"", "e"] {
            client.send(byte).await;
            tokio::time::sleep(Duration::from_secs(15)).await;
        }
        let told = crate::generic("the request has not ended within 50 seconds");
        assert_eq!(client.line().await, told);
        assert_eq!(client.line().await, "");
        assert_eq!(start.elapsed().as_secs(), 2000 + 499 + 50);
        let error = served.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    });
    run_paused(async {
        let (mut client, start) = {
            let server = gate().0.with_limits(patient());
            let (ours, theirs) = duplex(1 << 16);
            let stop = Stop::new();
            tokio::spawn(async move { server.serve(theirs, &stop).await });
            (Client::new(ours), tokio::time::Instant::now())
        };
        client.send("{\"execute\": \"quick\"}").await;
        assert_eq!(client.line().await, "{\"return\": 0}\n");
        assert_eq!(
            client.line().await,
            "",
            "an idle client is disconnected without a message"
        );
        assert_eq!(start.elapsed().as_secs(), 500);
    });
}

#[test]
fn a_client_that_does_not_read_is_disconnected() {
    run_paused(async {
        let server = gate().0.with_limits(patient());
        let (ours, theirs) = duplex(1 << 10);
        let stop = Stop::new();
        let (_reader, mut writer) = tokio::io::split(ours);
        let served = tokio::spawn(async move { server.serve(theirs, &stop).await });
        let flood = "{\"execute\": \"quick\"}\n".repeat(1 << 16);
        assert!(writer.write_all(flood.as_bytes()).await.is_err());
        let error = served.await.unwrap().unwrap_err();
        assert!(error.to_string().contains("does not read"), "{error}");
    });
}

#[test]
fn replies_to_requests_that_come_together_are_written_together() {
    run(async {
        const REQUESTS: usize = 10_000;
        let server = gate().0;
        let (ours, theirs) = UnixStream::pair().unwrap();
        let (theirs, writes) = Counting::new(theirs);
        let stop = Stop::new();
        let task = tokio::spawn(async move { server.serve(theirs, &stop).await.unwrap() });
        let (reader, mut writer) = ours.into_split();
        let requests = "{\"execute\": \"quick\"}\n".repeat(REQUESTS);
        tokio::spawn(async move { writer.write_all(requests.as_bytes()).await.unwrap() });
        let mut lines = BufReader::new(reader).lines();
        for _ in 0..REQUESTS {
            assert_eq!(lines.next_line().await.unwrap().unwrap(), "{\"return\": 0}");
        }
        drop(lines);
        task.await.unwrap();
        let writes = writes.load(std::sync::atomic::Ordering::Relaxed);
        assert!(writes < REQUESTS / 50, "{writes} writes");
    });
}

/// A stream whose writes are counted.
struct Counting<T>(T, Arc<std::sync::atomic::AtomicUsize>);

impl<T> Counting<T> {
    fn new(stream: T) -> (Self, Arc<std::sync::atomic::AtomicUsize>) {
        let writes = Arc::default();
        (Self(stream, Arc::clone(&writes)), writes)
    }
}

impl<T: tokio::io::AsyncRead + Unpin> tokio::io::AsyncRead for Counting<T> {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<T: tokio::io::AsyncWrite + Unpin> tokio::io::AsyncWrite for Counting<T> {
    fn poll_write(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        bytes: &[u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        std::pin::Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.0).poll_shutdown(context)
    }
}
