//! Start, signals, exit codes, and state that outlives the process.

use std::fs;
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use serde_json::json;

use crate::harness::{Agent, PROGRAM, Scratch, mode, run_program, wait_until};

#[test]
fn signals_to_end_do_so_at_once_with_a_client_connected() {
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let agent = Agent::start();
        let mut client = agent.connect();
        client.ping();
        client.send(r#"{"execute":"guest-"#);
        let before = Instant::now();
        let (ending, scratch) = agent.end(signal);
        assert_eq!(ending, Ok(0), "{signal}");
        assert!(
            before.elapsed() < Duration::from_secs(20),
            "{:?}",
            before.elapsed()
        );
        assert!(!scratch.join("sock").exists(), "the socket file is removed");
        client.assert_closed();
    }
}

#[test]
fn sighup_opens_the_log_file_anew() {
    let scratch = Scratch::new();
    let (log, old) = (scratch.join("log"), scratch.join("log.1"));
    let options = ["-v", "-l", log.to_str().unwrap()];
    let agent = Agent::start_in(scratch, &options);
    agent.connect().ping();
    fs::rename(&log, &old).unwrap();
    kill(agent.pid(), Signal::SIGHUP).unwrap();
    wait_until("the log has been opened", || {
        agent.connect().ping();
        log.exists()
    });
    let (ending, _scratch) = agent.end(Signal::SIGTERM);
    assert_eq!(ending, Ok(0));
    let last = "SIGTERM received: ending";
    assert!(fs::read_to_string(&log).unwrap().contains(last));
    assert!(!fs::read_to_string(&old).unwrap().contains(last));
    assert_eq!(mode(&log), 0o600);
}

#[test]
fn sigterm_right_after_a_disconnect_never_hangs() {
    for round in 0..30 {
        let agent = Agent::start();
        let mut client = agent.connect();
        if round % 2 == 0 {
            client.ping();
        } else {
            client.send(r#"{"execute":"guest-ping"}"#);
        }
        drop(client);
        agent.stop();
    }
}

#[test]
fn sigterm_ends_the_agent_while_a_client_does_not_read() {
    let agent = Agent::start();
    let mut client = agent.connect();
    client.send(r#"{"execute":"guest-info"}"#.repeat(2000));
    std::thread::sleep(Duration::from_millis(100));
    agent.stop();
}

#[test]
fn sigkill_leaves_the_socket_and_the_next_agent_replaces_it() {
    let agent = Agent::start();
    let (ending, scratch) = agent.end(Signal::SIGKILL);
    assert_eq!(ending, Err(9));
    assert!(scratch.join("sock").exists());
    let agent = Agent::start_in(scratch, &[]);
    agent.connect().ping();
}

#[test]
fn handles_are_never_reissued_across_sigkill() {
    let mut scratch = Scratch::new();
    let mut last = 999;
    for _ in 0..5 {
        let agent = Agent::start_in(scratch, &[]);
        let mut client = agent.connect();
        let opened = client.run("guest-file-open", &json!({ "path": "/dev/null" }));
        assert_eq!(opened, last + 1);
        last += 2;
        client.send(r#"{"execute":"guest-file-open","arguments":{"path":"/dev/null"}}"#);
        client.line();
        scratch = agent.end(Signal::SIGKILL).1;
        assert_eq!(
            scratch.text("qga.state"),
            format!("[global]\nfd_counter={}\n", last + 1)
        );
    }
    let agent = Agent::start_in(scratch, &[]);
    let error = agent
        .connect()
        .fail("guest-file-read", &json!({ "handle": last }));
    assert_eq!(error, format!("handle '{last}' has not been found"));
}

#[test]
fn open_files_are_flushed_at_the_end() {
    let agent = Agent::start();
    let mut client = agent.connect();
    let path = agent.scratch.join("f");
    let handle = client.run("guest-file-open", &json!({ "path": path, "mode": "w" }));
    client.run(
        "guest-file-write",
        &json!({ "handle": handle, "buf-b64": "a2VwdA==" }),
    );
    assert_eq!(agent.stop().text("f"), "kept");
}

#[test]
fn the_agent_is_private_whatever_the_umask() {
    let scratch = Scratch::new();
    let log = scratch.join("log");
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 0; exec \"$@\"", "sh", PROGRAM]);
    let agent = Agent::start_by(&mut shell, scratch, &["-v", "-l", log.to_str().unwrap()]);
    let mut client = agent.connect();
    let path = agent.scratch.join("f");
    client.run("guest-file-open", &json!({ "path": path, "mode": "w" }));
    for name in ["sock", "qga.state", "log", "f"] {
        assert_eq!(mode(&agent.scratch.join(name)), 0o600, "{name}");
    }
}

#[test]
fn the_log_has_events_and_no_contents() {
    let agent = Agent::start_with(&["-v"]);
    let mut client = agent.connect();
    let path = agent.scratch.join("secret-path");
    let handle = client.run("guest-file-open", &json!({ "path": path, "mode": "w" }));
    client.run(
        "guest-file-write",
        &json!({ "handle": handle, "buf-b64": "c2VjcmV0" }),
    );
    client.fail(
        "guest-exec",
        &json!({ "path": "/secret", "env": ["secret=1"], "arg": ["secret"] }),
    );
    drop(client);
    agent.connect().ping();
    let scratch = agent.stop();
    let log = scratch.text("stderr");
    assert!(
        !log.contains("secret") && !log.contains("c2VjcmV0"),
        "{log}"
    );
    assert!(log.contains(": info: client connected\n"), "{log}");
    assert!(log.contains(": info: SIGTERM received: ending\n"), "{log}");
    for line in log.lines() {
        let (time, rest) = line.split_once(": ").unwrap();
        let (seconds, micros) = time.split_once('.').unwrap();
        assert!(seconds.parse::<u64>().unwrap() > 1_700_000_000, "{line}");
        assert!(micros.len() == 6 && rest.starts_with("info: "), "{line}");
    }
}

#[test]
fn a_quiet_agent_says_nothing() {
    let agent = Agent::start();
    agent.connect().ping();
    assert_eq!(agent.stop().text("stderr"), "");
}

#[test]
fn start_failures_exit_with_1_and_say_why() {
    let scratch = Scratch::new();
    let file = scratch.join("file");
    fs::write(&file, "data").unwrap();
    let state = scratch.join("state");
    fs::create_dir(&state).unwrap();
    fs::write(state.join("qga.state"), "[global]\nfd_counter=many\n").unwrap();
    let place = |name: &str| scratch.join(name).to_str().unwrap().to_owned();
    let (socket, good) = (place("sock"), place(""));
    for (options, reason) in [
        (
            vec!["-m", "unix-listen"],
            "must specify a path for this channel",
        ),
        (
            vec!["-p", &place("no-port"), "-t", &good],
            "cannot open virtio port",
        ),
        (
            vec!["-m", "isa-serial", "-p", &place("file"), "-t", &good],
            "cannot open serial line",
        ),
        (
            vec!["-m", "vsock-listen", "-p", "1"],
            "error parsing address '1'",
        ),
        (
            vec!["-m", "unix-listen", "-p", &socket, "--frobnicate"],
            "unexpected argument '--frobnicate'",
        ),
        (
            vec!["-m", "unix-listen", "-D"],
            "must specify a path for this channel",
        ),
        (
            vec!["-m", "unix-listen", "-p", &place("file"), "-t", &good],
            "is a regular file, not a socket",
        ),
        (
            vec!["-m", "unix-listen", "-p", &socket, "-t", "/nonexistent"],
            "cannot create state file",
        ),
        (
            vec!["-m", "unix-listen", "-p", &socket, "-t", &place("state")],
            "is damaged",
        ),
        (
            vec![
                "-m",
                "unix-listen",
                "-p",
                &socket,
                "-t",
                &good,
                "-l",
                "/nonexistent/log",
            ],
            "cannot open log file",
        ),
    ] {
        let (code, output, errors) = run_program(&options);
        assert_eq!(code, Some(1), "{options:?}");
        assert!(errors.contains(reason), "{options:?}: {errors}");
        assert_eq!(output, "");
    }
    assert_eq!(fs::read(&file).unwrap(), b"data");
    assert!(
        !scratch.join("sock").exists(),
        "nothing is left of failed starts"
    );
}

#[test]
fn a_live_socket_of_another_program_is_taken_over_but_not_removed_by_the_loser() {
    let first = Agent::start();
    let path = first.socket();
    fs::remove_file(&path).unwrap();
    let _successor = UnixListener::bind(&path).unwrap();
    let scratch = first.stop();
    assert!(scratch.join("sock").exists());
}

#[test]
fn children_are_heard_of_even_if_the_signal_was_ignored_at_start() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' CHLD; exec \"$@\"", "sh", PROGRAM]);
    let agent = Agent::start_by(&mut shell, Scratch::new(), &[]);
    let mut client = agent.connect();
    let started = client.run(
        "guest-exec",
        &json!({ "path": "sh", "arg": ["-c", "exit 7"] }),
    );
    let mut status = json!({});
    wait_until("the program ends", || {
        status = client.run("guest-exec-status", &started);
        status["exited"] == true
    });
    assert_eq!(status["exitcode"], 7);
}

#[test]
fn version_help_and_command_list_go_to_standard_output() {
    let (code, output, errors) = run_program(&["-V"]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert_eq!(
        output,
        format!("QEMU Guest Agent {}\n", qapi_agent::VERSION)
    );
    let (code, output, _) = run_program(&["--help"]);
    assert_eq!(code, Some(0));
    assert!(output.contains("--block-rpcs"), "{output}");
    let (code, output, _) = run_program(&["-b", "help"]);
    assert_eq!(code, Some(0));
    let names: Vec<_> = output.lines().collect();
    assert_eq!(
        (names.len(), names[0], names[42]),
        (43, "guest-sync-delimited", "guest-network-get-route")
    );
}
