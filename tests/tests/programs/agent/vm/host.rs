//! The port that hosts expect the agent at, and host programs that come and go.

use std::io::{ErrorKind, Write};
use std::time::Duration;

use qapi_runtime::client::{Client, Options};
use qapi_tests::guest_agent::client::ClientMethods;
use qapi_tests::guest_agent::commands;
use serde_json::json;

use super::guest::{Guest, Lines};

const PING: &[u8] = b"{\"execute\":\"guest-ping\"}\n";
const PONG: &[u8] = b"{\"return\": {}}\n";

/// Round trips one by one. Each is a chance for the agent to sleep over a request that comes while it
/// looks whether the host is still there.
pub(crate) fn a_generated_client_gets_every_answer(guest: &mut Guest) {
    let lines = std::mem::replace(&mut guest.agent, Lines::disconnected());
    let mut client =
        Client::guest(lines.into_stream(), Options::default()).expect("the agent answers");
    for number in 0..2000 {
        let echo = client
            .guest_sync(commands::GuestSync::new(number))
            .expect("an answer");
        assert_eq!(echo, number);
    }
    let processors = client.guest_get_vcpus().expect("processors");
    assert_eq!(processors.len(), 2);
    let handle = client
        .guest_file_open(commands::GuestFileOpen::new("/run/file").with_mode("w+"))
        .expect("open");
    client
        .guest_file_write(commands::GuestFileWrite::new(handle, "aGVsbG8="))
        .expect("write");
    client
        .guest_file_close(commands::GuestFileClose::new(handle))
        .expect("close");
    assert_eq!(guest.shell("cat /run/file"), "hello");
    drop(client);
    wait_for_disconnects(guest, 1);
    guest.agent = Lines::connect(&guest.machine.agent_socket());
    guest.agent.ping();
}

/// Clock ticks that the agent has used so far.
fn ticks(guest: &mut Guest) -> u64 {
    let fields = guest.shell("cut -d' ' -f14,15 /proc/$(cat /run/pid)/stat");
    fields
        .split_whitespace()
        .map(|field| field.parse::<u64>().expect("a number"))
        .sum()
}

/// Asserts that the agent comes to rest, however long a slow machine takes to let it.
fn assert_sleeps(guest: &mut Guest, when: &str) {
    let mut before = ticks(guest);
    for _ in 0..20 {
        guest.shell("sleep 2");
        let after = ticks(guest);
        if after == before {
            return;
        }
        before = after;
    }
    panic!("the agent does not sleep {when}");
}

/// Waits until the agent has noticed so many host programs going: what comes before that cannot be
/// told from what they sent.
fn wait_for_disconnects(guest: &mut Guest, count: usize) {
    guest.wait_until("grep -c 'host disconnected' /run/log", &count.to_string());
}

/// D25
pub(crate) fn the_agent_sleeps_when_there_is_nothing_to_do(guest: &mut Guest) {
    assert_sleeps(guest, "with a host");
    guest.agent = Lines::disconnected();
    wait_for_disconnects(guest, 2);
    assert_sleeps(guest, "without a host");
}

pub(crate) fn what_a_host_leaves_behind_goes_with_it(guest: &mut Guest) {
    // Half a request is forgotten when the host program goes (D4).
    let mut host = Lines::connect(&guest.machine.agent_socket());
    host.ping();
    host.send_bytes(b"{\"execute\":\"guest-sync\",\"arguments\":{\"id\":");
    drop(host);
    wait_for_disconnects(guest, 3);
    let mut host = Lines::connect(&guest.machine.agent_socket());
    host.send_bytes(PING);
    assert_eq!(host.line(), PONG);

    // A host program that does not read costs no time (D3), and answers that it did not take are
    // not given to the next one (D5).
    let mut stream = host.into_stream();
    stream
        .set_write_timeout(Some(Duration::from_secs(3)))
        .expect("a time-out above zero");
    let written = stream.write_all(&b"{\"execute\":\"guest-info\"}".repeat(3000));
    if let Err(error) = written {
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }
    assert_sleeps(guest, "while it cannot write");
    drop(stream);
    wait_for_disconnects(guest, 4);
    let mut host = Lines::connect(&guest.machine.agent_socket());
    host.send_bytes(b"\xff{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":99}}");
    // What the kernel had taken already comes first; it cannot be called back.
    while !host.line().ends_with(b"\xff{\"return\": 99}\n") {}
    host.assert_silent();
    host.send_bytes(&PING.repeat(1000));
    for _ in 0..1000 {
        assert_eq!(host.line(), PONG);
    }
    guest.agent = host;
}

pub(crate) fn a_thousand_hosts_are_served(guest: &mut Guest) {
    guest.agent = Lines::disconnected();
    // Not all processes: threads of the kernel come and go.
    let children = "grep -l \"^PPid:.$(cat /run/pid)\\$\" /proc/[0-9]*/status 2>/dev/null | wc -l; \
         ls /proc/$(cat /run/pid)/fd | wc -l";
    let before = guest.shell(children);
    for number in 0..1000 {
        let mut host = Lines::connect(&guest.machine.agent_socket());
        let request = json!({ "execute": "guest-sync-delimited", "arguments": { "id": number } });
        host.send_bytes(&[b"\xff", request.to_string().as_bytes(), b"\n"].concat());
        let answer = format!("{{\"return\": {number}}}\n");
        // Every other one vanishes in the middle of a further request.
        if number % 2 == 0 {
            host.send_bytes(b"{\"execute\":");
        }
        loop {
            let line = host.line();
            assert!(!line.is_empty(), "host {number} gets no answer");
            if line.strip_prefix(b"\xff") == Some(answer.as_bytes()) {
                break;
            }
        }
    }
    assert_eq!(guest.shell(children), before);
    guest.agent = Lines::connect(&guest.machine.agent_socket());
    guest.agent.send_bytes(b"\xff\n");
    guest.agent.ping();
}

pub(crate) fn the_agent_may_be_started_again_under_its_host(guest: &mut Guest) {
    let open = guest
        .agent
        .run("guest-file-open", &json!({ "path": "/run/file" }))
        .as_i64()
        .expect("a handle");
    for signal in ["TERM", "KILL"] {
        guest.shell(&format!(
            "kill -{signal} $(cat /run/pid); wait $(cat /run/pid)"
        ));
        guest.start("-v");
        guest.agent.ping();
    }
    let read = guest
        .agent
        .fail("guest-file-read", &json!({ "handle": open }));
    assert_eq!(read, format!("handle '{open}' has not been found"));
    // No handle is issued twice.
    let next = guest
        .agent
        .run("guest-file-open", &json!({ "path": "/run/file" }));
    assert_eq!(next, open + 1);
}

pub(crate) fn only_one_agent_has_the_port(guest: &mut Guest) {
    let second = guest.shell("/usr/sbin/agent </dev/null; echo \"code $?\"");
    assert!(second.contains("Device or resource busy"), "{second}");
    assert!(second.contains("code 1"), "{second}");
    // With patience it takes over when the first one ends.
    guest.shell("/usr/sbin/agent -r </dev/null >>/run/log 2>&1 & echo $! >/run/second");
    guest.wait_until("grep -c 'waiting for virtio port' /run/log", "1");
    guest.stop();
    guest.shell("mv /run/second /run/pid");
    guest.agent.ping();
}

pub(crate) fn a_suspended_machine_wakes_with_its_agent(guest: &mut Guest) {
    assert_eq!(
        guest.agent.fail("guest-suspend-hybrid", &json!({})),
        "the requested suspend mode is not supported by the guest",
        "V107"
    );
    let states = guest.shell("cat /sys/power/state");
    assert!(states.contains("mem"), "the kernel suspends: {states}");
    let mut qmp = guest.qmp();
    guest
        .agent
        .send(&json!({ "execute": "guest-suspend-ram", "id": 1 }));
    qmp.event("SUSPEND");
    qmp.run("system_wakeup", &json!({}));
    // V122, V123: no late reply comes before that of the ping.
    guest.agent.ping();
    assert_eq!(guest.shell("echo awake"), "awake");
}
