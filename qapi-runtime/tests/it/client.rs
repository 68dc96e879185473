//! Clients of guest agents, against a scripted agent at the other end of a socket pair.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use qapi_runtime::wire::Document;
use qapi_runtime::{
    Any, Client, ClientError, ClientErrorKind, Command, CommandTable, Decode, DecodeError,
    EncodeMembers, ErrorClass, Execute, Members, Object, ObjectWriter, Options, ThreadedTransport,
    Value, serve,
};
use qapi_test_support::Random;

use crate::demo::COMMANDS;
use crate::dispatcher;
use crate::peer::PIECES;

/// `guest-ping`
struct Ping;

impl EncodeMembers for Ping {
    fn encode_members(&self, _: &mut ObjectWriter<'_>) {}
}

impl Command for Ping {
    const NAME: &'static str = "guest-ping";
    type Reply = ();
}

/// `guest-shutdown`
struct Shut {
    mode: Option<&'static str>,
}

impl EncodeMembers for Shut {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        out.optional("mode", &self.mode);
    }
}

impl Command for Shut {
    const NAME: &'static str = "guest-shutdown";
    const SUCCESS_RESPONSE: bool = false;
    type Reply = ();
}

/// `guest-info`, with replies of the shape `{"list": [{"name": …}]}`.
struct Info;

impl EncodeMembers for Info {
    fn encode_members(&self, _: &mut ObjectWriter<'_>) {}
}

impl Command for Info {
    const NAME: &'static str = "guest-info";
    type Reply = InfoReply;
}

#[derive(Debug, PartialEq)]
struct InfoReply {
    list: Vec<Named>,
}

#[derive(Debug, PartialEq)]
struct Named {
    name: String,
}

impl Decode for InfoReply {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut members: Members<'_> = value.object()?;
        let list = members.required("list")?;
        members.finish()?;
        Ok(Self { list })
    }
}

impl Decode for Named {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut members = value.object()?;
        let name = members.required("name")?;
        members.finish()?;
        Ok(Self { name })
    }
}

const SHORT: Duration = Duration::from_millis(100);
const LONG: Duration = Duration::from_secs(20);

fn options() -> Options {
    Options::default()
        .with_timeout(LONG)
        .with_connect_timeout(LONG)
        .with_sync_attempt(LONG)
        .with_silence(Duration::from_millis(300))
}

/// The agent's end of the connection, and the `id` of the last request.
struct Agent(BufReader<UnixStream>, String);

impl Agent {
    /// The next request, without the bytes that flush the parser and without its `id`.
    fn request(&mut self) -> Object {
        let mut line = Vec::new();
        self.0.read_until(b'\n', &mut line).unwrap();
        let line: Vec<u8> = line.into_iter().filter(|&byte| byte != 0xFF).collect();
        let any: Any = String::from_utf8(line).unwrap().parse().unwrap();
        let Any::Object(mut request) = any else {
            panic!("no request: {any}");
        };
        self.1 = request.remove("id").unwrap().to_string();
        request
    }

    /// Expects a request of this name.
    fn expect(&mut self, name: &str) -> Object {
        let request = self.request();
        assert_eq!(
            request.get("execute").and_then(Any::as_str),
            Some(name),
            "{request}"
        );
        request
    }

    /// Expects `guest-sync-delimited`; its number.
    fn expect_sync(&mut self) -> i64 {
        number(&self.expect("guest-sync-delimited"))
    }

    /// Sends bytes; a whole reply gets the `id` of the last request.
    fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let mut bytes = bytes.as_ref().to_vec();
        if bytes.starts_with(b"{") && bytes.ends_with(b"}\n") {
            bytes.truncate(bytes.len() - 2);
            bytes.extend_from_slice(format!(", \"id\": {}}}\n", self.1).as_bytes());
        }
        self.send_raw(bytes);
    }

    fn send_raw(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    fn send_synced(&mut self, id: i64) {
        self.send(
            [
                b"\xFF".as_slice(),
                format!("{{\"return\": {id}, \"id\": {}}}\n", self.1).as_bytes(),
            ]
            .concat(),
        );
    }

    /// Synchronises, as at the start of each conversation.
    fn sync(&mut self) {
        let id = self.expect_sync();
        self.send_synced(id);
    }
}

fn number(request: &Object) -> i64 {
    request
        .get("arguments")
        .and_then(|arguments| arguments.get("id"))
        .and_then(Any::as_i64)
        .unwrap()
}

/// Starts an agent that follows a script; returns the client's end.
fn agent(script: impl FnOnce(&mut Agent) + Send + 'static) -> (UnixStream, JoinHandle<()>) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let thread = thread::spawn(move || script(&mut Agent(BufReader::new(theirs), String::new())));
    (ours, thread)
}

fn connect(stream: UnixStream) -> Client<UnixStream> {
    Client::guest(stream, options()).unwrap()
}

#[test]
fn calls_are_answered() {
    let (stream, agent) = agent(|agent| {
        agent.sync();
        let request = agent.expect("guest-ping");
        assert_eq!(request.to_string(), r#"{"execute": "guest-ping"}"#);
        agent.send("{\"return\": {}}\n");
        let request = agent.expect("guest-info");
        assert_eq!(request.len(), 1);
        agent.send("{\"return\": {\"new\": [1], \"list\": [{\"name\": \"a\", \"new\": null}]}}\n");
        let request = agent.request();
        assert_eq!(
            request.to_string(),
            r#"{"execute": "guest-any", "arguments": {"a": [1, "x"]}}"#
        );
        agent.send("{\"return\": 18446744073709551615}\n");
    });
    let mut client = connect(stream);
    client.execute(&Ping).unwrap();
    assert_eq!(
        client.execute(&&Info).unwrap().list,
        [Named {
            name: "a".to_owned()
        }]
    );
    let arguments = Object::new().with("a", vec![Any::from(1_i64), Any::from("x")]);
    assert_eq!(
        client.call("guest-any", &arguments).unwrap(),
        Any::Unsigned(u64::MAX)
    );
    agent.join().unwrap();
}

#[test]
fn calls_reach_a_real_session() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let server = thread::spawn(move || serve(&dispatcher(), theirs));
    let mut client = connect(ours);
    client.execute(&Ping).unwrap();
    let echo = Object::new()
        .with("text", "é\0\u{1F600}")
        .with("list", vec![Any::Null, Any::from(0.1)]);
    assert_eq!(client.call("echo", &echo).unwrap(), Any::from(echo));
    let error = client
        .call("guest-ping", &Object::new().with("x", 1_i64))
        .unwrap_err();
    assert!(
        matches!(error.kind(), ClientErrorKind::Command(error) if error.desc == "Parameter 'x' is unexpected"),
        "{error}"
    );
    let large = client.call(
        "guest-file-read",
        &Object::from([("handle", 1_i64.into()), ("count", 9_000_000.into())]),
    );
    assert_eq!(
        large
            .unwrap()
            .get("buf-b64")
            .and_then(Any::as_str)
            .map(str::len),
        Some(12_000_000)
    );
    drop(client);
    server.join().unwrap().unwrap();
}

#[test]
fn old_bytes_in_the_channel_are_skipped_on_connect() {
    for garbage in [
        "{\"return\": {\"old\": 1}}\n",
        "half of an old repl",
        "{\"return\": {\"text\": \"half of an old repl",
        "{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error, stray '\\uFFFD'\"}}\n",
        "]]}}\n\0\n\"",
        "{\"event\": \"X\"}{\"QMP\": {}}[1, 2, {\"return\": 5}]\n",
        "{\"return\": 12",
    ] {
        let (stream, agent) = agent(move |agent| {
            let id = agent.expect_sync();
            agent.send(garbage);
            agent.send_synced(id);
            agent.expect("guest-ping");
            agent.send("{\"return\": {}}\n");
        });
        connect(stream).execute(&Ping).unwrap();
        agent.join().unwrap();
    }
}

#[test]
fn garbage_of_any_kind_is_skipped_on_connect() {
    let mut random = Random::new(0xBEEF_CAFE_1234_5678);
    for _ in 0..50 {
        let mut garbage = Vec::new();
        for _ in 0..random.below(20) {
            garbage.extend_from_slice(PIECES[random.below(PIECES.len())]);
        }
        let (stream, agent) = agent(move |agent| {
            let id = agent.expect_sync();
            agent.send(garbage);
            agent.send_synced(id);
        });
        connect(stream);
        agent.join().unwrap();
    }
}

#[test]
fn an_agent_that_is_not_up_yet_loses_the_first_requests() {
    let (stream, agent) = agent(|agent| {
        let first = agent.expect_sync();
        let second = agent.expect_sync();
        let third = agent.expect_sync();
        assert!(first != second && second != third && first != third);
        // It answers one late and one in time: only the last counts.
        agent.send_synced(second);
        agent.send_synced(third);
        agent.expect("guest-ping");
        agent.send("{\"return\": {}}\n");
    });
    let options = options().with_sync_attempt(Duration::from_millis(200));
    let mut client = Client::guest(stream, options).unwrap();
    client.execute(&Ping).unwrap();
    agent.join().unwrap();
}

#[test]
fn an_agent_that_never_answers_is_given_up_in_time() {
    let (stream, _peer) = UnixStream::pair().unwrap();
    let start = Instant::now();
    let error = Client::guest(stream, options().with_connect_timeout(SHORT)).unwrap_err();
    assert!(matches!(error.kind(), ClientErrorKind::TimedOut), "{error}");
    assert_eq!(
        error.to_string(),
        "no reply to `guest-sync-delimited` in time (guest agent)"
    );
    assert!(start.elapsed() >= SHORT && start.elapsed() < LONG);
}

#[test]
fn an_agent_without_the_delimited_form_is_synchronised_with() {
    const NOT_FOUND: &str = "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command guest-sync-delimited has not been found\"}}\n";
    let (stream, agent) = agent(|agent| {
        agent.expect_sync();
        agent.send_raw(NOT_FOUND);
        let id = number(&agent.expect("guest-sync"));
        agent.send_raw(format!(
            "{{\"return\": {}}}\n{{\"return\": {id}, \"id\": {id}}}\n",
            id ^ 1
        ));
        agent.expect("guest-ping");
        agent.send("{\"return\": {}}\n");
    });
    connect(stream).execute(&Ping).unwrap();
    agent.join().unwrap();
}

#[test]
fn an_agent_that_has_both_forms_disabled_is_synchronised_with() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let server = thread::spawn(move || {
        let dispatcher = dispatcher();
        for name in ["guest-sync", "guest-sync-delimited"] {
            dispatcher
                .table()
                .disable(name, "the command is not allowed");
        }
        serve(&dispatcher, theirs)
    });
    let mut client = connect(ours);
    client.execute(&Ping).unwrap();
    drop(client);
    server.join().unwrap().unwrap();
}

#[test]
fn a_late_reply_is_not_taken_for_the_next_one() {
    let (stream, agent) = agent(|agent| {
        agent.sync();
        agent.expect("guest-info");
        // The client gives up here; its next call synchronises first.
        let id = agent.expect_sync();
        agent.send("{\"return\": {\"list\": []}}\n");
        agent.1 = id.to_string();
        agent.send_synced(id);
        agent.expect("guest-ping");
        agent.send("{\"return\": {}}\n");
    });
    let mut client = connect(stream);
    let error = client.with_timeout(SHORT).execute(&Info).unwrap_err();
    assert!(matches!(error.kind(), ClientErrorKind::TimedOut), "{error}");
    assert_eq!(
        error.to_string(),
        "no reply to `guest-info` in time (guest agent)"
    );
    client.execute(&Ping).unwrap();
    agent.join().unwrap();
}

#[test]
fn half_a_reply_before_the_time_out_does_no_harm() {
    let (stream, agent) = agent(|agent| {
        agent.sync();
        agent.expect("guest-info");
        agent.send("{\"return\": {\"list\": [{\"name\": \"ab");
        let id = agent.expect_sync();
        agent.send("c\"}]}}\n");
        agent.1 = id.to_string();
        agent.send_synced(id);
        agent.expect("guest-ping");
        agent.send("{\"return\": {}}\n");
    });
    let mut client = connect(stream);
    client.with_timeout(SHORT).execute(&Info).unwrap_err();
    client.execute(&Ping).unwrap();
    agent.join().unwrap();
}

#[test]
fn the_deadline_covers_the_whole_call() {
    let (stream, agent) = agent(|agent| {
        agent.sync();
        agent.expect("guest-info");
        // A byte now and then keeps every single read short.
        agent.send("{\"return\": ");
        for _ in 0..4000 {
            if agent.0.get_mut().write_all(b" ").is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
    });
    let mut client = connect(stream);
    let start = Instant::now();
    let error = client
        .with_timeout(Duration::from_millis(300))
        .execute(&Info)
        .unwrap_err();
    assert!(matches!(error.kind(), ClientErrorKind::TimedOut), "{error}");
    assert!(
        start.elapsed() >= Duration::from_millis(290),
        "{:?}",
        start.elapsed()
    );
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
    drop(client);
    agent.join().unwrap();
}

#[test]
fn a_request_that_cannot_be_written_times_out() {
    let (stream, agent) = agent(|agent| {
        agent.sync();
        // Now it does not read: the socket's buffer fills up.
        thread::sleep(Duration::from_millis(1500));
        let mut rest = Vec::new();
        agent.0.read_until(b'\n', &mut rest).unwrap();
        assert!(
            rest.len() > 50_000 && rest.contains(&0xFF),
            "cut after {} bytes",
            rest.len()
        );
        let start = rest.iter().position(|&byte| byte == 0xFF).unwrap() + 1;
        let sync: Any = std::str::from_utf8(&rest[start..])
            .unwrap()
            .parse()
            .unwrap();
        let id = sync
            .get("arguments")
            .and_then(|arguments| arguments.get("id"))
            .and_then(Any::as_i64)
            .unwrap();
        agent.1 = id.to_string();
        agent.send_synced(id);
        agent.expect("guest-ping");
        agent.send("{\"return\": {}}\n");
    });
    let mut client = connect(stream);
    let arguments = Object::new().with("text", "x".repeat(2 << 20));
    let error = client
        .with_timeout(Duration::from_secs(1))
        .call("echo", &arguments)
        .unwrap_err();
    assert!(matches!(error.kind(), ClientErrorKind::TimedOut), "{error}");
    client.execute(&Ping).unwrap();
    agent.join().unwrap();
}

#[test]
fn errors_are_handed_on() {
    let (stream, agent) = agent(|agent| {
        agent.sync();
        agent.expect("guest-ping");
        agent.send(
            "{\"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"no disk\", \"new\": 1}}\n",
        );
        agent.expect("guest-ping");
        agent.send("{\"error\": {\"class\": \"Newer\", \"desc\": \"x\"}}\n");
        agent.expect("guest-ping");
        agent.send("{\"return\": {}}\n");
    });
    let mut client = connect(stream);
    let ClientErrorKind::Command(error) = client.execute(&Ping).unwrap_err().into_kind() else {
        panic!("the agent's error");
    };
    assert_eq!(
        (error.class, &*error.desc),
        (ErrorClass::DeviceNotFound, "no disk")
    );
    let error = client.execute(&Ping).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`guest-ping` failed: x (Newer) (guest agent)"
    );
    // No resynchronisation: an error is a reply.
    client.execute(&Ping).unwrap();
    agent.join().unwrap();
}

#[test]
fn replies_that_do_not_fit_name_command_member_and_kind() {
    let (stream, agent) = agent(|agent| {
        agent.sync();
        for reply in [
            "{\"list\": [{\"name\": \"a\"}, {\"name\": 5}]}",
            "[]",
            "{\"list\": [{}]}",
        ] {
            agent.expect("guest-info");
            agent.send(format!("{{\"return\": {reply}}}\n"));
        }
    });
    let mut client = connect(stream);
    for expected in [
        "member `list[1].name` should be `string`, found `integer`",
        "the value should be `object`, found `array`",
        "member `list[0].name` is missing",
    ] {
        let error = client.execute(&Info).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("the reply to `guest-info` does not fit the schema: {expected} (guest agent)")
        );
    }
    agent.join().unwrap();
}

#[test]
fn a_message_that_is_not_a_reply_is_a_protocol_error_and_resynchronised_from() {
    for (nonsense, expected) in [
        (
            "[]\n",
            "the reply is malformed: JSON parse error, stray '['",
        ),
        (
            "{\"result\": 1}\n",
            "a message that is not a reply, of kind `object`",
        ),
        (
            "{\"event\": \"RESET\"}\n",
            "an event `RESET` instead of a reply",
        ),
        (
            "{\"QMP\": {}}\n",
            "the greeting of a QMP server instead of a guest agent's reply",
        ),
        (
            "{\"return\": tru}\n",
            "the reply is malformed: JSON parse error, invalid keyword 'tru'",
        ),
    ] {
        let (stream, agent) = agent(move |agent| {
            agent.sync();
            agent.expect("guest-ping");
            agent.send(nonsense);
            agent.sync();
            agent.expect("guest-ping");
            agent.send("{\"return\": {}}\n");
        });
        let mut client = connect(stream);
        let error = client.execute(&Ping).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("protocol error during `guest-ping`: {expected} (guest agent)")
        );
        client.execute(&Ping).unwrap();
        agent.join().unwrap();
    }
}

#[test]
fn oversized_replies_are_refused_and_resynchronised_from() {
    let (stream, agent) = agent(|agent| {
        agent.sync();
        agent.expect("guest-info");
        let mut list = String::new();
        for number in 0..100_000 {
            write!(list, "{{\"name\": \"name {number}\"}}, ").unwrap();
        }
        agent.send(format!(
            "{{\"return\": {{\"list\": [{list}{{\"name\": \"last\"}}]}}}}\n"
        ));
        agent.sync();
        agent.expect("guest-ping");
        agent.send("{\"return\": {}}\n");
    });
    let mut client = Client::guest(stream, options().with_reply_limit(100_000)).unwrap();
    let error = client.execute(&Info).unwrap_err();
    assert!(
        matches!(error.kind(), ClientErrorKind::TooLarge { limit: 100_000 }),
        "{error}"
    );
    assert_eq!(
        error.to_string(),
        "the reply to `guest-info` is larger than the limit of 100000 bytes (guest agent)"
    );
    client.execute(&Ping).unwrap();
    agent.join().unwrap();
}

#[test]
fn commands_without_a_reply_succeed_in_silence() {
    let (stream, agent) = agent(|agent| {
        agent.sync();
        agent.expect("guest-shutdown");
        // An error that comes too late must not become the next reply.
        agent.sync_after_late_error();
        agent.expect("guest-ping");
        agent.send("{\"return\": {}}\n");
        let request = agent.expect("guest-shutdown");
        assert_eq!(
            request.to_string(),
            r#"{"execute": "guest-shutdown", "arguments": {"mode": "bogus"}}"#
        );
        agent.send("{\"error\": {\"class\": \"GenericError\", \"desc\": \"no such mode\"}}\n");
        agent.expect("guest-suspend-ram");
        agent.sync();
        agent.expect("guest-shutdown");
        agent.0.get_mut().shutdown(Shutdown::Both).unwrap();
    });
    let mut client = connect(stream);
    client.execute(&Shut { mode: None }).unwrap();
    client.execute(&Ping).unwrap();
    let error = client
        .execute(&Shut {
            mode: Some("bogus"),
        })
        .unwrap_err();
    assert!(
        matches!(error.kind(), ClientErrorKind::Command(error) if error.desc == "no such mode"),
        "{error}"
    );
    client
        .call_silent("guest-suspend-ram", &Object::new())
        .unwrap();
    // The agent goes away with the guest.
    client.execute(&Shut { mode: None }).unwrap();
    let error = client.execute(&Ping).unwrap_err();
    assert!(matches!(error.kind(), ClientErrorKind::Closed), "{error}");
    agent.join().unwrap();
}

impl Agent {
    fn sync_after_late_error(&mut self) {
        let id = self.expect_sync();
        self.send("{\"error\": {\"class\": \"GenericError\", \"desc\": \"late\"}}\n");
        self.send_synced(id);
    }
}

#[test]
fn an_agent_that_vanishes_is_reported() {
    for half in ["", "{\"return\": {\"li"] {
        let (stream, agent) = agent(move |agent| {
            agent.sync();
            agent.expect("guest-info");
            agent.send(half);
        });
        let mut client = connect(stream);
        let error = client.execute(&Info).unwrap_err();
        assert!(matches!(error.kind(), ClientErrorKind::Closed), "{error}");
        let expected =
            "the connection was closed before the reply to `guest-info` was complete (guest agent)";
        assert_eq!(error.to_string(), expected);
        agent.join().unwrap();
    }
    let (stream, peer) = UnixStream::pair().unwrap();
    drop(peer);
    let error = Client::guest(stream, options()).unwrap_err();
    assert!(matches!(error.kind(), ClientErrorKind::Closed), "{error}");
}

#[test]
fn requests_that_cannot_be_expressed_are_not_sent() {
    let (stream, agent) = agent(|agent| {
        agent.sync();
        agent.expect("guest-ping");
        agent.send("{\"return\": {}}\n");
    });
    let mut client = connect(stream);
    let error = client
        .call("echo", &Object::new().with("x", f64::NAN))
        .unwrap_err();
    assert!(
        matches!(error.kind(), ClientErrorKind::Protocol(_)),
        "{error}"
    );
    client.execute(&Ping).unwrap();
    agent.join().unwrap();
}

#[test]
fn threads_give_time_outs_to_any_stream() {
    let (stream, agent) = agent(|agent| {
        agent.sync();
        agent.expect("guest-info");
        agent.sync();
        agent.expect("guest-ping");
        agent.send("{\"return\": {}}\n");
    });
    let transport = ThreadedTransport::new(stream.try_clone().unwrap(), stream).unwrap();
    let mut client = Client::guest(transport, options()).unwrap();
    let error = client.with_timeout(SHORT).execute(&Info).unwrap_err();
    assert!(matches!(error.kind(), ClientErrorKind::TimedOut), "{error}");
    client.execute(&Ping).unwrap();
    agent.join().unwrap();
    let error = client.execute(&Ping).unwrap_err();
    assert!(matches!(error.kind(), ClientErrorKind::Closed), "{error}");
}

#[test]
fn tcp_and_boxes_are_transports() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || serve(&dispatcher(), listener.accept().unwrap().0));
    let transport: Box<dyn qapi_runtime::Transport> =
        Box::new(TcpStream::connect(address).unwrap());
    let mut client = Client::guest(transport, options()).unwrap();
    client.execute(&Ping).unwrap();
    client.with_timeout(None).execute(&Ping).unwrap();
    drop(client);
    server.join().unwrap().unwrap();
}

#[test]
fn command_tables_and_clients_agree_on_names() {
    let table = Arc::new(CommandTable::new(COMMANDS));
    assert!(table.find(Ping::NAME).is_some() && table.find(Shut::NAME).is_some());
    let info = qapi_runtime::CommandInfo::of::<Shut>();
    assert_eq!(info, COMMANDS[table.find("guest-shutdown").unwrap()]);
}

/// Reads what is there and gives up.
#[test]
fn transports_can_be_taken_back() {
    let (stream, agent) = agent(Agent::sync);
    let client = connect(stream);
    assert!(client.greeting().is_none() && client.options().timeout == Some(LONG));
    let mut stream = client.into_transport();
    agent.join().unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty());
}

#[test]
fn errors_tell_their_causes_once_and_name_command_and_connection() {
    use std::error::Error as _;
    use std::io;

    use qapi_runtime::Error;

    let decode = Vec::<i64>::decode(Document::parse(b"[1, {}]").unwrap().lenient()).unwrap_err();
    for kind in [
        ClientErrorKind::Io(io::Error::other("no route")),
        ClientErrorKind::TimedOut,
        ClientErrorKind::Closed,
        ClientErrorKind::Command(Error::generic("no such device")),
        ClientErrorKind::Decode(decode),
        ClientErrorKind::Protocol("nonsense".into()),
        ClientErrorKind::TooLarge { limit: 7 },
    ] {
        let error = ClientError::new("device_add", kind).at("QMP server at /run/vm1");
        let text = error.to_string();
        assert!(text.contains("`device_add`"), "{text}");
        assert!(text.ends_with(" (QMP server at /run/vm1)"), "{text}");
        if let Some(source) = error.source() {
            assert!(!text.contains(&source.to_string()), "{text}");
            assert!(source.source().is_none(), "{source:?}");
        }
        // The chain of sources has all details.
        let chain = format!(
            "{text} {}",
            error.source().map(ToString::to_string).unwrap_or_default()
        );
        let detail = match error.kind() {
            ClientErrorKind::Io(error) => error.to_string(),
            ClientErrorKind::Command(error) => error.to_string(),
            ClientErrorKind::Decode(error) => error.explain().to_string(),
            ClientErrorKind::Protocol(reason) => reason.to_string(),
            _ => continue,
        };
        assert_eq!(chain.matches(&detail).count(), 1, "{chain}");
    }
}
