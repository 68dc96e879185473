//! Logs of clients: what they tell, and that no secret is in them. Logs of servers: what ended a client.
//!
//! A test program of its own, in which each thread has a subscriber before it does anything: a place that logs for the first
//! time without one, just when another thread sets one, may stay silent for all.

#![cfg(all(feature = "tracing", feature = "tokio"))]
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fmt::{self, Write as _};
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use qapi_runtime::server::{
    self, ClientStream, Greeting, Listener, QmpServer, ServerLimits, ShutDown, Stop,
};
use qapi_runtime::{
    Any, AsyncService, Client, CommandInfo, CommandTable, Dispatcher, Error, Members, Object,
    Options, Outcome, Service, Writer, client, secrets,
};
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

const SECRET: &str = "hunter2";

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "qapi"
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut text = self.0.lock().unwrap();
        write!(text, "{}", event.metadata().level()).unwrap();
        event.record(&mut Line(&mut text));
        text.push('\n');
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// A server that answers with what it was sent: as a reply, and every second time as an error.
fn server() -> UnixStream {
    let (ours, theirs) = UnixStream::pair().unwrap();
    thread::spawn(move || {
        let mut stream = BufReader::new(theirs);
        let greeting = json!({"QMP": {"version": {}, "capabilities": []}});
        writeln!(stream.get_mut(), "{greeting}").unwrap();
        let mut line = String::new();
        let mut is_error = true;
        while stream.read_line(&mut line).is_ok_and(|length| length > 0) {
            let request: Value = serde_json::from_str(&line).unwrap();
            let id = &request["id"];
            is_error = !is_error;
            let event = json!({"event": "TICK", "data": {"number": 7}});
            writeln!(stream.get_mut(), "{event}").unwrap();
            let reply = if is_error {
                let desc = format!("no: {line}");
                json!({"error": {"class": "GenericError", "desc": desc}, "id": id})
            } else {
                json!({"return": {"arguments": request["arguments"]}, "id": id})
            };
            writeln!(stream.get_mut(), "{reply}").unwrap();
            line.clear();
        }
    });
    ours
}

/// Requests with a secret each.
fn requests() -> Vec<(String, Object)> {
    let object = |text: Value| -> Object {
        let text = text.to_string().replace("SECRET", SECRET);
        let any: Any = text.parse().unwrap();
        any.as_object().unwrap().clone()
    };
    let places = secrets::PLACES.iter().filter_map(|place| {
        let command = place.split(['.', '[']).next()?;
        (command != "object-add").then_some(command)
    });
    let mut requests: Vec<_> = secrets::COMMANDS
        .iter()
        .copied()
        .chain(places)
        .map(|name| {
            let name = name.replace('*', "add-authorized-keys");
            (name, object(json!({"arg": "SECRET", "keys": ["a SECRET"]})))
        })
        .collect();
    for arguments in [
        json!({"qom-type": "secret", "id": "s", "data": "SECRET"}),
        json!({"qom-type": "secret", "id": "s", "props": {"data": "SECRET"}}),
    ] {
        requests.push(("object-add".to_owned(), object(arguments)));
    }
    for arguments in [
        json!({"deep": [{"Password": "SECRET"}]}),
        json!({"proxy-password": {"x": ["SECRET"]}, "cookie": "SECRET"}),
    ] {
        requests.push(("own-command".to_owned(), object(arguments)));
    }
    requests
}

#[test]
fn no_secret_is_logged() {
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), || {
        let options = || Options::default().with_name("vm1");
        let mut client = Client::qmp(server(), options()).unwrap();
        // Each once as a reply, and once as an error.
        for (name, arguments) in requests() {
            let _ = client.call(&name, &arguments);
            let _ = client.call(&name, &arguments);
        }
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(async {
            let stream = server();
            stream.set_nonblocking(true).unwrap();
            let stream = tokio::net::UnixStream::from_std(stream).unwrap();
            let client = client::tokio::Client::qmp(stream, options()).await;
            let (client, _events) = client.unwrap();
            for (name, arguments) in requests() {
                let _ = client.call(&name, &arguments).await;
                let _ = client.call(&name, &arguments).await;
            }
        });
    });
    let log = log.0.lock().unwrap();
    let leak = log.lines().find(|line| line.contains(SECRET));
    assert_eq!(leak, None);
    assert!(log.contains(secrets::MASK));
}

#[test]
fn connections_requests_replies_and_events_are_logged() {
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), || {
        let options = Options::default().with_name("vm1");
        let mut client = Client::qmp(server(), options).unwrap();
        let arguments = Object::from([("id", Any::from("disk0"))]);
        client.call("blockdev-del", &arguments).unwrap_err();
    });
    let log = log.0.lock().unwrap();
    for expected in [
        r#"DEBUG message=connected connection="vm1""#,
        r#"DEBUG message=request connection="vm1" command="blockdev-del""#,
        r#"TRACE message=request connection="vm1" command="blockdev-del" arguments="{\"id\": \"disk0\"}""#,
        r#"DEBUG message=event connection="vm1" event="TICK""#,
        r#"TRACE message=event connection="vm1" event="TICK" data="{\"number\": 7}""#,
        r#"DEBUG message=refused connection="vm1" command="blockdev-del" class="GenericError""#,
    ] {
        let found = log.lines().any(|line| line.starts_with(expected));
        assert!(found, "{expected}\n{log}");
    }
}

/// A stream whose reads fail.
struct CutStream(UnixStream);

const CUT: &str = "the cable of this test is cut";

impl Read for &CutStream {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other(CUT))
    }
}

impl Write for &CutStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ClientStream for CutStream {
    fn shut_down(&self) -> io::Result<ShutDown> {
        self.0.shut_down()
    }

    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.0.set_read_timeout(timeout)
    }

    fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.0.set_write_timeout(timeout)
    }
}

struct CutListener(UnixListener);

impl Listener for CutListener {
    type Stream = CutStream;

    fn accept(&self) -> io::Result<CutStream> {
        Listener::accept(&self.0).map(CutStream)
    }

    fn handle(&self) -> io::Result<ShutDown> {
        self.0.handle()
    }
}

/// A service without commands.
struct NoCommands;

impl Service for NoCommands {
    fn commands(&self) -> &'static [CommandInfo] {
        &[]
    }

    fn call(&self, index: usize, _: Members<'_>, _: &mut Writer) -> Result<Outcome, Error> {
        panic!("there is no command {index}")
    }
}

impl AsyncService for NoCommands {
    fn commands(&self) -> &'static [CommandInfo] {
        &[]
    }

    async fn call<'c>(
        &'c self,
        index: usize,
        _: Members<'c>,
        _: &'c mut Writer,
    ) -> Result<Outcome, Error> {
        panic!("there is no command {index}")
    }
}

#[test]
fn what_ends_a_client_of_a_blocking_server_is_logged() {
    // Servers have threads of their own.
    let log = Log::default();
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    for is_qmp in [false, true] {
        log.0.lock().unwrap().clear();
        let path = std::env::temp_dir().join(format!("qapi-logged-{}", std::process::id()));
        drop(std::fs::remove_file(&path));
        let listener = UnixListener::bind(&path).unwrap();
        let (listener, stop) = (CutListener(listener), Stop::new());
        thread::scope(|scope| {
            let served = scope.spawn(|| {
                if is_qmp {
                    let greeting = Greeting::new((9, 0, 0));
                    let server = QmpServer::new(
                        Dispatcher::new(NoCommands, Arc::new(CommandTable::new(&[]))),
                        greeting,
                    );
                    server.listen(&listener, &stop)
                } else {
                    let (dispatcher, limits) = (
                        Dispatcher::new(NoCommands, Arc::new(CommandTable::new(&[]))),
                        ServerLimits::default(),
                    );
                    server::listen(&dispatcher, &listener, &limits, &stop)
                }
            });
            let mut client = UnixStream::connect(&path).unwrap();
            client.read_to_end(&mut Vec::new()).unwrap();
            stop.stop();
            served.join().unwrap().unwrap();
        });
        let log = log.0.lock().unwrap();
        let expected = format!("WARN message=client disconnected client=1 error={CUT}");
        assert!(log.lines().any(|line| line == expected), "{is_qmp}: {log}");
        std::fs::remove_file(path).unwrap();
    }
}

/// A listener with one client.
struct OneClient(Option<tokio::io::DuplexStream>);

impl server::tokio::Listen for OneClient {
    type Stream = tokio::io::DuplexStream;

    async fn accept(&mut self) -> io::Result<Self::Stream> {
        match self.0.take() {
            Some(stream) => Ok(stream),
            None => std::future::pending().await,
        }
    }
}

#[test]
fn what_ends_a_client_of_a_server_on_tokio_is_logged() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    for noise in [0xFF, b' '] {
        let log = Log::default();
        let _logged = tracing::subscriber::set_default(log.clone());
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(async {
            let (client, theirs) = tokio::io::duplex(1 << 16);
            let stop = server::tokio::Stop::new();
            let server = server::tokio::Server::new(Dispatcher::of_async(
                NoCommands,
                Arc::new(CommandTable::new(&[])),
            ));
            let listen = server.listen(OneClient(Some(theirs)), &stop);
            let client = async {
                let (mut reader, mut writer) = tokio::io::split(client);
                // It is disconnected meanwhile.
                while writer.write_all(&[noise; 1 << 12]).await.is_ok() {}
                let mut told = String::new();
                reader.read_to_string(&mut told).await.unwrap();
                stop.stop();
                told
            };
            let (told, ()) = tokio::join!(client, listen);
            assert!(told.starts_with("{\"error\""), "{told}");
        });
        let log = log.0.lock().unwrap();
        let expected = "WARN message=client disconnected client=1 error=";
        assert!(log.contains(expected), "{noise}: {log}");
    }
}
