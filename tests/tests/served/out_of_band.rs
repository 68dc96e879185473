//! Requests to be executed out of band are answered at once, whatever the answer: QEMU's servers and ours get the same requests
//! while a command is at work.

use std::path::Path;
use std::process::Command;

use qapi_tests::qmp_server::QmpServer;
use serde_json::Value;

use crate::machine::{Lines, Served};

/// Requests that wait for the command at work, and are answered in their order.
const IN_ORDER: [&str; 5] = [
    r#"{"execute": "query-name", "id": 1}"#,
    r#"{"execute": "qmp_capabilities", "id": 2}"#,
    r#"{"execute": "query-name", "exec-oob": "query-name", "id": 3}"#,
    "]",
    r#"{"execute": "nope", "id": 5}"#,
];

/// Requests that are answered while it is at work.
const AT_ONCE: [&str; 7] = [
    r#"{"exec-oob": "query-name", "id": 10}"#,
    r#"{"exec-oob": "nope", "id": 11}"#,
    r#"{"exec-oob": "qmp_capabilities", "id": 12}"#,
    r#"{"exec-oob": 7, "id": 13}"#,
    r#"{"exec-oob": "migrate-recover", "more": 1, "id": 14}"#,
    r#"{"exec-oob": "migrate-recover", "arguments": [], "id": 15}"#,
    r#"{"exec-oob": "migrate-recover", "id": 16}"#,
];

/// The answers: those that came at once, then that to the command that was at work and those in order.
fn answers(socket: &Path, folder: &Path) -> Vec<Value> {
    let pipe = folder.join("configuration");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.is_ok_and(|status| status.success()), "no pipe");
    let mut client = Lines::ready(socket, r#", "arguments": {"enable": ["oob"]}"#);
    let image = r#"{"driver": "null-co"}"#;
    client.send(&format!(
        r#"{{"execute": "blockdev-add", "arguments": {{"driver": "blkdebug", "node-name": "n", "config": "{}", "image": {image}}}, "id": 0}}"#,
        pipe.display()
    ));
    for request in IN_ORDER {
        client.send(request);
    }
    let mut answers: Vec<_> = AT_ONCE.iter().map(|request| client.ask(request)).collect();
    // Opening it for writing lets the command end.
    drop(
        std::fs::OpenOptions::new()
            .write(true)
            .open(&pipe)
            .expect("it is read"),
    );
    answers.extend((0..=IN_ORDER.len()).map(|_| client.answer()));
    answers
}

#[test]
fn refusals_out_of_band_come_at_once_as_from_qemu() {
    let theirs: Vec<_> = [QmpServer::machine(), QmpServer::newer_machine()]
        .into_iter()
        .flatten()
        .map(|server| answers(&server.socket(), server.folder()))
        .collect();
    for ours in Served::each() {
        let ours = answers(&ours.socket(), ours.folder());
        assert_eq!(ours.len(), AT_ONCE.len() + 1 + IN_ORDER.len());
        assert_eq!(ours[AT_ONCE.len()]["return"], serde_json::json!({}));
        for theirs in &theirs {
            assert_eq!(&ours, theirs);
        }
    }
}
