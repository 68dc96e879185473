//! The agent and its starter: passed sockets, notifications, waiting for a path.

use std::fs;
use std::io::Read;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::harness::{Agent, Client, PROGRAM, Scratch, wait_until};

/// A command that becomes the agent, with `socket`, a Python expression, as descriptor 3, and with the variables that
/// announce it. It needs Python, as a shell cannot set up descriptor and process id.
fn hand_over(socket: &str, variables: &str) -> Command {
    let script = format!(
        "import os, socket, sys\n\
         s = {socket}\n\
         os.dup2(s.fileno(), 3)\n\
         os.set_inheritable(3, True)\n\
         e = dict(os.environ, LISTEN_PID=str(os.getpid()), LISTEN_FDS='1', LISTEN_FDNAMES='x')\n\
         {variables}\n\
         os.execve(sys.argv[1], sys.argv[1:], e)\n"
    );
    let mut command = Command::new("python3");
    command.arg("-c").arg(script).arg(PROGRAM);
    command
}

fn unix_socket(path: &Path) -> String {
    format!(
        "socket.socket(socket.AF_UNIX); s.bind('{}'); s.listen(1)",
        path.display()
    )
}

#[test]
fn a_socket_handed_over_is_served_and_its_file_stays() {
    let scratch = Scratch::new();
    let socket = unix_socket(&scratch.join("sock"));
    // The agent gets a path, too, that it must not touch: it is the socket's.
    let agent = Agent::start_by(&mut hand_over(&socket, ""), scratch, &[]);
    let mut client = agent.connect();
    client.ping();
    // Fails if a variable of that name is left.
    let script = "! env | grep -q LISTEN_";
    let started = client.run(
        "guest-exec",
        &serde_json::json!({ "path": "sh", "arg": ["-c", script] }),
    );
    let mut status = serde_json::Value::Null;
    wait_until("the program ends", || {
        status = client.run("guest-exec-status", &started);
        status["exited"] == true
    });
    assert_eq!(status["exitcode"], 0);
    drop(client);
    let scratch = agent.stop();
    assert!(scratch.join("sock").exists());
}

#[test]
fn sockets_that_cannot_be_served_are_refused() {
    let scratch = Scratch::new();
    let listening = unix_socket(&scratch.join("sock"));
    for (socket, variables, reason) in [
        (listening.as_str(), "e['LISTEN_FDS'] = '2'", "one socket"),
        (
            "socket.create_server(('127.0.0.1', 0))",
            "",
            "unsupported listen fd type",
        ),
        ("socket.socketpair()[0]", "", "does not listen"),
        ("open('/dev/null')", "", "cannot use descriptor 3"),
    ] {
        let _ = fs::remove_file(scratch.join("sock"));
        let output = hand_over(socket, variables)
            .arg("-t")
            .arg(scratch.join(""))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{errors}");
        assert!(errors.contains(reason), "{errors}");
    }
}

#[test]
fn a_socket_for_another_process_is_left_alone() {
    let scratch = Scratch::new();
    let other = scratch.join("other");
    let socket = unix_socket(&other);
    let mut command = hand_over(&socket, "e['LISTEN_PID'] = '1'");
    let agent = Agent::start_by(&mut command, scratch, &[]);
    agent.connect().ping();
}

#[test]
fn the_service_manager_hears_of_start_and_end() {
    let scratch = Scratch::new();
    let manager = UnixDatagram::bind(scratch.join("manager")).unwrap();
    manager
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let next = || {
        let mut message = [0; 4096];
        let length = manager.recv(&mut message).unwrap();
        String::from_utf8(message[..length].to_vec()).unwrap()
    };
    let mut command = Command::new(PROGRAM);
    command.env("NOTIFY_SOCKET", scratch.join("manager"));
    let agent = Agent::start_by(&mut command, scratch, &[]);
    let expected = format!(
        "READY=1\nMAINPID={}\nSTATUS=serving socket `{}`",
        agent.pid(),
        agent.socket().display()
    );
    assert_eq!(next(), expected);
    let _scratch = agent.stop();
    assert_eq!(next(), "STOPPING=1");
}

#[test]
fn a_path_that_cannot_be_used_yet_is_waited_for() {
    let scratch = Scratch::new();
    let socket = scratch.join("later/sock");
    let mut agent = Command::new(PROGRAM)
        .args(["-r", "-m", "unix-listen", "-p"])
        .arg(&socket)
        .arg("-t")
        .arg(scratch.join(""))
        .stdin(Stdio::null())
        .stderr(fs::File::create(scratch.join("log")).unwrap())
        .spawn()
        .unwrap();
    wait_until("the agent says what it waits for", || {
        let waiting = format!("waiting for socket `{}`", socket.display());
        scratch.text("log").contains(&waiting)
    });
    fs::create_dir(scratch.join("later")).unwrap();
    wait_until("the agent listens", || UnixStream::connect(&socket).is_ok());
    Client::new(UnixStream::connect(&socket).unwrap()).ping();
    let log = scratch.text("log");
    assert_eq!(log.matches("waiting for").count(), 1, "{log}");
    assert!(log.contains("is open now"), "{log}");
    let pid = nix::unistd::Pid::from_raw(i32::try_from(agent.id()).unwrap());
    nix::sys::signal::kill(pid, Signal::SIGTERM).unwrap();
    assert_eq!(agent.wait().unwrap().code(), Some(0));
}

#[test]
fn a_waiting_agent_ends_at_once() {
    let scratch = Scratch::new();
    let mut agent = Command::new(PROGRAM)
        .args(["-r", "-p", "/nonexistent/port", "-t"])
        .arg(scratch.join(""))
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = agent.stderr.take().unwrap();
    let mut first = [0; 64];
    assert!(stderr.read(&mut first).unwrap() > 0);
    let pid = nix::unistd::Pid::from_raw(i32::try_from(agent.id()).unwrap());
    nix::sys::signal::kill(pid, Signal::SIGTERM).unwrap();
    assert_eq!(agent.wait().unwrap().code(), Some(0));
}
