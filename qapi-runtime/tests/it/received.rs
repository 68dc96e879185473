//! Handlers get the file descriptors that came with their command.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use qapi_runtime::client::tokio::{Client as AsyncClient, UnixPath};
use qapi_runtime::server::{Greeting, QmpServer, Stop, take_descriptors};
use qapi_runtime::{
    Any, AsyncService, Client, CommandInfo, CommandTable, Dispatcher, Error, Members, Object,
    Options, Outcome, Service, Writer, descriptors,
};

use crate::descriptors::{descriptor_of, text_of};

const PATIENCE: Duration = Duration::from_secs(60);

const COMMANDS: &[CommandInfo] = &[command("take"), command("leave")];

const fn command(name: &'static str) -> CommandInfo {
    CommandInfo {
        allow_oob: true,
        ..CommandInfo::new(name)
    }
}

/// A service that tells the texts that can be read from the descriptors of `take`, and leaves those of `leave` alone.
struct Reader;

impl Service for Reader {
    fn commands(&self) -> &'static [CommandInfo] {
        COMMANDS
    }

    fn call(&self, index: usize, _: Members<'_>, reply: &mut Writer) -> Result<Outcome, Error> {
        if COMMANDS[index].name == "take" {
            let texts = take_descriptors().into_iter().map(text_of);
            reply.value(&texts.collect::<Vec<_>>());
            assert!(take_descriptors().is_empty());
        }
        Ok(Outcome::Done)
    }
}

impl AsyncService for Reader {
    fn commands(&self) -> &'static [CommandInfo] {
        COMMANDS
    }

    async fn call<'c>(
        &'c self,
        index: usize,
        arguments: Members<'c>,
        reply: &'c mut Writer,
    ) -> Result<Outcome, Error> {
        // Other commands have their turns meanwhile.
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        Service::call(self, index, arguments, reply)
    }
}

/// A server in a thread, until it is dropped.
struct Serving {
    path: PathBuf,
    stop: Box<dyn Fn()>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        (self.stop)();
        drop(self.thread.take().unwrap().join());
        drop(std::fs::remove_file(&self.path));
    }
}

fn path(name: &str) -> PathBuf {
    let name = format!("qapi-received-{name}-{}", std::process::id());
    let path = std::env::temp_dir().join(name);
    drop(std::fs::remove_file(&path));
    path
}

fn blocking(name: &str) -> Serving {
    let (path, stop) = (path(&format!("{name}-blocking")), Stop::new());
    let listener = UnixListener::bind(&path).unwrap();
    let table = Arc::new(CommandTable::new(COMMANDS));
    let dispatcher = Dispatcher::new(Reader, table).with_oob();
    let server = QmpServer::new(dispatcher, Greeting::new((9, 0, 0)));
    let stopped = stop.clone();
    let thread = thread::spawn(move || server.listen(&listener, &stopped).unwrap());
    Serving {
        path,
        stop: Box::new(move || stop.stop()),
        thread: Some(thread),
    }
}

fn on_tokio(name: &str) -> Serving {
    use qapi_runtime::server::tokio::{QmpServer, Stop};

    let (path, stop) = (path(&format!("{name}-tokio")), Stop::new());
    let listener = UnixListener::bind(&path).unwrap();
    listener.set_nonblocking(true).unwrap();
    let table = Arc::new(CommandTable::new(COMMANDS));
    let dispatcher = Dispatcher::of_async(Reader, table).with_oob();
    let server = QmpServer::new(dispatcher, Greeting::new((9, 0, 0)));
    let stopped = stop.clone();
    let thread = thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(async {
            let listener = tokio::net::UnixListener::from_std(listener).unwrap();
            server.listen(listener, &stopped).await;
        });
    });
    Serving {
        path,
        stop: Box::new(move || stop.stop()),
        thread: Some(thread),
    }
}

fn each(name: &str) -> [Serving; 2] {
    [blocking(name), on_tokio(name)]
}

fn options() -> Options {
    Options::default().with_timeout(PATIENCE)
}

fn texts(texts: &[&str]) -> Any {
    Any::Array(texts.iter().map(|text| Any::from(*text)).collect())
}

#[test]
fn a_command_gets_its_own() {
    for server in each("own") {
        for oob in [false, true] {
            let stream = UnixStream::connect(&server.path).unwrap();
            let options = options().with_out_of_band(oob);
            let mut client = Client::qmp(stream, options).unwrap();
            let none = Object::new();
            assert_eq!(client.call("take", &none).unwrap(), texts(&[]));
            let most: Vec<_> = (0..descriptors::MOST).map(|it| it.to_string()).collect();
            let most: Vec<_> = most.iter().map(String::as_str).collect();
            for sent in [&["a"][..], &["b", "c"], &most] {
                let descriptors = sent.iter().map(|text| descriptor_of(text));
                let got = client.with_descriptors(descriptors).call("take", &none);
                assert_eq!(got.unwrap(), texts(sent));
                assert_eq!(client.call("take", &none).unwrap(), texts(&[]));
            }
        }
    }
}

#[test]
fn descriptors_that_nobody_takes_are_closed() {
    for server in each("closed") {
        let stream = UnixStream::connect(&server.path).unwrap();
        let mut client = Client::qmp(stream, options()).unwrap();
        for command in ["leave", "nope"] {
            let (theirs, mut ours) = UnixStream::pair().unwrap();
            ours.set_read_timeout(Some(PATIENCE)).unwrap();
            let mut with = client.with_descriptors([theirs]);
            assert_eq!(
                with.call(command, &Object::new()).is_ok(),
                command == "leave"
            );
            drop(with);
            assert_eq!(ours.read(&mut [0]).unwrap(), 0, "the end is told");
            // Nothing is left for the next.
            assert_eq!(client.call("take", &Object::new()).unwrap(), texts(&[]));
        }
    }
}

#[test]
fn requests_behind_each_other_get_their_own() {
    for server in each("behind") {
        for enable in ["", ", \"arguments\": {\"enable\": [\"oob\"]}"] {
            let stream = UnixStream::connect(&server.path).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let mut line = || lines.next().unwrap().unwrap();
            let mut write = &stream;
            let negotiate = format!("{{\"execute\": \"qmp_capabilities\"{enable}}}\n");
            write.write_all(negotiate.as_bytes()).unwrap();
            assert!(line().contains("QMP"));
            assert_eq!(line(), "{\"return\": {}}");
            let request = b"{\"execute\": \"take\"}\n";
            // Of a request that comes in two parts, they come with the first.
            for (part, text) in [
                (&request[..], None),
                (&request[..], Some("one")),
                (&request[..], None),
                (&request[..5], Some("two")),
                (&request[5..], None),
                (&request[..], Some("three")),
                (&request[..], Some("four")),
            ] {
                match text {
                    None => write.write_all(part).unwrap(),
                    Some(text) => {
                        let descriptor = descriptor_of(text);
                        let sent = descriptors::send(&stream, part, &[descriptor.as_fd()]);
                        assert_eq!(sent.unwrap(), part.len());
                    }
                }
            }
            for expected in ["", "\"one\"", "", "\"two\"", "\"three\"", "\"four\""] {
                assert_eq!(line(), format!("{{\"return\": [{expected}]}}"));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_callers_are_not_mixed_up() {
    for server in each("callers") {
        for oob in [false, true] {
            let path = UnixPath::new(&server.path);
            let options = options().with_out_of_band(oob);
            let (client, _events) = AsyncClient::connect_qmp(path, options).await.unwrap();
            let callers = (0..12).map(|caller| {
                let client = client.clone();
                tokio::spawn(async move {
                    for call in 0..30 {
                        let name = format!("{caller}-{call}");
                        let sends = (caller + call) % 3 != 0;
                        let sent: &[&str] = if sends { &[&name] } else { &[] };
                        let descriptors = sent.iter().map(|text| descriptor_of(text));
                        let with = client.with_descriptors(descriptors);
                        let got = with.call("take", &Object::new()).await.unwrap();
                        assert_eq!(got, texts(sent));
                    }
                })
            });
            for caller in callers.collect::<Vec<_>>() {
                caller.await.unwrap();
            }
        }
    }
}
