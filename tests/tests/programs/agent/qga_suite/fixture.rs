//! An agent at the place where QEMU's test program has it, and its ending.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use qapi_tests::Scratch;
use qapi_tests::peer;
use qapi_tests::raw::Connection;
use serde_json::{Value, json};

/// Limit for something that must happen; only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Fixture {
    pub(crate) connection: Connection,
    pub(crate) folder: PathBuf,
    process: Child,
    _scratch: Scratch,
}

/// Puts the agent at `qga/qemu-ga` below a folder.
fn install(folder: &Path) -> PathBuf {
    let program = folder.join("qga/qemu-ga");
    if !program.exists() {
        fs::create_dir(folder.join("qga")).expect("a scratch folder is writable");
        symlink(peer::qapi_agent(), &program).expect("a scratch folder is writable");
    }
    program
}

impl Fixture {
    pub(crate) fn start(options: &[&str]) -> Self {
        Self::start_in(options, None)
    }

    /// Starts the agent, in an environment of its own if one is given.
    pub(crate) fn start_in(options: &[&str], environment: Option<&[(&str, &str)]>) -> Self {
        let scratch = Scratch::new();
        let folder = scratch.path().to_owned();
        let socket = folder.join("sock");
        let errors = File::create(folder.join("stderr")).expect("a scratch folder is writable");
        let mut command = Command::new(install(&folder));
        command.args(["-m", "unix-listen", "-t"]).arg(&folder);
        command
            .arg("-p")
            .arg(&socket)
            .args(options)
            .current_dir(&folder);
        command.stdin(Stdio::null()).stderr(errors);
        if let Some(variables) = environment {
            command.env_clear().envs(variables.iter().copied());
        }
        let process = command.spawn().expect("the agent starts");
        let start = Instant::now();
        let stream = loop {
            match UnixStream::connect(&socket) {
                Ok(stream) => break stream,
                Err(error) => assert!(start.elapsed() < PATIENCE, "no agent: {error}"),
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        Self {
            connection: Connection::over(stream),
            folder,
            process,
            _scratch: scratch,
        }
    }

    pub(crate) fn send(&mut self, request: &Value) {
        self.connection.send(format!("{request}\n").as_bytes());
    }

    /// The whole reply to a request.
    pub(crate) fn ask(&mut self, request: &Value) -> Value {
        self.connection.call(format!("{request}\n").as_bytes())
    }

    /// Reply of a command that must succeed.
    pub(crate) fn run(&mut self, command: &str, arguments: &Value) -> Value {
        let mut reply = self.ask(&json!({ "execute": command, "arguments": arguments }));
        assert!(
            reply.get("error").is_none(),
            "{command} {arguments}: {reply}"
        );
        reply["return"].take()
    }

    /// Ends the agent as the test program does, with a client connected: it must end well. What it said
    /// on standard error.
    pub(crate) fn end(&mut self) -> String {
        let pid = self.process.id().to_string();
        let kill = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(kill.is_ok_and(|status| status.success()));
        let status = self.process.wait().expect("it is our child");
        assert_eq!(status.code(), Some(0), "{status}");
        fs::read_to_string(self.folder.join("stderr")).expect("it is text")
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs the agent to its end in an environment of its own: exit code, standard output, standard error.
pub(crate) fn run(
    folder: &Path,
    options: &[&str],
    environment: &[(&str, &str)],
) -> (Option<i32>, String, String) {
    let output = Command::new(install(folder))
        .args(options)
        .current_dir(folder)
        .env_clear()
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("the agent starts");
    let text = |bytes| String::from_utf8(bytes).expect("it is text");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// The first group of a key file, and what it sets.
pub(crate) fn key_file(text: &str) -> (String, BTreeMap<String, String>) {
    let mut lines = text.lines();
    let group = lines
        .next()
        .expect("a group")
        .trim_matches(['[', ']'])
        .to_owned();
    let settings = lines.map_while(|line| line.split_once('='));
    let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned()));
    (group, settings.collect())
}
