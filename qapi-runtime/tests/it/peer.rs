//! The real programs: the same bytes to QEMU's guest agent and to us, and our clients on QEMU's servers.
//!
//! Needs `qemu-ga`, `qemu-system-x86_64` and `qemu-storage-daemon` on the path; is skipped without them. Bytes on which we differ on purpose are not sent: see
//! `vectors::differences`.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

use qapi_runtime::{Any, Client, ClientErrorKind, ErrorClass, Object, Options};
use qapi_test_support::Random;

use crate::{replies, text};

/// A running program with a connection to it.
struct Peer {
    child: Child,
    directory: PathBuf,
    stream: UnixStream,
}

impl Peer {
    /// Starts a program whose `arguments` make it listen at `socket`, relative to a directory of its own.
    fn start(program: &str, test: &str, arguments: &[&str]) -> Option<Self> {
        let directory = env::temp_dir().join(format!("qapi-runtime-{test}-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let child = Command::new(program)
            .args(arguments)
            .current_dir(&directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = child else {
            qapi_test_support::skip(&format!("no {program}"));
            drop(fs::remove_dir_all(&directory));
            return None;
        };
        let socket = directory.join("socket");
        let stream = (0..200).find_map(|_| {
            thread::sleep(Duration::from_millis(50));
            UnixStream::connect(&socket).ok()
        });
        let stream = stream.expect("the program listens within ten seconds");
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        Some(Self {
            child,
            directory,
            stream,
        })
    }

    fn agent(test: &str) -> Option<Self> {
        Self::start(
            "qemu-ga",
            test,
            &["-m", "unix-listen", "-p", "socket", "-t", "."],
        )
    }

    /// Sends a reset, `input` and a mark; what comes back between the reset's answer and the mark's.
    fn exchange(&mut self, input: &[u8], mark: u32) -> Vec<u8> {
        // The mark's own 0xFF ends what `input` leaves open, and is answered.
        let mut request = b"\xFF\n".to_vec();
        request.extend_from_slice(input);
        let sync = |id| {
            format!("{{\"execute\":\"guest-sync-delimited\",\"arguments\":{{\"id\":{id}}}}}\n")
        };
        request.extend_from_slice(b"\xFF");
        request.extend_from_slice(sync(mark).as_bytes());
        self.stream.write_all(&request).unwrap();
        let end = format!("\u{FF}{{\"return\": {mark}}}\n")
            .chars()
            .map(|c| c as u8)
            .collect::<Vec<_>>();
        let mut reply = Vec::new();
        let mut buffer = [0; 4096];
        while !reply.ends_with(&end) {
            // A socket with a time-out is interrupted even by signals that restart calls.
            let length = match self.stream.read(&mut buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                length => length.unwrap(),
            };
            assert!(length > 0, "the agent has gone away after {}", text(input));
            reply.extend_from_slice(&buffer[..length]);
        }
        reply.truncate(reply.len() - end.len());
        reply
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        drop(fs::remove_dir_all(&self.directory));
    }
}

/// The reference's lines that answer a 0xFF: the first, and the last, which shows what was half read.
fn without_sentinel_lines(reply: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = reply.lines().collect();
    assert!(
        lines
            .first()
            .is_some_and(|line| line.ends_with("stray '\\uFFFD'\"}}")),
        "{reply}"
    );
    lines.remove(0);
    let last = lines.pop();
    assert!(
        last.is_some_and(|line| line.ends_with("\\uFFFD'\"}}")),
        "{reply}"
    );
    lines
}

fn compare(agent: &mut Peer, input: &[u8], mark: u32) {
    let theirs = text(&agent.exchange(input, mark));
    // The mark's 0xFF also ends a number or word that stands at the end.
    let ours = replies([b"\xFF\n", input, b"\xFF"].concat());
    if ours.contains("is out of range") {
        return;
    }
    let theirs = without_sentinel_lines(&theirs).into_iter();
    let ours = ours.lines();
    assert_eq!(ours.clone().count(), theirs.len(), "for {:?}", text(input));
    for (ours, theirs) in ours.zip(theirs) {
        assert!(
            ours == theirs || is_same(ours, theirs),
            "for {:?}\n  ours {ours}\ntheirs {theirs}",
            text(input)
        );
    }
}

/// Returns true if two replies are equal but for the order of members, or differ in which of several mistakes is named:
/// both depend on a hash in the reference.
fn is_same(ours: &str, theirs: &str) -> bool {
    let json = |text| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let (ours, theirs) = (json(ours), json(theirs));
    let in_hash_order = |reply: &serde_json::Value| {
        let desc = reply["error"]["desc"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        desc.starts_with("QMP input member") || desc.ends_with("is unexpected")
    };
    ours == theirs || (ours["id"] == theirs["id"] && in_hash_order(&ours) && in_hash_order(&theirs))
}

/// The parts of near-JSON.
pub(crate) const PIECES: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b" ",
    b"\n",
    b"\t",
    b"\r",
    b"\"",
    b"'",
    b"\\",
    b"/",
    b"!",
    b"-",
    b"+",
    b".",
    b"0",
    b"1",
    b"7",
    b"12",
    b"-1",
    b"1.5",
    b"-0",
    b"-0.0",
    b"0.25",
    b"1e2",
    b"2E-3",
    b"1e+20",
    b"0e5",
    b"01",
    b"9223372036854775807",
    b"9223372036854775808",
    b"18446744073709551615",
    b"18446744073709551616",
    b"-9223372036854775808",
    b"-9223372036854775809",
    b"true",
    b"false",
    b"null",
    b"nul",
    b"e",
    b"x",
    b"TRUE",
    b"\"a\"",
    b"'b'",
    b"\"a\":",
    b"'b':1",
    b"\"\\n\"",
    b"\"\\u0041\"",
    b"\"\\ud83d\\ude00\"",
    b"\"\\ud83d\"",
    b"\"\\ude00\"",
    b"\"\\u00\"",
    b"\"\\uD83f\\udffe\"",
    b"\"\\ud800\\u0041\"",
    b"\"\\x\"",
    b"\"\\\"",
    b"\"\\'\\/\"",
    b"\"\xC3\xA9\"",
    b"\"\xC0\x80\"",
    b"\"\xC0\xAF\"",
    b"\"\xE0\x80\x80\"",
    b"\"\xED\xA0\x80\"",
    b"\"\xEF\xBF\xBE\"",
    b"\"\xEF\xB7\x90\"",
    b"\"\xF0\x9F\x98\x80\"",
    b"\"\xF4\x8F\xBF\xBD\"",
    b"\"\xF4\x8F\xBF\xBF\"",
    b"\"\xF4\x90\x80\x80\"",
    b"\"\xF8\x88\x80\x80\x80\"",
    b"\"\xFC\x84\x80\x80\x80\x80\"",
    b"\"\x7F\"",
    b"\"\xE2\x82\"",
    b"\xC3\xA9",
    b"\x00",
    b"\x01",
    b"\x0B",
    b"\x7F",
    b"\x80",
    b"\xFE",
    b"\xE2\x82",
    b"\"execute\"",
    b"\"guest-ping\"",
    b"\"arguments\"",
    b"\"id\"",
    b"\"execute\":\"guest-ping\"",
    b"{\"execute\":\"guest-ping\"}",
    b"{\"execute\":\"guest-ping\",\"id\":",
    b",\"id\":",
    b"\"arguments\":{",
    b"#",
    b"%",
    b"{\"execute\":\"guest-sync\",\"arguments\":{\"id\":",
    b"[1,2",
    b"[[",
    b"]]",
    b"{}",
    b"[]",
    b"\xED",
    b"\xF0\x9F",
];

#[test]
fn the_real_agent_answers_the_recorded_requests_alike() {
    let Some(mut agent) = Peer::agent("recorded") else {
        return;
    };
    let services = ["guest-file", "guest-exec", "guest-set-memory"];
    let mut compared = 0;
    for (mark, case) in (0..).zip(crate::vectors::cases()) {
        let request = text(&case.request);
        if services.iter().any(|service| request.contains(service)) {
            continue;
        }
        compare(&mut agent, &case.request, mark);
        compared += 1;
    }
    assert!(compared > 80, "{compared}");
}

fn rounds(default: u32) -> u32 {
    env::var("QAPI_RANDOM_ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(default)
}

#[test]
fn the_real_agent_answers_random_input_alike() {
    let Some(mut agent) = Peer::agent("random") else {
        return;
    };
    let mut random = Random::new(0x9E37_79B9_7F4A_7C15);
    for mark in 0..rounds(3000) {
        let mut input = Vec::new();
        for _ in 0..=random.below(12) {
            input.extend_from_slice(PIECES[random.below(PIECES.len())]);
        }
        compare(&mut agent, &input, mark);
    }
}

#[test]
fn the_real_agent_answers_damaged_requests_alike() {
    const REQUESTS: &[&[u8]] = &[
        b"{\"execute\":\"guest-ping\",\"id\":{\"a\":[1,-2.5e3,{}],\"b\":null}}",
        b"{'execute':'guest-sync','arguments':{'id':1234},'id':[true,[false],\"x\\n\"]}",
        b"{\"execute\":\"guest-nope\",\"arguments\":{\"\\u00e9\":\"\xC3\xA9\",\"c\":[{},[],[[1]]]}}",
        b"[{\"a\":{\"b\":{\"c\":{\"d\":[1,2,3]}}}}, {\"a\":1}]",
    ];
    let Some(mut agent) = Peer::agent("damaged") else {
        return;
    };
    let mut random = Random::new(0xD1B5_4A32_D192_ED03);
    for mark in 0..rounds(3000) {
        let mut input = random.choose(REQUESTS).to_vec();
        for _ in 0..=random.below(3) {
            let from = random.below(input.len() + 1);
            let to = (from + random.below(4)).min(input.len());
            let piece: &[u8] = if random.below(2) == 0 {
                b""
            } else {
                PIECES[random.below(PIECES.len())]
            };
            input.splice(from..to, piece.iter().copied());
        }
        compare(&mut agent, &input, mark);
    }
}

#[test]
fn our_client_talks_to_the_real_agent() {
    let Some(peer) = Peer::agent("client") else {
        return;
    };
    let mut stream = peer.stream.try_clone().unwrap();
    // What somebody else has left behind.
    stream
        .write_all(b"{\"execute\":\"guest-ping\"}{\"execute\":\"guest-info\"}{\"execute\":\"gue")
        .unwrap();
    let mut client = Client::guest(stream, Options::default()).unwrap();
    let none = Object::new();
    assert_eq!(
        client.call("guest-ping", &none).unwrap(),
        Any::from(Object::new())
    );
    let info = client.call("guest-info", &none).unwrap();
    let commands = info
        .get("supported_commands")
        .and_then(Any::as_array)
        .unwrap();
    assert!(
        commands
            .iter()
            .any(|command| command.get("name").and_then(Any::as_str) == Some("guest-sync"))
    );
    let ClientErrorKind::Command(error) = client.call("guest-nope", &none).unwrap_err().into_kind()
    else {
        panic!("the agent's error");
    };
    assert_eq!(error.class, ErrorClass::CommandNotFound);
    // A command that takes longer than we wait; whatever it answers is not taken for the next reply.
    let script = Object::from([
        ("path", "/bin/sh".into()),
        ("arg", vec![Any::from("-c"), Any::from("echo done")].into()),
        ("capture-output", true.into()),
    ]);
    for timeout in [
        Duration::ZERO,
        Duration::from_micros(1),
        Duration::from_millis(1),
    ] {
        drop(client.with_timeout(timeout).call("guest-exec", &script));
        assert_eq!(
            client.call("guest-ping", &none).unwrap(),
            Any::from(Object::new())
        );
    }
}

/// Tries what both of QEMU's servers can do.
fn talk_to_server(peer: &Peer) {
    let stream = peer.stream.try_clone().unwrap();
    let mut client = Client::qmp(stream, Options::default().with_out_of_band(true)).unwrap();
    assert!(client.greeting().unwrap().get("version").is_some());
    let none = Object::new();
    let schema = client.call("query-qmp-schema", &none).unwrap();
    assert!(schema.as_array().unwrap().len() > 100);
    for timeout in [
        Duration::ZERO,
        Duration::from_micros(1),
        Duration::from_millis(1),
    ] {
        drop(client.with_timeout(timeout).call("query-qmp-schema", &none));
        assert!(
            client
                .call("query-commands", &none)
                .unwrap()
                .as_array()
                .unwrap()
                .len()
                > 10
        );
    }
    let error = client
        .call("query-commands", &Object::new().with("x", 1_i64))
        .unwrap_err();
    let error = error.server_error().unwrap();
    assert_eq!(error.desc, "Parameter 'x' is unexpected");
    client.call("quit", &none).unwrap();
}

#[test]
fn our_client_talks_to_a_real_machine() {
    let arguments = [
        "-M",
        "none",
        "-nodefaults",
        "-display",
        "none",
        "-qmp",
        "unix:socket,server=on,wait=off",
    ];
    if let Some(peer) = Peer::start("qemu-system-x86_64", "machine", &arguments) {
        talk_to_server(&peer);
    }
}

#[test]
fn our_client_talks_to_a_real_storage_daemon() {
    let chardev = "socket,id=monitor,path=socket,server=on,wait=off";
    let arguments = ["--chardev", chardev, "--monitor", "chardev=monitor"];
    if let Some(peer) = Peer::start("qemu-storage-daemon", "storage", &arguments) {
        talk_to_server(&peer);
    }
}
