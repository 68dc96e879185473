//! The agent inside a virtual machine, on the port that hosts expect it at.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use qapi_tests::vm::{Machine, Setup};

const AGENT: &str = "/usr/sbin/qapi-agent";

const PING: &[u8] = b"{\"execute\":\"guest-ping\"}\n";
const PONG: &[u8] = b"{\"return\": {}}\n";

fn connect(machine: &Machine) -> UnixStream {
    let stream = UnixStream::connect(machine.agent_socket()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    stream
}

fn line(stream: &mut UnixStream) -> Vec<u8> {
    let mut line = Vec::new();
    while line.last() != Some(&b'\n') {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        line.push(byte[0]);
    }
    line
}

fn assert_silent(stream: &mut UnixStream) {
    stream
        .set_read_timeout(Some(Duration::from_secs(1)))
        .unwrap();
    let error = stream.read(&mut [0]).expect_err("nothing to read");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
}

/// Clock ticks that the agent has used so far.
fn ticks(machine: &mut Machine) -> u64 {
    let fields = machine.shell("cut -d' ' -f14,15 /proc/$(cat /run/pid)/stat");
    fields
        .split_whitespace()
        .map(|field| field.parse::<u64>().unwrap())
        .sum()
}

/// Asserts that the agent comes to rest, however long a slow machine takes to let it.
fn assert_sleeps(machine: &mut Machine, when: &str) {
    let mut before = ticks(machine);
    for _ in 0..20 {
        machine.shell("sleep 2");
        let after = ticks(machine);
        if after == before {
            return;
        }
        before = after;
    }
    panic!("the agent does not sleep {when}");
}

/// Waits until the agent has noticed so many host programs going: what comes before that cannot be
/// told from what they sent.
fn wait_for_disconnects(machine: &mut Machine, count: usize) {
    for _ in 0..60 {
        let seen = machine.shell("grep -c 'host disconnected' /run/log");
        if seen.trim().parse::<usize>().unwrap() >= count {
            return;
        }
        machine.shell("sleep 0.5");
    }
    let log = machine
        .shell("cat /run/log; cat /proc/$(cat /run/pid)/wchan; cat /proc/$(cat /run/pid)/stat");
    panic!("the agent does not notice that the host program went: {log}");
}

#[test]
fn a_virtio_port_is_served_across_hosts_that_come_and_go() {
    let program = env!("CARGO_BIN_EXE_qapi-agent");
    let Some(mut machine) = Setup::new().program(program, AGENT).boot() else {
        return;
    };
    // Neither method nor path: the defaults are what hosts expect.
    machine.shell(&format!(
        "{AGENT} -v </dev/null >/run/log 2>&1 & echo $! >/run/pid"
    ));
    // D25
    assert_sleeps(&mut machine, "without a host");

    let mut host = connect(&machine);
    host.write_all(PING).unwrap();
    assert_eq!(line(&mut host), PONG);

    // Half a request is forgotten when the host program goes (D4).
    host.write_all(b"{\"execute\":\"guest-sync\",\"arguments\":{\"id\":")
        .unwrap();
    drop(host);
    wait_for_disconnects(&mut machine, 1);
    let mut host = connect(&machine);
    host.write_all(PING).unwrap();
    assert_eq!(line(&mut host), PONG);

    // A host program that does not read costs no time (D3), and answers that it did not take are
    // not given to the next one (D5).
    host.set_write_timeout(Some(Duration::from_secs(3)))
        .unwrap();
    let _ = host.write_all(&b"{\"execute\":\"guest-info\"}".repeat(3000));
    assert_sleeps(&mut machine, "while it cannot write");
    drop(host);
    wait_for_disconnects(&mut machine, 2);
    let mut host = connect(&machine);
    host.write_all(b"\xff{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":99}}")
        .unwrap();
    // What the kernel had taken already comes first; it cannot be called back.
    while !line(&mut host).ends_with(b"\xff{\"return\": 99}\n") {}
    assert_silent(&mut host);
    host.write_all(&PING.repeat(1000)).unwrap();
    for _ in 0..1000 {
        assert_eq!(line(&mut host), PONG);
    }

    let second = machine.shell(&format!("{AGENT} </dev/null; echo \"code $?\""));
    assert!(second.contains("Device or resource busy"), "{second}");
    assert!(second.contains("code 1"), "{second}");
    let ended = machine.shell("kill $(cat /run/pid); wait $(cat /run/pid); echo \"code $?\"");
    assert!(ended.contains("code 0"), "{ended}");
}
