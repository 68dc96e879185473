//! A conversation in lines of JSON.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::PATIENCE;

/// A conversation in lines of JSON: with the agent or with the emulator.
pub struct Lines {
    reader: BufReader<UnixStream>,
}

impl Lines {
    /// Connects to a socket that the emulator listens at.
    ///
    /// # Panics
    /// If it does not.
    pub fn connect(path: &Path) -> Self {
        Self::new(UnixStream::connect(path).expect("the emulator listens"))
    }

    /// Stands in for a conversation that has been taken away.
    ///
    /// # Panics
    /// If the process is out of descriptors.
    pub fn disconnected() -> Self {
        let (stream, _) = UnixStream::pair().expect("a pair of sockets");
        Self::new(stream)
    }

    fn new(stream: UnixStream) -> Self {
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a time-out above zero");
        Self {
            reader: BufReader::new(stream),
        }
    }

    /// Sends bytes as they are.
    ///
    /// # Panics
    /// If the other side does not read.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.reader
            .get_mut()
            .write_all(bytes)
            .expect("the other side reads");
    }

    /// Sends a request.
    ///
    /// # Panics
    /// If the other side does not read.
    pub fn send(&mut self, request: &Value) {
        self.send_bytes(format!("{request}\n").as_bytes());
    }

    /// Returns the next line as it is; empty if the other side has closed.
    ///
    /// # Panics
    /// If none comes in time.
    pub fn line(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        self.reader
            .read_until(b'\n', &mut line)
            .expect("an answer in time");
        line
    }

    /// Returns the next message.
    ///
    /// # Panics
    /// If none comes in time, or it is not JSON.
    pub fn receive(&mut self) -> Value {
        let line = self.line();
        serde_json::from_slice(&line)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&line)))
    }

    /// Runs a command; returns the reply, whatever it is.
    ///
    /// # Panics
    /// If none comes in time.
    pub fn call(&mut self, command: &str, arguments: &Value) -> Value {
        self.send(&json!({ "execute": command, "arguments": arguments }));
        loop {
            let message = self.receive();
            // The emulator's events may come at any time.
            if message.get("event").is_none() {
                return message;
            }
        }
    }

    /// Runs a command that must succeed.
    ///
    /// # Panics
    /// If it fails.
    pub fn run(&mut self, command: &str, arguments: &Value) -> Value {
        let mut reply = self.call(command, arguments);
        assert!(
            reply.get("error").is_none(),
            "{command} {arguments}: {reply}"
        );
        reply["return"].take()
    }

    /// Runs a command that must fail; returns the text.
    ///
    /// # Panics
    /// If it succeeds.
    pub fn fail(&mut self, command: &str, arguments: &Value) -> String {
        let reply = self.call(command, arguments);
        let text = reply["error"]["desc"].as_str();
        text.unwrap_or_else(|| panic!("{command} {arguments}: {reply}"))
            .to_owned()
    }

    /// Asserts that the agent is there, and that no reply to anything else is on the way.
    ///
    /// # Panics
    /// If it is not, or another one comes.
    pub fn ping(&mut self) {
        self.send(&json!({ "execute": "guest-ping", "id": "ping" }));
        assert_eq!(self.receive(), json!({ "return": {}, "id": "ping" }));
    }

    /// Skips to the next event of a name; returns its data.
    ///
    /// # Panics
    /// If none comes in time.
    pub fn event(&mut self, name: &str) -> Value {
        loop {
            let mut message = self.receive();
            if message["event"] == name {
                return message["data"].take();
            }
        }
    }

    /// Asserts that nothing comes for a second.
    ///
    /// # Panics
    /// If something does.
    pub fn assert_silent(&mut self) {
        let stream = self.reader.get_ref();
        let set = |patience| {
            stream
                .set_read_timeout(Some(patience))
                .expect("a time-out above zero");
        };
        set(Duration::from_secs(1));
        let error = self.reader.get_mut().read(&mut [0]).expect_err("nothing");
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        let stream = self.reader.get_ref();
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a time-out above zero");
    }

    /// Returns the stream below, for a client of another kind. Nothing must be on the way.
    pub fn into_stream(self) -> UnixStream {
        self.reader.into_inner()
    }

    /// Bytes left to read before the other side closes, in whatever way it does that.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let _ = self.reader.read_to_end(&mut rest);
        rest
    }
}
