//! `qapi validate` and `qapi record`.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{Run, Scratch, command, qapi, qapi_with_input};

const SCHEMA: &str = "
{'struct': 'Left', 'data': {'*left': 'int'}}
{'command': 'stop', 'data': {'*now': 'bool'}, 'returns': 'Left'}
{'command': 'set_password', 'data': {'password': {'type': 'str', 'features': ['deprecated']}}}
{'event': 'STOP', 'data': {'reason': 'str'}}
";

const RECORDING: &str = r#"{"direction": "to-server", "message": {"execute": "stop", "arguments": {"nw": true}}}
{"direction": "to-client", "message": {"return": {"left": "x"}}}
no json
{"execute": "stop"}
{"return": {"left": "y"}}
{"execute": "set_password", "arguments": {"password": "p"}}
{"return": {}}
{"return": {}}
"#;

fn scratch() -> (Scratch, String) {
    let scratch = Scratch::new();
    let schema = scratch.join("s.json");
    fs::write(&schema, SCHEMA).unwrap();
    (scratch, schema.to_str().unwrap().to_owned())
}

#[test]
fn messages_are_checked_in_every_format() {
    let (_scratch, schema) = scratch();
    let run = qapi_with_input(&["validate", &schema, "-"], RECORDING);
    assert_eq!(run.status, 1, "{run}");
    insta::assert_snapshot!("validate_human", run.stdout);
    let short = ["validate", "--message-format", "short", &schema, "-"];
    insta::assert_snapshot!("validate_short", qapi_with_input(&short, RECORDING).stdout);
    let json = ["validate", "--message-format", "json", &schema, "-"];
    insta::assert_snapshot!("validate_json", qapi_with_input(&json, RECORDING).stdout);
    let github = ["validate", "--message-format", "github", &schema, "-"];
    let github = qapi_with_input(&github, RECORDING);
    assert!(
        github
            .stdout
            .contains("::error file=-,line=1,title=unknown-member::"),
        "{github}"
    );
    let sarif = ["validate", "--message-format", "sarif", &schema, "-"];
    let sarif = qapi_with_input(&sarif, RECORDING);
    let log: serde_json::Value = serde_json::from_str(&sarif.stdout).unwrap();
    assert_eq!(
        log["runs"][0]["results"].as_array().map(Vec::len),
        Some(5),
        "{sarif}"
    );
}

#[test]
fn examples_of_documentation_are_checked() {
    let (_scratch, schema) = scratch();
    let page = r#"# Stopping

The machine stops:

    -> {"execute": "stop",
        "arguments": {"now": "yes"}}
    <- {"return": {"lefft": 1}}
    <- {"event": "STOP", "data": {...}, "timestamp": {"seconds": 1, "microseconds": 2}}

Elsewhere:
# -> { "execute": "stp" }
# <- { "return": {} }
-> {"execute": "stop" "arguments"}
-> an arrow in prose
"#;
    let run = qapi_with_input(&["validate", &schema, "--examples", "-"], page);
    assert_eq!(run.status, 1, "{run}");
    insta::assert_snapshot!("validate_examples", run.stdout);
    let json = [
        "validate",
        "--message-format",
        "json",
        &schema,
        "--examples",
        "-",
    ];
    let json = qapi_with_input(&json, page);
    assert!(json.stdout.contains("\"abridged\":1"), "{json}");
    let none = qapi_with_input(&["validate", &schema, "--examples", "-"], "words\n");
    assert_eq!(none.status, 0, "{none}");
}

#[test]
fn warnings_fail_only_where_they_are_denied() {
    let (_scratch, schema) = scratch();
    let text = r#"{"execute": "set_password", "arguments": {"password": "p"}}"#;
    assert_eq!(qapi_with_input(&["validate", &schema, "-"], text).status, 0);
    let denied = ["validate", "--deny-warnings", &schema, "-"];
    assert_eq!(qapi_with_input(&denied, text).status, 1);
    let missing = qapi(["validate", &schema, "absent.jsonl"]);
    assert_eq!(missing.status, 2, "{missing}");
    assert!(missing.stderr.contains("absent.jsonl: "), "{missing}");
}

/// A server for one client after the other: greets, and answers each line with the text that follows it.
fn server(path: &Path) {
    let listener = UnixListener::bind(path).unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            // A client that only tests for a listener is gone before the greeting.
            if client.write_all(b"{\"QMP\": {}}\r\n").is_err() {
                continue;
            }
            let lines = BufReader::new(client.try_clone().unwrap());
            for line in lines.lines() {
                let Ok(line) = line else { break };
                let reply = if line.contains("secret") {
                    format!("\u{1}\"{line}\"\n").into_bytes()
                } else {
                    b"\xff{\"return\": {}}\r\n".to_vec()
                };
                if client.write_all(&reply).is_err() {
                    break;
                }
            }
        }
    });
}

fn wait_for(path: &Path) {
    let end = Instant::now() + Duration::from_secs(60);
    while !path.exists() {
        assert!(Instant::now() < end, "{} does not come", path.display());
        thread::sleep(Duration::from_millis(5));
    }
}

fn recorder(scratch: &Scratch, more: &[&str]) -> Child {
    let (server, listen, output) = (
        scratch.join("server"),
        scratch.join("l"),
        scratch.join("rec"),
    );
    let mut command = command(["record"]);
    command
        .arg(&server)
        .arg(&listen)
        .arg("-o")
        .arg(&output)
        .args(more);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for(&listen);
    child
}

#[test]
fn clients_are_recorded_and_see_what_the_server_sends() {
    let scratch = Scratch::new();
    server(&scratch.join("server"));
    let child = recorder(&scratch, &["--once"]);
    let mode = |name: &str| {
        fs::metadata(scratch.join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode("l"), 0o600);
    let mut client = UnixStream::connect(scratch.join("l")).unwrap();
    client.write_all(b"{\"execute\": \"stop\",").unwrap();
    client
        .write_all(b" \"id\": 1}\n{'execute': 'x'}\n\xff not json secret\n")
        .unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    let mut seen = Vec::new();
    client.read_to_end(&mut seen).unwrap();
    let expected = b"{\"QMP\": {}}\r\n\xff{\"return\": {}}\r\n\xff{\"return\": {}}\r\n";
    assert!(
        seen.starts_with(expected),
        "{}",
        String::from_utf8_lossy(&seen)
    );
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!(run.status, 0, "{run}");
    assert_eq!(mode("rec"), 0o600);
    assert!(!scratch.join("l").exists());
    let text = fs::read_to_string(scratch.join("rec")).unwrap();
    assert!(!text.contains("secret"), "{text}");
    let without_times: Vec<String> = text
        .lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            crate::json_schemas::check_value("recording", &value);
            let (_, rest) = line.split_once("\"direction\": ").unwrap();
            rest.to_owned()
        })
        .collect();
    let of = |direction: &str| -> Vec<&str> {
        let lines = without_times.iter().map(String::as_str);
        lines.filter(|line| line.starts_with(direction)).collect()
    };
    let requests = of("\"to-server\"");
    assert_eq!(requests[0], r#""to-server", "connection": "opened"}"#);
    assert_eq!(
        requests[1],
        r#""to-server", "message": {"execute": "stop", "id": 1}}"#
    );
    assert_eq!(requests[2], r#""to-server", "message": {"execute": "x"}}"#);
    assert!(requests[3].contains("\"unreadable\""), "{text}");
    let replies = of("\"to-client\"");
    assert_eq!(
        replies[1],
        r#""to-client", "sentinel": true, "message": {"return": {}}}"#
    );
}

#[test]
fn a_client_that_goes_does_no_harm_to_others() {
    let scratch = Scratch::new();
    server(&scratch.join("server"));
    let mut child = recorder(&scratch, &[]);
    let talk = |client: &mut UnixStream| {
        client.write_all(b"{\"execute\": \"stop\"}\n").unwrap();
        let mut reply = [0; 30];
        client.read_exact(&mut reply).unwrap();
    };
    // Each client of the server waits for the one before.
    for _ in 0..3 {
        let mut client = UnixStream::connect(scratch.join("l")).unwrap();
        talk(&mut client);
    }
    let again = command(["record", "nowhere"])
        .arg(scratch.join("l"))
        .args(["-o", "-"])
        .output();
    let again = Run::from(again.unwrap());
    assert_eq!(again.status, 2, "{again}");
    assert!(
        again.stderr.contains("a program is listening on it"),
        "{again}"
    );
    child.kill().unwrap();
    child.wait().unwrap();
    let text = fs::read_to_string(scratch.join("rec")).unwrap();
    assert!(text.contains("\"client\": 3"), "{text}");
    // What was left behind is replaced.
    let mut child = recorder(&scratch, &[]);
    let end = Instant::now() + Duration::from_secs(60);
    let mut client = loop {
        match UnixStream::connect(scratch.join("l")) {
            Ok(client) => break client,
            Err(error) => assert!(Instant::now() < end, "{error}"),
        }
    };
    talk(&mut client);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn logs_are_imported() {
    let scratch = Scratch::new();
    let log = "handle_qmp_command mon 0x1 req: {\"execute\": \"stop\"}\nhandle_qmp_command mon 0x1 req: {x\n";
    fs::write(scratch.join("log"), log).unwrap();
    let mut command = command(["record", "--import", "qemu"]);
    let run = Run::from(
        command
            .arg(scratch.join("log"))
            .args(["-o", "-"])
            .output()
            .unwrap(),
    );
    assert_eq!(run.status, 0, "{run}");
    let expected = r#"{"client": 1, "direction": "to-server", "message": {"execute": "stop"}}"#;
    assert_eq!(run.stdout.trim_end(), expected);
    assert!(
        run.stderr
            .contains("log:2: 1 line of messages cannot be read"),
        "{run}"
    );
    let none = qapi_with_input(&["record", "--import", "libvirt", "-o", "-"], log);
    assert_eq!(none.status, 2, "{none}");
    let wrong = qapi(["record", "a", "b", "-o", "-", "--mask", "x"]);
    assert_eq!(wrong.status, 2, "{wrong}");
}

#[test]
fn schemas_are_reconstructed_from_what_servers_say() {
    let (scratch, schema) = scratch();
    let described = qapi(["introspect", &schema]).stdout;
    let reply = scratch.join("reply.json");
    fs::write(&reply, &described).unwrap();
    let reply = reply.to_str().unwrap();
    let made = qapi(["reconstruct", reply]);
    assert_eq!(made.status, 0, "{made}");
    insta::assert_snapshot!("reconstructed", made.stdout);
    let again = scratch.join("again.json");
    fs::write(&again, &made.stdout).unwrap();
    let again = again.to_str().unwrap();
    assert_eq!(qapi(["introspect", again]).stdout, described);
    let named = qapi(["reconstruct", reply, "--names", &schema]);
    assert!(named.stdout.contains("'struct': 'Left'"), "{named}");
    // Names from an earlier run are kept.
    let same = qapi(["reconstruct", reply, "--names", again]);
    assert_eq!(same.stdout, made.stdout);
    let no_server = qapi(["reconstruct", &schema]);
    assert_eq!(no_server.status, 2, "{no_server}");
    assert!(
        no_server.stderr.contains("is a schema already"),
        "{no_server}"
    );
}

#[test]
fn descriptions_that_no_schema_can_express_are_rejected() {
    let scratch = Scratch::new();
    for (text, expected) in [
        (
            r#"[{"name": "[[int]]", "meta-type": "array", "element-type": "[int]"},
                {"name": "[int]", "meta-type": "array", "element-type": "int"},
                {"name": "int", "meta-type": "builtin", "json-type": "int"}]"#,
            "array of arrays",
        ),
        (
            r#"[{"name": "a", "meta-type": "command", "arg-type": "0", "ret-type": "0"},
                {"name": "0", "meta-type": "object", "members": [{"name": "u'", "type": "int"}]},
                {"name": "int", "meta-type": "builtin", "json-type": "int"}]"#,
            "cannot be written as a schema",
        ),
    ] {
        let reply = scratch.join("reply.json");
        fs::write(&reply, text).unwrap();
        let run = qapi(["reconstruct", reply.to_str().unwrap()]);
        assert_eq!(run.status, 2, "{run}");
        assert!(
            run.stderr.contains(expected) && run.stdout.is_empty(),
            "{run}"
        );
    }
}

const OLDER: &str = "
{'enum': 'Mode', 'data': ['fast', 'slow']}
{'struct': 'Info', 'data': {'mode': 'Mode', '*load': 'int', '*gone': 'str'}}
{'command': 'run', 'data': {'mode': 'Mode', '*nice': 'int', '*old': 'bool'}}
{'command': 'rest', 'data': {'*nice': 'int'}}
{'command': 'query', 'returns': 'Info'}
{'command': 'drop'}
{'event': 'DONE', 'data': {'mode': 'Mode'}}
";

const NEWER: &str = "
{'enum': 'Mode', 'data': ['fast', 'lazy']}
{'struct': 'Info', 'data': {'mode': 'Mode', '*load': 'int'}}
{'command': 'run', 'data': {'mode': 'Mode', '*nice': 'int8', '*old': {'type': 'bool', 'features': ['deprecated']}}}
{'command': 'rest', 'data': {'nice': 'int'}}
{'command': 'query', 'returns': 'Info'}
{'event': 'DONE', 'data': {'mode': 'Mode'}}
";

/// Runs a comparison of the two with further arguments, and a recording as `rec.jsonl`.
fn impact(recording: &str, more: &[&str]) -> Run {
    let scratch = Scratch::new();
    let write = |name: &str, text: &str| {
        fs::write(scratch.join(name), text).unwrap();
        scratch.join(name).to_str().unwrap().to_owned()
    };
    let (old, new) = (write("old.json", OLDER), write("new.json", NEWER));
    let recording = write("rec.jsonl", recording);
    let more = more
        .iter()
        .map(|it| if *it == "REC" { recording.as_str() } else { it });
    let arguments = ["diff", &old, &new].into_iter().chain(more);
    let mut run = qapi(arguments.collect::<Vec<_>>());
    let folder = scratch.path().to_str().unwrap();
    run.stdout = run.stdout.replace(&format!("{folder}/"), "");
    run
}

#[test]
fn only_changes_that_a_program_meets_are_shown() {
    let recording = r#"{"execute": "run", "arguments": {"mode": "slow", "nice": 5, "old": true}}
{"return": {}}
{"execute": "query"}
{"return": {"mode": "fast", "gone": "x"}}
{"execute": "rest", "arguments": {"nice": 1}}
{"event": "DONE", "data": {"mode": "fast"}, "timestamp": {"seconds": 1, "microseconds": 1}}
"#;
    let run = impact(recording, &["--used-by", "REC"]);
    assert_eq!(run.status, 1, "{run}");
    insta::assert_snapshot!("impact_text", run.stdout);
    let json = impact(recording, &["--format", "json", "--used-by", "REC"]);
    let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let met: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["path"])
        .collect();
    assert!(!met.iter().any(|path| *path == "arguments.nice"), "{json}");
    let places = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["witness"]["recorded"]["line"]);
    assert!(places.into_iter().all(serde_json::Value::is_u64), "{json}");
}

#[test]
fn a_program_that_no_change_affects_is_reported_as_such() {
    let recording = r#"{"execute": "run", "arguments": {"mode": "fast", "nice": 5}}
{"execute": "rest", "arguments": {"nice": 1}}
"#;
    let run = impact(recording, &["--used-by", "REC"]);
    assert_eq!(run.status, 0, "{run}");
    assert!(
        run.stdout.contains("no changes that affect the program"),
        "{run}"
    );
    let run = impact(&recording.replace('5', "300"), &["--used-by", "REC"]);
    assert_eq!(run.status, 1, "{run}");
}

#[test]
fn a_matrix_tells_which_revisions_a_program_can_drive() {
    let scratch = Scratch::new();
    for (name, text) in [("old.json", OLDER), ("new.json", NEWER)] {
        fs::write(scratch.join(name), text).unwrap();
    }
    let recording = r#"{"execute": "rest"}
{"return": {}}
{"execute": "drop"}
{"return": {}}
{"execute": "query"}
{"return": {"mode": "fast", "gone": "x"}}
"#;
    fs::write(scratch.join("rec.jsonl"), recording).unwrap();
    let file = |name: &str| scratch.join(name).to_str().unwrap().to_owned();
    let (old, new, recording) = (file("old.json"), file("new.json"), file("rec.jsonl"));
    let run = qapi(["matrix", &old, &new, "--used-by", &recording]);
    assert_eq!(run.status, 1, "{run}");
    let folder = format!("{}/", scratch.path().to_str().unwrap());
    insta::assert_snapshot!("drive", run.stdout.replace(&folder, ""));
    let json = qapi([
        "matrix",
        &old,
        &new,
        "--format",
        "json",
        "--used-by",
        &recording,
    ]);
    let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(report["revisions"][0]["drivable"], true, "{json}");
    assert_eq!(report["revisions"][1]["drivable"], false, "{json}");
    for format in ["markdown", "html"] {
        let run = qapi([
            "matrix",
            &old,
            &new,
            "--format",
            format,
            "--used-by",
            &recording,
        ]);
        assert_eq!(run.status, 1, "{run}");
        insta::assert_snapshot!(format!("drive_{format}"), run.stdout.replace(&folder, ""));
    }
    assert_eq!(qapi(["matrix", &old, "--used-by", &recording]).status, 0);
}

#[test]
fn an_empty_recording_does_not_count_as_unaffected() {
    for recording in [
        "",
        "\n",
        "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\n",
    ] {
        let run = impact(recording, &["--used-by", "REC"]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run}");
        assert!(run.stderr.contains("rec.jsonl: no messages"), "{run}");
    }
    for (list, said) in [
        ("", "names no command or event"),
        ("@REC", "names no command or event"),
        ("rest,drp", "command or event `drp`; did you mean `drop`?"),
        ("DON", "did you mean `DONE`?"),
        ("query-nothing-of-this", "`query-nothing-of-this`\n"),
    ] {
        let scratch = Scratch::new();
        let empty = scratch.join("none");
        fs::write(&empty, "\n").unwrap();
        let list = list.replace("REC", empty.to_str().unwrap());
        let run = impact("", &["--used-by-commands", &list]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run}");
        assert!(run.stderr.contains(said), "{run}");
    }
}

#[test]
fn an_empty_recording_is_a_warning() {
    let scratch = Scratch::new();
    for (name, text) in [
        ("schema.json", OLDER),
        ("empty.jsonl", ""),
        ("some.jsonl", "{\"execute\": \"rest\"}\n"),
    ] {
        scratch.write(name, text);
    }
    let file = |name: &str| scratch.join(name).to_str().unwrap().to_owned();
    let (schema, empty, some) = (file("schema.json"), file("empty.jsonl"), file("some.jsonl"));
    let run = qapi(["validate", &schema, &some, &empty]);
    assert_eq!(run.status, 0, "{run}");
    assert!(
        run.stdout.contains("warning[empty-recording]") && run.stdout.contains("empty.jsonl:1"),
        "{run}"
    );
    let denied = qapi(["validate", "--deny-warnings", &schema, &empty]);
    assert_eq!(denied.status, 1, "{denied}");
    let run = qapi(["validate", "--deny-warnings", &schema, &some]);
    assert_eq!(run.status, 0, "{run}");
    let run = qapi(["matrix", &schema, "--used-by", &empty]);
    assert_eq!(run.status, 2, "{run}");
}

#[test]
fn commands_may_be_listed_instead() {
    let run = impact("", &["--used-by-commands", "drop,rest"]);
    assert_eq!(run.status, 1, "{run}");
    assert!(
        run.stdout.contains("command drop") && run.stdout.contains("command rest"),
        "{run}"
    );
    assert!(!run.stdout.contains("command run"), "{run}");
    let run = impact("", &["--lens", "docs", "--used-by-commands", "drop"]);
    assert_eq!(run.status, 2, "{run}");
}
