//! The agent's description of the system it runs on, and the rows of docs/reference/agent-behaviour.md §9.2 and §9.3
//! about it that change nothing, as callers see them.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{Agent, PROGRAM, Scratch};

fn ask(command: &str) -> Value {
    Agent::start().connect().run(command, &json!({}))
}

/// Rows of refusals: number, command, arguments, and text of the error.
fn refusals() -> Vec<(&'static str, &'static str, Value, &'static str)> {
    vec![
        (
            "C146",
            "guest-ssh-get-authorized-keys",
            json!({ "username": "no-such-user" }),
            "failed to lookup user 'no-such-user': no such user",
        ),
        (
            "C148",
            "guest-ssh-add-authorized-keys",
            json!({ "username": "no-such-user", "keys": ["# nope"] }),
            "invalid OpenSSH public key: '# nope'",
        ),
        (
            "C149",
            "guest-ssh-add-authorized-keys",
            json!({ "username": "no-such-user", "keys": ["a\nb"] }),
            "invalid OpenSSH public key: 'a\nb'",
        ),
        (
            "keys before user",
            "guest-ssh-remove-authorized-keys",
            json!({ "username": "no-such-user", "keys": ["#"] }),
            "invalid OpenSSH public key: '#'",
        ),
        (
            "P080",
            "guest-set-memory-blocks",
            json!({ "mem-blks": [{ "phys-index": "a", "online": true }] }),
            "Parameter 'mem-blks[0].phys-index' expects uint64",
        ),
        (
            "P082",
            "guest-set-memory-blocks",
            json!({ "mem-blks": [1] }),
            "Invalid parameter type for 'mem-blks[0]', expected: object",
        ),
        (
            "V062",
            "guest-set-time",
            json!({ "time": 3_155_760_000_000_000_000_i64 }),
            "Invalid time",
        ),
        (
            "V064",
            "guest-set-time",
            json!({ "time": i64::MAX }),
            "Invalid time",
        ),
        (
            "V074",
            "guest-set-vcpus",
            json!({ "vcpus": [{ "logical-id": 7777, "online": true }] }),
            "open(\"/sys/devices/system/cpu/cpu7777/\"): No such file or directory",
        ),
        (
            "V077",
            "guest-set-vcpus",
            json!({ "vcpus": [{ "logical-id": -1, "online": true }] }),
            "open(\"/sys/devices/system/cpu/cpu-1/\"): No such file or directory",
        ),
        (
            "V079",
            "guest-set-vcpus",
            json!({ "vcpus": [{ "logical-id": 1 }] }),
            "Parameter 'vcpus[0].online' is missing",
        ),
        (
            "V086",
            "guest-set-user-password",
            json!({ "username": "u", "password": "YQpi", "crypted": false }),
            "forbidden characters in raw password",
        ),
        (
            "V087",
            "guest-set-user-password",
            json!({ "username": "u:x", "password": "YQ==", "crypted": false }),
            "forbidden characters in username",
        ),
        (
            "V089",
            "guest-set-user-password",
            json!({ "username": "u", "password": "%%", "crypted": false }),
            "Base64 data contains invalid characters",
        ),
        (
            "V113",
            "guest-shutdown",
            json!({ "mode": "bogus" }),
            "mode is invalid (valid values are: halt|powerdown|reboot",
        ),
        (
            "V119",
            "guest-shutdown",
            json!({ "mode": "reboot", "x": 1 }),
            "Parameter 'x' is unexpected",
        ),
    ]
}

#[test]
fn refusals_are_those_of_the_reference() {
    let agent = Agent::start();
    let mut client = agent.connect();
    let mut fail = |command: &str, arguments: Value| client.fail(command, &arguments);
    for (row, command, arguments, text) in refusals() {
        assert_eq!(fail(command, arguments), text, "{row}");
    }
}

#[test]
fn blocks_that_are_not_there_have_an_answer_each() {
    let agent = Agent::start();
    let mut client = agent.connect();
    let none = client.run("guest-set-memory-blocks", &json!({ "mem-blks": [] }));
    assert_eq!(none, json!([]), "P083");
    let blocks = json!({ "mem-blks": [{ "phys-index": 99_999_999, "online": true }, { "phys-index": -1, "online": true }] });
    let answer = client.run("guest-set-memory-blocks", &blocks);
    let response = if fs::exists("/sys/devices/system/memory").unwrap() {
        "not-found"
    } else {
        "operation-not-supported"
    };
    assert_eq!(
        answer,
        json!([
            { "phys-index": 99_999_999, "response": response, "error-code": 2 },
            { "phys-index": u64::MAX, "response": response, "error-code": 2 },
        ]),
        "C143, C144"
    );
}

#[test]
fn processors_are_those_of_the_kernel() {
    let agent = Agent::start();
    let mut client = agent.connect();
    let processors = client.run("guest-get-vcpus", &json!({}));
    let present = fs::read_to_string("/sys/devices/system/cpu/present").unwrap();
    let last: i64 = present
        .trim()
        .rsplit(['-', ','])
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let processors = processors.as_array().unwrap();
    assert_eq!(processors.last().unwrap()["logical-id"], last);
    for processor in processors {
        assert!(processor["online"].is_boolean() && processor["can-offline"].is_boolean());
    }
    let none = client.run("guest-set-vcpus", &json!({ "vcpus": [] }));
    assert_eq!(none, 0, "V071");

    let stats = client.run("guest-get-cpustats", &json!({}));
    let first = stats[0].as_object().unwrap();
    assert_eq!(first["type"], "linux");
    for member in [
        "cpu",
        "user",
        "nice",
        "system",
        "idle",
        "iowait",
        "guestnice",
    ] {
        assert!(first[member].is_u64(), "{member}");
    }
}

#[test]
fn counters_of_disks_have_the_columns_of_the_kernel() {
    let table = fs::read_to_string("/proc/diskstats").unwrap();
    let stats = ask("guest-get-diskstats");
    let stats = stats.as_array().unwrap();
    assert_eq!(stats.len(), table.lines().count());
    for (stats, line) in stats.iter().zip(table.lines()) {
        let words: Vec<_> = line.split_whitespace().collect();
        assert_eq!(stats["name"], words[2]);
        assert_eq!(stats["major"].to_string(), words[0]);
        assert_eq!(stats["minor"].to_string(), words[1]);
        let known = words.len() - 3;
        assert_eq!(stats["stats"].as_object().unwrap().len(), known.min(17));
    }
}

#[test]
fn load_is_three_numbers() {
    let load = ask("guest-get-load");
    for member in ["load1m", "load5m", "load15m"] {
        assert!(
            load[member].as_f64().is_some_and(|load| load >= 0.0),
            "{load}"
        );
    }
}

#[test]
fn routes_are_those_of_the_kernel() {
    let lines = |path: &str| fs::read_to_string(path).unwrap_or_default().lines().count();
    let routes = ask("guest-network-get-route");
    let routes = routes.as_array().unwrap();
    let count = |version: i64| {
        routes
            .iter()
            .filter(|route| route["version"] == version)
            .count()
    };
    assert_eq!(count(4), lines("/proc/net/route").saturating_sub(1));
    assert_eq!(count(6), lines("/proc/net/ipv6_route"));
    for route in routes {
        let route = route.as_object().unwrap();
        assert!(route["metric"].as_i64().is_some_and(|metric| metric >= 0));
        let members = if route["version"] == 4 { 12 } else { 11 };
        assert_eq!(route.len(), members, "{route:?}");
    }
}

#[test]
fn host_name_and_users_are_returned() {
    let agent = Agent::start();
    let mut client = agent.connect();
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    assert_eq!(
        client.run("guest-get-host-name", &json!({})),
        json!({ "host-name": name.trim_end() })
    );
    assert!(client.run("guest-get-users", &json!({})).is_array());
}

/// An agent with one environment variable more.
fn with_variable(name: &str, value: &str, command: &str) -> Value {
    let mut program = Command::new(PROGRAM);
    program.env(name, value);
    let agent = Agent::start_by(&mut program, Scratch::new(), &[]);
    agent.connect().run(command, &json!({}))
}

#[test]
fn the_zone_has_abbreviation_and_offset() {
    for (zone, expected) in [
        ("UTC0", json!({ "zone": "UTC", "offset": 0 })),
        ("EST5", json!({ "zone": "EST", "offset": -18_000 })),
        ("IST-5:30", json!({ "zone": "IST", "offset": 19_800 })),
    ] {
        assert_eq!(with_variable("TZ", zone, "guest-get-timezone"), expected);
    }
}

#[test]
fn the_system_is_named_as_its_file_has_it() {
    let scratch = Scratch::new();
    let path = scratch.join("os-release");
    let text = concat!(
        "ID=qemu-ga-test\n",
        "NAME=QEMU-GA\n",
        "PRETTY_NAME=\"QEMU Guest Agent test\"\n",
        "VERSION=\"Test 1\"\n",
        "VERSION_ID=1\n",
        "VARIANT=\"Unit test \\\"\\'\\$\\`\\\\ and \\\\\\\\ etc.\"\n",
        "VARIANT_ID=unit-test\n",
    );
    fs::write(&path, text).unwrap();
    let mut info = with_variable("QGA_OS_RELEASE", path.to_str().unwrap(), "guest-get-osinfo");
    let info = info.as_object_mut().unwrap();
    for member in ["kernel-release", "kernel-version", "machine"] {
        assert!(
            info.remove(member).is_some_and(|text| text.is_string()),
            "{member}"
        );
    }
    let expected = json!({
        "id": "qemu-ga-test",
        "name": "QEMU-GA",
        "pretty-name": "QEMU Guest Agent test",
        "version": "Test 1",
        "version-id": "1",
        "variant": "Unit test \"'$`\\ and \\\\ etc.",
        "variant-id": "unit-test",
    });
    assert_eq!(Value::Object(info.clone()), expected);
    let missing = with_variable("QGA_OS_RELEASE", "/nonexistent", "guest-get-osinfo");
    assert_eq!(missing.as_object().unwrap().len(), 3);
}
