//! Streams recorded: messages, marks, garbage, secrets.

use qapi_traffic::recording::Direction;
use qapi_traffic::{Arrival, Masks, Recorder};

fn arrival(direction: Direction) -> Arrival {
    Arrival {
        time: Some(1_764_407_388_000_042),
        client: 1,
        direction,
    }
}

/// Lines without time and client.
fn recorded(run: impl FnOnce(&mut Recorder<Vec<u8>>)) -> Vec<String> {
    let mut recorder = Recorder::new(Vec::new(), Masks::default());
    run(&mut recorder);
    let text = String::from_utf8(recorder.into_inner()).expect("recordings are text");
    let start = r#"{"time": 1764407388.000042, "client": 1, "direction": "#;
    let lines = text.lines().map(|line| {
        let rest = line.strip_prefix(start).unwrap_or_else(|| panic!("{line}"));
        rest.to_owned()
    });
    lines.collect()
}

const IN: Direction = Direction::ToServer;
const OUT: Direction = Direction::ToClient;

#[test]
fn messages_in_pieces_are_one_line_each() {
    let stream = b"{'execute': 'a',\n \"arguments\": {}}\r\n{\"execute\": \"b\"}";
    for size in 1..stream.len() {
        let lines = recorded(|recorder| {
            for piece in stream.chunks(size) {
                recorder
                    .bytes(arrival(IN), piece, 0)
                    .expect("writing to memory cannot fail");
            }
            recorder
                .closed(arrival(IN), true)
                .expect("writing to memory cannot fail");
        });
        assert_eq!(
            lines,
            [
                r#""to-server", "message": {"execute": "a", "arguments": {}}}"#,
                r#""to-server", "message": {"execute": "b"}}"#,
                r#""to-server", "connection": "closed"}"#,
            ],
            "{size}"
        );
    }
}

#[test]
fn marks_garbage_and_descriptors_are_noted() {
    let lines = recorded(|recorder| {
        recorder
            .opened(arrival(IN).time, 1)
            .expect("writing to memory cannot fail");
        recorder
            .bytes(arrival(OUT), b"\xff{\"return\": 1}\n", 0)
            .expect("writing to memory cannot fail");
        recorder
            .bytes(arrival(IN), b"{\"execute\": \"add-fd\"}\n", 2)
            .expect("writing to memory cannot fail");
        recorder
            .bytes(arrival(IN), b"{\"half\": \xff", 0)
            .expect("writing to memory cannot fail");
        recorder
            .bytes(arrival(IN), b"{\"x\": hunter2}\n", 0)
            .expect("writing to memory cannot fail");
        recorder
            .bytes(arrival(IN), b"{\"execute\": \"quit", 0)
            .expect("writing to memory cannot fail");
        recorder
            .closed(arrival(IN), true)
            .expect("writing to memory cannot fail");
    });
    assert_eq!(
        lines[..4],
        [
            r#""to-server", "connection": "opened"}"#,
            r#""to-client", "sentinel": true, "message": {"return": 1}}"#,
            r#""to-server", "descriptors": 2, "message": {"execute": "add-fd"}}"#,
            r#""to-server", "unreadable": {"bytes": 9, "problem": "premature EOI"}}"#,
        ]
    );
    assert!(
        lines[4].contains("a word that is not a value"),
        "{}",
        lines[4]
    );
    assert!(
        lines.iter().all(|line| !line.contains("hunter2")),
        "{lines:#?}"
    );
    assert!(lines.last().is_some_and(|line| line.contains("closed")));
}

#[test]
fn errors_do_not_tell_secrets() {
    let lines = recorded(|recorder| {
        let request = br#"{"execute": "set_password", "arguments": {"password": "ab"}}"#;
        recorder
            .bytes(arrival(IN), request, 0)
            .expect("writing to memory cannot fail");
        let error = br#"{"error": {"class": "GenericError", "desc": "'ab' is short"}}"#;
        recorder
            .bytes(arrival(OUT), error, 0)
            .expect("writing to memory cannot fail");
        recorder
            .bytes(arrival(IN), br#"{"execute": "stop"}"#, 0)
            .expect("writing to memory cannot fail");
        recorder
            .bytes(arrival(OUT), error, 0)
            .expect("writing to memory cannot fail");
    });
    assert!(
        lines[0].contains(r#""masked": 1"#) && !lines[0].contains("ab"),
        "{}",
        lines[0]
    );
    assert!(lines[1].contains(r#""desc": "(masked)""#), "{}", lines[1]);
    // Two letters are no secret once the command is done.
    assert!(lines[3].contains("'ab' is short"), "{}", lines[3]);
}

#[test]
fn floods_do_not_grow_memory() {
    let mut recorder = Recorder::new(std::io::sink(), Masks::default());
    let piece = vec![b'['; 1 << 20];
    for _ in 0..64 {
        recorder
            .bytes(arrival(OUT), &piece, 0)
            .expect("writing to memory cannot fail");
    }
    let text = vec![b'x'; 1 << 20];
    recorder
        .bytes(arrival(OUT), b"\"", 0)
        .expect("writing to memory cannot fail");
    for _ in 0..80 {
        recorder
            .bytes(arrival(OUT), &text, 0)
            .expect("writing to memory cannot fail");
    }
}
