//! `qapi call` and `qapi diff` with live sockets.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use qapi_tests::qmp_server::QmpServer;
use qapi_tests::{corpus, peer};
use serde_json::{Value, json};

use super::introspection::{MACHINE, STORAGE_DAEMON, symbols_of};

/// Runs the command.
fn qapi(arguments: &[&str]) -> Output {
    let mut command = Command::new(peer::qapi());
    command.args(arguments).env_remove("NO_COLOR");
    command.output().expect("the command runs")
}

/// Its output as JSON, if it succeeded.
#[track_caller]
fn json_of(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("it prints JSON")
}

/// The only line of standard error, if it was not.
#[track_caller]
fn complaint(output: &Output, status: i32) -> String {
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr.clone()).expect("it prints text")
}

#[test]
fn commands_are_called_on_a_machine() {
    let Some(server) = QmpServer::machine() else {
        return;
    };
    let socket = server.socket();
    let socket = socket.to_str().unwrap();
    let version = json_of(&qapi(&["call", "--qmp", socket, "query-version"]));
    assert_eq!(version["qemu"]["major"], 7);
    // What is spoken shows by itself.
    let status = json_of(&qapi(&["call", socket, "query-status", "--compact"]));
    assert_eq!(status["status"], "running");

    let disk = server.folder().join("disk.raw");
    fs::write(&disk, [0; 8192]).unwrap();
    let file = json!({"driver": "file", "filename": disk});
    let file = format!("file={file}");
    let arguments = ["driver=raw", "node-name=disk0", "offset=4096", &file];
    let call = [&["call", "--qmp", socket, "blockdev-add"][..], &arguments].concat();
    assert_eq!(json_of(&qapi(&call)), json!({}));
    let nodes = [
        "call",
        "--qmp",
        socket,
        "query-named-block-nodes",
        "flat=true",
    ];
    let nodes = json_of(&qapi(&nodes));
    let disk0 = nodes
        .as_array()
        .unwrap()
        .iter()
        .find(|node| node["node-name"] == "disk0");
    assert_eq!(disk0.unwrap()["image"]["virtual-size"], 4096);

    let wrong = [
        "call",
        "--qmp",
        socket,
        "blockdev-add",
        "{\"driver\": \"no-such-driver\"}",
    ];
    let wrong = complaint(&qapi(&wrong), 1);
    assert!(wrong.starts_with("error: GenericError: "), "{wrong}");
    assert!(wrong.contains("no-such-driver"), "{wrong}");
    let unknown = complaint(&qapi(&["call", "--qmp", socket, "guest-ping"]), 1);
    assert!(unknown.starts_with("error: CommandNotFound: "), "{unknown}");

    // A suspended server accepts nobody, and does not greet.
    server.suspend();
    let silent = ["call", "--qmp", "--timeout", "0.3", socket, "query-status"];
    let silent = complaint(&qapi(&silent), 2);
    assert!(
        silent.contains("no greeting of a QMP server in time"),
        "{silent}"
    );
    server.resume();
    assert_eq!(json_of(&qapi(&["call", socket, "quit"])), json!({}));
    // Its socket goes with it.
    let gone = std::iter::repeat_with(|| qapi(&["call", "--qmp", socket, "query-status"]));
    let gone = gone.take(50).find(|output| output.status.code() == Some(2));
    assert!(complaint(&gone.unwrap(), 2).contains(socket));
}

/// The arguments that say how a build was configured.
fn configuration(root: &Path, defined: &[&str]) -> Vec<String> {
    let symbols = symbols_of(root).into_iter().flat_map(|symbol| {
        let is_defined = defined.contains(&symbol.as_str());
        [if is_defined { "-D" } else { "-U" }.to_owned(), symbol]
    });
    symbols.collect()
}

/// Starts a server, if it is installed.
type Start = fn() -> Option<QmpServer>;

#[test]
fn servers_do_not_differ_from_the_schemas_they_were_built_from() {
    let Some(corpus) = corpus::root() else { return };
    let builds: [(Start, _, _); 2] = [
        (QmpServer::machine, "qapi", MACHINE),
        (
            QmpServer::storage_daemon,
            "storage-daemon/qapi",
            STORAGE_DAEMON,
        ),
    ];
    for (start, folder, defined) in builds {
        let Some(server) = start() else { return };
        let live = format!("unix:{}", server.socket().display());
        let root = corpus
            .join("qemu/7.2")
            .join(folder)
            .join("qapi-schema.json");
        let configuration = configuration(&root, defined);
        let root = root.to_str().unwrap();
        let configuration: Vec<&str> = configuration.iter().map(String::as_str).collect();
        for sides in [[root, &live], [&live, root]] {
            let options = ["diff", "--quiet", "--fail-on", "any", "--format", "json"];
            let output = qapi(&[&options[..], &configuration, &sides].concat());
            let found = json_of(&output);
            assert_eq!(found["findings"], json!([]), "{sides:?}");
        }
    }
}

#[test]
fn a_server_is_compared_with_a_newer_schema() {
    let Some(corpus) = corpus::root() else { return };
    let Some(server) = QmpServer::machine() else {
        return;
    };
    let live = format!("unix:{}", server.socket().display());
    let newer = corpus.join("qemu/10.2/qapi/qapi-schema.json");
    let newer = newer.to_str().unwrap();
    let diff = |old: &str, new: &str| {
        let output = qapi(&["diff", "--quiet", "--format", "json", old, new]);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = found["findings"].as_array().unwrap().iter();
        let rule_and_root = findings.map(|it| format!("{} {}", it["rule"], it["root"]));
        rule_and_root.collect::<BTreeSet<_>>()
    };
    let forth = diff(&live, newer);
    let back = diff(newer, &live);
    // Facts of the releases' notes: gone since, and new since.
    for (gone, new) in [
        ("x-query-profile", "query-firmware-log"),
        ("x-query-opcount", "qom-list-get"),
    ] {
        for (findings, change, name) in [
            (&forth, "removed", gone),
            (&forth, "added", new),
            (&back, "added", gone),
            (&back, "removed", new),
        ] {
            let finding = format!("\"command-{change}\" \"{name}\"");
            assert!(findings.contains(&finding), "{finding}");
        }
    }
}
