//! Servers of QMP, blocking and on tokio.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use qapi_runtime::server::{EventRate, EventSender, Greeting, QmpServer, Stop, current_client};
use qapi_runtime::{
    Any, Client, ClientEvent, Clock, CommandInfo, CommandTable, Dispatcher, Error, Members, Object,
    Options, Outcome, Service, Writer,
};

const COMMANDS: &[CommandInfo] = &[
    command("query-status", false),
    command("wait", false),
    command("let-go", true),
    command("powerdown", false),
    command("whisper", false),
];

const fn command(name: &'static str, allow_oob: bool) -> CommandInfo {
    CommandInfo::new(name).with_oob(allow_oob)
}

/// A machine with a command that waits until it is released.
#[derive(Default)]
struct Machine {
    waiting: AtomicUsize,
    open: Mutex<bool>,
    opened: Condvar,
    events: EventSender,
}

impl Service for Machine {
    fn commands(&self) -> &'static [CommandInfo] {
        COMMANDS
    }

    fn call(
        &self,
        index: usize,
        arguments: Members<'_>,
        reply: &mut Writer,
    ) -> Result<Outcome, Error> {
        arguments.finish()?;
        match COMMANDS[index].name {
            "wait" => {
                self.waiting.fetch_add(1, Ordering::SeqCst);
                let mut open = self.open.lock().unwrap();
                while !*open {
                    open = self.opened.wait(open).unwrap();
                }
            }
            "let-go" => {
                *self.open.lock().unwrap() = true;
                self.opened.notify_all();
            }
            "powerdown" => {
                self.events.emit("POWERDOWN", &());
            }
            "whisper" => {
                let client = current_client().expect("a client called");
                let data = Object::from([("id", Any::from(client.to_string()))]);
                assert!(self.events.emit_to(client, "WHISPER", &data));
            }
            _ => reply.object(|out| out.member("running", &true)),
        }
        Ok(Outcome::Done)
    }
}

/// A running server, on whichever kind of runtime.
struct Running {
    path: PathBuf,
    events: EventSender,
    stop: Box<dyn Fn()>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        (self.stop)();
        let result = self.thread.take().unwrap().join();
        drop(std::fs::remove_file(&self.path));
        if !thread::panicking() {
            result.unwrap();
        }
    }
}

fn dispatcher(events: &EventSender) -> Dispatcher<Machine> {
    let machine = Machine {
        events: events.clone(),
        ..Machine::default()
    };
    Dispatcher::new(machine, Arc::new(CommandTable::new(COMMANDS)))
}

fn greeting() -> Greeting {
    Greeting::new((7, 2, 1)).with_package("a test")
}

fn socket(name: &str) -> PathBuf {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("qapi-{name}-{}-{number}", std::process::id());
    let path = std::env::temp_dir().join(name);
    drop(std::fs::remove_file(&path));
    path
}

fn blocking(events: EventSender, oob: bool) -> Running {
    let path = socket("qmp-server");
    let listener = UnixListener::bind(&path).unwrap();
    let stop = Stop::new();
    let stopped = stop.clone();
    let mut dispatcher = dispatcher(&events);
    if oob {
        dispatcher = dispatcher.with_oob();
    }
    let server = QmpServer::new(dispatcher, greeting()).with_events(&events);
    let thread = thread::spawn(move || server.listen(&listener, &stopped).unwrap());
    Running {
        path,
        events,
        stop: Box::new(move || stop.stop()),
        thread: Some(thread),
    }
}

#[cfg(feature = "tokio")]
fn on_tokio(events: EventSender, oob: bool) -> Running {
    use qapi_runtime::server::{Immediate, tokio as server};

    let path = socket("qmp-server-on-tokio");
    let stop = server::Stop::new();
    let stopped = stop.clone();
    let machine = Machine {
        events: events.clone(),
        ..Machine::default()
    };
    let table = Arc::new(CommandTable::new(COMMANDS));
    let mut dispatcher = Dispatcher::of_async(Immediate(machine), table);
    if oob {
        dispatcher = dispatcher.with_oob();
    }
    let server = server::QmpServer::new(dispatcher, greeting()).with_events(&events);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let listener = runtime.block_on(async { tokio::net::UnixListener::bind(&path).unwrap() });
    let thread = thread::spawn(move || runtime.block_on(server.listen(listener, &stopped)));
    Running {
        path,
        events,
        stop: Box::new(move || stop.stop()),
        thread: Some(thread),
    }
}

/// Tests a server of each kind.
fn each(oob: bool, events: impl Fn() -> EventSender, test: impl Fn(&Running)) {
    test(&blocking(events(), oob));
    #[cfg(feature = "tokio")]
    test(&on_tokio(events(), oob));
}

/// A client that reads and writes lines.
struct Lines(BufReader<UnixStream>);

impl Lines {
    fn connect(path: &Path) -> Self {
        let stream = UnixStream::connect(path).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        Self(BufReader::new(stream))
    }

    /// A client that has negotiated.
    fn ready(path: &Path, arguments: &str) -> Self {
        let mut client = Self::connect(path);
        assert!(client.line().starts_with("{\"QMP\""));
        client.send(&format!("{{\"execute\": \"qmp_capabilities\"{arguments}}}"));
        assert_eq!(client.line(), "{\"return\": {}}");
        client
    }

    fn send(&mut self, line: &str) {
        let stream = self.0.get_mut();
        stream.write_all(line.as_bytes()).unwrap();
        stream.write_all(b"\n").unwrap();
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        match self.0.read_line(&mut line) {
            // The server had more to read when it hung up.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => String::new(),
            result => {
                result.unwrap();
                line.trim_end().to_owned()
            }
        }
    }

    fn ask(&mut self, line: &str) -> String {
        self.send(line);
        self.line()
    }
}

const ENABLE_OOB: &str = ", \"arguments\": {\"enable\": [\"oob\"]}";

/// The replies of QEMU 7.2 to the same requests, but for the order of members.
const NEGOTIATION: &[(&str, &str)] = &[
    (
        r#"{"execute": "query-status", "id": 1}"#,
        r#"{"id": 1, "error": {"class": "CommandNotFound", "desc": "Expecting capabilities negotiation with 'qmp_capabilities'"}}"#,
    ),
    (
        r#"{"execute": "nope", "id": {"a": 1}}"#,
        r#"{"id": {"a": 1}, "error": {"class": "CommandNotFound", "desc": "Expecting capabilities negotiation with 'qmp_capabilities'"}}"#,
    ),
    (
        r#"{"exec-oob": "let-go", "id": 2}"#,
        r#"{"id": 2, "error": {"class": "GenericError", "desc": "QMP input member 'exec-oob' is unexpected"}}"#,
    ),
    (
        r#"{"execute": 7}"#,
        r#"{"error": {"class": "GenericError", "desc": "QMP input member 'execute' must be a string"}}"#,
    ),
    (
        "[1]",
        r#"{"error": {"class": "GenericError", "desc": "QMP input must be a JSON object"}}"#,
    ),
    (
        "}",
        r#"{"error": {"class": "GenericError", "desc": "JSON parse error, expecting value"}}"#,
    ),
    (
        r#"{"execute": "qmp_capabilities", "arguments": {"x": 1}}"#,
        r#"{"error": {"class": "GenericError", "desc": "Parameter 'x' is unexpected"}}"#,
    ),
    (
        r#"{"execute": "qmp_capabilities", "arguments": {"enable": ["oob", "oob"]}, "id": "c"}"#,
        r#"{"return": {}, "id": "c"}"#,
    ),
    (
        r#"{"execute": "qmp_capabilities", "id": 3}"#,
        r#"{"id": 3, "error": {"class": "CommandNotFound", "desc": "Capabilities negotiation is already complete, command ignored"}}"#,
    ),
    (
        r#"{"exec-oob": "query-status", "id": 4}"#,
        r#"{"id": 4, "error": {"class": "GenericError", "desc": "The command query-status does not support OOB"}}"#,
    ),
    (r#"{"exec-oob": "let-go"}"#, r#"{"return": {}}"#),
    (
        r#"{"exec-oob": "qmp_capabilities", "id": 9}"#,
        r#"{"id": 9, "error": {"class": "GenericError", "desc": "The command qmp_capabilities does not support OOB"}}"#,
    ),
    (
        r#"{"exec-oob": "nope", "id": 9}"#,
        r#"{"id": 9, "error": {"class": "CommandNotFound", "desc": "The command nope has not been found"}}"#,
    ),
    (
        r#"{"execute": "query-status", "exec-oob": "let-go"}"#,
        r#"{"error": {"class": "GenericError", "desc": "QMP input member 'execute' clashes with 'exec-oob'"}}"#,
    ),
    (
        r#"{"execute": "query-status", "id": [null]}"#,
        r#"{"return": {"running": true}, "id": [null]}"#,
    ),
];

#[test]
fn negotiation_goes_as_in_qemu() {
    each(true, EventSender::new, |server| {
        let mut client = Lines::connect(&server.path);
        assert_eq!(
            client.line(),
            r#"{"QMP": {"version": {"qemu": {"major": 7, "minor": 2, "micro": 1}, "package": "a test"}, "capabilities": ["oob"]}}"#
        );
        for (request, reply) in NEGOTIATION {
            assert_eq!(client.ask(request), *reply, "to {request}");
        }
    });
    each(false, EventSender::new, |server| {
        let mut client = Lines::connect(&server.path);
        assert!(client.line().ends_with(r#""capabilities": []}}"#));
        let reply = client.ask(&format!(
            "{{\"execute\": \"qmp_capabilities\"{ENABLE_OOB}}}"
        ));
        assert!(reply.contains("Capability oob not available"), "{reply}");
        let reply = client.ask(r#"{"execute": "qmp_capabilities"}"#);
        assert_eq!(reply, r#"{"return": {}}"#);
        let reply = client.ask(r#"{"exec-oob": "let-go"}"#);
        assert!(reply.contains("'exec-oob' is unexpected"), "{reply}");
    });
}

#[test]
fn out_of_band_requests_overtake() {
    let server = blocking(EventSender::new(), true);
    let mut client = Lines::ready(&server.path, ENABLE_OOB);
    for request in [
        r#"{"execute": "wait", "id": 1}"#,
        r#"{"execute": "query-status", "id": 2}"#,
        "]",
        r#"{"execute": "qmp_capabilities", "id": 3}"#,
    ] {
        client.send(request);
    }
    // Refusals come at once, too.
    for (request, refusal) in [
        (
            r#"{"exec-oob": "query-status", "id": 4}"#,
            "does not support OOB",
        ),
        (r#"{"exec-oob": "nope", "id": 5}"#, "has not been found"),
        (
            r#"{"exec-oob": "qmp_capabilities", "id": 6}"#,
            "does not support OOB",
        ),
        (
            r#"{"exec-oob": "let-go", "more": 1, "id": 7}"#,
            "'more' is unexpected",
        ),
    ] {
        let reply = client.ask(request);
        let (_, id) = request.split_at(request.len() - 8);
        assert!(reply.contains(refusal), "{reply} to {request}");
        assert!(reply.contains(id.trim_matches([' ', '}', ','])), "{reply}");
    }
    client.send(r#"{"exec-oob": "let-go", "id": 8}"#);
    // The first request ends because the last has overtaken it; their replies are written by two threads.
    let replies: Vec<_> = (0..5).map(|_| client.line()).collect();
    let in_order: Vec<_> = replies
        .iter()
        .filter(|line| *line != r#"{"return": {}, "id": 8}"#)
        .collect();
    let [wait, status, mistake, negotiation] = in_order[..] else {
        panic!("{replies:?}");
    };
    assert_eq!(wait, r#"{"return": {}, "id": 1}"#);
    assert_eq!(status, r#"{"return": {"running": true}, "id": 2}"#);
    assert!(mistake.contains("JSON parse error"), "{mistake}");
    assert!(negotiation.contains("already complete"), "{negotiation}");
}

#[test]
fn events_reach_those_who_have_negotiated() {
    let clock = || Clock::manual(Duration::from_micros(1_000_002));
    let stamp = r#"{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "#;
    each(
        false,
        || EventSender::with_clock(clock()),
        |server| {
            let mut early = Lines::connect(&server.path);
            early.line();
            let mut one = Lines::ready(&server.path, "");
            let mut other = Lines::ready(&server.path, "");
            let data = Object::from([("reason", Any::from("x"))]);
            assert_eq!(server.events.emit("RESET", &data), 2);
            let line = format!("{stamp}\"RESET\", \"data\": {{\"reason\": \"x\"}}}}");
            assert_eq!(one.line(), line);
            assert_eq!(other.line(), line);
            let [first, second] = server.events.clients()[..] else {
                panic!("two are ready");
            };
            assert!(server.events.emit_to(second, "STOP", &()));
            assert_eq!(other.line(), format!("{stamp}\"STOP\"}}"));
            // A handler's event comes before its reply, to all or to its own client.
            assert_eq!(
                one.ask(r#"{"execute": "powerdown"}"#),
                format!("{stamp}\"POWERDOWN\"}}")
            );
            assert_eq!(one.line(), r#"{"return": {}}"#);
            assert_eq!(other.line(), format!("{stamp}\"POWERDOWN\"}}"));
            let whisper = format!("{stamp}\"WHISPER\", \"data\": {{\"id\": \"{first}\"}}}}");
            assert_eq!(one.ask(r#"{"execute": "whisper"}"#), whisper);
            assert_eq!(one.line(), r#"{"return": {}}"#);
            assert_eq!(
                other.ask(r#"{"execute": "query-status"}"#),
                r#"{"return": {"running": true}}"#
            );
            assert_eq!(
                early.ask(r#"{"execute": "qmp_capabilities"}"#),
                r#"{"return": {}}"#
            );
            drop(one);
            while server.events.clients().contains(&first) {
                thread::sleep(Duration::from_millis(1));
            }
            assert!(!server.events.emit_to(first, "STOP", &()));
        },
    );
}

#[test]
fn floods_of_events_are_thinned_out() {
    let clock = Clock::manual(Duration::ZERO);
    let second = Duration::from_secs(1);
    let events = || {
        EventSender::with_clock(clock.clone())
            .with_rate(EventRate::new("BALLOON", second))
            .with_rate(EventRate::new("PORT", second).per("id"))
    };
    each(false, events, |server| {
        let mut client = Lines::ready(&server.path, "");
        let emit = |name: &str, id: &str, value: i64| {
            let data = Object::from([("id", Any::from(id)), ("value", Any::from(value))]);
            server.events.emit(name, &data)
        };
        let mut expect = |value: i64| {
            let line = client.line();
            assert!(line.contains(&format!("\"value\": {value}}}")), "{line}");
        };
        assert_eq!(emit("BALLOON", "a", 1), 1);
        assert_eq!(emit("BALLOON", "a", 2), 0);
        assert_eq!(emit("BALLOON", "b", 3), 0);
        assert_eq!(emit("PORT", "a", 4), 1);
        assert_eq!(emit("PORT", "b", 5), 1);
        assert_eq!(emit("PORT", "a", 6), 0);
        for value in [1, 4, 5] {
            expect(value);
        }
        clock.advance(second);
        expect(3);
        expect(6);
        // Nothing was held back meanwhile, so the next is sent at once.
        clock.advance(second);
        clock.advance(second);
        assert_eq!(emit("BALLOON", "a", 7), 1);
        expect(7);
    });
}

#[test]
fn a_client_that_does_not_read_its_events_is_disconnected() {
    let server = blocking(EventSender::new(), false);
    let slow = Lines::ready(&server.path, "");
    let data = Object::from([("text", Any::from("x".repeat(10_000)))]);
    let mut sent = 0;
    while server.events.emit("NOISE", &data) == 1 {
        sent += 1;
        assert!(sent < 1000, "the server keeps everything");
    }
    while !server.events.clients().is_empty() {
        thread::sleep(Duration::from_millis(1));
    }
    drop(slow);
    let mut next = Lines::ready(&server.path, "");
    assert!(
        next.ask(r#"{"execute": "query-status"}"#)
            .contains("running")
    );
}

#[test]
fn our_own_client_is_served() {
    each(true, EventSender::new, |server| {
        let stream = UnixStream::connect(&server.path).unwrap();
        let mut client = Client::qmp(stream, Options::default()).unwrap();
        let status = client.call("query-status", &Object::new()).unwrap();
        assert_eq!(status.get("running"), Some(&Any::from(true)));
        let error = client.call("nope", &Object::new()).unwrap_err();
        assert!(error.to_string().contains("has not been found"), "{error}");
        server.events.emit("STOP", &());
        let event = client.next_event(Some(Duration::from_secs(30))).unwrap();
        assert!(matches!(event, Some(ClientEvent::Event(event)) if event.name() == "STOP"));
    });
}
