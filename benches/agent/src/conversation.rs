//! Requests to an agent, and the time that they take.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::agent::Agent;

/// Kinds of requests.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Ping,
    Info,
}

impl Kind {
    fn request(self) -> &'static [u8] {
        match self {
            Self::Ping => b"{\"execute\":\"guest-ping\"}\n",
            Self::Info => b"{\"execute\":\"guest-info\"}\n",
        }
    }
}

/// Reads so many lines by way of `buffer`.
fn read_lines(stream: &mut UnixStream, buffer: &mut [u8], count: u32) {
    let mut missing = count as usize;
    while missing > 0 {
        let length = stream.read(buffer).expect("the agent answers");
        assert!(length > 0, "the agent hung up");
        let lines = buffer[..length]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        missing = missing
            .checked_sub(lines)
            .expect("one answer for each request");
    }
}

/// Returns the time for requests that wait for the answer to the one before. The client only writes prepared bytes and
/// looks for the end of the line, as its cost counts for both agents and hides their difference.
pub(crate) fn round_trips(agent: &Agent, kind: Kind, count: u32) -> Duration {
    let mut stream = agent.connect();
    let mut buffer = vec![0; 1 << 12];
    let start = Instant::now();
    for _ in 0..count {
        stream.write_all(kind.request()).expect("the agent reads");
        read_lines(&mut stream, &mut buffer, 1);
    }
    start.elapsed()
}

/// Returns the time for requests that are sent as fast as the agent takes them, up to the last answer.
pub(crate) fn pipelined(agent: &Agent, kind: Kind, count: u32) -> Duration {
    let mut stream = agent.connect();
    let mut writer = stream.try_clone().expect("a second descriptor");
    let requests = kind.request().repeat(count as usize);
    let mut buffer = vec![0; 1 << 18];
    let start = Instant::now();
    thread::scope(|scope| {
        scope.spawn(move || writer.write_all(&requests).expect("the agent reads"));
        read_lines(&mut stream, &mut buffer, count);
    });
    start.elapsed()
}

/// Returns the time for so many MiB into a file and out of it again, a MiB at a time.
pub(crate) fn transfer(agent: &Agent, mebibytes: u32) -> Duration {
    const MIB: usize = 1 << 20;
    // Zeros in base64.
    let text = format!("{}AA==", "AAAA".repeat(MIB / 3));
    let mut stream = agent.connect();
    let mut buffer = vec![0; 1 << 18];
    let mut ask = |request: String| {
        stream
            .write_all(request.as_bytes())
            .expect("the agent reads");
        read_line(&mut stream, &mut buffer)
    };
    let start = Instant::now();
    let opened = ask(
        r#"{"execute":"guest-file-open","arguments":{"path":"/dev/shm/qapi-bench","mode":"w+"}}"#
            .to_owned(),
    );
    let handle: String = opened.chars().filter(char::is_ascii_digit).collect();
    let arguments = format!("\"handle\":{handle}");
    for _ in 0..mebibytes {
        let reply = ask(format!(
            r#"{{"execute":"guest-file-write","arguments":{{{arguments},"buf-b64":"{text}"}}}}"#
        ));
        assert!(reply.contains(&format!("\"count\": {MIB}")), "{reply}");
    }
    ask(format!(
        r#"{{"execute":"guest-file-seek","arguments":{{{arguments},"offset":0,"whence":0}}}}"#
    ));
    for _ in 0..mebibytes {
        let reply = ask(format!(
            r#"{{"execute":"guest-file-read","arguments":{{{arguments},"count":{MIB}}}}}"#
        ));
        assert!(reply.contains(&text), "what was written is read");
    }
    ask(format!(
        r#"{{"execute":"guest-file-close","arguments":{{{arguments}}}}}"#
    ));
    let time = start.elapsed();
    std::fs::remove_file("/dev/shm/qapi-bench").expect("the agent made it");
    time
}

fn read_line(stream: &mut UnixStream, buffer: &mut [u8]) -> String {
    let mut line = Vec::new();
    while line.last() != Some(&b'\n') {
        let length = stream.read(buffer).expect("the agent answers");
        assert!(length > 0, "the agent hung up");
        line.extend_from_slice(&buffer[..length]);
    }
    String::from_utf8(line).expect("answers are ASCII")
}
