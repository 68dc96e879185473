//! An agent that recorded conversations are held with.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use qapi_test_support::unescape;
use qapi_tests::agents::conversation::Conversation;
use qapi_tests::agents::template::canonical;
use qapi_tests::agents::vectors::{Action, Row};
use qapi_tests::raw::Agent;
use serde_json::{Value, json};

/// More than any program of the rows takes on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Player {
    conversation: Conversation,
    agent: Agent,
    /// The last program.
    pid: String,
    /// Kept open, so that FIFOs have a writer.
    writer: Option<File>,
}

impl Player {
    pub(crate) fn start(program: &Path) -> Self {
        let agent = Agent::start(program);
        Self {
            conversation: Conversation::new(&agent),
            agent,
            pid: "0".to_owned(),
            writer: None,
        }
    }

    /// Does what a row says; the bytes sent, and the lines that came in canonical form.
    pub(crate) fn play(&mut self, row: &Row, seven: bool) -> (Vec<u8>, Vec<String>) {
        let (request, lines) = match &row.action {
            Action::Send(bytes) => {
                let request = self.fill(bytes);
                let lines = self.send(&request, row.reply_of(seven).len());
                (request, lines)
            }
            Action::Poll(bytes) => {
                let request = self.fill(bytes);
                let lines = self.poll(&request);
                (request, lines)
            }
            Action::Look(what, file) => {
                let seen = self.look(what, file);
                return (Vec::new(), seen.lines().map(str::to_owned).collect());
            }
            Action::Prepare(what) => {
                self.prepare(what);
                return (Vec::new(), Vec::new());
            }
        };
        if let [line] = lines.as_slice() {
            self.remember_program(line);
        }
        (request, lines.iter().map(|line| self.shown(line)).collect())
    }

    /// Expected reply of a row, in canonical form.
    pub(crate) fn expected(row: &Row, seven: bool) -> Vec<String> {
        let lines = row.reply_of(seven).iter();
        lines
            .map(
                |line| match serde_json::from_slice::<Value>(&quoted(line)) {
                    // The number of a program is not JSON, so it was put in quotes for a while.
                    Ok(_) => canonical(&quoted(line)).replace("\"<PID>\"", "<PID>"),
                    Err(_) => canonical(line),
                },
            )
            .collect()
    }

    /// Waits for as many lines as are expected first: they must come without anything after the
    /// request.
    fn send(&mut self, request: &[u8], expected: usize) -> Vec<Vec<u8>> {
        if expected == 0 {
            // What is incomplete may be continued by the next row.
            let silence = self.conversation.rest(Duration::from_millis(2));
            assert!(silence.is_empty(), "{silence:?}");
            self.conversation.ask_for(&[request], 0);
            let rest = self.conversation.rest(Duration::from_millis(100));
            return rest
                .split_inclusive(|byte| *byte == b'\n')
                .map(<[u8]>::to_vec)
                .collect();
        }
        self.conversation.ask(&[request])
    }

    fn poll(&mut self, request: &[u8]) -> Vec<Vec<u8>> {
        let start = Instant::now();
        loop {
            let lines = self.conversation.ask(&[request]);
            if lines != [b"{\"return\": {\"exited\": false}}"] {
                return lines;
            }
            assert!(start.elapsed() < PATIENCE, "the program goes on");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn remember_program(&mut self, line: &[u8]) {
        let reply: Option<Value> = serde_json::from_slice(line).ok();
        if let Some(pid) = reply.and_then(|reply| reply["return"]["pid"].as_i64()) {
            self.pid = pid.to_string();
        }
    }

    fn folder(&self) -> &str {
        self.agent
            .folder()
            .to_str()
            .expect("a scratch path is text")
    }

    fn path(&self, file: &str) -> PathBuf {
        self.agent.folder().join(file)
    }

    fn fill(&self, bytes: &[u8]) -> Vec<u8> {
        match std::str::from_utf8(bytes) {
            Ok(text) => text
                .replace("$D", self.folder())
                .replace("<PID>", &self.pid)
                .into_bytes(),
            Err(_) => bytes.to_vec(),
        }
    }

    fn shown(&self, line: &[u8]) -> String {
        canonical(line).replace(self.folder(), "$D")
    }

    fn look(&mut self, what: &str, file: &str) -> String {
        let path = self.path(file);
        match what {
            "mode" => {
                let mode = fs::metadata(path)
                    .expect("the file is there")
                    .permissions()
                    .mode();
                format!("{mode:#o}")
            }
            "size" => fs::metadata(path)
                .expect("the file is there")
                .len()
                .to_string(),
            "content" => {
                let content = fs::read(path).expect("the file is there");
                String::from_utf8_lossy(&content).into_owned()
            }
            "captured" => self.captured(),
            _ => panic!("nobody knows how to look at {what}"),
        }
    }

    /// The end of the last program, with the number of bytes in place of the data.
    fn captured(&mut self) -> String {
        let request = json!({ "execute": "guest-exec-status", "arguments": { "pid": self.pid.parse::<i64>().ok() } });
        let lines = self.poll(request.to_string().as_bytes());
        let mut reply: Value = serde_json::from_slice(&lines[0]).expect("a reply is JSON");
        for stream in ["out-data", "err-data"] {
            let text = reply["return"][stream]
                .as_str()
                .expect("both streams were captured");
            let padding = text.bytes().rev().take_while(|&byte| byte == b'=').count();
            reply["return"][stream] = json!(text.len() / 4 * 3 - padding);
        }
        canonical(reply["return"].to_string().as_bytes())
    }

    fn prepare(&mut self, what: &str) {
        let mut words = what.splitn(3, ' ');
        let mut word = || words.next().unwrap_or_default();
        match (word(), word(), word()) {
            ("fifo", file, _) => {
                let status = Command::new("mkfifo").arg(self.path(file)).status();
                assert!(status.is_ok_and(|status| status.success()), "mkfifo works");
            }
            ("write", file, text) => {
                let path = self.path(file);
                let writer = self.writer.get_or_insert_with(|| {
                    // Opening for both does not wait for the other side.
                    let mut options = OpenOptions::new();
                    options.read(true).write(true);
                    options.open(path).expect("the FIFO is there")
                });
                writer.write_all(text.as_bytes()).expect("a FIFO has room");
            }
            ("program", file, text) => {
                let path = self.path(file);
                fs::create_dir_all(path.parent().expect("it is in the folder")).expect("a folder");
                fs::write(&path, unescape(text)).expect("a file");
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("our file");
            }
            ("wait", milliseconds, _) => {
                let time = milliseconds.parse().expect("a number");
                std::thread::sleep(Duration::from_millis(time));
            }
            _ => panic!("nobody knows how to {what}"),
        }
    }
}

/// The line with the number of a program in quotes.
fn quoted(line: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(line)
        .replace("<PID>", "\"<PID>\"")
        .into_bytes()
}
