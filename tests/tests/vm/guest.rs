//! A machine with an agent at work, and conversations with it.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use qapi_tests::vm::{Machine, Setup};
use serde_json::{Value, json};

pub(crate) use qapi_tests::vm::PATIENCE;

/// Path of the agent in the guest, whoever made it.
const AGENT: &str = "/usr/sbin/agent";

/// A machine with an agent.
pub(crate) struct Guest {
    pub(crate) machine: Machine,
    pub(crate) agent: Lines,
}

impl Guest {
    /// Boots a machine and starts `program` in it, an agent, with these options besides the usual
    /// ones. None where there is nothing to boot with.
    pub(crate) fn boot(setup: Setup, program: impl AsRef<Path>, options: &str) -> Option<Self> {
        let mut machine = setup.program(program.as_ref(), AGENT).boot()?;
        start(&mut machine, options);
        let agent = Lines::connect(&machine.agent_socket());
        Some(Self { machine, agent })
    }

    /// Starts the agent again, for the same host program.
    pub(crate) fn start(&mut self, options: &str) {
        start(&mut self.machine, options);
    }

    /// Ends the agent in an orderly way.
    pub(crate) fn stop(&mut self) {
        let ended = self.shell("kill $(cat /run/pid); wait $(cat /run/pid); echo \"code $?\"");
        assert!(ended.ends_with("code 0"), "{ended}");
    }

    /// See [`Machine::shell`].
    pub(crate) fn shell(&mut self, command: &str) -> String {
        self.machine.shell(command)
    }

    /// The emulator's side of the machine, ready for commands.
    pub(crate) fn qmp(&self) -> Lines {
        let mut qmp = Lines::connect(&self.machine.qmp_socket());
        qmp.receive();
        qmp.run("qmp_capabilities", &json!({}));
        qmp
    }

    /// Waits until a command of the shell prints this.
    pub(crate) fn wait_until(&mut self, command: &str, expected: &str) {
        self.machine.wait_until(command, expected);
    }
}

fn start(machine: &mut Machine, options: &str) {
    machine.shell(&format!(
        "{AGENT} {options} </dev/null >>/run/log 2>&1 & echo $! >/run/pid"
    ));
}

/// Stands in for a conversation that has been taken away.
pub(crate) fn disconnected() -> Lines {
    let (stream, _) = UnixStream::pair().expect("a pair of sockets");
    Lines::new(stream)
}

/// A conversation in lines of JSON: with the agent or with the emulator.
pub(crate) struct Lines {
    reader: BufReader<UnixStream>,
}

impl Lines {
    pub(crate) fn connect(path: &Path) -> Self {
        Self::new(UnixStream::connect(path).expect("the emulator listens"))
    }

    pub(crate) fn new(stream: UnixStream) -> Self {
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a time-out above zero");
        Self {
            reader: BufReader::new(stream),
        }
    }

    /// Sends bytes as they are.
    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        self.reader
            .get_mut()
            .write_all(bytes)
            .expect("the other side reads");
    }

    pub(crate) fn send(&mut self, request: &Value) {
        self.send_bytes(format!("{request}\n").as_bytes());
    }

    /// The next line as it is; empty if the other side has closed.
    pub(crate) fn line(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        self.reader
            .read_until(b'\n', &mut line)
            .expect("an answer in time");
        line
    }

    pub(crate) fn receive(&mut self) -> Value {
        let line = self.line();
        serde_json::from_slice(&line)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&line)))
    }

    pub(crate) fn call(&mut self, command: &str, arguments: &Value) -> Value {
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
    pub(crate) fn run(&mut self, command: &str, arguments: &Value) -> Value {
        let mut reply = self.call(command, arguments);
        assert!(
            reply.get("error").is_none(),
            "{command} {arguments}: {reply}"
        );
        reply["return"].take()
    }

    /// Runs a command that must fail; returns the text.
    pub(crate) fn fail(&mut self, command: &str, arguments: &Value) -> String {
        let reply = self.call(command, arguments);
        let text = reply["error"]["desc"].as_str();
        text.unwrap_or_else(|| panic!("{command} {arguments}: {reply}"))
            .to_owned()
    }

    /// Asserts that the agent is there, and that no reply to anything else is on the way.
    pub(crate) fn ping(&mut self) {
        self.send(&json!({ "execute": "guest-ping", "id": "ping" }));
        assert_eq!(self.receive(), json!({ "return": {}, "id": "ping" }));
    }

    /// Skips to the next event of a name; returns its data.
    pub(crate) fn event(&mut self, name: &str) -> Value {
        loop {
            let mut message = self.receive();
            if message["event"] == name {
                return message["data"].take();
            }
        }
    }

    /// Asserts that nothing comes for a second.
    pub(crate) fn assert_silent(&mut self) {
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

    /// The stream below, for a client of another kind. Nothing must be on the way.
    pub(crate) fn into_stream(self) -> UnixStream {
        self.reader.into_inner()
    }

    /// Bytes left to read before the other side closes, in whatever way it does that.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let _ = self.reader.read_to_end(&mut rest);
        rest
    }
}
