//! Clients against peers that lose, repeat, delay, cut and spoil what they send, over random sequences.
//!
//! Each request says in its arguments what happens to its reply, so the outcome of each call is known beforehand. Nothing
//! depends on time: what a peer sends is there at once, and only calls whose replies never come have a short time-out.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

use qapi_runtime::{Any, Client, ClientError, ClientErrorKind, Object, Options, Transport};
use qapi_test_support::Random;

/// The fate of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// It is sent twice.
    Twice,
    /// It is never sent.
    Lost,
    /// It comes before the next one.
    Late,
    /// Its end is missing, up to the end of the line.
    Cut,
    /// One byte is another one.
    Spoilt,
    /// A line that is not a message comes before it.
    Garbage,
    /// A line that is not a message comes after it.
    Followed,
    /// Flushes come before it.
    Flushed,
    /// An event comes before it.
    Event,
}

pub(crate) const FAULTS: [Fault; 10] = [
    Fault::None,
    Fault::Twice,
    Fault::Lost,
    Fault::Late,
    Fault::Cut,
    Fault::Spoilt,
    Fault::Garbage,
    Fault::Followed,
    Fault::Flushed,
    Fault::Event,
];

/// A peer's answers to requests, apart from how they arrive.
pub(crate) struct Script {
    random: Random,
    /// True if the `id` of requests is sent back.
    echoes: bool,
    late: Vec<u8>,
}

impl Script {
    pub(crate) fn new(seed: u64, echoes: bool) -> Self {
        Self {
            random: Random::new(seed),
            echoes,
            late: Vec::new(),
        }
    }

    /// The bytes that the peer sends when it has read a line.
    pub(crate) fn answer(&mut self, line: &[u8]) -> Vec<u8> {
        // What was cut short is forgotten.
        let line = line.rsplit(|&byte| byte == 0xFF).next().unwrap();
        let request: Any = std::str::from_utf8(line).unwrap().parse().unwrap();
        let name = request.get("execute").and_then(Any::as_str).unwrap();
        let id = match request.get("id") {
            Some(id) if self.echoes => format!(", \"id\": {id}"),
            _ => String::new(),
        };
        let argument = |name| {
            let arguments = request.get("arguments")?;
            arguments.get(name).and_then(Any::as_i64)
        };
        let mut sent = std::mem::take(&mut self.late);
        let fault =
            argument("fault").map_or(Fault::None, |fault| FAULTS[usize::try_from(fault).unwrap()]);
        let number = argument("id").or(argument("number")).unwrap_or_default();
        let value = if name == "qmp_capabilities" {
            "{}".to_owned()
        } else {
            number.to_string()
        };
        if name == "guest-sync-delimited" {
            sent.push(0xFF);
        }
        let reply = format!("{{\"return\": {value}{id}}}\n").into_bytes();
        self.spoil(fault, reply, &mut sent);
        // A peer that answers twice does so always.
        if !self.echoes && fault == Fault::None && self.random.below(2) == 0 {
            sent.extend(format!("{{\"return\": {value}{id}}}\n").bytes());
        }
        sent
    }

    fn spoil(&mut self, fault: Fault, mut reply: Vec<u8>, sent: &mut Vec<u8>) {
        match fault {
            Fault::None => sent.append(&mut reply),
            Fault::Twice => {
                sent.extend_from_slice(&reply);
                sent.append(&mut reply);
            }
            Fault::Lost => {}
            Fault::Late => self.late = reply,
            Fault::Cut => {
                let length = 1 + self.random.below(reply.len() - 2);
                sent.extend_from_slice(&reply[..length]);
                sent.push(b'\n');
            }
            Fault::Spoilt => {
                // Without its first byte it would be part of a message before it that is cut.
                let place = 1 + self.random.below(reply.len() - 2);
                reply[place] = [0, 1, 0x80, 0xC0, 0xFE, 0xFF][self.random.below(6)];
                sent.append(&mut reply);
            }
            Fault::Followed => {
                sent.append(&mut reply);
                let lines: [&[u8]; 4] = [b"\xC0%\n", b"[1]\n", b"7\n", b"{}\n"];
                sent.extend_from_slice(lines[self.random.below(lines.len())]);
            }
            Fault::Garbage => {
                for _ in 0..=self.random.below(20) {
                    let byte = self.random.number().to_le_bytes()[0];
                    // A line of its own that begins like a message would be one that is cut.
                    sent.push(if matches!(byte, b'\n' | b'{') {
                        0
                    } else {
                        byte
                    });
                }
                sent.push(b'\n');
                sent.append(&mut reply);
            }
            Fault::Flushed => {
                sent.extend_from_slice(&vec![0xFF; self.random.below(5)]);
                sent.extend_from_slice(b"  \r\n\t ");
                sent.push(b'\n');
                sent.append(&mut reply);
            }
            Fault::Event => {
                let event =
                    "{\"event\": \"E\", \"timestamp\": {\"seconds\": 1, \"microseconds\": 2}}\n";
                sent.extend_from_slice(event.as_bytes());
                sent.append(&mut reply);
            }
        }
    }
}

/// A peer in this process.
struct Peer(RefCell<State>);

struct State {
    script: Script,
    pieces: Random,
    received: Vec<u8>,
    sent: VecDeque<u8>,
}

impl Peer {
    fn new(seed: u64, echoes: bool, greeting: &str) -> Self {
        Self(RefCell::new(State {
            script: Script::new(seed, echoes),
            pieces: Random::new(seed ^ 0x5555),
            received: Vec::new(),
            sent: greeting.bytes().collect(),
        }))
    }
}

impl Read for Peer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let state = self.0.get_mut();
        if state.sent.is_empty() {
            return Err(ErrorKind::TimedOut.into());
        }
        let length = 1 + state.pieces.below(buffer.len().min(state.sent.len()));
        for byte in &mut buffer[..length] {
            *byte = state.sent.pop_front().unwrap();
        }
        Ok(length)
    }
}

impl Write for Peer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let state = self.0.get_mut();
        state.received.extend_from_slice(bytes);
        while let Some(end) = state.received.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = state.received.drain(..=end).collect();
            let answer = state.script.answer(&line);
            state.sent.extend(answer);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Transport for Peer {
    fn set_read_timeout(&self, _: Option<Duration>) -> io::Result<()> {
        Ok(())
    }

    fn set_write_timeout(&self, _: Option<Duration>) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) const GREETING: &str = "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\n";

pub(crate) fn arguments(fault: Fault, number: i64) -> Object {
    let fault = FAULTS.iter().position(|&it| it == fault).unwrap();
    Object::new()
        .with("number", number)
        .with("fault", i64::try_from(fault).unwrap())
}

fn is_protocol(result: &Result<Any, ClientError>) -> bool {
    matches!(result, Err(error) if matches!(error.kind(), ClientErrorKind::Protocol(_)))
}

/// Checks that a call may end like this, at a QMP server or a guest agent.
fn check(fault: Fault, number: i64, guest: bool, result: &Result<Any, ClientError>) {
    let answered = |result: &Result<Any, ClientError>| {
        assert_eq!(
            result.as_ref().ok(),
            Some(&Any::from(number)),
            "{fault:?}: {result:?}"
        );
    };
    match (fault, result) {
        // Guest agents have no events, and none are taken for replies.
        (Fault::Event, Err(_)) if guest => {}
        (Fault::None | Fault::Twice | Fault::Followed | Fault::Flushed | Fault::Event, _)
        | (Fault::Garbage, Ok(_)) => answered(result),
        (Fault::Lost | Fault::Late, Err(error)) => assert!(error.is_timeout(), "{error}"),
        (Fault::Garbage | Fault::Spoilt, Err(error)) => {
            assert!(is_protocol(result), "{fault:?}: {error}");
        }
        (Fault::Cut, Err(_)) => {}
        (_, Ok(value)) => panic!("{fault:?} is answered with {value}"),
    }
}

fn run_sequences(guest: bool, echoes: bool) {
    let options = Options::default()
        .with_timeout(Duration::from_secs(60))
        .with_sync_attempt(Duration::from_secs(60));
    for seed in 1..=2000_u64 {
        let mut random = Random::of_run(seed);
        let greeting = if guest { "" } else { GREETING };
        let peer = Peer::new(random.number(), echoes, greeting);
        let client = if guest {
            Client::guest(peer, options.clone())
        } else {
            Client::qmp(peer, options.clone())
        };
        let mut client = client.unwrap();
        let mut before = Fault::None;
        for number in 0..10 {
            let fault = FAULTS[random.below(FAULTS.len())];
            // No reply comes to these, however long one waits.
            let silent = matches!(fault, Fault::Lost | Fault::Late | Fault::Cut);
            let timeout = Duration::from_micros(if silent { 200 } else { 60_000_000 });
            let number = 1000 + number;
            let mut call = client.with_timeout(timeout);
            let result = call.call("echo", &arguments(fault, number));
            // The time may have run out before the request went out at all.
            if silent && result.as_ref().is_err_and(ClientError::is_timeout) {
                continue;
            }
            // Only what has come before a request goes out is known to be no reply to it.
            if std::mem::replace(&mut before, fault) == Fault::Followed && is_protocol(&result) {
                before = Fault::None;
                continue;
            }
            check(fault, number, guest, &result);
        }
        let mut result = client.call("echo", &arguments(Fault::None, 1));
        if before == Fault::Followed && is_protocol(&result) {
            result = client.call("echo", &arguments(Fault::None, 1));
        }
        assert_eq!(result.unwrap(), Any::from(1_i64), "seed {seed}");
    }
}

#[test]
fn one_bad_reply_of_a_qmp_server_costs_one_call() {
    run_sequences(false, true);
}

#[test]
fn one_bad_reply_of_a_guest_agent_costs_one_call() {
    run_sequences(true, true);
}

#[test]
fn no_reply_of_a_guest_agent_without_ids_is_taken_for_another() {
    run_sequences(true, false);
}
