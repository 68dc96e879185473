//! The server on tokio.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use qapi_runtime::server::Immediate;
use qapi_runtime::server::tokio::{Server, Stop};
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
    CommandInfo {
        success_response: false,
        ..command("silent", false)
    },
];

const fn command(name: &'static str, allow_oob: bool) -> CommandInfo {
    CommandInfo {
        name,
        success_response: true,
        allow_oob,
        allow_preconfig: false,
    }
}

/// A service with a command that takes until it is let go.
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

/// A server of the gate, what tells that a command waits, and what lets it go.
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
        assert!(client.is_silent().await);
        open.notify_one();
        assert_eq!(client.line().await, "{\"return\": 1, \"id\": 1}\n");
        assert_eq!(client.line().await, "{\"return\": 0, \"id\": 2}\n");
        assert_eq!(client.line().await, crate::generic("no"));
        let refused = "The command fail does not support OOB";
        assert!(client.line().await.contains(refused));
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
        // The stream holds some of them, the server nine: one that runs and eight that wait, and one in its hand.
        let many = (4 << 16) / request.len();
        let sent = timeout(SHORT, client.send(&request.repeat(many))).await;
        assert!(sent.is_err(), "all requests were read");
        drop(client);
        // Nobody reads the answers, which is no failure.
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
        // Whoever comes later finds nobody.
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
        let server = server.with_clients(2);
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
