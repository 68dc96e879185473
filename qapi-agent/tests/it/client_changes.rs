//! Clients that come, go and misbehave.

use std::io::IoSlice;
use std::net::Shutdown;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::Duration;

use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use qapi_test_support::Random;
use serde_json::json;

use crate::harness::{Agent, Client, PROGRAM, Scratch, wait_until};

const PING: &str = r#"{"execute":"guest-ping"}"#;

#[test]
fn a_client_may_leave_with_unread_replies() {
    let agent = Agent::start();
    for count in [1, 10, 50_000] {
        let mut client = agent.connect();
        client.send(PING.repeat(count.min(5000)));
        if count > 5000 {
            // Large replies, so that the agent is still writing when the client goes.
            client.send(r#"{"execute":"guest-info"}"#.repeat(2000));
        }
        drop(client);
        agent.connect().ping();
    }
    agent.stop();
}

#[test]
fn half_a_request_is_forgotten_with_its_client() {
    let agent = Agent::start();
    for part in [
        r#"{"execute":"guest-sync","arguments":{"id":"#,
        r#"{"execute":"guest-"#,
        "[[[[",
        "\"",
        "12",
        "tru",
    ] {
        let mut client = agent.connect();
        client.ping();
        client.send(part);
        drop(client);
        agent.connect().ping();
    }
}

#[test]
fn the_next_client_is_served_when_the_first_closes() {
    let agent = Agent::start();
    let mut first = agent.connect();
    first.ping();
    let mut second = agent.connect();
    second.send(PING);
    second.assert_silent();
    first.ping();
    drop(first);
    assert_eq!(second.line(), b"{\"return\": {}}\n");
}

#[test]
fn requests_before_the_end_of_the_stream_are_answered() {
    let agent = Agent::start();
    let stream = UnixStream::connect(agent.socket()).unwrap();
    let mut client = Client::new(stream.try_clone().unwrap());
    client.send(PING.repeat(3));
    stream.shutdown(Shutdown::Write).unwrap();
    for _ in 0..3 {
        assert_eq!(client.line(), b"{\"return\": {}}\n");
    }
    client.assert_closed();
}

#[test]
fn handles_belong_to_the_agent_and_not_to_the_client() {
    let agent = Agent::start();
    let handle = agent
        .connect()
        .run("guest-file-open", &json!({ "path": "/dev/zero" }));
    let read = agent
        .connect()
        .run("guest-file-read", &json!({ "handle": handle, "count": 3 }));
    assert_eq!(read, json!({ "count": 3, "buf-b64": "AAAA", "eof": false }));
}

#[test]
fn a_client_that_does_not_read_costs_neither_time_nor_memory() {
    let agent = Agent::start();
    let handle = agent
        .connect()
        .run("guest-file-open", &json!({ "path": "/dev/zero" }));
    let mut greedy = agent.connect();
    let request = json!({
        "execute": "guest-file-read",
        "arguments": { "handle": handle, "count": 1_000_000 },
    });
    // 500 MB of answers, if the client read them.
    greedy.send(request.to_string().repeat(400));
    std::thread::sleep(Duration::from_millis(300));
    let ticks = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", agent.pid())).unwrap();
        let fields: Vec<_> = stat
            .rsplit(')')
            .next()
            .unwrap()
            .split_whitespace()
            .collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    };
    let before = ticks();
    std::thread::sleep(Duration::from_millis(500));
    assert!(
        ticks() - before <= 2,
        "the agent sleeps while it cannot write"
    );
    let resident = agent.status("VmRSS");
    let kilobytes: u64 = resident.split(' ').next().unwrap().parse().unwrap();
    assert!(kilobytes < 20_000, "{resident}");
    let base64 = 1_000_000_usize.div_ceil(3) * 4;
    let frame = "{\"return\": {\"count\": 1000000, \"buf-b64\": \"\", \"eof\": false}}\n";
    assert_eq!(greedy.line().len(), base64 + frame.len());
    drop(greedy);
    agent.connect().ping();
}

#[test]
fn clients_come_and_go_without_leaks() {
    let agent = Agent::start();
    let descriptors = || {
        std::fs::read_dir(format!("/proc/{}/fd", agent.pid()))
            .unwrap()
            .count()
    };
    let mut client = agent.connect();
    client.ping();
    let with_client = descriptors();
    drop(client);
    for _ in 0..200 {
        agent.connect().ping();
    }
    wait_until("the last client is gone", || descriptors() < with_client);
}

#[test]
fn a_client_can_connect_when_files_took_all_descriptors() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -n 40; exec \"$@\"", "sh", PROGRAM]);
    let agent = Agent::start_by(&mut shell, Scratch::new(), &[]);
    let request = json!({ "execute": "guest-file-open", "arguments": { "path": "/dev/null" } });
    let mut client = agent.connect();
    let mut last = 0;
    while let Some(handle) = client.ask(request.to_string())["return"].as_i64() {
        last = handle;
    }
    for _ in 0..3 {
        drop(client);
        client = agent.connect();
        client.ping();
    }
    let error = client.fail(
        "guest-exec",
        &json!({ "path": "true", "capture-output": true }),
    );
    assert!(error.contains("Too many open files"), "{error}");
    client.run("guest-file-close", &json!({ "handle": last }));
    assert_eq!(agent.stderr(), "");
}

#[test]
fn nothing_that_a_client_leaves_in_its_stream_is_forgotten() {
    let agent = Agent::start();
    let mut random = Random::new(7);
    for round in 0..120 {
        let mut client = agent.connect();
        let mut sync = 0;
        for _ in 0..=random.below(4) {
            // Replies of all sizes, in pieces that need not end with a request, around the size of the agent's buffer.
            let count = *random.choose(&[1, 3, 40, 1500]);
            let mut requests = String::new();
            for _ in 0..count {
                requests += [PING, r#"{"execute":"guest-info"}"#][usize::from(random.one_in(9))];
            }
            if random.one_in(2) {
                let size = [64 << 10, 128 << 10][usize::from(random.one_in(2))];
                requests += &" ".repeat(size - requests.len() % size);
            }
            sync += 1;
            requests += &json!({"execute": "guest-sync", "arguments": {"id": sync}}).to_string();
            let cut = random.below(requests.len());
            client.send(&requests[..cut]);
            if random.one_in(3) {
                std::thread::sleep(Duration::from_millis(random.number() % 3));
            }
            client.send(&requests[cut..]);
            if random.one_in(8) {
                // It disconnects with replies under way and requests unread.
                break;
            }
            let wanted = format!("{{\"return\": {sync}}}\n").into_bytes();
            while client.line() != wanted {}
        }
        if random.one_in(3) {
            client.send(PING);
            client.shut_down_writing();
            if round % 2 == 0 {
                client.assert_closed();
            }
        }
    }
    agent.connect().ping();
    agent.stop();
}

#[test]
fn descriptors_that_a_client_passes_are_dropped_and_hold_nothing_up() {
    let agent = Agent::start();
    let descriptors = || {
        std::fs::read_dir(format!("/proc/{}/fd", agent.pid()))
            .unwrap()
            .count()
    };
    let before = descriptors();
    let stream = UnixStream::connect(agent.socket()).unwrap();
    let passed = [stream.as_raw_fd()];
    for _ in 0..3 {
        let control = [ControlMessage::ScmRights(&passed)];
        let request = [IoSlice::new(PING.as_bytes())];
        sendmsg::<()>(
            stream.as_raw_fd(),
            &request,
            &control,
            MsgFlags::empty(),
            None,
        )
        .unwrap();
    }
    let mut client = Client::new(stream);
    client.send(PING);
    for _ in 0..4 {
        assert_eq!(client.line(), b"{\"return\": {}}\n");
    }
    drop(client);
    wait_until("nothing is left", || descriptors() <= before);
    agent.stop();
}
