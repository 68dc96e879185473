//! Requests as people send them, byte for byte, and the replies that they match on.

use std::time::Duration;

use qapi_tests::peer;
use qapi_tests::raw::{Agent, Connection};
use serde_json::{Value, json};

fn error(class: &str, desc: &str) -> Value {
    json!({"error": {"class": class, "desc": desc}})
}

fn generic(desc: &str) -> Value {
    error("GenericError", desc)
}

/// Requests with one reply each that both agents give.
fn table() -> Vec<(&'static str, Value)> {
    vec![
        (r#"{"execute":"guest-ping"}"#, json!({"return": {}})),
        (r"{'execute':'guest-ping'}", json!({"return": {}})),
        (
            r#"{"execute":"guest-ping","arguments":{},"id":[1,{"a":null}]}"#,
            json!({"return": {}, "id": [1, {"a": null}]}),
        ),
        (
            r#"{"execute":"guest-sync","arguments":{"id":-5}}"#,
            json!({"return": -5}),
        ),
        (
            r#"{"execute":"guest-nope"}"#,
            error(
                "CommandNotFound",
                "The command guest-nope has not been found",
            ),
        ),
        (
            r#"{"execute":"guest-ping","arguments":{"foo":42}}"#,
            generic("Parameter 'foo' is unexpected"),
        ),
        (
            r#"{"execute":"guest-sync"}"#,
            generic("Parameter 'id' is missing"),
        ),
        (
            r#"{"execute":"guest-sync","arguments":{"foo":1}}"#,
            generic("Parameter 'id' is missing"),
        ),
        (
            r#"{"execute":"guest-sync","arguments":{"id":"1"}}"#,
            generic("Invalid parameter type for 'id', expected: integer"),
        ),
        (
            r#"{"execute":"guest-sync","arguments":{"id":1.0}}"#,
            generic("Invalid parameter type for 'id', expected: integer"),
        ),
        (
            r#"{"execute":"guest-sync","arguments":{"id":9223372036854775808}}"#,
            generic("Invalid parameter type for 'id', expected: integer"),
        ),
        (
            r#"{"execute":"guest-file-open","arguments":{"path":1}}"#,
            generic("Invalid parameter type for 'path', expected: string"),
        ),
        (
            r#"{"execute":"guest-file-open","arguments":{"path":"/etc/hostname","mode":null}}"#,
            generic("Invalid parameter type for 'mode', expected: string"),
        ),
        (
            r#"{"execute":"guest-exec","arguments":{"path":"true","arg":"x"}}"#,
            generic("Invalid parameter type for 'arg', expected: array"),
        ),
        (
            r#"{"execute":"guest-exec","arguments":{"path":"true","arg":["a",1]}}"#,
            generic("Invalid parameter type for 'arg[1]', expected: string"),
        ),
        ("[]", generic("QMP input must be a JSON object")),
        (
            r#"{"execute":1}"#,
            generic("QMP input member 'execute' must be a string"),
        ),
        (
            r#"{"execute":"guest-ping","arguments":[]}"#,
            generic("QMP input member 'arguments' must be an object"),
        ),
        (
            r#"{"execute":"guest-ping","foo":1}"#,
            generic("QMP input member 'foo' is unexpected"),
        ),
        (
            r#"{"id":7}"#,
            json!({"id": 7, "error": {"class": "GenericError", "desc": "QMP input lacks member 'execute'"}}),
        ),
        (
            r#"{"execute":"guest-file-read","arguments":{"handle":999999}}"#,
            generic("handle '999999' has not been found"),
        ),
        (
            r#"{"execute":"guest-file-open","arguments":{"path":"/etc/hostname","mode":"rw"}}"#,
            generic("invalid file open mode 'rw'"),
        ),
    ]
}

fn answer_the_table(connection: &mut Connection) {
    for (request, reply) in table() {
        assert_eq!(
            connection.call(format!("{request}\n").as_bytes()),
            reply,
            "{request}"
        );
    }
}

#[test]
fn both_agents_give_the_same_replies() {
    answer_the_table(&mut Agent::start(&peer::qapi_agent()).connect());
    if let Some(program) = peer::qemu_ga() {
        answer_the_table(&mut Agent::start(&program).connect());
    }
}

#[test]
fn synchronisation_in_both_forms_survives_garbage_before_it() {
    let agent = Agent::start(&peer::qapi_agent());
    let mut connection = agent.connect();
    for garbage in [
        "",
        "garbage\n",
        "{\"execute\": \"guest-",
        "{{{{[[[",
        "'",
        "\"half \\",
        "12",
        "nul",
        "\0\x01\x02",
    ] {
        connection.send(garbage.as_bytes());
        connection.send(b"\xFF{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":42}}\n");
        // Errors about the garbage may come first, but only one line has the sentinel.
        let mut line = connection.line();
        while !line.contains(&0xFF) {
            line = connection.line();
        }
        assert_eq!(line, b"\xFF{\"return\": 42}", "{garbage:?}");

        connection.send(garbage.as_bytes());
        connection.send(b"\xFF{\"execute\":\"guest-sync\",\"arguments\":{\"id\":43}}\n");
        while connection.line() != b"{\"return\": 43}" {}
        assert_eq!(
            connection.drain(Duration::from_millis(30)),
            b"",
            "{garbage:?}"
        );
    }
}

#[test]
fn a_wrong_synchronisation_has_no_sentinel() {
    let agent = Agent::start(&peer::qapi_agent());
    let mut connection = agent.connect();
    connection.send(b"{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":\"x\"}}\n{\"execute\":\"guest-ping\"}\n");
    assert!(connection.line().starts_with(b"{\"error\""));
    assert_eq!(connection.line(), b"{\"return\": {}}");
}

#[test]
fn two_requests_in_one_write_get_two_replies_in_order() {
    let agent = Agent::start(&peer::qapi_agent());
    let mut connection = agent.connect();
    connection.send(br#"{"execute":"guest-sync","arguments":{"id":1}}{"execute":"guest-sync","arguments":{"id":2}}"#);
    assert_eq!(connection.line(), b"{\"return\": 1}");
    assert_eq!(connection.line(), b"{\"return\": 2}");
}

#[test]
fn one_request_in_many_writes_gets_one_reply() {
    let agent = Agent::start(&peer::qapi_agent());
    let mut connection = agent.connect();
    for byte in br#"{"execute":"guest-sync","arguments":{"id":12345}}"# {
        connection.send(&[*byte]);
        std::thread::sleep(Duration::from_micros(200));
    }
    assert_eq!(connection.line(), b"{\"return\": 12345}");
    assert_eq!(connection.drain(Duration::from_millis(100)), b"");
}

#[test]
fn commands_that_are_not_served_are_disabled_and_say_so() {
    let agent = Agent::start(&peer::qapi_agent());
    let mut connection = agent.connect();
    let info = connection.call(b"{\"execute\":\"guest-info\"}\n");
    let commands = info["return"]["supported_commands"]
        .as_array()
        .expect("a list")
        .clone();
    assert_eq!(commands.len(), 43, "every command of the schema is listed");
    let mut enabled = 0;
    for command in commands {
        let name = command["name"].as_str().expect("a name");
        if command["enabled"] == true {
            enabled += 1;
            continue;
        }
        let reply = connection.call(format!("{{\"execute\":\"{name}\"}}\n").as_bytes());
        assert_eq!(reply["error"]["class"], "CommandNotFound", "{name}");
        let text = reply["error"]["desc"].as_str().expect("a text");
        assert!(
            text.starts_with(&format!("Command {name} has been disabled")),
            "{text}"
        );
    }
    assert!(enabled >= 14, "only {enabled} commands are served");
}
