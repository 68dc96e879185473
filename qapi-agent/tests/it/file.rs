//! The rows of agent-behaviour.md §9.2 about files, with what differs on purpose.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::harness::{Agent, Client, mode};

/// Sends requests and compares replies as JSON. `$D` is the scratch directory.
fn check(client: &mut Client, agent: &Agent, rows: &[(&str, &str, &str)]) {
    let directory = agent.scratch.path("");
    let directory = directory.to_str().unwrap().trim_end_matches('/');
    for (row, request, reply) in rows {
        let expected: Value = serde_json::from_str(&reply.replace("$D", directory)).unwrap();
        assert_eq!(
            client.ask(request.replace("$D", directory)),
            expected,
            "{row}"
        );
    }
}

#[test]
fn the_story_of_a_file() {
    let agent = Agent::start();
    let mut client = agent.connect();
    let path = agent.scratch.path("f");
    let size = || fs::metadata(&path).unwrap().len();
    check(
        &mut client,
        &agent,
        &[
            (
                "C001",
                r#"{"execute":"guest-file-open","arguments":{"path":"/nonexistent/x"}}"#,
                r#"{"error": {"class": "GenericError", "desc": "failed to open file '/nonexistent/x' (mode: 'r'): No such file or directory"}}"#,
            ),
            (
                "C002",
                r#"{"execute":"guest-file-open","arguments":{"path":""}}"#,
                r#"{"error": {"class": "GenericError", "desc": "failed to open file '' (mode: 'r'): No such file or directory"}}"#,
            ),
            (
                "C003",
                r#"{"execute":"guest-file-open","arguments":{"path":"/tmp"}}"#,
                r#"{"return": 1000}"#,
            ),
            (
                "C005",
                r#"{"execute":"guest-file-open","arguments":{"path":"$D/f","mode":"rw"}}"#,
                r#"{"error": {"class": "GenericError", "desc": "invalid file open mode 'rw'"}}"#,
            ),
            (
                "C007",
                r#"{"execute":"guest-file-open","arguments":{"path":"$D/f","mode":""}}"#,
                r#"{"error": {"class": "GenericError", "desc": "invalid file open mode ''"}}"#,
            ),
            (
                "C008",
                r#"{"execute":"guest-file-open","arguments":{"path":"$D/f","mode":"w+"}}"#,
                r#"{"return": 1001}"#,
            ),
            (
                "C010",
                r#"{"execute":"guest-file-write","arguments":{"handle":1001,"buf-b64":"SGVsbG8gV29ybGQhCg=="}}"#,
                r#"{"return": {"count": 13, "eof": false}}"#,
            ),
        ],
    );
    // C009, but private (D21).
    assert_eq!(mode(&path), 0o600);
    assert_eq!(size(), 0, "C011");
    check(
        &mut client,
        &agent,
        &[(
            "C012",
            r#"{"execute":"guest-file-flush","arguments":{"handle":1001}}"#,
            r#"{"return": {}}"#,
        )],
    );
    assert_eq!(size(), 13, "C013");
    let bad = r#"{"error": {"class": "GenericError", "desc": "Base64 data contains invalid characters"}}"#;
    check(
        &mut client,
        &agent,
        &[
            (
                "C014",
                r#"{"execute":"guest-file-write","arguments":{"handle":1001,"buf-b64":"YWJjZGVm","count":3}}"#,
                r#"{"return": {"count": 3, "eof": false}}"#,
            ),
            (
                "C015",
                r#"{"execute":"guest-file-write","arguments":{"handle":1001,"buf-b64":"YWJjZGVm","count":7}}"#,
                r#"{"error": {"class": "GenericError", "desc": "value '7' is invalid for argument count"}}"#,
            ),
            (
                "C016",
                r#"{"execute":"guest-file-write","arguments":{"handle":1001,"buf-b64":"YWJjZGVm","count":-1}}"#,
                r#"{"error": {"class": "GenericError", "desc": "value '-1' is invalid for argument count"}}"#,
            ),
            (
                "C017",
                r#"{"execute":"guest-file-write","arguments":{"handle":1001,"buf-b64":""}}"#,
                r#"{"return": {"count": 0, "eof": false}}"#,
            ),
            (
                "C018",
                r#"{"execute":"guest-file-write","arguments":{"handle":1001,"buf-b64":"a$b="}}"#,
                bad,
            ),
            (
                "C019",
                r#"{"execute":"guest-file-write","arguments":{"handle":1001,"buf-b64":"YWJj ZGVm"}}"#,
                bad,
            ),
            (
                "C020",
                r#"{"execute":"guest-file-write","arguments":{"handle":1001,"buf-b64":"YWJj\nZGVm"}}"#,
                r#"{"return": {"count": 6, "eof": false}}"#,
            ),
            (
                "C021 strict",
                r#"{"execute":"guest-file-write","arguments":{"handle":1001,"buf-b64":"YWI"}}"#,
                bad,
            ),
            (
                "C023 strict",
                r#"{"execute":"guest-file-write","arguments":{"handle":1001,"buf-b64":"===="}}"#,
                bad,
            ),
            (
                "C024 strict",
                r#"{"execute":"guest-file-write","arguments":{"handle":1001,"buf-b64":"YQ==Yg=="}}"#,
                bad,
            ),
            (
                "as C023",
                r#"{"execute":"guest-file-write","arguments":{"handle":1001,"buf-b64":"AA=="}}"#,
                r#"{"return": {"count": 1, "eof": false}}"#,
            ),
            (
                "as C024",
                r#"{"execute":"guest-file-write","arguments":{"handle":1001,"buf-b64":"YWI="}}"#,
                r#"{"return": {"count": 2, "eof": false}}"#,
            ),
            (
                "C026",
                r#"{"execute":"guest-file-read","arguments":{"handle":1001}}"#,
                r#"{"return": {"count": 0, "buf-b64": "", "eof": true}}"#,
            ),
        ],
    );
    assert_eq!(
        fs::read(&path).unwrap(),
        b"Hello World!\nabcabcdef\0ab",
        "C027"
    );
    check(
        &mut client,
        &agent,
        &[
            (
                "seek 6",
                r#"{"execute":"guest-file-seek","arguments":{"handle":1001,"offset":6,"whence":0}}"#,
                r#"{"return": {"eof": false, "position": 6}}"#,
            ),
            (
                "C029",
                r#"{"execute":"guest-file-read","arguments":{"handle":1001,"count":5}}"#,
                r#"{"return": {"count": 5, "buf-b64": "V29ybGQ=", "eof": false}}"#,
            ),
            (
                "C030",
                r#"{"execute":"guest-file-read","arguments":{"handle":1001,"count":0}}"#,
                r#"{"return": {"count": 0, "buf-b64": "", "eof": false}}"#,
            ),
            (
                "C031",
                r#"{"execute":"guest-file-seek","arguments":{"handle":1001,"offset":0,"whence":1}}"#,
                r#"{"return": {"eof": false, "position": 11}}"#,
            ),
            (
                "C032",
                r#"{"execute":"guest-file-seek","arguments":{"handle":1001,"offset":-1,"whence":"end"}}"#,
                r#"{"return": {"eof": false, "position": 24}}"#,
            ),
            (
                "C033",
                r#"{"execute":"guest-file-seek","arguments":{"handle":1001,"offset":100,"whence":2}}"#,
                r#"{"return": {"eof": false, "position": 125}}"#,
            ),
            (
                "C034",
                r#"{"execute":"guest-file-read","arguments":{"handle":1001}}"#,
                r#"{"return": {"count": 0, "buf-b64": "", "eof": true}}"#,
            ),
            (
                "C035",
                r#"{"execute":"guest-file-seek","arguments":{"handle":1001,"offset":-1,"whence":0}}"#,
                r#"{"error": {"class": "GenericError", "desc": "failed to seek file: Invalid argument"}}"#,
            ),
            (
                "C037",
                r#"{"execute":"guest-file-seek","arguments":{"handle":1001,"offset":0,"whence":-1}}"#,
                r#"{"error": {"class": "GenericError", "desc": "invalid whence code -1"}}"#,
            ),
            (
                "C040",
                r#"{"execute":"guest-file-seek","arguments":{"handle":1001,"offset":0,"whence":"set"}}"#,
                r#"{"return": {"eof": false, "position": 0}}"#,
            ),
            (
                "C042",
                r#"{"execute":"guest-file-read","arguments":{"handle":1001,"count":50331648}}"#,
                r#"{"return": {"count": 25, "buf-b64": "SGVsbG8gV29ybGQhCmFiY2FiY2RlZgBhYg==", "eof": true}}"#,
            ),
            (
                "C043",
                r#"{"execute":"guest-file-read","arguments":{"handle":1001,"count":50331649}}"#,
                r#"{"error": {"class": "GenericError", "desc": "value '50331649' is invalid for argument count"}}"#,
            ),
            (
                "C044",
                r#"{"execute":"guest-file-read","arguments":{"handle":1001,"count":4294967295}}"#,
                r#"{"error": {"class": "GenericError", "desc": "value '4294967295' is invalid for argument count"}}"#,
            ),
            (
                "C045",
                r#"{"execute":"guest-file-read","arguments":{"handle":1001,"count":9223372036854775807}}"#,
                r#"{"error": {"class": "GenericError", "desc": "value '9223372036854775807' is invalid for argument count"}}"#,
            ),
        ],
    );
}

#[test]
fn handles_that_are_not_open_are_refused_first() {
    let agent = Agent::start();
    let unknown = |n| {
        format!(
            r#"{{"error": {{"class": "GenericError", "desc": "handle '{n}' has not been found"}}}}"#
        )
    };
    check(
        &mut agent.connect(),
        &agent,
        &[
            (
                "C046",
                r#"{"execute":"guest-file-read","arguments":{"handle":1}}"#,
                &unknown(1),
            ),
            (
                "C047",
                r#"{"execute":"guest-file-read","arguments":{"handle":-1}}"#,
                &unknown(-1),
            ),
            (
                "C048",
                r#"{"execute":"guest-file-write","arguments":{"handle":1,"buf-b64":"$$"}}"#,
                &unknown(1),
            ),
            (
                "C049",
                r#"{"execute":"guest-file-seek","arguments":{"handle":1,"offset":0,"whence":9}}"#,
                &unknown(1),
            ),
            (
                "C050",
                r#"{"execute":"guest-file-flush","arguments":{"handle":1}}"#,
                &unknown(1),
            ),
            (
                "close",
                r#"{"execute":"guest-file-close","arguments":{"handle":1}}"#,
                &unknown(1),
            ),
        ],
    );
}

#[test]
fn directions_and_appending() {
    let agent = Agent::start();
    fs::write(agent.scratch.path("f"), "Hello World!\n").unwrap();
    check(
        &mut agent.connect(),
        &agent,
        &[
            (
                "C055",
                r#"{"execute":"guest-file-open","arguments":{"path":"$D/f"}}"#,
                r#"{"return": 1000}"#,
            ),
            (
                "C056",
                r#"{"execute":"guest-file-write","arguments":{"handle":1000,"buf-b64":"eno="}}"#,
                r#"{"error": {"class": "GenericError", "desc": "failed to write to file: Bad file descriptor"}}"#,
            ),
            (
                "flush r",
                r#"{"execute":"guest-file-flush","arguments":{"handle":1000}}"#,
                r#"{"return": {}}"#,
            ),
            (
                "C058",
                r#"{"execute":"guest-file-read","arguments":{"handle":1000,"count":4}}"#,
                r#"{"return": {"count": 4, "buf-b64": "SGVsbA==", "eof": false}}"#,
            ),
            (
                "C059",
                r#"{"execute":"guest-file-close","arguments":{"handle":1000}}"#,
                r#"{"return": {}}"#,
            ),
            (
                "C053",
                r#"{"execute":"guest-file-close","arguments":{"handle":1000}}"#,
                r#"{"error": {"class": "GenericError", "desc": "handle '1000' has not been found"}}"#,
            ),
            (
                "C060",
                r#"{"execute":"guest-file-open","arguments":{"path":"$D/f","mode":"w"}}"#,
                r#"{"return": 1001}"#,
            ),
            (
                "C061",
                r#"{"execute":"guest-file-read","arguments":{"handle":1001}}"#,
                r#"{"error": {"class": "GenericError", "desc": "failed to read file: Bad file descriptor"}}"#,
            ),
            (
                "C062",
                r#"{"execute":"guest-file-close","arguments":{"handle":1001}}"#,
                r#"{"return": {}}"#,
            ),
            (
                "C063",
                r#"{"execute":"guest-file-open","arguments":{"path":"$D/f","mode":"a"}}"#,
                r#"{"return": 1002}"#,
            ),
            (
                "C064",
                r#"{"execute":"guest-file-seek","arguments":{"handle":1002,"offset":0,"whence":0}}"#,
                r#"{"return": {"eof": false, "position": 0}}"#,
            ),
            (
                "C065",
                r#"{"execute":"guest-file-write","arguments":{"handle":1002,"buf-b64":"QQ=="}}"#,
                r#"{"return": {"count": 1, "eof": false}}"#,
            ),
            (
                "C066",
                r#"{"execute":"guest-file-close","arguments":{"handle":1002}}"#,
                r#"{"return": {}}"#,
            ),
        ],
    );
    assert_eq!(agent.scratch.text("f"), "A");
    assert_eq!(
        agent.scratch.text("qga.state"),
        "[global]\nfd_counter=1003\n",
        "C054"
    );
}

#[test]
fn fifos_and_full_devices() {
    let agent = Agent::start();
    nix::unistd::mkfifo(&agent.scratch.path("fifo"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    let mut client = agent.connect();
    check(
        &mut client,
        &agent,
        &[
            (
                "C067",
                r#"{"execute":"guest-file-open","arguments":{"path":"$D/fifo","mode":"w"}}"#,
                r#"{"error": {"class": "GenericError", "desc": "failed to open file '$D/fifo' (mode: 'w'): No such device or address"}}"#,
            ),
            (
                "open",
                r#"{"execute":"guest-file-open","arguments":{"path":"$D/fifo"}}"#,
                r#"{"return": 1000}"#,
            ),
            (
                "C069",
                r#"{"execute":"guest-file-read","arguments":{"handle":1000}}"#,
                r#"{"return": {"count": 0, "buf-b64": "", "eof": true}}"#,
            ),
        ],
    );
    let mut writer = fs::File::options()
        .write(true)
        .open(agent.scratch.path("fifo"))
        .unwrap();
    check(
        &mut client,
        &agent,
        &[(
            "C070",
            r#"{"execute":"guest-file-read","arguments":{"handle":1000}}"#,
            r#"{"error": {"class": "GenericError", "desc": "failed to read file: Resource temporarily unavailable"}}"#,
        )],
    );
    std::io::Write::write_all(&mut writer, b"data").unwrap();
    check(
        &mut client,
        &agent,
        &[
            (
                "C071 kept (D7)",
                r#"{"execute":"guest-file-read","arguments":{"handle":1000}}"#,
                r#"{"return": {"count": 4, "buf-b64": "ZGF0YQ==", "eof": false}}"#,
            ),
            (
                "C072",
                r#"{"execute":"guest-file-seek","arguments":{"handle":1000,"offset":0,"whence":0}}"#,
                r#"{"error": {"class": "GenericError", "desc": "failed to seek file: Illegal seek"}}"#,
            ),
            (
                "C074",
                r#"{"execute":"guest-file-open","arguments":{"path":"/dev/full","mode":"w"}}"#,
                r#"{"return": 1001}"#,
            ),
            (
                "C075",
                r#"{"execute":"guest-file-write","arguments":{"handle":1001,"buf-b64":"eA=="}}"#,
                r#"{"return": {"count": 1, "eof": false}}"#,
            ),
            (
                "flush",
                r#"{"execute":"guest-file-flush","arguments":{"handle":1001}}"#,
                r#"{"error": {"class": "GenericError", "desc": "failed to flush file: No space left on device"}}"#,
            ),
            (
                "C077",
                r#"{"execute":"guest-file-close","arguments":{"handle":1001}}"#,
                r#"{"return": {}}"#,
            ),
            (
                "open",
                r#"{"execute":"guest-file-open","arguments":{"path":"/dev/full","mode":"w"}}"#,
                r#"{"return": 1002}"#,
            ),
            (
                "write",
                r#"{"execute":"guest-file-write","arguments":{"handle":1002,"buf-b64":"eA=="}}"#,
                r#"{"return": {"count": 1, "eof": false}}"#,
            ),
            (
                "D8",
                r#"{"execute":"guest-file-close","arguments":{"handle":1002}}"#,
                r#"{"error": {"class": "GenericError", "desc": "failed to close handle: No space left on device"}}"#,
            ),
            (
                "D8 again",
                r#"{"execute":"guest-file-close","arguments":{"handle":1002}}"#,
                r#"{"error": {"class": "GenericError", "desc": "handle '1002' has not been found"}}"#,
            ),
        ],
    );
}

#[test]
fn the_file_commands_of_the_references_own_tests_work() {
    let agent = Agent::start();
    let mut client = agent.connect();
    let path = agent.scratch.path("foo");
    let text = "SGVsbG8gV29ybGQhCgA=";
    let handle = client.run("guest-file-open", &json!({ "path": path, "mode": "w+" }));
    let handle_only = json!({ "handle": handle });
    let written = client.run(
        "guest-file-write",
        &json!({ "handle": handle, "buf-b64": text }),
    );
    assert_eq!(written, json!({ "count": 14, "eof": false }));
    let end = json!({ "count": 0, "buf-b64": "", "eof": true });
    assert_eq!(client.run("guest-file-read", &handle_only), end);
    let start = json!({ "handle": handle, "offset": 0, "whence": 0 });
    assert_eq!(
        client.run("guest-file-seek", &start),
        json!({ "position": 0, "eof": false })
    );
    let all = json!({ "count": 14, "buf-b64": text, "eof": true });
    assert_eq!(client.run("guest-file-read", &handle_only), all);
    assert_eq!(client.run("guest-file-close", &handle_only), json!({}));
    assert_eq!(fs::read(path).unwrap(), b"Hello World!\n\0");
}

#[test]
fn an_existing_file_keeps_its_mode_and_relative_paths_start_at_the_working_directory() {
    let scratch = crate::harness::Scratch::new();
    let place = scratch.path("");
    let agent = Agent::start_by(
        std::process::Command::new(crate::harness::PROGRAM).current_dir(&place),
        scratch,
        &[],
    );
    fs::write(agent.scratch.path("old"), "x").unwrap();
    fs::set_permissions(agent.scratch.path("old"), fs::Permissions::from_mode(0o644)).unwrap();
    let mut client = agent.connect();
    client.run("guest-file-open", &json!({ "path": "old", "mode": "w" }));
    client.run("guest-file-open", &json!({ "path": "new", "mode": "a+" }));
    assert_eq!(mode(&agent.scratch.path("old")), 0o644);
    assert_eq!(agent.scratch.text("old"), "");
    assert_eq!(mode(&agent.scratch.path("new")), 0o600);
}

#[test]
fn strings_with_nul_are_no_paths() {
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
    let path = agent.scratch.path("big");
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
    let copy = agent.scratch.path("copy");
    let target = client.run("guest-file-open", &json!({ "path": copy, "mode": "w" }));
    let write = json!({ "handle": target, "buf-b64": read["buf-b64"] });
    assert_eq!(client.run("guest-file-write", &write)["count"], 20_000_003);
    client.run("guest-file-close", &json!({ "handle": target }));
    assert!(
        fs::read(copy).unwrap() == bytes,
        "the copy equals the original"
    );
}
