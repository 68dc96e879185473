//! Sessions as they were recorded, sent again: every answer is still the same, byte for byte but for the folder.
//!
//! A session is a file of lines of JSON in `tests/cli/lsp/sessions`: `files` makes files, `to` is a message of the editor, `from`
//! one of the server. `BLESS=1` writes the messages of the server anew.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::client::{Client, scratch, uri};

/// The address of the folder, in messages.
const FOLDER: &str = "file:///FOLDER";

struct Session {
    client: Client,
    folder: String,
    /// The recorded messages of the server that were not yet compared.
    expected: Vec<Value>,
}

impl Session {
    /// Sends a message of the editor. Returns the message with which the server answers, if any.
    fn send(&mut self, message: &Value) -> Vec<Value> {
        self.client.send(&with(message, FOLDER, &self.folder));
        let is_request = message.get("id").is_some();
        let document = &message["params"]["textDocument"];
        let received = if is_request {
            let id = message["id"].clone();
            self.client
                .wait(|it| it["id"] == id && it.get("method").is_none())
        } else if document.get("version").is_some() {
            let uri = with(&document["uri"], FOLDER, &self.folder);
            let version = document["version"].clone();
            self.client.wait(|it| {
                it["method"] == "textDocument/publishDiagnostics"
                    && it["params"]["uri"] == uri
                    && it["params"]["version"] == version
            })
        } else {
            return Vec::new();
        };
        let received = with(&received, &self.folder, FOLDER);
        // Errors name the path, without a scheme.
        let mut received = with(&received, plain(&self.folder), plain(FOLDER));
        if let Some(version) = received.pointer_mut("/result/serverInfo/version") {
            *version = json!("VERSION");
        }
        vec![received]
    }
}

/// The path in an address.
fn plain(address: &str) -> &str {
    address
        .strip_prefix("file://")
        .expect("it is the address of a file")
}

/// A message with other addresses.
fn with(message: &Value, from: &str, to: &str) -> Value {
    serde_json::from_str(&message.to_string().replace(from, to)).unwrap()
}

fn replay(path: &Path) {
    let name = path.file_stem().unwrap().to_str().unwrap();
    let folder = scratch(&format!("session-{name}"));
    let recorded = fs::read_to_string(path).unwrap();
    let lines = recorded
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut session = Session {
        client: Client::raw(),
        folder: uri(&folder),
        expected: Vec::new(),
    };
    let mut written = Vec::new();
    let mut received: Vec<Value> = Vec::new();
    for line in lines {
        if let Some(message) = line.get("from") {
            session.expected.push(message.clone());
            continue;
        }
        compare(name, &mut session.expected, &received);
        if let Some(files) = line.get("files") {
            for (file, text) in files.as_object().unwrap() {
                fs::write(folder.join(file), text.as_str().unwrap()).unwrap();
            }
        }
        received = line
            .get("to")
            .map_or_else(Vec::new, |message| session.send(message));
        written.push(line);
        written.extend(received.iter().map(|it| json!({ "from": it })));
    }
    compare(name, &mut session.expected, &received);
    if std::env::var_os("BLESS").is_some() {
        let lines: Vec<_> = written.iter().map(Value::to_string).collect();
        fs::write(path, lines.join("\n") + "\n").unwrap();
    }
}

fn compare(name: &str, expected: &mut Vec<Value>, received: &[Value]) {
    if std::env::var_os("BLESS").is_none() {
        assert_eq!(
            expected, received,
            "session {name} differs; BLESS=1 rewrites it"
        );
    }
    expected.clear();
}

#[test]
fn recorded_sessions_have_the_same_answers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/lsp/sessions");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 3);
    for path in paths {
        replay(&path);
    }
}
