//! Clients of QMP servers: greeting, capabilities, ids, events.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use qapi_runtime::{
    Any, Client, ClientErrorKind, ClientEvent, Command, DecodeError, DecodeMembers, EncodeMembers,
    EventMessage, Execute, Members, Object, ObjectWriter, Options, Reconnect,
};

struct Stop;

impl EncodeMembers for Stop {
    fn encode_members(&self, _: &mut ObjectWriter<'_>) {}
}

impl Command for Stop {
    const NAME: &'static str = "stop";
    type Reply = ();
}

struct Migrate;

impl EncodeMembers for Migrate {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        out.member("uri", &"unix:x");
    }
}

impl Command for Migrate {
    const NAME: &'static str = "migrate-recover";
    const ALLOW_OOB: bool = true;
    type Reply = ();
}

const SHORT: Duration = Duration::from_millis(100);

const GREETING: &str = r#"{"QMP": {"version": {"qemu": {"micro": 2, "minor": 2, "major": 10}, "package": ""}, "capabilities": ["oob"]}}"#;

/// A server that counts the requests of a connection from 1 in what it shows and takes: clients begin at random.
struct Server {
    stream: BufReader<UnixStream>,
    /// The `id` of the first request.
    first: Option<u64>,
}

impl Server {
    fn new(stream: UnixStream) -> Self {
        Self {
            stream: BufReader::new(stream),
            first: None,
        }
    }

    fn line(&mut self) -> String {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).unwrap();
        let line: String = line.iter().map(|&byte| char::from(byte)).collect();
        let first = &mut self.first;
        with_id(&line, |id| id - *first.get_or_insert(id) + 1)
    }

    fn send(&mut self, message: &str) {
        let message = with_id(message, |id| self.first.unwrap() + id - 1);
        self.stream
            .get_mut()
            .write_all(format!("{message}\r\n").as_bytes())
            .unwrap();
    }

    /// Greets and grants capabilities.
    fn greet(&mut self) {
        self.send(GREETING);
        assert_eq!(
            self.line(),
            "{\"execute\": \"qmp_capabilities\", \"id\": 1}\n"
        );
        self.send("{\"return\": {}, \"id\": 1}");
    }
}

/// Returns a message with another `id`, if it has one.
fn with_id(message: &str, change: impl FnOnce(u64) -> u64) -> String {
    const NAME: &str = "\"id\": ";
    let Some(start) = message.rfind(NAME).map(|start| start + NAME.len()) else {
        return message.to_owned();
    };
    let (before, rest) = message.split_at(start);
    let digits = rest.trim_start_matches('"');
    let end = digits
        .find(|character: char| !character.is_ascii_digit())
        .unwrap();
    let quote = &rest[..rest.len() - digits.len()];
    let id = change(digits[..end].parse().unwrap());
    format!("{before}{quote}{id}{}", &digits[end..])
}

fn server(script: impl FnOnce(&mut Server) + Send + 'static) -> (UnixStream, JoinHandle<()>) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let thread = thread::spawn(move || script(&mut Server::new(theirs)));
    (ours, thread)
}

#[test]
fn greeting_and_capabilities_come_first() {
    let (stream, server) = server(|server| {
        server.greet();
        assert_eq!(server.line(), "{\"execute\": \"stop\", \"id\": 2}\n");
        server.send("{\"return\": {}, \"id\": 2}");
    });
    let mut client = Client::qmp(stream, Options::default()).unwrap();
    let version = client.greeting().unwrap().get("version").unwrap();
    assert_eq!(
        version.get("qemu").unwrap().get("major"),
        Some(&Any::Integer(10))
    );
    client.execute(&Stop).unwrap();
    server.join().unwrap();
}

#[test]
fn servers_that_do_not_greet_are_reported() {
    for (first, expected) in [
        (
            "{\"return\": {}}",
            "the server did not begin with a QMP greeting",
        ),
        (
            "SSH-2.0-OpenSSH_9.6",
            "the reply is malformed: JSON parse error, stray 'S'",
        ),
    ] {
        let (stream, server) = server(move |server| server.send(first));
        let error = Client::qmp(stream, Options::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("protocol error during `qmp_capabilities`: {expected} (QMP server)")
        );
        server.join().unwrap();
    }
    let (stream, _peer) = UnixStream::pair().unwrap();
    let error = Client::qmp(stream, Options::default().with_connect_timeout(SHORT)).unwrap_err();
    assert!(
        matches!(error.kind(), ClientErrorKind::NoGreeting),
        "{error}"
    );
}

#[test]
fn late_replies_are_recognised_by_their_id() {
    let (stream, server) = server(|server| {
        server.greet();
        assert_eq!(server.line(), "{\"execute\": \"stop\", \"id\": 2}\n");
        assert_eq!(server.line(), "{\"execute\": \"query\", \"id\": 3}\n");
        server.send("{\"return\": {}, \"id\": 2}");
        server.send("{\"id\": 2, \"error\": {\"class\": \"GenericError\", \"desc\": \"late\"}}");
        server.send("{\"return\": 5, \"id\": \"3\"}");
        server.send("{\"return\": 7, \"id\": 3}");
    });
    let mut client = Client::qmp(stream, Options::default()).unwrap();
    let error = client.with_timeout(SHORT).execute(&Stop).unwrap_err();
    assert!(matches!(error.kind(), ClientErrorKind::TimedOut), "{error}");
    assert_eq!(
        client.call("query", &Object::new()).unwrap(),
        Any::Integer(7)
    );
    server.join().unwrap();
}

#[test]
fn a_cut_request_is_flushed_and_its_complaint_skipped() {
    let (stream, server) = server(|server| {
        server.greet();
        thread::sleep(Duration::from_millis(1500));
        let line = server.line();
        assert!(line.ends_with("\u{FF}{\"execute\": \"stop\", \"id\": 4}\n"));
        server.send(
            "{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error, stray\"}}",
        );
        server.send("{\"return\": {}, \"id\": 4}");
        server.line();
        server.send("{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON token size limit exceeded\"}}");
    });
    let mut client = Client::qmp(stream, Options::default()).unwrap();
    let arguments = Object::new().with("text", "x".repeat(2 << 20));
    let error = client
        .with_timeout(Duration::from_secs(1))
        .call("large", &arguments)
        .unwrap_err();
    assert!(matches!(error.kind(), ClientErrorKind::TimedOut), "{error}");
    // Not a byte of this goes out, so the flush is still to come.
    client
        .with_timeout(Duration::ZERO)
        .execute(&Stop)
        .unwrap_err();
    client.execute(&Stop).unwrap();
    // Only that one: this complaint is about the request that waits.
    let error = client.execute(&Stop).unwrap_err();
    assert!(
        matches!(error.kind(), ClientErrorKind::Command(error) if error.desc.contains("limit")),
        "{error}"
    );
    server.join().unwrap();
}

struct Reset {
    guest: bool,
}

impl DecodeMembers for Reset {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            guest: members.required("guest")?,
        })
    }
}

/// The next notice, which is an event.
fn next(client: &mut Client<UnixStream>, timeout: impl Into<Option<Duration>>) -> EventMessage {
    let notice = client.next_event(timeout).unwrap().unwrap();
    notice.into_event().unwrap()
}

#[test]
fn events_are_kept_until_asked_for() {
    let (stream, server) = server(|server| {
        server.greet();
        server.line();
        server.send(
            r#"{"timestamp": {"seconds": 5, "microseconds": 7}, "event": "RESET", "data": {"guest": true, "new": 1}}"#,
        );
        server.send("{\"return\": {}, \"id\": 2}");
        server.send("{\"event\": \"NEWER\"}");
        server.send("{\"event\": \"STOP\", \"data\": {}}");
        server.line();
    });
    let mut client = Client::qmp(stream, Options::default()).unwrap();
    client.execute(&Stop).unwrap();
    let event = next(&mut client, SHORT);
    assert_eq!((event.name(), event.timestamp()), ("RESET", (5, 7)));
    assert!(event.decode::<Reset>().unwrap().guest);
    assert_eq!(event.data().to_string(), r#"{"guest": true, "new": 1}"#);
    let event = next(&mut client, None);
    assert_eq!(
        (event.name(), event.timestamp(), event.data()),
        ("NEWER", (-1, -1), Object::new())
    );
    assert!(event.decode::<Reset>().is_err());
    assert_eq!(next(&mut client, SHORT).name(), "STOP");
    assert_eq!(client.next_event(SHORT).unwrap(), None);
    client.call_silent("quit", &Object::new()).unwrap();
    server.join().unwrap();
    let error = client.next_event(SHORT).unwrap_err();
    assert!(matches!(error.kind(), ClientErrorKind::Closed), "{error}");
}

#[test]
fn old_events_go_when_there_are_too_many_and_are_counted() {
    let (stream, server) = server(|server| {
        server.greet();
        server.line();
        for number in 0..10 {
            server.send(&format!("{{\"event\": \"E{number}\"}}"));
        }
        server.send("{\"return\": {}, \"id\": 2}");
        // Each of these takes more than half of what may wait.
        server.line();
        for number in 0..3 {
            let data = "x".repeat(9 << 20);
            server.send(&format!(
                "{{\"event\": \"E{number}\", \"data\": {{\"x\": \"{data}\"}}}}"
            ));
        }
        server.send("{\"return\": {}, \"id\": 3}");
    });
    let mut client = Client::qmp(stream, Options::default().with_event_limit(3)).unwrap();
    for expected in [(7, vec!["E7", "E8", "E9"]), (2, vec!["E2"])] {
        client.execute(&Stop).unwrap();
        assert_eq!(
            client.next_event(SHORT).unwrap(),
            Some(ClientEvent::Missed(expected.0))
        );
        for name in expected.1 {
            assert_eq!(next(&mut client, SHORT).name(), name);
        }
    }
    server.join().unwrap();
}

/// A server's behaviour towards one client.
type Script = Box<dyn FnOnce(&mut Server) + Send>;

/// A server on a socket, which lets one client after the other follow a script, until a script is over.
fn listen(name: &str, scripts: Vec<Script>) -> (PathBuf, JoinHandle<()>) {
    let path = std::env::temp_dir().join(format!("qapi-qmp-{name}-{}", std::process::id()));
    drop(std::fs::remove_file(&path));
    let place = path.clone();
    let thread = thread::spawn(move || {
        // The first attempts to connect fail.
        thread::sleep(SHORT);
        let listener = UnixListener::bind(&place).unwrap();
        for script in scripts {
            let (stream, _) = listener.accept().unwrap();
            script(&mut Server::new(stream));
        }
        std::fs::remove_file(&place).unwrap();
    });
    (path, thread)
}

fn reconnecting() -> Options {
    let policy = Reconnect::default().with_pauses(Duration::from_millis(10), SHORT);
    Options::default()
        .with_timeout(Duration::from_secs(20))
        .with_reconnect(policy)
}

#[test]
fn a_lost_connection_is_made_again_by_the_next_call() {
    let answer = |id: u64| {
        move |server: &mut Server| {
            server.greet();
            server.line();
            server.send(&format!("{{\"return\": {{}}, \"id\": {id}}}"));
        }
    };
    let (path, server) = listen(
        "again",
        vec![
            Box::new(answer(2)),
            // The first connection ends within the greeting.
            Box::new(|server| server.send("{\"QMP\": ")),
            Box::new(|server| {
                server.send(GREETING);
                assert_eq!(
                    server.line(),
                    "{\"execute\": \"qmp_capabilities\", \"id\": 1}\n"
                );
                server.send("{\"return\": {}, \"id\": 1}");
                assert_eq!(server.line(), "{\"execute\": \"stop\", \"id\": 2}\n");
                server.send("{\"event\": \"STOP\"}");
                server.send("{\"return\": {}, \"id\": 2}");
                // This request is read, so nobody knows what has become of it.
                server.line();
            }),
        ],
    );
    let connect = move || UnixStream::connect(&path);
    let mut client = Client::connect_qmp(connect, reconnecting()).unwrap();
    client.execute(&Stop).unwrap();
    thread::sleep(SHORT);
    // The server has gone, and does not know of this request.
    client.execute(&Stop).unwrap();
    assert_eq!(
        client.next_event(SHORT).unwrap(),
        Some(ClientEvent::Reconnected)
    );
    assert_eq!(next(&mut client, SHORT).name(), "STOP");
    let error = client.execute(&Stop).unwrap_err();
    assert!(matches!(error.kind(), ClientErrorKind::Closed), "{error}");
    server.join().unwrap();
    // There is no server any more: calls wait until they time out.
    let started = Instant::now();
    let error = client.with_timeout(SHORT).execute(&Stop).unwrap_err();
    assert!(matches!(error.kind(), ClientErrorKind::TimedOut), "{error}");
    assert!(started.elapsed() >= SHORT);
    let error = client.next_event(SHORT).unwrap_err();
    assert!(matches!(error.kind(), ClientErrorKind::TimedOut), "{error}");
}

#[test]
fn waiting_for_events_gets_the_connection_back() {
    let (path, server) = listen(
        "events",
        vec![
            Box::new(Server::greet),
            Box::new(|server| {
                server.greet();
                server.send("{\"event\": \"RESUME\"}");
                server.line();
            }),
        ],
    );
    let connect = move || UnixStream::connect(&path);
    let mut client = Client::connect_qmp(connect, reconnecting()).unwrap();
    let error = client.next_event(None).unwrap_err();
    assert!(matches!(error.kind(), ClientErrorKind::Closed), "{error}");
    assert_eq!(
        client.next_event(None).unwrap(),
        Some(ClientEvent::Reconnected)
    );
    assert_eq!(next(&mut client, None).name(), "RESUME");
    drop(client);
    server.join().unwrap();
}

#[test]
fn reconnecting_ends_at_its_limit() {
    let (path, server) = listen("give-up", vec![Box::new(Server::greet)]);
    let connect = move || UnixStream::connect(&path);
    let policy = Reconnect::default()
        .with_pauses(Duration::from_millis(10), SHORT)
        .with_give_up(SHORT);
    let options = Options::default().with_reconnect(policy);
    let mut client = Client::connect_qmp(connect, options).unwrap();
    server.join().unwrap();
    let started = Instant::now();
    let error = client.execute(&Stop).unwrap_err();
    assert!(matches!(error.kind(), ClientErrorKind::Closed), "{error}");
    assert!(started.elapsed() >= SHORT);
}

#[test]
fn connecting_ends_when_its_time_is_over() {
    let nowhere = || UnixStream::connect("/nowhere/at/all");
    let options = Options::default().with_connect_timeout(SHORT);
    let error = Client::connect_qmp(nowhere, options.clone()).unwrap_err();
    assert!(matches!(error.kind(), ClientErrorKind::Io(_)), "{error}");
    let error = Client::connect_guest(nowhere, options).unwrap_err();
    let text = "the connection failed during `guest-sync-delimited` (guest agent)";
    assert_eq!(error.to_string(), text);
}

#[test]
fn out_of_band_is_asked_for_and_used() {
    let (stream, server) = server(|server| {
        server.send(GREETING);
        let expected = "{\"execute\": \"qmp_capabilities\", \"id\": 1, \"arguments\": {\"enable\": [\"oob\"]}}\n";
        assert_eq!(server.line(), expected);
        server.send("{\"return\": {}, \"id\": 1}");
        let expected = "{\"exec-oob\": \"migrate-recover\", \"id\": 2, \"arguments\": {\"uri\": \"unix:x\"}}\n";
        assert_eq!(server.line(), expected);
        server.send("{\"return\": {}, \"id\": 2}");
        assert_eq!(server.line(), "{\"execute\": \"stop\", \"id\": 3}\n");
        server.send("{\"return\": {}, \"id\": 3}");
    });
    let mut client = Client::qmp(stream, Options::default().with_out_of_band(true)).unwrap();
    client.execute_out_of_band(&Migrate).unwrap();
    client.execute_out_of_band(&Stop).unwrap();
    server.join().unwrap();
}

#[test]
fn refused_capabilities_are_the_servers_error() {
    let (stream, server) = server(|server| {
        server.send(GREETING);
        server.line();
        server.send("{\"id\": 1, \"error\": {\"class\": \"CommandNotFound\", \"desc\": \"no\"}}");
    });
    let error = Client::qmp(stream, Options::default()).unwrap_err();
    assert!(
        matches!(error.kind(), ClientErrorKind::Command(_)),
        "{error}"
    );
    server.join().unwrap();
}
