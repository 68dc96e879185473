//! An editor that speaks the protocol with the server, one message at a time.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::random::Random;

/// After so many keystrokes the author undoes everything.
const PATIENCE: usize = 20;

pub(crate) struct Editor {
    process: Child,
    started: Instant,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    requests: i64,
    path: PathBuf,
    version: i64,
    text: String,
    keystrokes: usize,
}

/// Time on the clock, and of the server on a processor, which depends less on what else the machine does.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) clock: Duration,
    pub(crate) processor: Duration,
}

/// Abilities of an editor that matter for the length of answers.
#[derive(Clone, Copy)]
pub(crate) enum Age {
    /// Items of a completion share what they have in common.
    Today,
    /// Every item is sent in full, as Neovim 0.7 and Emacs 28 need it.
    Earlier,
}

impl Editor {
    /// Starts the server for a folder.
    pub(crate) fn start(program: &Path, folder: &Path, age: Age) -> Self {
        let started = Instant::now();
        let mut process = Command::new(program)
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let input = process.stdin.take().expect("it is a pipe");
        let output = process.stdout.take().expect("it is a pipe");
        let mut editor = Self {
            process,
            started,
            input,
            output: BufReader::new(output),
            requests: 0,
            path: PathBuf::new(),
            version: 0,
            text: String::new(),
            keystrokes: 0,
        };
        let params =
            json!({ "processId": null, "rootUri": uri(folder), "capabilities": capabilities(age) });
        editor.request("initialize", params);
        editor.notify("initialized", json!({}));
        editor
    }

    /// Opens a file and waits for its diagnostics. The cost is that since the start.
    pub(crate) fn open(&mut self, path: &Path, text: &str) -> Cost {
        self.path = path.to_path_buf();
        text.clone_into(&mut self.text);
        let document = json!({ "uri": uri(path), "languageId": "qapi", "version": self.version, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
        self.wait_for_diagnostics();
        Cost {
            clock: self.started.elapsed(),
            processor: self.processor_time(),
        }
    }

    /// Makes a small change anywhere in the file; now and then restores `whole`.
    pub(crate) fn type_at_random(&mut self, whole: &str, random: &mut Random) -> Cost {
        self.keystrokes += 1;
        if self.keystrokes.is_multiple_of(PATIENCE) {
            return self.replace(whole);
        }
        let start = random.below(self.text.len());
        let end = (start + random.below(3)).min(self.text.len());
        let new = ["", "x", "'", ",", "}"][random.below(5)];
        let range = json!({ "start": place(&self.text, start), "end": place(&self.text, end) });
        self.text.replace_range(start..end, new);
        self.change(json!({ "range": range, "text": new }))
    }

    /// Gives the file another text.
    pub(crate) fn replace(&mut self, text: &str) -> Cost {
        text.clone_into(&mut self.text);
        self.change(json!({ "text": text }))
    }

    fn change(&mut self, change: Value) -> Cost {
        self.version += 1;
        let document = json!({ "uri": uri(&self.path), "version": self.version });
        let params = json!({ "textDocument": document, "contentChanges": [change] });
        self.measure(|editor| {
            editor.notify("textDocument/didChange", params);
            editor.wait_for_diagnostics();
        })
    }

    /// Asks about the place in the file that is marked with `^`.
    ///
    /// # Panics
    /// If the answer is empty.
    pub(crate) fn ask(&mut self, method: &str, text: &str, mark: &str) -> Cost {
        let (before, after) = mark.split_once('^').expect("there is a mark");
        let at = text
            .find(&format!("{before}{after}"))
            .expect("the schema has it")
            + before.len();
        let params = json!({
            "textDocument": { "uri": uri(&self.path) },
            "position": place(text, at),
            "context": { "includeDeclaration": true, "triggerKind": 1 },
        });
        let mut answer = Value::Null;
        let method = format!("textDocument/{method}");
        let cost = self.measure(|editor| answer = editor.request(&method, params));
        let list = answer.get("items").unwrap_or(&answer);
        let is_empty = list.is_null() || list.as_array().is_some_and(Vec::is_empty);
        assert!(!is_empty, "{method} has an answer");
        cost
    }

    fn measure(&mut self, run: impl FnOnce(&mut Self)) -> Cost {
        let before = self.processor_time();
        let begin = Instant::now();
        run(self);
        let clock = begin.elapsed();
        Cost {
            clock,
            processor: self.processor_time().saturating_sub(before),
        }
    }

    /// Returns the processor time of all threads of the server.
    fn processor_time(&self) -> Duration {
        let folder = format!("/proc/{}/task", self.process.id());
        let threads = fs::read_dir(folder).expect("the kernel lists threads");
        let times = threads.filter_map(|thread| {
            let text = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(times.sum())
    }

    /// Resident memory of the server, in KiB.
    pub(crate) fn resident_kib(&self) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = fs::read_to_string(path).expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let digits = line.and_then(|line| line.split_whitespace().next());
        digits
            .and_then(|digits| digits.parse().ok())
            .expect("the kernel has the value")
    }

    fn wait_for_diagnostics(&mut self) {
        loop {
            let message = self.read();
            let params = &message["params"];
            let is_it = message["method"] == "textDocument/publishDiagnostics"
                && params["uri"] == uri(&self.path)
                && params["version"] == self.version;
            if is_it {
                return;
            }
        }
    }

    fn request(&mut self, method: &str, params: Value) -> Value {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let mut message = self.read();
            if message["id"] == id && message.get("method").is_none() {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].take();
            }
        }
    }

    fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len())
            .and_then(|()| self.input.flush())
            .expect("the server reads");
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            let count = self.output.read_line(&mut line).expect("the server writes");
            assert!(count > 0, "the server is there");
            match line.trim_end().split_once(": ") {
                Some(("Content-Length", value)) => length = value.parse().expect("it is a number"),
                _ if line == "\r\n" => break,
                _ => {}
            }
        }
        let mut content = vec![0; length];
        self.output
            .read_exact(&mut content)
            .expect("messages are whole");
        serde_json::from_slice(&content).expect("messages are JSON")
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn capabilities(age: Age) -> Value {
    let list = match age {
        Age::Today => json!({ "itemDefaults": ["editRange", "data"] }),
        Age::Earlier => json!({}),
    };
    json!({ "textDocument": { "completion": { "completionList": list } } })
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// Returns a place as the protocol counts; the schema is ASCII.
fn place(text: &str, at: usize) -> Value {
    let before = &text[..at];
    let column = at - before.rfind('\n').map_or(0, |end| end + 1);
    json!({ "line": before.matches('\n').count(), "character": column })
}
