//! Servers that refuse everything, in words that would steer a terminal.

#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;

use serde_json::{Value, json};

use crate::harness::{Scratch, qapi, qapi_with_input};

/// Answers the first `granted` requests with nothing in particular, and refuses all others.
fn serve(stream: UnixStream, granted: usize) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let greeting = json!({"QMP": {"version": {}, "capabilities": []}});
    writeln!(stream.get_mut(), "{greeting}")?;
    let mut line = String::new();
    for number in 0.. {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            break;
        }
        let request: Value = serde_json::from_str(&line)?;
        let reply = if number < granted {
            json!({"return": {}, "id": request["id"]})
        } else {
            let error =
                json!({"class": "GenericError", "desc": "\u{1b}[2J\u{9b}2J\r\nerror: none\u{7}"});
            json!({"error": error, "id": request["id"]})
        };
        writeln!(stream.get_mut(), "{reply}")?;
    }
    Ok(())
}

#[test]
fn refusals_are_one_line_without_control_characters() {
    for granted in [0, 1] {
        let scratch = Scratch::new();
        let socket = scratch.join("s");
        let listener = UnixListener::bind(&socket).expect("the socket can be made");
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client may go at any time.
                thread::spawn(move || drop(serve(stream, granted)));
            }
        });
        let socket = socket.display().to_string();
        let live = format!("unix:{socket}");
        for run in [
            qapi(["call", "--qmp", &socket, "query-status"]),
            qapi(["call", "--qmp", &socket, "query-status", "a=1"]),
            qapi_with_input(&["shell", "--qmp", &socket], "query-status\n"),
            qapi(["diff", &live, &live]),
        ] {
            assert_ne!(run.status, 0, "{run}");
            assert!(
                run.stderr.contains("\\u{1b}[2J\\u{9b}2J\\r\\nerror"),
                "{run}"
            );
            let steers = |c: char| c.is_control() && c != '\n';
            assert!(!run.stderr.contains(steers), "{run}");
            assert!(!run.stderr.contains("\nerror: none"), "{run}");
        }
    }
}
