//! A machine that there is not, served on a socket in this process.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use qapi_runtime::server::{EventSender, Greeting, QmpServer, Stop, take_descriptors};
use qapi_runtime::{
    Any, AsyncService, CommandInfo, CommandTable, Dispatcher, Error, ErrorClass, Members, Object,
    Outcome, Service, Writer,
};
use qapi_tests::Scratch;
use serde_json::Value;

/// Limit for what must happen; only a failing test waits that long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

const COMMANDS: &[CommandInfo] = &[
    command("blockdev-add", false),
    command("getfd", false),
    command("migrate-recover", true),
    command("query-commands", false),
    command("query-name", false),
    command("query-status", false),
    command("query-version", false),
    command("set_link", false),
    command("system_powerdown", false),
];

const fn command(name: &'static str, allow_oob: bool) -> CommandInfo {
    CommandInfo::new(name).with_oob(allow_oob)
}

/// The state that the commands act upon.
#[derive(Default)]
struct Machine {
    events: EventSender,
    descriptors: Mutex<Vec<(String, OwnedFd)>>,
}

impl Service for Machine {
    fn commands(&self) -> &'static [CommandInfo] {
        COMMANDS
    }

    fn call(
        &self,
        index: usize,
        mut arguments: Members<'_>,
        reply: &mut Writer,
    ) -> Result<Outcome, Error> {
        match COMMANDS[index].name {
            // As QEMU does, it reads the configuration of this driver before it answers: a pipe lets it wait.
            "blockdev-add" => configure(&arguments.required::<String>("config")?)?,
            "getfd" => {
                let name: String = arguments.required("fdname")?;
                arguments.finish()?;
                let Some(descriptor) = take_descriptors().pop() else {
                    return Err(Error::generic("No file descriptor supplied via SCM_RIGHTS"));
                };
                let mut descriptors = self
                    .descriptors
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                descriptors.push((name, descriptor));
            }
            "migrate-recover" => {
                let uri: String = arguments.required("uri")?;
                return Err(Error::generic(format!("nothing to recover from {uri}")));
            }
            "query-commands" => {
                let commands = COMMANDS
                    .iter()
                    .map(|command| Any::from(Object::from([("name", Any::from(command.name))])));
                reply.value(&commands.collect::<Vec<_>>());
            }
            "query-name" => arguments.finish()?,
            "query-status" => {
                arguments.finish()?;
                reply.object(|out| {
                    out.member("running", &true);
                    out.member("singlestep", &false);
                    out.member("status", &"running");
                });
            }
            "query-version" => reply.value(&greeting()),
            "set_link" => {
                let name: String = arguments.required("name")?;
                let _: bool = arguments.required("up")?;
                arguments.finish()?;
                let text = format!("Device '{name}' not found");
                return Err(Error::new(ErrorClass::DeviceNotFound, text));
            }
            _ => {
                self.events.emit("POWERDOWN", &());
            }
        }
        Ok(Outcome::Done)
    }
}

fn configure(path: &str) -> Result<(), Error> {
    let mut text = String::new();
    let read = File::open(path).and_then(|mut it| it.read_to_string(&mut text));
    read.map(drop)
        .map_err(|error| Error::generic(format!("{path}: {error}")))
}

/// The machine for a runtime that must not be blocked.
struct Patient(Machine);

impl AsyncService for Patient {
    fn commands(&self) -> &'static [CommandInfo] {
        COMMANDS
    }

    async fn call<'c>(
        &'c self,
        index: usize,
        mut arguments: Members<'c>,
        reply: &'c mut Writer,
    ) -> Result<Outcome, Error> {
        if COMMANDS[index].name != "blockdev-add" {
            // Descriptors are there in whichever turn the command asks for them.
            tokio::task::yield_now().await;
            return self.0.call(index, arguments, reply);
        }
        let config: String = arguments.required("config")?;
        let read = tokio::task::spawn_blocking(move || configure(&config));
        read.await.expect("it does not panic")?;
        Ok(Outcome::Done)
    }
}

fn greeting() -> Greeting {
    Greeting::new((7, 2, 1)).with_package("a machine that there is not")
}

/// A running server; ended when dropped.
pub(crate) struct Served {
    pub(crate) events: EventSender,
    scratch: Scratch,
    stop: Box<dyn Fn()>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    /// A server of each kind.
    pub(crate) fn each() -> [Self; 2] {
        [Self::blocking(), Self::on_tokio()]
    }

    fn blocking() -> Self {
        let (scratch, stop, machine) = (Scratch::new(), Stop::new(), Machine::default());
        let events = machine.events.clone();
        let listener = UnixListener::bind(scratch.join("qmp")).expect("the folder is ours");
        let dispatcher = Dispatcher::new(machine, Arc::new(CommandTable::new(COMMANDS)));
        let server = QmpServer::new(dispatcher.with_oob(), greeting()).with_events(&events);
        let stopped = stop.clone();
        let thread = thread::spawn(move || server.listen(&listener, &stopped).expect("it listens"));
        Self {
            events,
            scratch,
            stop: Box::new(move || stop.stop()),
            thread: Some(thread),
        }
    }

    fn on_tokio() -> Self {
        use qapi_runtime::server::tokio::{QmpServer, Stop};

        let (scratch, stop, machine) = (Scratch::new(), Stop::new(), Machine::default());
        let events = machine.events.clone();
        let listener = UnixListener::bind(scratch.join("qmp")).expect("the folder is ours");
        listener.set_nonblocking(true).expect("it is a socket");
        let table = Arc::new(CommandTable::new(COMMANDS));
        let dispatcher = Dispatcher::of_async(Patient(machine), table);
        let server = QmpServer::new(dispatcher.with_oob(), greeting()).with_events(&events);
        let stopped = stop.clone();
        let thread = thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            runtime
                .enable_all()
                .build()
                .expect("a runtime")
                .block_on(async {
                    let listener = tokio::net::UnixListener::from_std(listener);
                    server
                        .listen(listener.expect("it is a socket"), &stopped)
                        .await;
                });
        });
        Self {
            events,
            scratch,
            stop: Box::new(move || stop.stop()),
            thread: Some(thread),
        }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.scratch.join("qmp")
    }

    pub(crate) fn folder(&self) -> &Path {
        self.scratch.path()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        (self.stop)();
        let result = self.thread.take().map(JoinHandle::join);
        if !thread::panicking() {
            assert!(matches!(result, Some(Ok(()))), "the server has failed");
        }
    }
}

/// A client that writes requests and reads answers.
pub(crate) struct Lines(BufReader<UnixStream>);

impl Lines {
    /// A client that has negotiated, with more members in its request.
    pub(crate) fn ready(socket: &Path, more: &str) -> Self {
        let stream = UnixStream::connect(socket).expect("the server listens");
        let limited = stream.set_read_timeout(Some(PATIENCE));
        limited.expect("sockets have time-outs");
        let mut client = Self(BufReader::new(stream));
        assert!(client.answer()["QMP"].is_object());
        let request = format!("{{\"execute\": \"qmp_capabilities\"{more}}}");
        assert_eq!(client.ask(&request), serde_json::json!({"return": {}}));
        client
    }

    pub(crate) fn send(&mut self, request: &str) {
        let stream = self.0.get_mut();
        let sent = stream.write_all(format!("{request}\n").as_bytes());
        sent.expect("the server reads");
    }

    /// The next message that is not an event.
    pub(crate) fn answer(&mut self) -> Value {
        loop {
            let message = self.message();
            if message.get("event").is_none() {
                return message;
            }
        }
    }

    pub(crate) fn message(&mut self) -> Value {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("the server answers");
        serde_json::from_str(&line).expect("messages are JSON")
    }

    pub(crate) fn ask(&mut self, request: &str) -> Value {
        self.send(request);
        self.answer()
    }
}
