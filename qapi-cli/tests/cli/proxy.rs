//! `qapi record`, `qapi mock` and `qapi validate` with peers that die, flood and lie; memory, and file descriptors.

#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use qapi_runtime::descriptors;

use crate::harness::{Scratch, command};

/// Only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(120);

/// A program that is ended with the test.
struct Program(Child);

impl Program {
    /// Starts `qapi`, and waits for the file that it makes.
    fn start(scratch: &Scratch, arguments: &[&str], made: &str) -> Self {
        let child = command(arguments)
            .current_dir(scratch.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let program = Self(child);
        let started = Instant::now();
        while !made.is_empty() && !scratch.join(made).exists() {
            assert!(started.elapsed() < PATIENCE, "no {made}");
            thread::sleep(Duration::from_millis(5));
        }
        program
    }

    /// Its peak memory, in MiB.
    fn peak(&self) -> u64 {
        let path = format!("/proc/{}/status", self.0.id());
        let text = fs::read_to_string(path).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.unwrap().split_whitespace().next().unwrap();
        kib.parse::<u64>().unwrap() / 1024
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Serves every client in a thread of its own.
fn serve(path: &Path, talk: impl Fn(&UnixStream) -> io::Result<()> + Send + Copy + 'static) {
    let listener = UnixListener::bind(path).unwrap();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // The client has gone, if it fails.
            thread::spawn(move || drop(talk(&client)));
        }
    });
}

fn connect(path: &Path) -> UnixStream {
    let stream = UnixStream::connect(path).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Asks and waits for the reply.
fn ask(mut client: &UnixStream, request: &str) -> String {
    client.write_all(request.as_bytes()).unwrap();
    let mut reply = String::new();
    let mut byte = [0];
    while !reply.ends_with('\n') {
        client.read_exact(&mut byte).unwrap();
        reply.push(char::from(byte[0]));
    }
    reply
}

#[test]
fn descriptors_go_through_the_proxy_both_ways() {
    let scratch = Scratch::new();
    serve(&scratch.join("server"), |client| {
        let mut bytes = [0; 1000];
        let mut received: Vec<OwnedFd> = Vec::new();
        descriptors::receive(client, &mut bytes, &mut received)?;
        for descriptor in &received {
            File::from(descriptor.try_clone()?).write_all(b"from the server")?;
        }
        let back: Vec<_> = received.iter().map(AsFd::as_fd).collect();
        descriptors::send(client, b"{\"return\": {}}\n", &back)?;
        Ok(())
    });
    let arguments = ["record", "unix:server", "l", "--once", "-o", "rec"];
    let mut program = Program::start(&scratch, &arguments, "l");
    let client = connect(&scratch.join("l"));
    let (mut reader, writer) = io::pipe().unwrap();
    let request = b"{\"execute\": \"add-fd\"}\n";
    descriptors::send(&client, request, &[writer.as_fd(), writer.as_fd()]).unwrap();
    drop(writer);
    let mut bytes = [0; 1000];
    let mut received = Vec::new();
    let length = descriptors::receive(&client, &mut bytes, &mut received).unwrap();
    assert_eq!(&bytes[..length], b"{\"return\": {}}\n");
    assert_eq!(received.len(), 2);
    File::from(received.remove(0))
        .write_all(b", and back")
        .unwrap();
    drop(received);
    drop(client);
    let status = program.0.wait().unwrap();
    assert!(status.success(), "{status}");
    // The pipe ends only if the proxy keeps no descriptor.
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, "from the serverfrom the server, and back");
    let recording = fs::read_to_string(scratch.join("rec")).unwrap();
    assert_eq!(
        recording.matches("\"descriptors\": 2").count(),
        2,
        "{recording}"
    );
}

/// Answers by the command's name: floods, dies or lies.
fn misbehave(client: &UnixStream) -> io::Result<()> {
    let mut out = client;
    for line in BufReader::new(client).lines() {
        let line = line?;
        if line.contains("flood") {
            let garbage = vec![b'x'; 1 << 16];
            for _ in 0..2000 {
                out.write_all(&garbage)?;
            }
        } else if line.contains("die") {
            return out.write_all(b"{\"return\": ");
        } else if line.contains("lie") {
            out.write_all(b"\x01 }}} \xff\xff {\"id\": 7, \"return\": 1, \"error\": 1}\n")?;
            out.write_all(&b"[".repeat(100_000))?;
            out.write_all(b"\n{\"event\": 1}\n")?;
        } else {
            out.write_all(b"{\"return\": {}}\n")?;
        }
    }
    Ok(())
}

#[test]
fn misbehaving_sides_end_their_own_connection_only() {
    let scratch = Scratch::new();
    serve(&scratch.join("server"), misbehave);
    let program = Program::start(&scratch, &["record", "server", "l", "-o", "rec"], "l");
    let listen = scratch.join("l");
    let good = connect(&listen);
    let request = "{\"execute\": \"stop\"}\n";
    let mut keep = Vec::new();
    for words in ["flood", "die", "lie"] {
        // A client that never reads, and one that has gone before the answer.
        let mut client = connect(&listen);
        client
            .write_all(format!("{{\"execute\": \"{words}\"}}\n").as_bytes())
            .unwrap();
        keep.push(client);
        let mut client = connect(&listen);
        client
            .write_all(format!("{{\"execute\": \"{words}\"}}\n").as_bytes())
            .unwrap();
        drop(client);
        assert_eq!(ask(&good, request), "{\"return\": {}}\n", "{words}");
        assert_eq!(
            ask(&connect(&listen), request),
            "{\"return\": {}}\n",
            "{words}"
        );
    }
    // Clients that send no messages, or half of one.
    for bytes in [
        &b"{".repeat(1 << 20)[..],
        b"{\"execute\": ",
        b"\xff\xff\x00",
        &b"\"".repeat(1 << 20),
    ] {
        let mut client = connect(&listen);
        // It may be disconnected before it has sent everything.
        let _ = client.write_all(bytes);
        keep.push(client);
        assert_eq!(ask(&good, request), "{\"return\": {}}\n");
    }
    // The server's half message ended that connection.
    let mut died = Vec::new();
    keep[1].read_to_end(&mut died).unwrap();
    assert_eq!(died, b"{\"return\": ");
    assert!(program.peak() < 200, "{} MiB", program.peak());
}

#[test]
fn misbehaving_clients_do_not_disturb_a_mock() {
    let scratch = Scratch::new();
    let schema = "{ 'command': 'stop' } { 'command': 'get', 'returns': ['str'] }";
    fs::write(scratch.join("s.json"), schema).unwrap();
    let program = Program::start(&scratch, &["mock", "s.json", "l", "--guest"], "l");
    let listen = scratch.join("l");
    let good = connect(&listen);
    let request = "{\"execute\": \"stop\"}\n";
    let many = request.repeat(200_000).into_bytes();
    let mut keep = Vec::new();
    for bytes in [
        &b"{\"execute\": "[..],
        b"\xff",
        b"\x01\x02",
        &b"[".repeat(1 << 20),
        &b"\"".repeat(1 << 22),
        &many,
    ] {
        let client = connect(&listen);
        client
            .set_write_timeout(Some(Duration::from_secs(2)))
            .unwrap();
        // A client that never reads cannot send without limit.
        let _ = (&client).write_all(bytes);
        assert_eq!(ask(&good, request), "{\"return\": {}}\n");
        assert_eq!(ask(&connect(&listen), request), "{\"return\": {}}\n");
        keep.push(client);
    }
    drop(keep);
    assert_eq!(ask(&good, request), "{\"return\": {}}\n");
    assert!(program.peak() < 200, "{} MiB", program.peak());
}

/// Writes 200 MB of messages: large ones, and many that nobody answers.
fn flood(out: &mut dyn Write) -> io::Result<u64> {
    let mut size = 0;
    let mut send = |bytes: &[u8]| {
        size += bytes.len() as u64;
        out.write_all(bytes)
    };
    let large = format!("{{\"execute\": \"{}\"}}\n", "x".repeat(1 << 20));
    for number in 0..195 {
        send(large.as_bytes())?;
        for id in 0..200 {
            let id = number * 200 + id;
            let small = format!(
                "{{\"execute\": \"stop\", \"arguments\": {{\"m{id}\": 1}}, \"id\": \"unique {id}\"}}\n"
            );
            send(small.as_bytes())?;
        }
        send(b"{\"execute\" no JSON\n")?;
    }
    Ok(size)
}

#[test]
fn memory_does_not_grow_with_what_is_checked() {
    let scratch = Scratch::new();
    fs::write(scratch.join("s.json"), "{ 'command': 'stop' }").unwrap();
    let mut program = Program::start(&scratch, &["validate", "s.json", "-"], "");
    let mut input = program.0.stdin.take().unwrap();
    let size = flood(&mut input).unwrap();
    assert!(size > 200_000_000);
    // It still waits for the end of its input.
    assert!(program.peak() < 100, "{} MiB", program.peak());
    drop(input);
    assert_eq!(program.0.wait().unwrap().code(), Some(1));
}

#[test]
fn memory_does_not_grow_with_what_is_recorded() {
    let scratch = Scratch::new();
    serve(&scratch.join("server"), |client| {
        let mut client = client;
        io::copy(&mut client, &mut io::sink())?;
        client.write_all(b"{\"return\": {}}\n")
    });
    let arguments = ["record", "server", "l", "-o", "rec"];
    let program = Program::start(&scratch, &arguments, "l");
    let mut client = connect(&scratch.join("l"));
    flood(&mut client).unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    let mut reply = Vec::new();
    client.read_to_end(&mut reply).unwrap();
    assert_eq!(reply, b"{\"return\": {}}\n");
    assert!(program.peak() < 150, "{} MiB", program.peak());
}

/// A failed recording is reported by the exit status, and makes no file.
#[test]
fn a_recording_that_cannot_begin_leaves_no_file() {
    let scratch = Scratch::new();
    let status = |arguments: &[&str]| {
        let mut child = command(arguments);
        let child = child.current_dir(scratch.path()).stdin(Stdio::null());
        let output = child.output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), message)
    };
    let _busy = UnixListener::bind(scratch.join("busy.sock")).unwrap();
    let (code, message) = status(&["record", "server.sock", "busy.sock", "-o", "one.jsonl"]);
    assert_eq!(code, Some(2));
    assert!(message.contains("cannot listen on busy.sock"), "{message}");
    let (code, message) = status(&["record", "--import", "libvirt", "absent", "-o", "two.jsonl"]);
    assert_eq!(code, Some(2));
    assert!(message.contains("cannot read absent"), "{message}");
    fs::write(scratch.join("log"), "nothing of libvirt\n").unwrap();
    let (code, message) = status(&["record", "--import", "libvirt", "log", "-o", "three.jsonl"]);
    assert_eq!(code, Some(2));
    assert!(message.contains("no message of this format"), "{message}");
    for name in ["one.jsonl", "two.jsonl", "three.jsonl"] {
        assert!(!scratch.join(name).exists(), "{name}");
    }
}

#[test]
fn a_missing_server_is_a_failure() {
    let scratch = Scratch::new();
    let mut proxy = Program::start(
        &scratch,
        &[
            "record",
            "absent.sock",
            "listen.sock",
            "--once",
            "-o",
            "record.jsonl",
        ],
        "listen.sock",
    );
    // It is disconnected as soon as the proxy finds no server.
    let mut client = UnixStream::connect(scratch.join("listen.sock")).unwrap();
    assert_eq!(client.read(&mut [0; 16]).unwrap(), 0);
    assert_eq!(proxy.0.wait().unwrap().code(), Some(2));
}
