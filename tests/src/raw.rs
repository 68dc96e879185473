//! A guest agent process with a connection that sends bytes as they are.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Scratch;

/// Limit for something that must happen; only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running agent, ours or another, on a unix socket; ended when dropped.
#[derive(Debug)]
pub struct Agent {
    command: Command,
    child: Child,
    scratch: Scratch,
}

impl Agent {
    /// Starts `program` with the options that every guest agent takes.
    ///
    /// # Panics
    /// If it does not come up.
    pub fn start(program: &Path) -> Self {
        Self::start_with(program, &[])
    }

    /// Starts `program` with more options. Its working directory is [`Agent::folder`].
    ///
    /// # Panics
    /// If it does not come up.
    pub fn start_with(program: &Path, options: &[&str]) -> Self {
        let scratch = Scratch::new();
        let mut command = Command::new(program);
        command
            .args(["-m", "unix-listen", "-p"])
            .arg(scratch.join("ga.sock"))
            .arg("-t")
            .arg(scratch.path())
            .args(options)
            .current_dir(scratch.path())
            .stdin(Stdio::null());
        let child = command.spawn().expect("the program starts");
        let agent = Self {
            command,
            child,
            scratch,
        };
        agent.connect();
        agent
    }

    /// Ends it, and takes its socket away.
    ///
    /// # Panics
    /// If it cannot be ended.
    pub fn stop(&mut self) {
        self.child.kill().expect("it is a child");
        self.child.wait().expect("it is a child");
        let _ = std::fs::remove_file(self.socket());
    }

    /// Starts it again on the same socket, without waiting for it.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn start_again(&mut self) {
        self.child = self.command.spawn().expect("the program starts");
    }

    /// Returns the socket it listens on.
    pub fn socket(&self) -> PathBuf {
        self.scratch.join("ga.sock")
    }

    /// Returns a folder for files of the test.
    pub fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// Returns a new connection.
    ///
    /// # Panics
    /// If the agent does not listen.
    pub fn connect(&self) -> Connection {
        let start = Instant::now();
        loop {
            match UnixStream::connect(self.socket()) {
                Ok(stream) => return Connection::over(stream),
                Err(error) => assert!(start.elapsed() < PATIENCE, "no agent: {error}"),
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Returns the number of the process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Returns true if the process is still there.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_none())
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection that sends bytes as they are and receives lines.
#[derive(Debug)]
pub struct Connection {
    stream: UnixStream,
    received: Vec<u8>,
}

impl Connection {
    /// Over a connected socket.
    ///
    /// # Panics
    /// If its time-out cannot be set.
    pub fn over(stream: UnixStream) -> Self {
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a time-out above zero");
        Self {
            stream,
            received: Vec::new(),
        }
    }

    /// Sends.
    ///
    /// # Panics
    /// If the peer is gone.
    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the agent reads");
    }

    /// Sends as long as the peer takes it; whether it took all.
    ///
    /// # Panics
    /// If the peer is gone.
    pub fn try_send(&mut self, bytes: &[u8]) -> bool {
        let limit = Some(Duration::from_millis(50));
        self.stream
            .set_write_timeout(limit)
            .expect("a time-out above zero");
        let result = self.stream.write_all(bytes);
        self.stream
            .set_write_timeout(None)
            .expect("no time-out is one");
        match result {
            Ok(()) => true,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                false
            }
            Err(error) => panic!("cannot write to the agent: {error}"),
        }
    }

    /// Returns the next line, without its line feed.
    ///
    /// # Panics
    /// If none comes.
    pub fn line(&mut self) -> Vec<u8> {
        let mut searched = 0;
        loop {
            let mut fresh = self.received[searched..].iter();
            if let Some(end) = fresh.position(|byte| *byte == b'\n') {
                let rest = self.received.split_off(searched + end + 1);
                let mut line = std::mem::replace(&mut self.received, rest);
                line.pop();
                return line;
            }
            searched = self.received.len();
            assert!(self.receive(), "the agent hung up");
        }
    }

    /// Sends a request and returns its reply.
    ///
    /// # Panics
    /// If none comes, or if it is not JSON.
    pub fn call(&mut self, request: &[u8]) -> serde_json::Value {
        self.send(request);
        let line = self.line();
        serde_json::from_slice(&line)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&line)))
    }

    /// Returns everything that comes until nothing has come for `quiet`.
    ///
    /// # Panics
    /// If the connection fails otherwise than by silence.
    pub fn drain(&mut self, quiet: Duration) -> Vec<u8> {
        self.stream
            .set_read_timeout(Some(quiet))
            .expect("a time-out above zero");
        while self.receive() {}
        self.stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a time-out above zero");
        std::mem::take(&mut self.received)
    }

    fn receive(&mut self) -> bool {
        let mut buffer = vec![0; 1 << 18];
        match self.stream.read(&mut buffer) {
            Ok(0) => false,
            // A socket with a time-out is interrupted even by signals that restart calls.
            Err(error) if error.kind() == ErrorKind::Interrupted => true,
            Ok(count) => {
                self.received.extend_from_slice(&buffer[..count]);
                true
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                false
            }
            Err(error) => panic!("cannot read from the agent: {error}"),
        }
    }
}
