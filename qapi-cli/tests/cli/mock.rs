//! `qapi mock`, with `qapi call` and plain streams as its clients.

#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{Run, Scratch, command, qapi};

const SCHEMA: &str = "
{ 'command': 'qmp_capabilities', 'data': {'*enable': ['str']} }
{ 'command': 'stop' } { 'command': 'cont' } { 'event': 'STOP' } { 'event': 'RESUME' }
{ 'enum': 'RunState', 'data': ['running', 'paused'] }
{ 'struct': 'StatusInfo', 'data': {'running': 'bool', 'status': 'RunState'} }
{ 'command': 'query-status', 'returns': 'StatusInfo' }
{ 'command': 'eject', 'data': {'id': 'str', '*force': 'bool'} }
";

/// A mock that is stopped with the test.
struct Mock {
    child: Child,
    scratch: Scratch,
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Mock {
    /// A mock of [`SCHEMA`] with these files beside it.
    fn start(files: &[(&str, &str)], arguments: &[&str]) -> Self {
        let scratch = Scratch::new();
        for (name, text) in [("schema.json", SCHEMA)].iter().chain(files) {
            fs::write(scratch.join(name), text).unwrap();
        }
        let mut command = command(["mock", "schema.json", "s"]);
        let child = command
            .args(arguments)
            .current_dir(scratch.join("."))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mock = Self { child, scratch };
        let started = Instant::now();
        while !mock.socket().exists() {
            assert!(
                started.elapsed() < Duration::from_secs(120),
                "the mock made no socket"
            );
            thread::sleep(Duration::from_millis(10));
        }
        mock
    }

    fn socket(&self) -> PathBuf {
        self.scratch.join("s")
    }

    fn call(&self, arguments: &[&str]) -> Run {
        let socket = self.socket();
        let socket = socket.to_str().unwrap();
        qapi(
            ["call", "--qmp", "--compact", socket]
                .iter()
                .chain(arguments),
        )
    }

    /// Waits until the last of the clients it serves has gone, and with it the socket.
    fn wait_until_over(&self) {
        let started = Instant::now();
        while self.socket().exists() {
            assert!(
                started.elapsed() < Duration::from_secs(120),
                "the mock did not end"
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for its end.
    fn end(mut self) -> Run {
        let child = std::mem::replace(&mut self.child, command(["--version"]).spawn().unwrap());
        child.wait_with_output().unwrap().into()
    }
}

#[test]
fn requests_are_checked_and_the_state_is_remembered() {
    let mock = Mock::start(&[], &[]);
    let mode = fs::metadata(mock.socket()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for (request, reply) in [
        (
            &["query-status"][..],
            r#"{"running":true,"status":"running"}"#,
        ),
        (&["stop"], "{}"),
        (&["query-status"], r#"{"running":false,"status":"paused"}"#),
        (&["eject", "id=a"], "{}"),
    ] {
        let run = mock.call(request);
        assert_eq!(run.stdout.trim_end(), reply, "{run}");
    }
    for (request, error) in [
        (&["eject"][..], "Parameter 'id' is missing"),
        (
            &["eject", "id=a", "force=1"],
            "Invalid parameter type for 'force', expected: boolean",
        ),
        (
            &["eject", "id=a", "more=1"],
            "Parameter 'more' is unexpected",
        ),
        (&["nope"], "The command nope has not been found"),
    ] {
        let run = mock.call(request);
        assert!(run.status == 1 && run.stderr.contains(error), "{run}");
    }
}

#[test]
fn scripts_answer_and_emit() {
    let script = r#"{"steps": [
        {"command": "eject", "arguments": {"id": "x"}, "error": {"desc": "locked"}},
        {"command": "eject", "before": [{"event": "RESUME"}], "after": [{"event": "STOP"}], "times": 1},
        {"command": "query-status", "reply": [1], "unchecked": true},
        {"command": "cont", "close": true}
    ]}"#;
    let mock = Mock::start(&[("script", script)], &["--script", "script"]);
    let stream = UnixStream::connect(mock.socket()).unwrap();
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let mut next = || lines.next().map(|line| line.unwrap());
    let ask = |request: &str| (&stream).write_all(request.as_bytes()).unwrap();
    assert!(next().unwrap().starts_with(r#"{"QMP": "#));
    ask(r#"{"execute": "qmp_capabilities"}"#);
    assert_eq!(next().unwrap(), r#"{"return": {}}"#);
    ask(r#"{"execute": "eject", "arguments": {"id": "x"}, "id": 1}"#);
    assert!(next().unwrap().contains("locked"));
    ask(r#"{"execute": "eject", "arguments": {"id": "y"}, "id": 2}"#);
    assert!(next().unwrap().ends_with(r#""event": "RESUME"}"#));
    assert_eq!(next().unwrap(), r#"{"return": {}, "id": 2}"#);
    assert!(next().unwrap().ends_with(r#""event": "STOP"}"#));
    ask(r#"{"execute": "query-status"}"#);
    assert_eq!(next().unwrap(), r#"{"return": [1]}"#);
    ask(r#"{"execute": "cont"}"#);
    assert_eq!(next(), None);
}

#[test]
fn mistakes_in_scripts_are_reported_with_their_place() {
    let scratch = Scratch::new();
    fs::write(scratch.join("schema.json"), SCHEMA).unwrap();
    for (script, said) in [
        (
            "{\"steps\": [\n {\"command\": \"stop\",\n  \"replies\": 1}]}",
            "script:3: unknown field `replies`",
        ),
        ("{\"steps\": [\n {]}", "script:2: "),
        (
            r#"{"steps": [{"command": "stop", "reply": {}, "close": true}]}"#,
            "script:1: step 1 (stop): `reply`, `error`",
        ),
        (
            r#"{"steps": [{"command": "stop", "delay": -1}]}"#,
            "`delay` must be",
        ),
        (
            r#"{"steps": [{"command": "query-statu", "unchecked": true}]}"#,
            "step 1 (query-statu): `command`: there is no command `query-statu`; did you mean `query-status`?",
        ),
        (
            r#"{"steps": [{"command": "eject", "arguments": {"force": 1}}]}"#,
            "step 1 (eject): `arguments.force`: expected bool, found integer 1",
        ),
        (
            r#"{"steps": [{"command": "eject", "arguments": {"forse": true}}]}"#,
            "`arguments`: the object has no member `forse`; did you mean `force`?",
        ),
        (
            r#"{"steps": [{"command": "eject", "exactly": true}]}"#,
            "`arguments`: member `id` is missing",
        ),
        (
            r#"{"steps": [{"command": "query-status", "reply": {"running": true, "status": "pausd"}}]}"#,
            "`reply.status`: `pausd` is not a value of `RunState`; did you mean `paused`?",
        ),
        (
            r#"{"steps": [{"command": "query-status", "reply": null}]}"#,
            "`reply`: expected `StatusInfo`, found null",
        ),
        (
            r#"{"steps": [{"command": "stop", "error": {"class": "DeviceNotFoud", "desc": ""}}]}"#,
            "`error.class`: `DeviceNotFoud` is not a value of `QapiErrorClass`; did you mean `DeviceNotFound`?",
        ),
        (
            r#"{"steps": [{"command": "stop", "after": [{"event": "STOPP"}, {"event": "STOP", "data": {"a": 1}}]}]}"#,
            "`after[0].event`: there is no event `STOPP`; did you mean `STOP`?",
        ),
        (
            r#"{"steps": [{"command": "stop"}, {"command": "stop", "before": [{"event": "STOP", "data": {"a": 1}}]}]}"#,
            "step 2 (stop): `before[0].data`: member `a` is unexpected",
        ),
    ] {
        fs::write(scratch.join("script"), script).unwrap();
        let mut command = command(["mock", "schema.json", "s", "--script", "script"]);
        let run: Run = command
            .current_dir(scratch.join("."))
            .output()
            .unwrap()
            .into();
        assert!(run.status == 2 && run.stderr.contains(said), "{run}");
        assert!(!scratch.join("s").exists());
    }
}

#[test]
fn requests_are_kept_and_compared() {
    let mock = Mock::start(&[], &["--transcript", "asked", "--clients", "2"]);
    mock.call(&["stop"]);
    mock.call(&["eject", "id=a"]);
    let asked = mock.scratch.join("asked");
    mock.wait_until_over();
    let text = fs::read_to_string(asked).unwrap();
    assert_eq!(mock.end().status, 0);
    assert_eq!(text.lines().count(), 2, "{text}");
    let arguments = ["--expect", "expected", "--clients", "2"];
    let again = Mock::start(&[("expected", &text)], &arguments);
    again.call(&["stop"]);
    again.call(&["eject", "id=a"]);
    let run = again.end();
    assert_eq!(run.status, 0, "{run}");
    let other = Mock::start(&[("expected", &text)], &["--expect", "expected"]);
    other.call(&["stop"]);
    let run = other.end();
    assert_eq!(run.status, 1, "{run}");
    assert!(
        run.stdout.ends_with("  stop\n- eject {\"id\": \"a\"}\n"),
        "{run}"
    );
}

#[test]
fn a_secret_is_kept_from_the_transcript_wherever_clients_repeat_it() {
    let schema = "{ 'command': 'qmp_capabilities' } { 'command': 'eject', 'data': {'id': 'str'} }
        { 'command': 'set_password', 'data': {'protocol': 'str', 'password': 'str'} }";
    let mock = Mock::start(
        &[("schema.json", schema)],
        &["--transcript", "asked", "--clients", "2"],
    );
    mock.call(&["set_password", "protocol=vnc", "password=hunter2"]);
    mock.call(&["eject", "id=hunter2"]);
    let asked = mock.scratch.join("asked");
    mock.wait_until_over();
    let text = fs::read_to_string(asked).unwrap();
    mock.end();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

/// All mistakes of a script are reported in one run.
#[test]
fn every_step_is_checked() {
    let scratch = Scratch::new();
    fs::write(scratch.join("schema.json"), SCHEMA).unwrap();
    let script = "{\"steps\": [\n{\"command\": \"a\"},\n{\"command\": \"b\", \"delay\": -1}]}";
    fs::write(scratch.join("script"), script).unwrap();
    let mut command = command(["mock", "schema.json", "s", "--script", "script"]);
    let run: Run = command
        .current_dir(scratch.join("."))
        .output()
        .unwrap()
        .into();
    for said in [
        "script:2: step 1 (a)",
        "script:3: step 2 (b): `command`",
        "`delay` must",
    ] {
        assert!(run.status == 2 && run.stderr.contains(said), "{run}");
    }
}

/// A pattern without the tag of a union may have the members of any branch.
#[test]
fn steps_may_leave_out_arguments() {
    let schema = "
{ 'enum': 'Kind', 'data': ['file', 'net'] }
{ 'struct': 'OnFile', 'data': {'filename': 'str'} } { 'struct': 'OnNet', 'data': {'host': 'str'} }
{ 'union': 'Options', 'base': {'kind': 'Kind', 'id': 'str'}, 'discriminator': 'kind',
  'data': {'file': 'OnFile', 'net': 'OnNet'} }
{ 'command': 'add', 'data': 'Options', 'boxed': true }
";
    let scratch = Scratch::new();
    fs::write(scratch.join("schema.json"), schema).unwrap();
    for (arguments, wrong) in [
        (r#"{"filename": "x"}"#, ""),
        (r#"{"id": "x"}"#, ""),
        (r#"{"kind": "net", "host": "x"}"#, ""),
        (
            r#"{"kind": "net", "filename": "x"}"#,
            "no member `filename`",
        ),
        (r#"{"filname": "x"}"#, "no member `filname`"),
    ] {
        let script = format!(r#"{{"steps": [{{"command": "add", "arguments": {arguments}}}]}}"#);
        fs::write(scratch.join("script"), script).unwrap();
        // The folder of the socket is not there, so a good script does not serve forever.
        let mut command = command(["mock", "schema.json", "no/s", "--script", "script"]);
        let run: Run = command
            .current_dir(scratch.join("."))
            .output()
            .unwrap()
            .into();
        let said = if wrong.is_empty() {
            "cannot listen"
        } else {
            wrong
        };
        assert!(run.stderr.contains(said), "{arguments}: {run}");
    }
}

#[test]
fn secrets_are_neither_kept_nor_compared() {
    let schema = "{ 'command': 'set_password', 'data': {'protocol': 'str', 'password': 'str'} } { 'command': 'qmp_capabilities' }";
    let mask = ["--mask", "set_password.arguments.protocol"];
    let start = |files: &[(&str, &str)], more: &[&str]| {
        let files = [files, &[("schema.json", schema)]].concat();
        Mock::start(&files, &[more, &mask].concat())
    };
    let mock = start(&[], &["--transcript", "asked", "--clients", "1"]);
    fs::write(mock.scratch.join("asked"), "").unwrap();
    mock.call(&["set_password", "protocol=vnc", "password=hunter2"]);
    let asked = mock.scratch.join("asked");
    mock.wait_until_over();
    let mode = fs::metadata(&asked).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(asked).unwrap();
    assert!(
        text.contains("\"masked\": 2") && text.contains("(masked)"),
        "{text}"
    );
    assert!(!text.contains("hunter2") && !text.contains("vnc"), "{text}");
    drop(mock);
    let files = [("expected", text.as_str())];
    let same = start(&files, &["--expect", "expected"]);
    same.call(&["set_password", "protocol=spice", "password=other secret"]);
    let run = same.end();
    assert_eq!(run.status, 0, "{run}");
}

#[test]
fn recordings_are_played_again() {
    let recording = r#"{"direction":"to-server","message":{"execute":"query-status","id":1}}
{"direction":"to-client","message":{"return":{"running":false,"status":"paused"},"id":1}}
{"direction":"to-server","message":{"execute":"query-status","id":2}}
{"direction":"to-client","message":{"error":{"class":"GenericError","desc":"gone"},"id":2}}
"#;
    let mock = Mock::start(&[("traffic", recording)], &["--replay", "traffic"]);
    let run = mock.call(&["query-status"]);
    assert_eq!(
        run.stdout, "{\"running\":false,\"status\":\"paused\"}\n",
        "{run}"
    );
    for _ in 0..2 {
        let run = mock.call(&["query-status"]);
        assert!(run.stderr.contains("gone"), "{run}");
    }
}

/// The recording is read as by `validate`: bare messages, masked values, lines that cannot be read.
#[test]
fn recordings_of_other_programs_are_replayed() {
    let schema = "{ 'command': 'set_password', 'data': {'password': 'str', 'pin': 'int'}, 'returns': 'int' } { 'command': 'ask', 'returns': 'int' } { 'command': 'qmp_capabilities' }";
    let recording = r#"-> {"execute": "ask"}
<- {"return": 1}
no JSON
{"client": 1, "direction": "to-server", "masked": 2, "message": {"execute": "set_password", "arguments": {"password": "(masked)", "pin": 0}}}
{"client": 1, "direction": "to-client", "message": {"return": 2}}
{"execute": "as
"#;
    let files = [("traffic", recording), ("schema.json", schema)];
    let mock = Mock::start(&files, &["--replay", "traffic"]);
    assert_eq!(mock.call(&["ask"]).stdout, "1\n");
    let run = mock.call(&["set_password", "password=hunter2", "pin=4711"]);
    assert_eq!(run.stdout, "2\n", "{run}");
    let mut mock = mock;
    mock.child.kill().unwrap();
    let mut said = String::new();
    std::io::Read::read_to_string(&mut mock.child.stderr.take().unwrap(), &mut said).unwrap();
    assert!(
        said.contains("traffic:3: ") && said.contains("2 lines passed over"),
        "{said}"
    );
}

#[test]
fn a_recording_without_messages_is_refused() {
    let scratch = Scratch::new();
    fs::write(scratch.join("schema.json"), SCHEMA).unwrap();
    fs::write(scratch.join("traffic"), "{}\n").unwrap();
    for option in ["--replay", "--expect"] {
        let mut command = command(["mock", "schema.json", "s", option, "traffic"]);
        let run: Run = command
            .current_dir(scratch.join("."))
            .output()
            .unwrap()
            .into();
        let said = "traffic: it contains no messages";
        assert!(run.status == 2 && run.stderr.contains(said), "{run}");
    }
}
