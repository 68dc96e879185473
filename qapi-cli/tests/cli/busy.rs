//! Servers whose queue of connections is full, as that of a QEMU with a client and two dead connections.

#![cfg(unix)]

use std::io::Read as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;
use std::time::Duration;

use crate::harness::{Run, Scratch, qapi, qapi_with_input};

#[test]
fn connecting_ends_in_time() {
    let scratch = Scratch::new();
    let listener = UnixListener::bind(scratch.join("s")).expect("the socket can be made");
    rustix::net::listen(&listener, 0).expect("its queue can be shortened");
    let socket = scratch.join("s");
    let socket = socket.to_str().expect("the path is text");
    // The only place in the queue.
    let _dead = UnixStream::connect(socket).expect("it is free");
    let limited = ["--timeout", "0.2", socket];
    let live = format!("unix:{socket}");
    for run in [
        qapi(
            ["call", "--qmp"]
                .iter()
                .chain(&limited)
                .chain(&["query-status"]),
        ),
        qapi(
            ["call", "--guest"]
                .iter()
                .chain(&limited)
                .chain(&["guest-ping"]),
        ),
        qapi(["call"].iter().chain(&limited).chain(&["query-status"])),
        qapi_with_input(
            &[&["shell", "--qmp"][..], &limited].concat(),
            "query-status\n",
        ),
        qapi_with_input(&[&["shell"][..], &limited].concat(), "query-status\n"),
        qapi(["diff", &live, &live]),
        record(socket, &scratch),
    ] {
        assert_eq!(run.status, 2, "{run}");
        assert!(run.stderr.contains(socket), "{run}");
        assert!(
            run.stderr.contains("in time") || run.stderr.contains("timed out"),
            "{run}"
        );
    }
}

/// Records a client of a server, which is told that the server cannot be reached.
fn record(server: &str, scratch: &Scratch) -> Run {
    let (listen, output) = (scratch.join("listen"), scratch.join("out"));
    let client = thread::spawn({
        let listen = listen.clone();
        move || {
            let mut client = loop {
                match UnixStream::connect(&listen) {
                    Ok(client) => break client,
                    Err(_) => thread::sleep(Duration::from_millis(10)),
                }
            };
            client.read_to_end(&mut Vec::new())
        }
    });
    let [listen, output] = [&listen, &output].map(|path| path.to_str().expect("it is text"));
    let run = qapi(["record", "--once", server, listen, "--output", output]);
    let received = client.join().expect("it does not fail");
    assert_eq!(received.expect("it is closed"), 0);
    run
}

#[test]
fn a_socket_that_accepts_nobody_is_in_use() {
    let scratch = Scratch::new();
    let socket = scratch.join("s");
    let listener = UnixListener::bind(&socket).expect("the socket can be made");
    rustix::net::listen(&listener, 0).expect("its queue can be shortened");
    let _dead = UnixStream::connect(&socket).expect("it is free");
    let [socket, output] = [socket, scratch.join("out")].map(|path| path.display().to_string());
    let run = qapi(["record", "elsewhere", &socket, "--output", &output]);
    assert_eq!(run.status, 2, "{run}");
    assert!(run.stderr.contains("a program is listening"), "{run}");
}
