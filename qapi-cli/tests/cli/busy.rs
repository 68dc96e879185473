//! Servers whose queue of connections is full, as that of a QEMU with a client and two dead connections.

#![cfg(unix)]

use std::os::unix::net::{UnixListener, UnixStream};

use crate::harness::{Scratch, qapi, qapi_with_input};

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
    ] {
        assert_eq!(run.status, 2, "{run}");
        assert!(run.stderr.contains(socket), "{run}");
        assert!(
            run.stderr.contains("in time") || run.stderr.contains("timed out"),
            "{run}"
        );
    }
}
