//! Traffic of QEMU's own servers: recorded through the proxy, and judged by the schema that the server describes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

use qapi_runtime::{Any, Client, Object, Options};
use qapi_tests::peer;
use qapi_tests::qmp_server::QmpServer;

use super::reconstructed::same_after_reconstruction;

/// Limit for a program to come up; only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Queries of every server that need no arguments and no machine.
const QUERIES: [&str; 5] = [
    "query-version",
    "query-commands",
    "query-chardev",
    "query-block-jobs",
    "query-named-block-nodes",
];

fn qapi(arguments: &[&str]) -> Output {
    let output = Command::new(peer::qapi()).args(arguments).output();
    output.expect("the program runs")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("paths of tests are text")
}

/// The schema of a server, in a file beside its socket.
fn schema_of(server: &QmpServer) -> PathBuf {
    let socket = format!("unix:{}", server.socket().display());
    let made = qapi(&["reconstruct", &socket]);
    assert!(made.status.success(), "{made:?}");
    let path = server.folder().join("own.json");
    fs::write(&path, made.stdout).expect("the folder is writable");
    path
}

/// A proxy that records one client.
struct Proxy {
    child: Child,
    listen: PathBuf,
    recording: PathBuf,
}

impl Proxy {
    fn start(server: &QmpServer) -> Self {
        let (listen, recording) = (server.folder().join("l"), server.folder().join("rec.jsonl"));
        let mut command = Command::new(peer::qapi());
        command
            .arg("record")
            .arg(server.socket())
            .arg(&listen)
            .arg("--once");
        let child = command
            .arg("-o")
            .arg(&recording)
            .spawn()
            .expect("the program runs");
        let started = Instant::now();
        while !listen.exists() {
            assert!(started.elapsed() < PATIENCE, "the proxy does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        Self {
            child,
            listen,
            recording,
        }
    }

    /// Waits for the end of the client, and has the recording judged by a schema: nothing may be found.
    fn finish(mut self, schema: &Path) -> String {
        let status = self.child.wait().expect("it is our child");
        assert!(status.success(), "{status}");
        let judged = qapi(&[
            "validate",
            "--message-format",
            "short",
            text(schema),
            text(&self.recording),
        ]);
        let complaints = String::from_utf8_lossy(&judged.stdout).into_owned();
        let errors: Vec<_> = complaints
            .lines()
            .filter(|line| line.contains(": error["))
            .collect();
        assert!(
            errors.is_empty() && judged.status.success(),
            "{errors:#?} {judged:?}"
        );
        fs::read_to_string(&self.recording).expect("there is a recording")
    }
}

fn check(server: &QmpServer) {
    let schema = schema_of(server);
    let proxy = Proxy::start(server);
    let stream = std::os::unix::net::UnixStream::connect(&proxy.listen).expect("the proxy listens");
    let mut client = Client::qmp(stream, Options::default()).expect("the server greets");
    for query in QUERIES {
        client
            .call(query, &Object::new())
            .unwrap_or_else(|error| panic!("{query}: {error}"));
    }
    let secret = Object::new()
        .with("qom-type", "secret")
        .with("id", "sec0")
        .with("data", "correct horse");
    for _ in 0..2 {
        // The second one fails, and the error must not tell.
        let _ = client.call("object-add", &secret);
    }
    let described = client
        .call("query-qmp-schema", &Object::new())
        .expect("servers describe themselves");
    drop(client);
    let recording = proxy.finish(&schema);
    assert!(!recording.contains("correct horse"), "{recording}");
    assert!(recording.contains("\"(masked)\""));
    // What went through is what the server says.
    same_after_reconstruction(&Any::to_string(&described), &[]);
}

#[test]
fn a_machine_and_its_own_schema_agree() {
    let Some(server) = QmpServer::machine() else {
        return;
    };
    check(&server);
}

#[test]
fn a_storage_daemon_and_its_own_schema_agree() {
    let Some(server) = QmpServer::storage_daemon() else {
        return;
    };
    check(&server);
}

/// QEMU's library for Python talks through the proxy as it does without.
#[test]
fn the_library_for_python_is_recorded() {
    let (Some(server), Some(python)) = (QmpServer::machine(), peer::python_with_qmp()) else {
        return;
    };
    let schema = schema_of(&server);
    let proxy = Proxy::start(&server);
    let program = "
import asyncio, sys
from qemu.qmp import QMPClient
async def main():
    client = QMPClient('test')
    await client.connect(sys.argv[1])
    for query in sys.argv[2:]:
        await client.execute(query)
    await client.disconnect()
asyncio.run(main())
";
    let output = Command::new(python)
        .args(["-c", program, text(&proxy.listen)])
        .args(QUERIES)
        .output()
        .expect("Python runs");
    assert!(output.status.success(), "{output:?}");
    let recording = proxy.finish(&schema);
    for query in QUERIES {
        assert!(
            recording.contains(&format!("\"execute\": \"{query}\"")),
            "{query}"
        );
    }
}
