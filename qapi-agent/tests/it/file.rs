//! Files, beyond the rows of docs/reference/agent-behaviour.md §9.2, which the workspace's `tests/data/agent` has.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::harness::{Agent, mode};

#[test]
fn a_handle_whose_closing_fails_is_gone() {
    let agent = Agent::start();
    let mut client = agent.connect();
    let handle = client.run(
        "guest-file-open",
        &json!({ "path": "/dev/full", "mode": "w" }),
    );
    client.run(
        "guest-file-write",
        &json!({ "handle": handle, "buf-b64": "eA==" }),
    );
    let close = json!({ "handle": handle });
    assert_eq!(
        client.fail("guest-file-close", &close),
        "failed to close handle: No space left on device"
    );
    // The reference frees it twice and crashes here (D8).
    assert_eq!(
        client.fail("guest-file-close", &close),
        "handle '1000' has not been found"
    );
}

#[test]
fn an_existing_file_keeps_its_mode_and_relative_paths_start_at_the_working_directory() {
    let scratch = crate::harness::Scratch::new();
    let place = scratch.join("");
    let agent = Agent::start_by(
        std::process::Command::new(crate::harness::PROGRAM).current_dir(&place),
        scratch,
        &[],
    );
    fs::write(agent.scratch.join("old"), "x").unwrap();
    fs::set_permissions(agent.scratch.join("old"), fs::Permissions::from_mode(0o644)).unwrap();
    let mut client = agent.connect();
    client.run("guest-file-open", &json!({ "path": "old", "mode": "w" }));
    client.run("guest-file-open", &json!({ "path": "new", "mode": "a+" }));
    assert_eq!(mode(&agent.scratch.join("old")), 0o644);
    assert_eq!(agent.scratch.text("old"), "");
    assert_eq!(mode(&agent.scratch.join("new")), 0o600);
}

#[test]
fn strings_with_nul_are_not_paths() {
    let agent = Agent::start();
    let error = agent
        .connect()
        .fail("guest-file-open", &json!({ "path": "/dev/null\0x" }));
    assert_eq!(
        error,
        "the path of a file must not contain the character U+0000"
    );
}

#[test]
fn megabytes_go_in_and_come_out_unchanged() {
    let agent = Agent::start();
    let mut client = agent.connect();
    let path = agent.scratch.join("big");
    let bytes: Vec<u8> = (0..20_000_003_u32)
        .map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3])
        .collect();
    fs::write(&path, &bytes).unwrap();
    let source = client.run("guest-file-open", &json!({ "path": path }));
    let read = client.run(
        "guest-file-read",
        &json!({ "handle": source, "count": 50_331_648 }),
    );
    assert_eq!(
        (&read["count"], &read["eof"]),
        (&json!(20_000_003), &json!(true))
    );
    let copy = agent.scratch.join("copy");
    let target = client.run("guest-file-open", &json!({ "path": copy, "mode": "w" }));
    let write = json!({ "handle": target, "buf-b64": read["buf-b64"] });
    assert_eq!(client.run("guest-file-write", &write)["count"], 20_000_003);
    client.run("guest-file-close", &json!({ "handle": target }));
    assert!(
        fs::read(copy).unwrap() == bytes,
        "the copy equals the original"
    );
}
