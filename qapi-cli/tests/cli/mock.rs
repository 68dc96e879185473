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
    fn start(test: &str, files: &[(&str, &str)], arguments: &[&str]) -> Self {
        let scratch = Scratch::new(test);
        for (name, text) in files.iter().chain(&[("schema.json", SCHEMA)]) {
            fs::write(scratch.file(name), text).unwrap();
        }
        let mut command = command(["mock", "schema.json", "s"]);
        let child = command
            .args(arguments)
            .current_dir(scratch.file("."))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mock = Self { child, scratch };
        let started = Instant::now();
        while !mock.socket().exists() {
            assert!(started.elapsed() < Duration::from_secs(120), "no socket");
            thread::sleep(Duration::from_millis(10));
        }
        mock
    }

    fn socket(&self) -> PathBuf {
        self.scratch.file("s")
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

    /// Waits for its end.
    fn end(mut self) -> Run {
        let child = std::mem::replace(&mut self.child, command(["--version"]).spawn().unwrap());
        child.wait_with_output().unwrap().into()
    }
}

#[test]
fn requests_are_judged_and_the_state_is_remembered() {
    let mock = Mock::start("mock-state", &[], &[]);
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
        {"command": "query-status", "reply": [1]},
        {"command": "cont", "close": true}
    ]}"#;
    let mock = Mock::start(
        "mock-script",
        &[("script", script)],
        &["--script", "script"],
    );
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
fn mistakes_in_scripts_are_told_with_their_place() {
    let scratch = Scratch::new("mock-mistakes");
    fs::write(scratch.file("schema.json"), SCHEMA).unwrap();
    for (script, said) in [
        (
            r#"{"steps": [{"command": "a", "replies": 1}]}"#,
            "unknown field `replies`",
        ),
        (
            r#"{"steps": [{"command": "a", "reply": 1, "close": true}]}"#,
            "step 1 (a): `reply`",
        ),
        (
            r#"{"steps": [{"command": "a", "delay": -1}]}"#,
            "`delay` must be",
        ),
    ] {
        fs::write(scratch.file("script"), script).unwrap();
        let mut command = command(["mock", "schema.json", "s", "--script", "script"]);
        let run: Run = command
            .current_dir(scratch.file("."))
            .output()
            .unwrap()
            .into();
        assert!(run.status == 2 && run.stderr.contains(said), "{run}");
        assert!(!scratch.file("s").exists());
    }
}

#[test]
fn what_was_asked_is_kept_and_compared() {
    let mock = Mock::start(
        "mock-keep",
        &[],
        &["--transcript", "asked", "--clients", "2"],
    );
    mock.call(&["stop"]);
    mock.call(&["eject", "id=a"]);
    let asked = mock.scratch.file("asked");
    let started = Instant::now();
    while mock.socket().exists() {
        assert!(started.elapsed() < Duration::from_secs(120), "no end");
        thread::sleep(Duration::from_millis(10));
    }
    let text = fs::read_to_string(asked).unwrap();
    assert_eq!(mock.end().status, 0);
    assert_eq!(text.lines().count(), 2, "{text}");
    let arguments = ["--expect", "expected", "--clients", "2"];
    let again = Mock::start("mock-same", &[("expected", &text)], &arguments);
    again.call(&["stop"]);
    again.call(&["eject", "id=a"]);
    let run = again.end();
    assert_eq!(run.status, 0, "{run}");
    let other = Mock::start(
        "mock-other",
        &[("expected", &text)],
        &["--expect", "expected"],
    );
    other.call(&["stop"]);
    let run = other.end();
    assert_eq!(run.status, 1, "{run}");
    assert!(
        run.stdout.ends_with("  stop\n- eject {\"id\": \"a\"}\n"),
        "{run}"
    );
}

#[test]
fn recordings_are_played_again() {
    let recording = r#"{"direction":"to-server","message":{"execute":"query-status","id":1}}
{"direction":"to-client","message":{"return":{"running":false,"status":"paused"},"id":1}}
{"direction":"to-server","message":{"execute":"query-status","id":2}}
{"direction":"to-client","message":{"error":{"class":"GenericError","desc":"gone"},"id":2}}
"#;
    let mock = Mock::start(
        "mock-replay",
        &[("traffic", recording)],
        &["--replay", "traffic"],
    );
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
