//! Reading and writing: our generated types beside the peer's, for the same schema, on the same documents.
//!
//! Reading is from text to types, writing from types to text. Replies are measured with and without the message around the
//! value: a client has to read both. Each program keeps its buffers, as a client does.

use std::time::Duration;

use qapi_benches::server::Server;
use qapi_benches::{race, ratio};
use qapi_benches_client::qmp;
use qapi_qmp::QmpMessage;
use qapi_runtime::wire::{Event, Lexer};
use qapi_runtime::{Decode, Encode, Writer};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Goal for tagged unions: at least so many times the peer's speed of reading.
const UNIONS: f64 = 2.0;

/// Goal for all else.
const OTHERS: f64 = 1.1;

fn main() {
    let mut table = Table::new();
    let unions = block_device_options();
    table.measure::<Vec<qmp::BlockdevOptions>, Vec<qapi_qmp::BlockdevOptions>>(
        "blockdev-add × 40",
        &unions,
    );
    let chain = block_device_chain();
    table
        .measure::<qmp::BlockdevOptions, qapi_qmp::BlockdevOptions>("blockdev-add, 8 deep", &chain);
    match Server::start() {
        Some(server) => replies(&mut table, server),
        None => println!("no qemu-system-x86_64: real replies are left out"),
    }
    table.finish();
}

/// Replies of a real server, in the order in which it writes members, which is that of a hash.
fn replies(table: &mut Table, mut server: Server) {
    server.add_block_nodes(40);
    let text = server.call("query-named-block-nodes", "{}");
    table.reply::<Vec<qmp::BlockDeviceInfo>, Vec<qapi_qmp::BlockDeviceInfo>>(
        "query-named-block-nodes",
        &text,
    );
    let text = server.call("query-block", "{}");
    table.reply::<Vec<qmp::BlockInfo>, Vec<qapi_qmp::BlockInfo>>("query-block", &text);
    let text = server.call("query-qmp-schema", "{}");
    table.reply::<Vec<qmp::SchemaInfo>, Vec<qapi_qmp::SchemaInfo>>("query-qmp-schema", &text);
    let text = server.call("qom-list-types", "{}");
    table.reply::<Vec<qmp::ObjectTypeInfo>, Vec<qapi_qmp::ObjectTypeInfo>>("qom-list-types", &text);
    let text = server.call("query-commands", "{}");
    table.reply::<Vec<qmp::CommandInfo>, Vec<qapi_qmp::CommandInfo>>("query-commands", &text);
    let text = server.call("query-command-line-options", "{}");
    table.reply::<Vec<qmp::CommandLineOptionInfo>, Vec<qapi_qmp::CommandLineOptionInfo>>(
        "query-command-line-options",
        &text,
    );
    let text = server.call("query-cpu-definitions", "{}");
    table.reply::<Vec<qmp::CpuDefinitionInfo>, Vec<qapi_qmp::CpuDefinitionInfo>>(
        "query-cpu-definitions",
        &text,
    );
    let text = server.call("query-chardev", "{}");
    table.reply::<Vec<qmp::ChardevInfo>, Vec<qapi_qmp::ChardevInfo>>("query-chardev", &text);
    let text = server.call("query-version", "{}");
    table.reply::<qmp::VersionInfo, qapi_qmp::VersionInfo>("query-version", &text);
}

/// Options of many drivers: tagged unions, some within others.
fn block_device_options() -> String {
    let one = [
        r#"{"driver": "file", "node-name": "a", "filename": "/var/lib/images/a.raw", "aio": "native", "locking": "auto", "cache": {"direct": true, "no-flush": false}, "read-only": false}"#,
        r#"{"driver": "qcow2", "node-name": "b", "file": {"driver": "file", "filename": "/var/lib/images/b.qcow2"}, "backing": "a", "lazy-refcounts": true, "cache-size": 1048576, "discard": "unmap"}"#,
        r#"{"driver": "nbd", "node-name": "c", "server": {"type": "inet", "host": "storage", "port": "10809"}, "export": "disk", "tls-creds": "tls0", "reconnect-delay": 60}"#,
        r#"{"driver": "throttle", "node-name": "d", "throttle-group": "limits", "file": {"driver": "raw", "offset": 512, "size": 9223372036854775296, "file": "a"}}"#,
    ];
    format!("[{}]", vec![one.join(", "); 10].join(", "))
}

/// Returns a union in a union in a union.
fn block_device_chain() -> String {
    let mut text = r#"{"driver": "file", "filename": "/var/lib/images/base.raw"}"#.to_owned();
    for level in 0..8 {
        text = format!(
            "{{\"driver\": \"qcow2\", \"node-name\": \"level{level}\", \"lazy-refcounts\": true, \
             \"l2-cache-size\": 4194304, \"file\": {{\"driver\": \"file\", \"filename\": \
             \"/var/lib/images/level{level}.qcow2\", \"aio\": \"io_uring\"}}, \"backing\": {text}}}"
        );
    }
    text
}

/// The results, as they come.
struct Table {
    missed: Vec<String>,
}

impl Table {
    fn new() -> Self {
        println!(
            "{:26} {:>8}  {:>7}  {:>10}  {:>10}  {:>6}",
            "document", "bytes", "", "ours", "qapi-qmp", "ratio"
        );
        Self { missed: Vec::new() }
    }

    /// Measures the value of a reply, and reading the whole message as the clients of both do: `message`.
    fn reply<O, T>(&mut self, name: &str, text: &str)
    where
        O: Decode + Encode,
        T: DeserializeOwned + Serialize,
    {
        self.measure::<O, T>(name, text);
        let message = format!("{{\"return\": {text}, \"id\": 1}}\n");
        let mut lexer = Lexer::default();
        let times = race(
            || read_reply::<O>(&mut lexer, message.as_bytes()),
            || match serde_json::from_slice(message.as_bytes()).expect("the peer's types fit") {
                QmpMessage::<T>::Response(response) => response.result().expect("a success"),
                QmpMessage::Event(event) => panic!("no reply: {event:?}"),
            },
        );
        self.report(name, message.len(), "message", times, OTHERS);
    }

    fn measure<O, T>(&mut self, name: &str, text: &str)
    where
        O: Decode + Encode,
        T: DeserializeOwned + Serialize,
    {
        let mut lexer = Lexer::default();
        let mut line = text.to_owned();
        line.push('\n');
        let ours: O = read(&mut lexer, line.as_bytes());
        let theirs: T = serde_json::from_str(text).expect("the peer's types fit");
        let size = text.len();
        let times = race(
            || read::<O>(&mut lexer, line.as_bytes()),
            || serde_json::from_slice::<T>(text.as_bytes()).expect("as before"),
        );
        let goal = if name.starts_with("blockdev-add") {
            UNIONS
        } else {
            OTHERS
        };
        self.report(name, size, "read", times, goal);
        let (mut buffer, mut bytes) = (Vec::new(), Vec::new());
        let times = race(
            || {
                let mut reused = std::mem::take(&mut buffer);
                reused.clear();
                let mut writer = Writer::with_buffer(reused);
                ours.encode(&mut writer);
                buffer = writer.into_bytes();
                buffer.len()
            },
            || {
                bytes.clear();
                serde_json::to_writer(&mut bytes, &theirs).expect("a vector takes all");
                bytes.len()
            },
        );
        self.report(name, size, "write", times, OTHERS);
    }

    fn report(
        &mut self,
        name: &str,
        size: usize,
        what: &str,
        (ours, theirs): (Duration, Duration),
        goal: f64,
    ) {
        let ratio = ratio(ours, theirs);
        let micros = |time: Duration| format!("{:.2} µs", time.as_secs_f64() * 1e6);
        println!(
            "{name:26} {size:>8}  {what:>7}  {:>10}  {:>10}  {ratio:>5.2} ×",
            micros(ours),
            micros(theirs)
        );
        if ratio < goal {
            self.missed.push(format!("{name} {what}"));
        }
    }

    fn finish(self) {
        if self.missed.is_empty() {
            println!("all at least {OTHERS} ×, and unions read at {UNIONS} ×");
        } else {
            println!("missed: {}", self.missed.join(", "));
        }
    }
}

/// Reads the value of a reply out of its message, and the number of the request.
fn read_reply<T: Decode>(lexer: &mut Lexer, mut message: &[u8]) -> (T, u64) {
    let Some(Event::Document(document)) = lexer.feed(&mut message) else {
        panic!("no document");
    };
    let mut members = document.lenient().object().expect("an object");
    let value = members.required("return").expect("our types fit");
    (value, members.required("id").expect("a number"))
}

fn read<T: Decode>(lexer: &mut Lexer, mut text: &[u8]) -> T {
    match lexer.feed(&mut text) {
        Some(Event::Document(document)) => T::decode(document.lenient()).expect("our types fit"),
        other => panic!("no document: {other:?}"),
    }
}
