//! Programs, beyond the rows of docs/reference/agent-behaviour.md §9.2, which the workspace's `tests/data/agent` has.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Agent, Client, PROGRAM, Scratch, wait_until};

/// Starts a program and polls until it has ended.
fn run(client: &mut Client, arguments: &Value) -> Value {
    let started = client.run("guest-exec", arguments);
    assert_eq!(started.as_object().unwrap().len(), 1);
    finish(client, &started)
}

fn finish(client: &mut Client, started: &Value) -> Value {
    let mut status = json!({});
    wait_until("the program ends", || {
        status = client.run("guest-exec-status", started);
        if status["exited"] == false {
            assert_eq!(status, json!({ "exited": false }));
        }
        status["exited"] == true
    });
    status
}

fn shell(script: &str) -> Value {
    json!({ "path": "sh", "arg": ["-c", script], "capture-output": true })
}

fn output(text: &str) -> Value {
    json!({ "exited": true, "exitcode": 0, "out-data": text, "out-truncated": false })
}

#[test]
fn failure_to_start_is_the_commands_error() {
    let agent = Agent::start();
    let mut client = agent.connect();
    let mut fail = |arguments: Value| client.fail("guest-exec", &arguments);
    let text = |path: &str, reason: &str| {
        format!("Failed to execute child process \u{201c}{path}\u{201d} ({reason})")
    };
    let missing = "/bin/invalid-cmd42";
    assert_eq!(
        fail(json!({ "path": missing })),
        text(missing, "No such file or directory")
    );
    assert_eq!(
        fail(json!({ "path": "/tmp" })),
        text("/tmp", "Permission denied"),
        "C096"
    );
    assert_eq!(
        fail(json!({ "path": "" })),
        text("", "No such file or directory"),
        "C097"
    );
    let bad = json!({ "path": "cat", "input-data": "!!", "capture-output": true });
    assert_eq!(fail(bad), "Base64 data contains invalid characters", "C102");
    let nul = json!({ "path": "echo", "arg": ["a\0b"], "capture-output": true });
    let refusal = "an argument of a program must not contain the character U+0000";
    assert_eq!(fail(nul), refusal, "C136, refused");
    let raw = client.raw(r#"{"execute":"guest-exec","arguments":{"path":"/tmp"}}"#);
    let quotes = br"child process \u201C/tmp\u201D (Permission denied)";
    assert!(raw.windows(quotes.len()).any(|window| window == quotes));
}

#[test]
fn a_background_process_with_the_stream_keeps_the_status_open_for_a_while() {
    let agent = Agent::start();
    let mut client = agent.connect();
    let started = client.run("guest-exec", &shell("sleep 2 & echo started"));
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(
        client.run("guest-exec-status", &started),
        json!({ "exited": false }),
        "C125"
    );
    assert_eq!(finish(&mut client, &started), output("c3RhcnRlZAo="));

    let before = Instant::now();
    let started = client.run("guest-exec", &shell("sleep 60 & echo $!"));
    let status = finish(&mut client, &started);
    let waited = before.elapsed().as_secs();
    assert!(
        (4..15).contains(&waited),
        "the grace time is 5 seconds (D27): {waited}"
    );
    assert_eq!(status["exitcode"], 0);
    // Only this test can end the background process.
    let pid = String::from_utf8(base64(status["out-data"].as_str().unwrap())).unwrap();
    let pid = nix::unistd::Pid::from_raw(pid.trim().parse().unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
}

/// Decodes well-formed base64.
fn base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for byte in text.bytes().filter(|&byte| byte != b'=') {
        bits = bits << 6 | u32::from(digit(byte));
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count).to_le_bytes()[0]);
        }
    }
    bytes
}

#[test]
fn output_is_cut_at_16_mib_and_collected_while_others_are_served() {
    const LIMIT: usize = 16 * 1024 * 1024;
    let agent = Agent::start();
    let mut client = agent.connect();
    let script = format!(
        "head -c {} /dev/zero; head -c {LIMIT} /dev/zero >&2",
        LIMIT + 100_000
    );
    let started = client.run("guest-exec", &shell(&script));
    client.ping();
    let status = finish(&mut client, &started);
    let length = |name: &str| status[name].as_str().unwrap().len();
    assert_eq!(length("out-data"), LIMIT.div_ceil(3) * 4, "C140");
    assert_eq!(length("err-data"), LIMIT.div_ceil(3) * 4, "C140");
    assert_eq!(
        (&status["out-truncated"], &status["err-truncated"]),
        (&json!(true), &json!(false))
    );
}

#[test]
fn children_get_nothing_but_the_standard_descriptors_and_a_clean_signal_state() {
    // Descriptor 7 is inherited by the agent and must not reach its children.
    let mut outer = Command::new("sh");
    outer.args(["-c", "exec 7</dev/null; exec \"$@\"", "sh", PROGRAM]);
    let agent = Agent::start_by(&mut outer, Scratch::new(), &[]);
    let mut client = agent.connect();
    client.run("guest-file-open", &json!({ "path": "/dev/null" }));
    let script = "for fd in 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$fd ] && echo leaked $fd; done
        exec grep -E '^Sig(Blk|Ign)' /proc/self/status";
    for _ in 0..2 {
        // The second one runs while the first one's pipes are still open.
        client.run(
            "guest-exec",
            &json!({ "path": "sleep", "arg": ["0.2"], "capture-output": true }),
        );
        let status = run(&mut client, &shell(script));
        let text = String::from_utf8(base64(status["out-data"].as_str().unwrap())).unwrap();
        assert!(!text.contains("leaked"), "{text}");
        assert!(text.contains("SigBlk:\t0000000000000000"), "{text}");
        let ignored = text.split("SigIgn:\t").nth(1).unwrap().trim();
        let pipe_bit = 1 << (nix::libc::SIGPIPE - 1);
        assert_eq!(
            u64::from_str_radix(ignored, 16).unwrap() & pipe_bit,
            0,
            "{text}"
        );
    }
}

#[test]
fn there_are_no_zombies_whether_asked_about_or_not() {
    let agent = Agent::start();
    let mut client = agent.connect();
    client.ping();
    let descriptors = || {
        fs::read_dir(format!("/proc/{}/fd", agent.pid()))
            .unwrap()
            .count()
    };
    let before = descriptors();
    for _ in 0..50 {
        client.run(
            "guest-exec",
            &json!({ "path": "true", "capture-output": true }),
        );
    }
    let children = || {
        let pid = agent.pid();
        fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap()
    };
    wait_until("all children are reaped", || children().trim().is_empty());
    wait_until("all pipes are closed", || descriptors() <= before);
}

#[test]
fn programs_outlive_client_and_agent() {
    let agent = Agent::start();
    let mark = agent.scratch.join("mark");
    let script = format!("sleep 0.4; echo alive > '{}'", mark.display());
    agent.connect().run("guest-exec", &shell(&script));
    let _scratch = agent.stop();
    assert!(!mark.exists());
    wait_until("the program goes on", || mark.exists());
}
