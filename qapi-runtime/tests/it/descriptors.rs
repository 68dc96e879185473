//! File descriptors go with their commands, whoever else calls and however often the connection is lost.

use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{env, fs, thread};

use qapi_runtime::client::tokio::{Client as AsyncClient, UnixPath};
use qapi_runtime::{
    Any, Client, ClientError, ClientErrorKind, Object, Options, Reconnect, descriptors,
};
use qapi_test_support::Random;
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);

/// A descriptor from which `text` can be read.
pub(crate) fn descriptor_of(text: &str) -> OwnedFd {
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    theirs.write_all(text.as_bytes()).unwrap();
    ours.into()
}

pub(crate) fn text_of(descriptor: OwnedFd) -> String {
    let mut text = String::new();
    let read = UnixStream::from(descriptor).read_to_string(&mut text);
    read.expect("the other end is closed");
    text
}

/// A server that takes descriptors as QEMU does: a command gets those that were read last, whether with its own bytes or
/// not. Without out-of-band execution it reads no further than to the end of a request; with it, up to eight requests ahead.
struct Server {
    stream: UnixStream,
    half: Vec<u8>,
    waiting: VecDeque<Value>,
    last: Vec<OwnedFd>,
    reads_ahead: bool,
    random: Random,
    /// Faults that were seen.
    faults: Arc<Mutex<Vec<String>>>,
    /// Names that were closed.
    closed: Arc<Mutex<Vec<String>>>,
    /// One request in so many is answered by hanging up; none if zero.
    hang_up: usize,
}

impl Server {
    fn fault(&self, text: String) {
        self.faults.lock().unwrap().push(text);
    }

    /// Reads a byte; `None` at the end.
    fn read_byte(&mut self) -> Option<()> {
        let mut byte = [0];
        let mut came = Vec::new();
        match descriptors::receive(&self.stream, &mut byte, &mut came) {
            Ok(1) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Some(()),
            Ok(_) | Err(_) => return None,
        }
        if !came.is_empty() {
            if !self.half.iter().all(u8::is_ascii_whitespace) {
                self.fault("descriptors in the middle of a request".to_owned());
            }
            self.last = came;
        }
        self.half.push(byte[0]);
        if byte[0] == b'\n' {
            let request = std::mem::take(&mut self.half);
            self.waiting
                .push_back(serde_json::from_slice(&request).unwrap());
        }
        Some(())
    }

    fn next(&mut self) -> Option<Value> {
        while self.waiting.is_empty() {
            self.read_byte()?;
        }
        if self.reads_ahead {
            self.stream.set_nonblocking(true).unwrap();
            loop {
                let length = self.half.len() + self.waiting.len();
                let open = self.read_byte();
                let nothing = self.half.len() + self.waiting.len() == length;
                if open.is_none() || nothing || self.waiting.len() == 8 {
                    break;
                }
            }
            self.stream.set_nonblocking(false).unwrap();
        }
        self.waiting.pop_front()
    }

    fn answer(&mut self, request: &Value) -> Option<()> {
        let reply = json!({"return": {}, "id": request["id"]});
        writeln!(self.stream, "{reply}").ok()
    }

    fn serve(&mut self) -> Option<()> {
        let greeting = json!({"QMP": {"version": {}, "capabilities": ["oob"]}});
        writeln!(self.stream, "{greeting}").ok()?;
        let negotiation = self.next()?;
        self.reads_ahead = negotiation["arguments"]["enable"] == json!(["oob"]);
        self.answer(&negotiation)?;
        loop {
            let request = self.next()?;
            let name = &request["arguments"]["fdname"];
            if request["execute"] == "getfd" {
                match self.last.pop().map(text_of) {
                    Some(text) if *name == *text => {}
                    other => self.fault(format!("{name} came with {other:?}")),
                }
            } else if request["execute"] == "closefd" {
                let name = name.as_str().unwrap().to_owned();
                self.closed.lock().unwrap().push(name);
            } else if !self.reads_ahead && !self.last.is_empty() {
                self.fault(format!("{request} came with a descriptor"));
            }
            if self.hang_up > 0 && self.random.below(self.hang_up) == 0 {
                return None;
            }
            self.answer(&request)?;
        }
    }
}

struct Listening {
    path: PathBuf,
    faults: Arc<Mutex<Vec<String>>>,
    closed: Arc<Mutex<Vec<String>>>,
}

impl Listening {
    /// Listens until the end of the process.
    fn start(name: &str, hang_up: usize) -> Self {
        let path = env::temp_dir().join(format!("qapi-{name}-{}", std::process::id()));
        drop(fs::remove_file(&path));
        let listener = UnixListener::bind(&path).unwrap();
        let (faults, closed) = (Arc::default(), Arc::default());
        let server = Self {
            path,
            faults: Arc::clone(&faults),
            closed: Arc::clone(&closed),
        };
        thread::spawn(move || {
            let mut seeds = Random::new(1);
            for stream in listener.incoming() {
                let mut server = Server {
                    stream: stream.unwrap(),
                    half: Vec::new(),
                    waiting: VecDeque::new(),
                    last: Vec::new(),
                    reads_ahead: false,
                    random: Random::new(seeds.number()),
                    faults: Arc::clone(&faults),
                    closed: Arc::clone(&closed),
                    hang_up,
                };
                server.serve();
            }
        });
        server
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn assert_sound(&self) {
        let faults = self.faults.lock().unwrap();
        assert!(faults.is_empty(), "{:#?}", &faults[..faults.len().min(10)]);
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}

fn named(name: &str) -> Object {
    Object::from([("fdname", Any::from(name))])
}

/// Returns whether a call is to be made once more.
fn is_lost(result: Result<Any, ClientError>) -> bool {
    match result {
        Ok(_) => false,
        Err(error) if error.is_disconnect() => true,
        Err(error) => panic!("{error}"),
    }
}

fn options() -> Options {
    let pause = Duration::from_millis(1);
    Options::default()
        .with_timeout(PATIENCE)
        .with_connect_timeout(PATIENCE)
        .with_reconnect(Reconnect::default().with_pauses(pause, pause))
}

async fn call_concurrently(server: &Listening, options: Options) {
    let path = UnixPath::new(server.path());
    let (client, _events) = AsyncClient::connect_qmp(path, options).await.unwrap();
    let callers: Vec<_> = (0..12)
        .map(|caller| {
            let client = client.clone();
            tokio::spawn(async move {
                for call in 0..60 {
                    let name = format!("{caller}-{call}");
                    if (caller + call) % 3 == 0 {
                        while is_lost(client.call("query-status", &Object::new()).await) {}
                        continue;
                    }
                    loop {
                        let client = client.with_descriptors([descriptor_of(&name)]);
                        if !is_lost(client.call("getfd", &named(&name)).await) {
                            break;
                        }
                    }
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    server.assert_sound();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_callers_send_their_own() {
    let server = Listening::start("own", 0);
    call_concurrently(&server, options()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_reads_ahead_gives_each_command_its_own() {
    let server = Listening::start("ahead", 0);
    call_concurrently(&server, options().with_out_of_band(true)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn descriptors_stay_with_their_commands_when_connections_are_lost() {
    let server = Listening::start("lost", 10);
    call_concurrently(&server, options()).await;
}

#[test]
fn a_blocking_client_sends_its_own_when_connections_are_lost() {
    let server = Listening::start("blocking", 10);
    let path = server.path().to_owned();
    let mut client = Client::connect_qmp(move || UnixStream::connect(&path), options()).unwrap();
    for call in 0..300 {
        let name = format!("{call}");
        if call % 3 == 0 {
            while is_lost(client.call("query-status", &Object::new())) {}
            continue;
        }
        loop {
            let mut client = client.with_descriptors([descriptor_of(&name)]);
            if !is_lost(client.call("getfd", &named(&name))) {
                break;
            }
        }
    }
    server.assert_sound();
}

#[test]
fn a_blocking_client_closes_by_name_what_it_was_asked_to() {
    let server = Listening::start("names", 0);
    let stream = UnixStream::connect(server.path()).unwrap();
    let mut client = Client::qmp(stream, options()).unwrap();
    // The server reports that the text differs from the name, which does not matter here.
    let kept = client.send_descriptor(descriptor_of("kept")).unwrap();
    let closed = client.send_descriptor(descriptor_of("closed")).unwrap();
    assert_ne!(kept.name(), closed.name());
    let name = closed.name().to_owned();
    drop(closed.closed_on_drop());
    drop(kept);
    client.call("query-status", &Object::new()).unwrap();
    assert_eq!(*server.closed.lock().unwrap(), [name]);
}

#[test]
fn a_blocking_client_that_waits_for_events_closes_what_it_was_asked_to() {
    let server = Listening::start("names-events", 0);
    let stream = UnixStream::connect(server.path()).unwrap();
    let mut client = Client::qmp(stream, options()).unwrap();
    let closed = client.send_descriptor(descriptor_of("closed")).unwrap();
    let name = closed.name().to_owned();
    drop(closed.closed_on_drop());
    for _ in 0..1000 {
        if server.closed.lock().unwrap().is_empty() {
            let event = client.next_event(Duration::from_millis(30)).unwrap();
            assert!(event.is_none());
        }
    }
    assert_eq!(*server.closed.lock().unwrap(), [name]);
}

#[tokio::test]
async fn an_asynchronous_client_closes_by_name_what_it_was_asked_to() {
    let server = Listening::start("names-tokio", 0);
    let path = UnixPath::new(server.path());
    let (client, _events) = AsyncClient::connect_qmp(path, options()).await.unwrap();
    let kept = client.send_descriptor(descriptor_of("kept")).await.unwrap();
    let closed = client
        .send_descriptor(descriptor_of("closed"))
        .await
        .unwrap();
    let name = closed.name().to_owned();
    drop(closed.closed_on_drop());
    drop(kept);
    client.call("query-status", &Object::new()).await.unwrap();
    assert_eq!(*server.closed.lock().unwrap(), [name]);
}

fn refusal<T: std::fmt::Debug>(result: Result<T, ClientError>) -> String {
    let error = result.unwrap_err();
    assert!(
        matches!(error.kind(), ClientErrorKind::Descriptors(_)),
        "{error}"
    );
    error.to_string()
}

#[tokio::test]
async fn a_transport_without_descriptors_says_so() {
    let (ours, theirs) = tokio::io::duplex(4096);
    let serve = async {
        use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
        let (reader, mut writer) = tokio::io::split(theirs);
        let mut lines = BufReader::new(reader).lines();
        let greeting = json!({"QMP": {"version": {}, "capabilities": []}});
        writer
            .write_all(format!("{greeting}\n").as_bytes())
            .await
            .unwrap();
        while let Some(line) = lines.next_line().await.unwrap() {
            let request: Value = serde_json::from_str(&line).unwrap();
            assert_ne!(request["execute"], "getfd");
            let reply = json!({"return": {}, "id": request["id"]});
            writer
                .write_all(format!("{reply}\n").as_bytes())
                .await
                .unwrap();
        }
    };
    let call = async {
        let (client, _events) = AsyncClient::qmp(ours, options()).await.unwrap();
        let with = client.with_descriptors([descriptor_of("x")]);
        let text = refusal(with.call("getfd", &named("x")).await);
        assert_eq!(
            text,
            "`getfd` was not sent: only Unix sockets carry file descriptors (QMP server)"
        );
        client.call("query-status", &Object::new()).await.unwrap();
    };
    tokio::join!(serve, call);
}

#[test]
fn descriptors_that_cannot_go_are_refused_before_anything_is_sent() {
    let server = Listening::start("many", 0);
    let stream = UnixStream::connect(server.path()).unwrap();
    let mut client = Client::qmp(stream, options()).unwrap();
    let many: Vec<_> = (0..17).map(|_| descriptor_of("x")).collect();
    let text = refusal(client.with_descriptors(&many).call("getfd", &named("x")));
    assert!(
        text.contains("17 file descriptors are more than the 16 that"),
        "{text}"
    );
    client.call("query-status", &Object::new()).unwrap();
    // As many as there may be arrive in order; the last one is taken by the test's server.
    let mut most: Vec<_> = many.into_iter().take(15).collect();
    most.push(descriptor_of("last"));
    let call = client.with_descriptors(&most).call("getfd", &named("last"));
    call.unwrap();
    server.assert_sound();
}
