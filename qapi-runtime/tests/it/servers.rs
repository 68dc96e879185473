//! All kinds of servers, each over a Unix socket, and the rules that hold for all of them.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use qapi_runtime::server::{
    EventSender, Greeting, QmpServer, ServerLimits, Stop, listen, serve_within, take_descriptors,
};
use qapi_runtime::testing::MockServer;
use qapi_runtime::{
    AsyncService, Client, ClientError, CommandInfo, CommandTable, Dispatcher, Error, Members,
    Options, Outcome, Service, Writer, serve,
};

use crate::descriptors::text_of;

pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

const COMMANDS: &[CommandInfo] = &[
    command("take"),
    command("leave"),
    command("guest-sync-delimited"),
];

const fn command(name: &'static str) -> CommandInfo {
    CommandInfo::new(name).with_oob(true)
}

/// A service that tells the texts that can be read from the descriptors of `take`, and leaves those of `leave` alone.
struct Reader;

impl Service for Reader {
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
            "take" => {
                let texts = take_descriptors().into_iter().map(text_of);
                reply.value(&texts.collect::<Vec<_>>());
                assert!(take_descriptors().is_empty());
            }
            "guest-sync-delimited" => reply.value(&arguments.required::<i64>("id")?),
            _ => {}
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

fn dispatcher() -> Dispatcher<Reader> {
    let table = Arc::new(CommandTable::new(COMMANDS));
    Dispatcher::new(Reader, table).sentinel_before("guest-sync-delimited")
}

fn async_dispatcher() -> Dispatcher<Reader> {
    let table = Arc::new(CommandTable::new(COMMANDS));
    Dispatcher::of_async(Reader, table).sentinel_before("guest-sync-delimited")
}

fn greeting() -> Greeting {
    Greeting::new((9, 0, 0))
}

/// A kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Serve,
    ServeWithin,
    Listen,
    Qmp,
    MockGuest,
    Tokio,
    TokioQmp,
}

impl Kind {
    pub(crate) const ALL: [Self; 7] = [
        Self::Serve,
        Self::ServeWithin,
        Self::Listen,
        Self::Qmp,
        Self::MockGuest,
        Self::Tokio,
        Self::TokioQmp,
    ];

    pub(crate) fn is_qmp(self) -> bool {
        matches!(self, Self::Qmp | Self::TokioQmp)
    }

    /// Returns true if limits can be set. Tests of users may stop in a debugger, and streams of any kind have no time-outs.
    fn has_limits(self) -> bool {
        !matches!(self, Self::Serve | Self::MockGuest)
    }

    /// Returns true if descriptors are received.
    pub(crate) fn carries_descriptors(self) -> bool {
        self != Self::Serve
    }
}

/// A server in a thread, until it is dropped.
pub(crate) struct Serving {
    pub(crate) kind: Kind,
    pub(crate) path: PathBuf,
    stop: Box<dyn Fn()>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        (self.stop)();
        // Wakes a thread that waits in `accept`.
        drop(UnixStream::connect(&self.path));
        drop(self.thread.take().unwrap().join());
        drop(std::fs::remove_file(&self.path));
    }
}

impl Serving {
    /// Starts a server for a test of this name.
    pub(crate) fn start(kind: Kind, name: &str, limits: &ServerLimits) -> Self {
        let name = format!("qapi-{name}-{kind:?}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        drop(std::fs::remove_file(&path));
        let listener = UnixListener::bind(&path).unwrap();
        let (stop, thread) = match kind {
            Kind::Tokio | Kind::TokioQmp => on_tokio(kind, listener, limits.clone()),
            _ => in_threads(kind, listener, limits.clone()),
        };
        Self {
            kind,
            path,
            stop,
            thread: Some(thread),
        }
    }

    pub(crate) fn connect(&self) -> UnixStream {
        let stream = UnixStream::connect(&self.path).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    pub(crate) fn client(&self, options: Options) -> Result<Client<UnixStream>, ClientError> {
        if self.kind.is_qmp() {
            Client::qmp(self.connect(), options)
        } else {
            Client::guest(self.connect(), options)
        }
    }

    /// A client's stream after the negotiation, and the lines that it receives. `enable` goes into the request.
    pub(crate) fn negotiated(&self, enable: &str) -> (UnixStream, impl FnMut() -> String + use<>) {
        let stream = self.connect();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        // A server that has hung up while there was more to read is at its end, too.
        let mut line = move || lines.next().and_then(Result::ok).unwrap_or_default();
        if self.kind.is_qmp() {
            let negotiate = format!("{{\"execute\": \"qmp_capabilities\"{enable}}}\n");
            (&stream).write_all(negotiate.as_bytes()).unwrap();
            assert!(line().contains("QMP"));
            assert_eq!(line(), "{\"return\": {}}");
        }
        (stream, line)
    }
}

type Stopped = (Box<dyn Fn()>, JoinHandle<()>);

fn in_threads(kind: Kind, listener: UnixListener, limits: ServerLimits) -> Stopped {
    let stop = Stop::new();
    let stopped = stop.clone();
    let run = move || match kind {
        Kind::Listen => listen(&dispatcher(), &listener, &limits, &stopped).unwrap(),
        Kind::Qmp => {
            let server = QmpServer::new(dispatcher().with_oob(), greeting()).with_limits(limits);
            server.listen(&listener, &stopped).unwrap();
        }
        Kind::MockGuest => {
            let server = MockServer::of_guest(dispatcher(), &EventSender::new());
            server.listen(&listener, &stopped).unwrap();
        }
        _ => thread::scope(|scope| {
            while !stopped.is_stopped() {
                let (stream, _) = listener.accept().unwrap();
                let (limits, stopped) = (&limits, &stopped);
                scope.spawn(move || {
                    // A client that is given up is an error.
                    drop(match kind {
                        Kind::Serve => serve(&dispatcher(), stream),
                        _ => serve_within(&dispatcher(), &stream, limits, stopped),
                    });
                });
            }
        }),
    };
    (Box::new(move || stop.stop()), thread::spawn(run))
}

fn on_tokio(kind: Kind, listener: UnixListener, limits: ServerLimits) -> Stopped {
    use qapi_runtime::server::tokio::{QmpServer, Server, Stop};

    let stop = Stop::new();
    let stopped = stop.clone();
    listener.set_nonblocking(true).unwrap();
    let run = move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(async {
            let listener = tokio::net::UnixListener::from_std(listener).unwrap();
            if kind == Kind::Tokio {
                let server = Server::new(async_dispatcher()).with_limits(limits);
                server.listen(listener, &stopped).await;
            } else {
                let dispatcher = async_dispatcher().with_oob();
                let server = QmpServer::new(dispatcher, greeting()).with_limits(limits);
                server.listen(listener, &stopped).await;
            }
        });
    };
    (Box::new(move || stop.stop()), thread::spawn(run))
}

/// Reads to the end, and returns the last line.
fn last_line(stream: &UnixStream) -> String {
    let (mut last, mut line) = (String::new(), Vec::new());
    let mut reader = BufReader::new(stream);
    while let Ok(1..) = reader.read_until(b'\n', &mut line) {
        last = String::from_utf8_lossy(&line).into_owned();
        line.clear();
    }
    last
}

#[test]
fn clients_that_send_only_noise_are_told_and_disconnected() {
    for kind in Kind::ALL {
        let server = Serving::start(kind, "noise", &ServerLimits::default());
        // Another client is still served.
        let (other, mut other_line) = server.negotiated("");
        for byte in [
            &b"\xFF"[..],
            b"\0",
            b" ",
            b"\n",
            b"x\n",
            b"{\"a\" }",
            b"}",
            b"\xFF \n",
            b"]\xC3(",
        ] {
            for enable in ["", ", \"arguments\": {\"enable\": [\"oob\"]}"] {
                let oob = enable.contains("oob");
                if oob && !kind.is_qmp() {
                    continue;
                }
                let (stream, _) = server.negotiated(enable);
                // A write often ends where a read of the server does.
                let noise = byte.repeat((64 << 10) / byte.len());
                let mut writer = stream.try_clone().unwrap();
                let sent = thread::spawn(move || {
                    let mut sent = 0;
                    while writer.write_all(&noise).is_ok() {
                        sent += noise.len();
                        assert!(sent < 64 << 20, "it takes {byte:?} for ever");
                    }
                    sent
                });
                let told = last_line(&stream);
                drop(stream);
                let sent = sent.join().unwrap();
                let what = format!("{kind:?}, {byte:?}, {oob}: {sent} bytes, {told}");
                // What is counted, read at once and in the system's buffers.
                assert!((64 << 10..4 << 20).contains(&sent), "{what}");
                // The system drops replies that have not been read when a stream ends that has more to be read.
                assert!(told.is_empty() || told.contains("error"), "{what}");
            }
        }
        (&other).write_all(b"{\"execute\": \"take\"}\n").unwrap();
        assert_eq!(other_line(), "{\"return\": []}", "{kind:?}");
    }
}

#[test]
fn noise_that_ends_in_time_is_answered_for_ever() {
    for kind in Kind::ALL {
        let server = Serving::start(kind, "quiet", &ServerLimits::default());
        let (stream, mut line) = server.negotiated("");
        for byte in [b"\xFF", b" ", b"\n"] {
            for _ in 0..3 {
                let noise = [&byte.repeat(1000 << 10)[..], b"{\"execute\": \"take\"}\n"].concat();
                (&stream).write_all(&noise).unwrap();
                assert_eq!(line(), "{\"return\": []}", "{kind:?} after {byte:?}");
            }
        }
    }
}

#[test]
fn a_client_that_sends_noise_gets_an_error() {
    for kind in Kind::ALL {
        let server = Serving::start(kind, "told", &ServerLimits::default());
        let (stream, mut line) = server.negotiated("");
        // Exactly one byte too many, so that the server has nothing to read when it hangs up.
        (&stream).write_all(&b" ".repeat((1 << 20) + 1)).unwrap();
        let text =
            "1048577 bytes in a row are not a message: the peer does not speak this protocol";
        let told = crate::generic(text);
        assert_eq!(format!("{}\n", line()), told, "{kind:?}");
        assert_eq!((&stream).read(&mut [0]).unwrap(), 0, "{kind:?}");
    }
}

#[test]
fn clients_that_stall_are_disconnected() {
    let short = Duration::from_millis(50);
    for kind in Kind::ALL.into_iter().filter(|kind| kind.has_limits()) {
        let limits = ServerLimits::default().with_idle_timeout(short);
        let server = Serving::start(kind, "idle", &limits);
        let stream = server.connect();
        let mut told = Vec::new();
        (&stream).read_to_end(&mut told).unwrap();
        // Nothing but the greeting.
        assert_eq!(told.is_empty(), !kind.is_qmp(), "{kind:?}");
        assert!(
            !String::from_utf8(told).unwrap().contains("error"),
            "{kind:?}"
        );

        let limits = ServerLimits::default().with_request_timeout(short);
        let server = Serving::start(kind, "half", &limits);
        for half in ["{", "{\"execute\": \"take\", ", "\"", "[1,", "{} {"] {
            let (stream, _) = server.negotiated("");
            (&stream).write_all(half.as_bytes()).unwrap();
            let told = crate::generic("the request has not ended within 0.05 seconds");
            assert_eq!(last_line(&stream), told, "{kind:?} after {half}");
        }
    }
}

#[test]
fn half_requests_of_many_clients_stay_within_the_memory() {
    let limits = ServerLimits::default().with_memory(8 << 20);
    for kind in [Kind::Listen, Kind::Qmp, Kind::Tokio, Kind::TokioQmp] {
        let server = Serving::start(kind, "memory", &limits);
        let mut clients: Vec<_> = (0..4).map(|_| server.negotiated("")).collect();
        for (stream, _) in &clients {
            let half = format!("{{\"execute\": \"{}", "x".repeat(3 << 20));
            (&*stream).write_all(half.as_bytes()).unwrap();
        }
        let mut refused = 0;
        for (stream, line) in &mut clients {
            stream.write_all(b"\"}\n{\"execute\": \"take\"}\n").unwrap();
            let first = line();
            if first.contains("the server has no memory left") {
                refused += 1;
            } else {
                assert!(first.contains("has not been found"), "{kind:?}: {first}");
            }
            assert_eq!(line(), "{\"return\": []}");
        }
        assert!((1..4).contains(&refused), "{kind:?} refused {refused}");
    }
}
