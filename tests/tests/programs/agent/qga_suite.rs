//! Assertions of QEMU's own test program for its guest agent (docs/reference/agent-behaviour.md part 7), for our
//! agent where that program looks for it: `qga/qemu-ga` in the current folder. The numbers are those of §7.2.

mod fixture;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use qapi_tests::Scratch;
use qapi_tests::base64;
use serde_json::{Value, json};

use fixture::{Fixture, key_file, run};

fn class(reply: &Value) -> &str {
    assert!(reply.get("return").is_none(), "{reply}");
    let desc = reply["error"]["desc"]
        .as_str()
        .expect("an error has a text");
    assert!(!desc.is_empty());
    reply["error"]["class"]
        .as_str()
        .expect("an error has a class")
}

/// 1, 2.
#[test]
fn synchronisation_comes_first_whatever_was_sent_before() {
    let mut fixture = Fixture::start(&[]);
    let id = 0xDEAD_BEEF_u32;
    fixture.connection.send(b"\xFF");
    fixture.send(&json!({ "execute": "guest-sync-delimited", "arguments": { "id": id } }));
    let mut line = fixture.connection.line();
    while !line.contains(&0xFF) {
        line = fixture.connection.line();
    }
    let start = line
        .iter()
        .position(|byte| *byte == 0xFF)
        .expect("just seen")
        + 1;
    let reply: Value = serde_json::from_slice(&line[start..]).expect("an object follows the byte");
    assert_eq!(reply["return"], id);
    assert_eq!(fixture.run("guest-sync", &json!({ "id": id })), json!(id));
    fixture.end();
}

/// 3, 4, 13, 14, 15, 16, 17, 18.
#[test]
fn the_envelope_is_checked_as_the_suite_wants_it() {
    let mut fixture = Fixture::start(&[]);
    fixture.run("guest-ping", &json!({}));
    let (code, version, _) = run(&fixture.folder, &["-V"], &[]);
    assert_eq!(code, Some(0));
    let version = version.trim_start_matches("QEMU Guest Agent ").trim();
    assert_eq!(fixture.run("guest-info", &json!({}))["version"], version);
    assert!(
        fixture
            .run("guest-get-time", &json!({}))
            .as_i64()
            .is_some_and(|time| time > 0)
    );
    assert_eq!(
        fixture.ask(&json!({ "execute": "guest-ping", "id": 1 }))["id"],
        1
    );

    let reply = fixture.ask(&json!({ "exec-oob": "guest-ping" }));
    assert_eq!(class(&reply), "GenericError");
    let reply = fixture.ask(&json!({ "execute": "guest-invalid-cmd" }));
    assert_eq!(class(&reply), "CommandNotFound");
    let reply = fixture.ask(&json!({ "execute": "guest-ping", "arguments": { "foo": 42 } }));
    assert_eq!(class(&reply), "GenericError");
    assert_eq!(reply["error"]["desc"], "Parameter 'foo' is unexpected");
    assert_eq!(fixture.run("guest-fsfreeze-status", &json!({})), "thawed");
    fixture.end();
}

/// 5 to 10, 27 to 29: what is told of the system has the members that the suite looks for.
#[test]
fn lists_have_the_members_that_are_looked_for() {
    let mut fixture = Fixture::start(&[]);
    let interfaces = fixture.run("guest-network-get-interfaces", &json!({}));
    assert!(interfaces[0]["name"].is_string(), "{interfaces}");
    if Path::new("/sys/devices/system/cpu/cpu0").exists() {
        let processors = fixture.run("guest-get-vcpus", &json!({}));
        assert!(processors[0]["online"].is_boolean() && processors[0]["logical-id"].is_i64());
    }
    let systems = fixture.run("guest-get-fsinfo", &json!({}));
    for member in ["name", "mountpoint", "type", "disk"] {
        let first = systems.as_array().expect("a list").first();
        assert!(
            first.is_none_or(|first| first.get(member).is_some()),
            "{member}"
        );
    }
    let load = fixture.run("guest-get-load", &json!({}));
    for member in ["load1m", "load5m", "load15m"] {
        // A whole number has no fraction on the wire.
        assert!(load[member].is_number(), "{member} of {load}");
    }
    let info = fixture.ask(&json!({ "execute": "guest-get-memory-block-info" }));
    if info.get("error").is_none() {
        assert!(info["return"]["size"].as_u64().is_some_and(|size| size > 0));
    }
    let blocks = fixture.ask(&json!({ "execute": "guest-get-memory-blocks" }));
    if let Some(first) = blocks["return"]
        .as_array()
        .and_then(|blocks| blocks.first())
    {
        assert!(first["phys-index"].is_u64() && first["online"].is_boolean());
    }
    assert!(fixture.run("guest-get-host-name", &json!({}))["host-name"].is_string());
    assert!(fixture.run("guest-get-timezone", &json!({}))["offset"].is_i64());
    assert!(fixture.run("guest-get-users", &json!({})).is_array());
    fixture.end();
}

const HELLO: &[u8] = b"Hello World!\n\0";

/// 11: with a relative path, which is in the folder that the agent was started in.
#[test]
fn files_are_written_and_read() {
    let mut fixture = Fixture::start(&[]);
    let handle = fixture.run("guest-file-open", &json!({ "path": "foo", "mode": "w+" }));
    let only = json!({ "handle": handle });
    let write = json!({ "handle": handle, "buf-b64": base64::encode(HELLO) });
    assert_eq!(
        fixture.run("guest-file-write", &write),
        json!({ "count": 14, "eof": false })
    );
    fixture.run("guest-file-flush", &only);
    fixture.run("guest-file-close", &only);
    assert_eq!(
        fs::read(fixture.folder.join("foo")).expect("the agent made it"),
        HELLO
    );

    let handle = fixture.run("guest-file-open", &json!({ "path": "foo", "mode": "r" }));
    let only = json!({ "handle": handle });
    let all = json!({ "count": 14, "eof": true, "buf-b64": base64::encode(HELLO) });
    assert_eq!(fixture.run("guest-file-read", &only), all);
    let nothing = json!({ "count": 0, "eof": true, "buf-b64": "" });
    assert_eq!(fixture.run("guest-file-read", &only), nothing);
    let seek = json!({ "handle": handle, "offset": 6, "whence": "set" });
    assert_eq!(
        fixture.run("guest-file-seek", &seek),
        json!({ "position": 6, "eof": false })
    );
    let rest = json!({ "count": 8, "eof": true, "buf-b64": base64::encode(&HELLO[6..]) });
    assert_eq!(fixture.run("guest-file-read", &only), rest);
    fixture.run("guest-file-close", &only);
    fixture.end();
}

/// 12.
#[test]
fn reading_flushes_what_was_written() {
    let mut fixture = Fixture::start(&[]);
    let handle = fixture.run("guest-file-open", &json!({ "path": "foo", "mode": "w+" }));
    let only = json!({ "handle": handle });
    let write = json!({ "handle": handle, "buf-b64": base64::encode(HELLO) });
    assert_eq!(
        fixture.run("guest-file-write", &write),
        json!({ "count": 14, "eof": false })
    );
    let nothing = json!({ "count": 0, "eof": true, "buf-b64": "" });
    assert_eq!(fixture.run("guest-file-read", &only), nothing);
    let seek = json!({ "handle": handle, "offset": 0, "whence": "set" });
    assert_eq!(
        fixture.run("guest-file-seek", &seek),
        json!({ "position": 0, "eof": false })
    );
    let all = json!({ "count": 14, "eof": true, "buf-b64": base64::encode(HELLO) });
    assert_eq!(fixture.run("guest-file-read", &only), all);
    fixture.run("guest-file-close", &only);
    fixture.end();
}

/// 19, 20.
#[test]
fn lists_forbid_and_allow_commands() {
    let forbidden = |reply: &Value| {
        assert_eq!(class(reply), "CommandNotFound");
        let desc = reply["error"]["desc"].as_str().unwrap_or_default();
        assert!(desc.contains("has been disabled"), "{desc}");
    };
    let mut fixture = Fixture::start(&["-b", "guest-ping,guest-get-time"]);
    forbidden(&fixture.ask(&json!({ "execute": "guest-ping" })));
    forbidden(&fixture.ask(&json!({ "execute": "guest-get-time" })));
    fixture.run("guest-get-fsinfo", &json!({}));
    fixture.end();

    let mut fixture = Fixture::start(&["-a", "guest-ping,guest-get-time"]);
    fixture.run("guest-ping", &json!({}));
    fixture.run("guest-get-time", &json!({}));
    forbidden(&fixture.ask(&json!({ "execute": "guest-get-fsinfo" })));
    fixture.end();
}

/// 21, with a file of the same kind: lists with semicolons come out as they went in.
#[test]
fn the_configuration_is_dumped() {
    let folder = Scratch::new();
    let settings = [
        ("daemon", "false"),
        ("method", "virtio-serial"),
        ("path", "/path/to/org.qemu.guest_agent.0"),
        ("pidfile", "/var/foo/qemu-ga.pid"),
        ("statedir", "/var/state"),
        ("verbose", "true"),
        ("block-rpcs", "guest-ping;guest-get-time"),
    ];
    let lines: Vec<String> = settings
        .iter()
        .map(|(key, value)| format!("{key}={value}\n"))
        .collect();
    let file = folder.join("config");
    fs::write(&file, format!("[general]\n{}", lines.concat()))
        .expect("a scratch folder is writable");
    let file = file.to_str().expect("a scratch path is text");
    let (code, output, errors) = run(folder.path(), &["-D"], &[("QGA_CONF", file)]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let (group, dumped) = key_file(&output);
    assert_eq!(group, "general");
    let expected: BTreeMap<_, _> = settings.into_iter().collect();
    for (key, value) in expected {
        assert_eq!(dumped.get(key).map(String::as_str), Some(value), "{key}");
    }
}

/// Polls in a tight loop, as the suite does.
fn finish(fixture: &mut Fixture, exec: &Value) -> Value {
    let pid = fixture.run("guest-exec", exec)["pid"]
        .as_i64()
        .expect("a number");
    assert!(pid > 0);
    let start = Instant::now();
    loop {
        let status = fixture.run("guest-exec-status", &json!({ "pid": pid }));
        if status["exited"] == true {
            assert_eq!(status["exitcode"], 0);
            return status;
        }
        assert!(start.elapsed() < Duration::from_secs(60));
    }
}

/// The bytes of a stream.
fn caught(status: &Value, stream: &str) -> Vec<u8> {
    base64::decode(status[stream].as_str().expect("the stream was caught"))
}

/// 22 to 25.
#[test]
fn programs_are_run_and_their_output_is_caught() {
    let mut fixture = Fixture::start(&[]);
    let echo = json!({ "path": "echo", "arg": ["-n", "\" test_str \""], "capture-output": true });
    let status = finish(&mut fixture, &echo);
    assert_eq!(caught(&status, "out-data"), b"\" test_str \"");

    let script = "for i in $(seq 4); do if [ $((i % 2)) -eq 1 ]; then echo stdout; else echo stderr >&2; fi; done";
    let both =
        |mode: &str| json!({ "path": "bash", "arg": ["-c", script], "capture-output": mode });
    let status = finish(&mut fixture, &both("separated"));
    assert_eq!(caught(&status, "out-data"), b"stdout\nstdout\n");
    assert_eq!(caught(&status, "err-data"), b"stderr\nstderr\n");
    let status = finish(&mut fixture, &both("merged"));
    assert_eq!(
        caught(&status, "out-data"),
        b"stdout\nstderr\nstdout\nstderr\n"
    );
    assert!(status.get("err-data").is_none());

    let request = json!({ "execute": "guest-exec", "arguments": { "path": "/bin/invalid-cmd42" } });
    assert_eq!(class(&fixture.ask(&request)), "GenericError");
    let request = json!({ "execute": "guest-exec-status", "arguments": { "pid": 0 } });
    assert_eq!(class(&fixture.ask(&request)), "GenericError");
    fixture.end();
}

/// 26, in an environment that has nothing else.
#[test]
fn the_system_is_named_after_the_file_that_the_environment_names() {
    let folder = Scratch::new();
    let file = folder.join("os-release");
    let text = "ID=qemu-ga-test\nNAME=QEMU-GA\nPRETTY_NAME=\"QEMU Guest Agent test\"\nVERSION=\"Test 1\"\n\
                VERSION_ID=1\nVARIANT=\"Unit test \\\"\\'\\$\\`\\\\ and \\\\\\\\ etc.\"\nVARIANT_ID=unit-test\n";
    fs::write(&file, text).expect("a scratch folder is writable");
    let file = file.to_str().expect("a scratch path is text");
    let mut fixture = Fixture::start_in(&[], Some(&[("QGA_OS_RELEASE", file)]));
    let system = fixture.run("guest-get-osinfo", &json!({}));
    for (member, value) in [
        ("id", "qemu-ga-test"),
        ("name", "QEMU-GA"),
        ("pretty-name", "QEMU Guest Agent test"),
        ("version", "Test 1"),
        ("version-id", "1"),
        ("variant-id", "unit-test"),
        ("variant", "Unit test \"'$`\\ and \\\\ etc."),
    ] {
        assert_eq!(system[member], value, "{member}");
    }
    assert_eq!(fixture.end(), "", "nothing is said on standard error");
}
