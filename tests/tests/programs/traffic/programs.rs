//! Our programs around servers and clients of others.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use qapi_tests::Scratch;
use qapi_tests::peer;
use qapi_tests::qmp_server::QmpServer;

/// Limit for a program to come up; only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for a file to be there.
pub(super) fn await_file(path: &Path) {
    let started = Instant::now();
    while !path.exists() {
        let shown = path.display();
        assert!(started.elapsed() < PATIENCE, "{shown} does not come");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Has a recording judged by a schema: nothing may be found but what is deprecated or unstable.
pub(super) fn judge(schema: &Path, recording: &Path) {
    let judged = qapi(&[
        "validate",
        "--message-format",
        "short",
        text(schema),
        text(recording),
    ]);
    let complaints = String::from_utf8_lossy(&judged.stdout).into_owned();
    let is_use = |line: &&str| {
        ["[deprecated]", "[unstable]"]
            .iter()
            .any(|it| line.contains(it))
    };
    let found: Vec<_> = complaints.lines().filter(|line| !is_use(line)).collect();
    assert!(
        found.is_empty() && judged.status.success(),
        "{found:#?} {judged:?}"
    );
}

pub(super) fn qapi(arguments: &[&str]) -> Output {
    let output = Command::new(peer::qapi()).args(arguments).output();
    output.expect("the program runs")
}

pub(super) fn text(path: &Path) -> &str {
    path.to_str().expect("paths of tests are text")
}

/// The schema of a server, in a file beside its socket.
pub(super) fn schema_of(server: &QmpServer) -> PathBuf {
    let socket = format!("unix:{}", server.socket().display());
    let made = qapi(&["reconstruct", &socket]);
    assert!(made.status.success(), "{made:?}");
    let path = server.folder().join("own.json");
    fs::write(&path, made.stdout).expect("the folder is writable");
    path
}

/// A proxy that records one client.
pub(super) struct Proxy {
    child: Child,
    pub(super) listen: PathBuf,
    recording: PathBuf,
}

impl Proxy {
    pub(super) fn start(server: &QmpServer) -> Self {
        Self::between(&server.socket(), server.folder())
    }

    /// Records one client of a server into a file of the folder.
    pub(super) fn between(server: &Path, folder: &Path) -> Self {
        let (listen, recording) = (folder.join("l"), folder.join("rec.jsonl"));
        let mut command = Command::new(peer::qapi());
        command.arg("record").arg(server).arg(&listen).arg("--once");
        let child = command
            .arg("-o")
            .arg(&recording)
            .spawn()
            .expect("the program runs");
        await_file(&listen);
        Self {
            child,
            listen,
            recording,
        }
    }

    /// Waits for the end of the client, and has the recording judged by a schema: nothing may be found.
    pub(super) fn finish(mut self, schema: &Path) -> String {
        let status = self.child.wait().expect("it is our child");
        assert!(status.success(), "{status}");
        judge(schema, &self.recording);
        fs::read_to_string(&self.recording).expect("there is a recording")
    }
}

/// A mock of a schema; ended when dropped.
pub(super) struct Mock {
    child: Child,
    scratch: Scratch,
}

impl Mock {
    pub(super) fn start(schema: &Path, options: &[&str]) -> Self {
        let scratch = Scratch::new();
        let child = Command::new(peer::qapi())
            .args(["-q", "mock"])
            .arg(schema)
            .arg("s")
            .args(options)
            .current_dir(scratch.path())
            .stdin(Stdio::null())
            .spawn()
            .expect("the program runs");
        let mock = Self { child, scratch };
        await_file(&mock.socket());
        mock
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.scratch.join("s")
    }

    /// A folder for the test's files.
    pub(super) fn folder(&self) -> &Path {
        self.scratch.path()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
