//! Commands that take long: what is answered meanwhile, what waits, and what happens at the end.

use std::ffi::OsStr;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use serde_json::json;

use crate::harness::{Agent, Client, PROGRAM, Scratch};

/// An agent that runs this script as `chpasswd`, for requests that set a password.
fn agent_with_chpasswd(script: &str) -> Agent {
    let scratch = Scratch::new();
    let path = scratch.join("chpasswd");
    let text = scratch.join("chpasswd.text");
    fs::write(&text, format!("#!/bin/sh\n{script}\n")).unwrap();
    // Written by another process: if this one had it open for writing, a child that another test starts could inherit
    // the descriptor, and a file that is open for writing cannot be executed.
    let installed = Command::new("install")
        .args([OsStr::new("--mode=700"), text.as_ref(), path.as_ref()])
        .status();
    assert!(installed.unwrap().success());
    let folder = path.parent().unwrap().display().to_string();
    let mut command = Command::new(PROGRAM);
    command.env("PATH", format!("{folder}:/usr/bin:/bin"));
    Agent::start_by(&mut command, scratch, &[])
}

const SET_PASSWORD: &str = r#"{"execute":"guest-set-user-password","arguments":
    {"username":"u","password":"","crypted":false},"id":"slow"}"#;

fn send_slow(client: &mut Client) {
    client.send(SET_PASSWORD);
}

#[test]
fn safe_commands_are_answered_while_a_program_of_the_system_runs_and_others_keep_their_order() {
    let agent = agent_with_chpasswd("sleep 2; echo done >> $(dirname $0)/log");
    let mut client = agent.connect();
    send_slow(&mut client);
    let safe = [
        r#"{"execute":"guest-ping","id":1}"#,
        r#"{"execute":"guest-info","id":2}"#,
        r#"{"execute":"guest-fsfreeze-status","id":3}"#,
        r#"{"execute":"guest-sync","arguments":{"id":9},"id":4}"#,
        r#"{"execute":"guest-sync-delimited","arguments":{"id":9},"id":5}"#,
    ];
    let start = Instant::now();
    for (request, id) in safe.iter().zip(1..) {
        client.send(request);
        let line = client.line();
        let line = line.strip_prefix(b"\xff").unwrap_or(&line);
        let answer: serde_json::Value = serde_json::from_slice(line).unwrap();
        assert_eq!(answer["id"], json!(id), "{answer}");
    }
    // The first waits for its turn; the safe one after it does not.
    client.send(r#"{"execute":"guest-get-host-name","id":6}"#);
    assert_eq!(client.ask(r#"{"execute":"guest-ping","id":7}"#)["id"], 7);
    assert_eq!(client.ask("")["id"], "slow");
    assert!(start.elapsed() >= Duration::from_millis(1500));
    assert_eq!(client.ask("")["id"], 6);
    assert_eq!(agent.scratch.text("log"), "done\n");
    agent.stop();
}

#[test]
fn a_late_answer_is_not_given_to_another_call() {
    let agent = agent_with_chpasswd("sleep 1");
    let mut client = agent.connect();
    send_slow(&mut client);
    client.send(r#"{"execute":"guest-get-host-name","id":6}"#);
    drop(client);
    let mut next = agent.connect();
    assert_eq!(next.ask(r#"{"execute":"guest-ping","id":1}"#)["id"], 1);
    assert_eq!(next.ask(r#"{"execute":"guest-get-time","id":2}"#)["id"], 2);
    agent.stop();
}

#[test]
fn an_answer_without_id_does_not_come_after_a_synchronisation() {
    let agent = agent_with_chpasswd("sleep 1");
    let mut client = agent.connect();
    client.send(SET_PASSWORD.replace(r#","id":"slow""#, ""));
    let sync = client.ask(r#"{"execute":"guest-sync","arguments":{"id":77}}"#);
    assert_eq!(sync, json!({"return": 77}));
    // It has waited for the end of the slow command, whose answer is dropped.
    assert!(client.ask(r#"{"execute":"guest-get-time"}"#)["return"].is_i64());
    agent.stop();
}

#[test]
fn late_errors_are_reported() {
    let agent = agent_with_chpasswd("sleep 1; echo no; exit 3");
    let mut client = agent.connect();
    send_slow(&mut client);
    let answer = client.ask("");
    assert_eq!(answer["id"], "slow");
    assert_eq!(
        answer["error"]["desc"],
        "child process has failed to set user password: no\n"
    );
    agent.stop();
}

#[test]
fn commands_that_end_soon_are_answered_before_the_end() {
    let agent = agent_with_chpasswd("sleep 2");
    let mut client = agent.connect();
    send_slow(&mut client);
    assert_eq!(client.ask(r#"{"execute":"guest-ping","id":1}"#)["id"], 1);
    kill(agent.pid(), Signal::SIGTERM).unwrap();
    assert_eq!(client.ask(""), json!({"return": {}, "id": "slow"}));
    agent.stop();
}

#[test]
fn missing_requests_are_rejected_at_the_end() {
    let agent = agent_with_chpasswd("exec sleep 30");
    let mut client = agent.connect();
    send_slow(&mut client);
    client.send(r#"{"execute":"guest-ping","id":1}"#);
    assert_eq!(client.ask("")["id"], 1);
    client.send(r#"{"execute":"guest-get-host-name","id":2}"#);
    kill(agent.pid(), Signal::SIGTERM).unwrap();
    for id in [json!("slow"), json!(2)] {
        let answer = client.ask("");
        assert_eq!(answer["id"], id, "{answer}");
        assert_eq!(
            answer["error"]["desc"],
            "the agent ends before the command has"
        );
    }
    agent.stop();
}

#[test]
fn a_program_runs_while_others_are_collected() {
    let agent = agent_with_chpasswd("sleep 1");
    let mut client = agent.connect();
    let pid = client.ask(
        r#"{"execute":"guest-exec","arguments":{"path":"sh","arg":["-c","sleep 0.2; echo x"],"capture-output":true}}"#,
    )["return"]["pid"]
        .as_i64()
        .unwrap();
    send_slow(&mut client);
    assert_eq!(client.ask("")["id"], "slow");
    let request = format!(r#"{{"execute":"guest-exec-status","arguments":{{"pid":{pid}}}}}"#);
    let status = client.ask(request);
    assert_eq!(status["return"]["out-data"], "eAo=", "{status}");
    assert_eq!(status["return"]["exitcode"], 0, "{status}");
    agent.stop();
}
