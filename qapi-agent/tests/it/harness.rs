//! An agent process for each test, and a client that sends and receives bytes.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

pub(crate) use qapi_test_support::Scratch;

/// More than anything here takes on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The built program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_qapi-agent");

/// A running agent with state, socket and standard error in a scratch directory.
pub(crate) struct Agent {
    process: Child,
    pub(crate) scratch: Scratch,
}

impl Agent {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    pub(crate) fn start_with(options: &[&str]) -> Self {
        Self::start_in(Scratch::new(), options)
    }

    pub(crate) fn start_in(scratch: Scratch, options: &[&str]) -> Self {
        Self::start_by(&mut Command::new(PROGRAM), scratch, options)
    }

    /// Starts through `command`, which gets the options appended and must become the agent.
    pub(crate) fn start_by(command: &mut Command, scratch: Scratch, options: &[&str]) -> Self {
        let stderr = File::options()
            .append(true)
            .create(true)
            .open(scratch.join("stderr"))
            .unwrap();
        let process = command
            .args(["-m", "unix-listen", "-p"])
            .arg(scratch.join("sock"))
            .arg("-t")
            .arg(scratch.path())
            .args(options)
            .stdin(Stdio::null())
            .stderr(stderr)
            .spawn()
            .unwrap();
        let agent = Self { process, scratch };
        wait_until("the agent listens", || {
            UnixStream::connect(agent.socket()).is_ok()
        });
        agent
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.process.id()).unwrap())
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.scratch.join("sock")
    }

    pub(crate) fn connect(&self) -> Client {
        Client::new(UnixStream::connect(self.socket()).unwrap())
    }

    pub(crate) fn stderr(&self) -> String {
        self.scratch.text("stderr")
    }

    /// A value of /proc/<pid>/status.
    pub(crate) fn status(&self, key: &str) -> String {
        let text = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = text.lines().find(|line| line.starts_with(key)).unwrap();
        line.split_once(':').unwrap().1.trim().to_owned()
    }

    /// Sends a signal and returns exit code or signal, with the scratch directory.
    pub(crate) fn end(mut self, signal: Signal) -> (Result<i32, i32>, Scratch) {
        kill(self.pid(), signal).unwrap();
        let mut status = None;
        wait_until("the agent ends", || {
            status = self.process.try_wait().unwrap();
            status.is_some()
        });
        let status = status.unwrap();
        let ending = status.code().ok_or_else(|| status.signal().unwrap());
        let scratch = std::mem::replace(&mut self.scratch, Scratch::new());
        (ending, scratch)
    }

    pub(crate) fn stop(self) -> Scratch {
        let (ending, scratch) = self.end(Signal::SIGTERM);
        assert_eq!(ending, Ok(0));
        scratch
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A connection.
pub(crate) struct Client {
    stream: UnixStream,
    /// Received, but not yet returned to the test.
    received: Vec<u8>,
}

impl Client {
    pub(crate) fn new(stream: UnixStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self {
            stream,
            received: Vec::new(),
        }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// The next line with its end.
    pub(crate) fn line(&mut self) -> Vec<u8> {
        let mut buffer = vec![0; 1 << 20];
        let mut searched = 0;
        loop {
            if let Some(end) = self.received[searched..]
                .iter()
                .position(|&byte| byte == b'\n')
            {
                return self.received.drain(..=searched + end).collect();
            }
            searched = self.received.len();
            // A socket with a time-out is interrupted even by signals that restart calls.
            let read = match self.stream.read(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                read => read.expect("an answer in time"),
            };
            assert!(read > 0, "the agent closed the connection");
            self.received.extend_from_slice(&buffer[..read]);
        }
    }

    /// Sends a request and returns the answer as bytes.
    pub(crate) fn raw(&mut self, request: impl AsRef<[u8]>) -> Vec<u8> {
        self.send(request);
        self.line()
    }

    /// Sends a request and returns the answer.
    pub(crate) fn ask(&mut self, request: impl AsRef<[u8]>) -> Value {
        let line = self.raw(request);
        serde_json::from_slice(&line)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&line)))
    }

    /// Runs a command that must succeed, and returns its result.
    pub(crate) fn run(&mut self, command: &str, arguments: &Value) -> Value {
        let mut answer = self.execute(command, arguments);
        assert!(
            answer.get("error").is_none(),
            "{command} {arguments}: {answer}"
        );
        answer["return"].take()
    }

    /// Runs a command that must fail with class `GenericError`, and returns the text.
    pub(crate) fn fail(&mut self, command: &str, arguments: &Value) -> String {
        let answer = self.execute(command, arguments);
        assert_eq!(
            answer["error"]["class"], "GenericError",
            "{command} {arguments}: {answer}"
        );
        answer["error"]["desc"].as_str().unwrap().to_owned()
    }

    fn execute(&mut self, command: &str, arguments: &Value) -> Value {
        let request = serde_json::json!({ "execute": command, "arguments": arguments });
        self.ask(request.to_string())
    }

    /// Asserts that the agent is there and answers.
    pub(crate) fn ping(&mut self) {
        assert_eq!(
            self.raw(r#"{"execute":"guest-ping"}"#),
            b"{\"return\": {}}\n"
        );
    }

    /// Ends the requests; replies can still be read.
    pub(crate) fn shut_down_writing(&self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Asserts that nothing comes for a while.
    pub(crate) fn assert_silent(&mut self) {
        self.stream
            .set_read_timeout(Some(Duration::from_millis(150)))
            .unwrap();
        let mut byte = [0];
        let error = loop {
            let error = self.stream.read(&mut byte).expect_err("nothing to read");
            if error.kind() != ErrorKind::Interrupted {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        self.stream.set_read_timeout(Some(PATIENCE)).unwrap();
    }

    /// Asserts that the agent closed the connection, even with requests unread.
    pub(crate) fn assert_closed(&mut self) {
        let mut rest = Vec::new();
        if let Err(error) = self.stream.read_to_end(&mut rest) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        }
    }
}

/// Waits for a condition, and fails if it does not come true.
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "timed out: {what}");
        sleep(Duration::from_millis(5));
    }
}

/// Runs the program without connecting to it: exit code, standard output, standard error.
pub(crate) fn run_program(options: &[impl AsRef<OsStr>]) -> (Option<i32>, String, String) {
    run_program_in(Path::new("."), options)
}

/// Runs the program in a folder.
pub(crate) fn run_program_in(
    folder: &Path,
    options: &[impl AsRef<OsStr>],
) -> (Option<i32>, String, String) {
    let output = Command::new(PROGRAM)
        .args(options)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// The permission bits of a file.
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}
