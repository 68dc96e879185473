//! An editor of ours: speaks the protocol, byte for byte, with the binary.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// Time for an answer: only a server that hangs needs it.
const PATIENCE: Duration = Duration::from_secs(120);

/// A session.
pub(crate) struct Client {
    pub(crate) process: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// Messages that came while another was waited for.
    kept: VecDeque<Value>,
    /// The newest diagnostics by address.
    pub(crate) diagnostics: BTreeMap<String, Value>,
    /// Versions of the texts that the diagnostics are about.
    pub(crate) versions: BTreeMap<String, i64>,
    requests: i64,
}

/// The address of a path.
pub(crate) fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

impl Client {
    /// Starts the server and opens a session with these capabilities of an editor.
    pub(crate) fn start(folder: &Path, capabilities: &Value, options: &Value) -> Self {
        let mut client = Self::raw();
        let params = json!({
            "processId": null,
            "rootUri": uri(folder),
            "capabilities": capabilities,
            "initializationOptions": options,
        });
        client.request("initialize", params).expect("it starts");
        client.notify("initialized", json!({}));
        client
    }

    /// Starts the server only.
    pub(crate) fn raw() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_qapi"))
            .arg("lsp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the server starts");
        let input = process.stdin.take();
        let output = process.stdout.take().expect("it is a pipe");
        let (sender, messages) = channel();
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Self {
            process,
            input,
            messages,
            kept: VecDeque::new(),
            diagnostics: BTreeMap::new(),
            versions: BTreeMap::new(),
            requests: 0,
        }
    }

    /// Sends bytes as they are.
    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("it is open");
        input
            .write_all(bytes)
            .and_then(|()| input.flush())
            .expect("the server reads");
    }

    /// Sends a message.
    pub(crate) fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.send_bytes(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request without waiting for its answer; returns its id.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// The answer to a request: its result or its error.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, params);
        self.answer(id)
    }

    /// Waits for the answer to a request.
    pub(crate) fn answer(&mut self, id: i64) -> Result<Value, Value> {
        let message = self.wait(|message| message["id"] == id && message.get("method").is_none());
        match message.get("error") {
            Some(error) => Err(error.clone()),
            None => Ok(message["result"].clone()),
        }
    }

    /// Waits for a message of this kind; others are kept.
    pub(crate) fn wait(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(&is_it) {
            return self.kept.remove(at).expect("it is there");
        }
        loop {
            let message = self.next();
            if is_it(&message) {
                return message;
            }
            self.kept.push_back(message);
        }
    }

    fn next(&mut self) -> Value {
        let message = self
            .messages
            .recv_timeout(PATIENCE)
            .expect("the server answers");
        if message["method"] == "textDocument/publishDiagnostics" {
            let params = &message["params"];
            let uri = params["uri"]
                .as_str()
                .expect("it has an address")
                .to_owned();
            if let Some(version) = params["version"].as_i64() {
                self.versions.insert(uri.clone(), version);
            }
            self.diagnostics.insert(uri, params["diagnostics"].clone());
        }
        message
    }

    /// Opens a file with this text.
    pub(crate) fn open(&mut self, path: &Path, text: &str) {
        let document =
            json!({ "uri": uri(path), "languageId": "qapi", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Gives an open file another text.
    pub(crate) fn replace(&mut self, path: &Path, version: i64, text: &str) {
        self.change(path, version, json!([{ "text": text }]));
    }

    pub(crate) fn change(&mut self, path: &Path, version: i64, changes: Value) {
        let document = json!({ "uri": uri(path), "version": version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.notify("textDocument/didChange", params);
    }

    /// The diagnostics of a version of an open file.
    pub(crate) fn diagnostics_of(&mut self, path: &Path, version: i64) -> Vec<Value> {
        let uri = uri(path);
        while self.versions.get(&uri).is_none_or(|it| *it < version) {
            let message = self.next();
            self.kept.push_back(message);
        }
        self.kept
            .retain(|it| it["method"] != "textDocument/publishDiagnostics");
        self.diagnostics[&uri]
            .as_array()
            .expect("it is a list")
            .clone()
    }

    /// Asks about a place, given by the text that starts there; `^` in it marks the exact place.
    pub(crate) fn at(&mut self, method: &str, path: &Path, text: &str, mark: &str) -> Value {
        let params =
            json!({ "textDocument": { "uri": uri(path) }, "position": position(text, mark) });
        self.request(method, params).expect("it is answered")
    }

    /// Ends the session properly, and returns the exit status.
    pub(crate) fn finish(mut self) -> i32 {
        self.request("shutdown", Value::Null)
            .expect("it shuts down");
        self.notify("exit", Value::Null);
        self.vanish()
    }

    /// Disconnects without a shutdown request, and returns the exit status.
    pub(crate) fn vanish(mut self) -> i32 {
        drop(self.input.take());
        self.process
            .wait()
            .expect("it ends")
            .code()
            .expect("it exits")
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The place of a mark in a text, in bytes of its line, which are ASCII up to there.
pub(crate) fn position(text: &str, mark: &str) -> Value {
    let at = mark.find('^').unwrap_or(0);
    let plain = mark.replacen('^', "", 1);
    let start = text.find(&plain).unwrap_or_else(|| panic!("no `{plain}`"));
    let before = &text[..start + at];
    let line = before.matches('\n').count();
    let column = before.len() - before.rfind('\n').map_or(0, |it| it + 1);
    json!({ "line": line, "character": column })
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        output
            .read_line(&mut line)
            .ok()
            .filter(|count| *count > 0)?;
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().expect("it is a number"),
            _ if line == "\r\n" => break,
            _ => {}
        }
    }
    let mut content = vec![0; length];
    output.read_exact(&mut content).ok()?;
    Some(serde_json::from_slice(&content).expect("it is JSON"))
}

/// A folder of a test, empty at its start.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("lsp")
        .join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("it can be made");
    folder
}
