//! Whole recordings: good ones, and each kind of bad input.

use std::io::{self, BufReader, Read};
use std::path::Path;

use qapi_parser::source::Memory;
use qapi_traffic::recording::{Content, Direction, Line, Reader};
use qapi_traffic::{Audit, Build, Validator};

const SCHEMA: &str = "
{'command': 'stop', 'data': {'*now': 'bool'}, 'returns': {'*left': 'int'}}
{'command': 'bye', 'success-response': false}
{'event': 'STOP', 'data': {'reason': 'str'}}
";

fn validator() -> Validator {
    let schema = SCHEMA.replace("'returns': {'*left': 'int'}", "'returns': 'Left'");
    let schema = format!("{{'struct': 'Left', 'data': {{'*left': 'int'}}}}{schema}");
    let files = Memory::new().with("s.json", schema);
    let loaded = qapi_parser::load(
        Path::new("s.json"),
        &files,
        &qapi_parser::Options::default(),
    );
    let complaints: Vec<_> = loaded.diagnostics.iter().map(|it| &it.message).collect();
    let schema = loaded.schema.unwrap_or_else(|| panic!("{complaints:?}"));
    Validator::new(&schema, &Build::default())
}

/// Findings as lines, and what was counted.
fn judge(recording: impl Read) -> (Vec<String>, qapi_traffic::Counts) {
    let validator = validator();
    let mut audit = Audit::new(&validator);
    audit.read(BufReader::new(recording)).expect("it is there");
    let findings = audit.findings().iter().map(|it| {
        let problem = it.problem.as_str();
        format!(
            "{} {}× {problem} {} {}: {}",
            it.line, it.count, it.subject, it.path, it.text
        )
    });
    (findings.collect(), audit.counts())
}

fn to_server(message: &str) -> String {
    format!(r#"{{"time": 1.5, "client": 2, "direction": "to-server", "message": {message}}}"#)
        + "\n"
}

fn to_client(message: &str) -> String {
    format!(r#"{{"client": 2, "direction": "to-client", "message": {message}}}"#) + "\n"
}

#[test]
fn a_good_recording_has_no_findings() {
    let recording = [
        r#"{"client": 2, "direction": "to-server", "connection": "opened"}"#.to_owned() + "\n",
        to_client(r#"{"QMP": {"version": {}, "capabilities": []}}"#),
        to_server(r#"{"execute": "stop", "arguments": {"now": true}, "id": "a"}"#),
        to_server(r#"{"execute": "stop", "id": "b"}"#),
        to_client(
            r#"{"event": "STOP", "data": {"reason": "r"}, "timestamp": {"seconds": 1, "microseconds": 1}}"#,
        ),
        to_client(r#"{"return": {"left": 1}, "id": "b"}"#),
        to_client(r#"{"error": {"class": "GenericError", "desc": "no"}, "id": "a"}"#),
        to_server(r#"{"execute": "bye"}"#),
        r#"{"client": 2, "direction": "to-client", "connection": "closed"}"#.to_owned() + "\n\n",
    ];
    let (findings, counts) = judge(recording.concat().as_bytes());
    assert_eq!(findings, [""; 0]);
    assert_eq!(counts.requests, 3);
    assert_eq!((counts.replies, counts.errors, counts.events), (1, 1, 1));
    assert_eq!((counts.greetings, counts.unanswered), (1, 0));
}

#[test]
fn remarks_are_made_once_and_counted() {
    let mut recording = String::new();
    for index in 0..10 {
        recording += &to_server(&format!(
            r#"{{"execute": "stop", "arguments": {{"nw": {index}}}}}"#
        ));
        recording += &to_client(r#"{"return": {"left": "x"}}"#);
    }
    recording += &to_server(r#"{"execute": "stpo"}"#);
    recording += &to_client(r#"{"return": [1]}"#);
    let (findings, _) = judge(recording.as_bytes());
    assert_eq!(
        findings,
        [
            "1 10× unknown-member request `stop` arguments: the object has no member `nw`; did you mean `now`?",
            "2 10× wrong-type reply of `stop` return.left: expected int, found string \"x\"",
            "21 1× unknown-command request `stpo` execute: there is no command `stpo`; did you mean `stop`?",
        ]
    );
}

#[test]
fn bad_input_is_reported_with_its_place_and_the_rest_is_checked() {
    let good = to_server(r#"{"execute": "stop", "id": 1}"#);
    let lines = [
        "not json at all\n",
        &good,
        "{\"half\": \n",
        "[1, 2]\n",
        "{\"jsonrpc\": \"2.0\", \"method\": \"x\"}\n",
        &good,
        "{} {}\n",
        "\u{0}\u{1}\n",
        "{\"direction\": \"up\", \"message\": {}}\n",
        "{\"direction\": \"to-client\", \"unreadable\": {\"bytes\": 12, \"problem\": \"expecting value\"}}\n",
        &to_client(r#"{"return": {}, "id": 7}"#),
        "{\"direction\": \"to-server\", \"message\": {\"execute\": \"sto",
    ];
    let (findings, counts) = judge(lines.concat().as_bytes());
    assert_eq!(
        findings,
        [
            "1 4× no-json  : the line is not JSON: a word that is not a value",
            "4 3× other-protocol  : array is not a message",
            "6 1× reused-id request `stop` id: its `id` is that of a request that still waits for its reply",
            "10 1× unreadable  : 12 bytes were passed through that are not a message",
            "11 1× no-request reply : no request was recorded for this reply",
            "12 1× cut-line  : the last line is cut off",
        ]
    );
    assert_eq!(
        (counts.requests, counts.unreadable, counts.unanswered),
        (2, 9, 2)
    );
}

#[test]
fn bare_messages_and_transcripts_are_read() {
    let mut text = b"-> {'execute': 'stop'}\n<- {\"return\": {}}\n".to_vec();
    text.extend(b"{\"execute\": \"stop\", \"time\": 1}\n\xff{\"return\": {}}\n");
    let (findings, counts) = judge(&text[..]);
    assert_eq!(
        findings,
        ["3 1× unknown-member request `stop` : a request has no member `time`"]
    );
    assert_eq!((counts.requests, counts.replies), (2, 2));
}

/// Lines without end.
struct Endless {
    unit: Vec<u8>,
    at: usize,
    left: usize,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = &self.unit[self.at..];
        let length = rest.len().min(buffer.len()).min(self.left);
        buffer[..length].copy_from_slice(&rest[..length]);
        self.at = (self.at + length) % self.unit.len();
        self.left -= length;
        Ok(length)
    }
}

#[test]
fn a_line_without_end_is_passed_over() {
    let long = Endless {
        unit: vec![b'"'; 1 << 16],
        at: 0,
        left: 300 << 20,
    };
    let recording = long.chain(&b"\n{\"execute\": \"stop\"}\n"[..]);
    let (findings, counts) = judge(recording);
    assert_eq!(
        findings,
        ["1 1× too-long  : the line is longer than 256 MiB"]
    );
    assert_eq!(counts.requests, 1);
}

#[test]
fn entries_tell_time_client_and_descriptors() {
    let line = concat!(
        r#"{"time": 1764407388.25, "client": 3, "direction": "to-server", "descriptors": 2, "#,
        r#""sentinel": true, "message": {"execute": "stop"}}"#
    );
    let mut reader = Reader::new(line.as_bytes());
    let Some((1, Line::Entry(entry))) = reader.next_line().expect("it is in memory") else {
        panic!("it is an entry");
    };
    assert!(
        entry
            .time
            .is_some_and(|time| (time - 1_764_407_388.25).abs() < 1e-6)
    );
    assert_eq!(
        (entry.client, entry.descriptors, entry.sentinel),
        (3, 2, true)
    );
    assert_eq!(entry.direction, Direction::ToServer);
    assert!(matches!(entry.content, Content::Message(_)));
}
