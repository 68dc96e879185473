//! A serial line, played by a pseudo-terminal.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::pty::{OpenptyResult, openpty};
use nix::sys::termios::{FlushArg, LocalFlags, SetArg, tcflush, tcgetattr, tcsetattr};

use crate::harness::{PROGRAM, Scratch, wait_until};

/// An agent on a line, and the host's end of the line.
struct Line {
    agent: Child,
    host: Option<File>,
    scratch: Scratch,
}

impl Line {
    fn start() -> Self {
        let scratch = Scratch::new();
        let OpenptyResult { master, slave } = openpty(None, None).unwrap();
        // Otherwise the agent would hold the host's end open itself.
        fcntl(&master, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).unwrap();
        let path = nix::unistd::ttyname(&slave).unwrap();
        let agent = Command::new(PROGRAM)
            .args(["-m", "isa-serial", "-p"])
            .arg(path)
            .arg("-t")
            .arg(scratch.join(""))
            .args(["-v", "-l"])
            .arg(scratch.join("log"))
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        wait_until("the agent makes the line raw", || {
            !tcgetattr(&slave)
                .unwrap()
                .local_flags
                .contains(LocalFlags::ECHO)
        });
        Self {
            agent,
            host: Some(File::from(master)),
            scratch,
        }
    }

    fn ask(&mut self, request: &[u8]) -> Vec<u8> {
        let host = self.host.as_mut().unwrap();
        host.write_all(request).unwrap();
        let mut line = Vec::new();
        while line.last() != Some(&b'\n') {
            let mut byte = [0];
            host.read_exact(&mut byte).unwrap();
            line.push(byte[0]);
        }
        line
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _ = self.agent.kill();
        let _ = self.agent.wait();
    }
}

#[test]
fn bytes_pass_unchanged_in_both_directions() {
    let mut line = Line::start();
    assert_eq!(
        line.ask(b"{\"execute\":\"guest-ping\"}\n"),
        b"{\"return\": {}}\n"
    );
    let request = b"{\"execute\":\r\"guest-\x1aping\"}\xff{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":3}}\r";
    let mut answer = line.ask(request);
    while !answer.starts_with(b"\xff") {
        answer = line.ask(b"");
    }
    assert_eq!(answer, b"\xff{\"return\": 3}\n");
}

#[test]
fn a_line_that_hangs_up_ends_the_agent_with_an_error() {
    let mut line = Line::start();
    line.ask(b"{\"execute\":\"guest-ping\"}\n");
    drop(line.host.take());
    let mut status = None;
    wait_until("the agent ends", || {
        status = line.agent.try_wait().unwrap();
        status.is_some()
    });
    assert_eq!(status.unwrap().code(), Some(1));
    let log = line.scratch.text("log");
    assert!(log.contains(": critical: "), "{log}");
}

#[test]
fn bytes_from_before_the_start_are_dropped() {
    // Bytes that arrive while the line is not raw yet would be lost to line editing in any case; so
    // this looks at what the agent does to its input queue.
    let OpenptyResult { master, slave } = openpty(None, None).unwrap();
    let mut settings = tcgetattr(&slave).unwrap();
    nix::sys::termios::cfmakeraw(&mut settings);
    tcsetattr(&slave, SetArg::TCSANOW, &settings).unwrap();
    tcflush(&slave, FlushArg::TCIOFLUSH).unwrap();
    let mut host = File::from(master);
    host.write_all(b"{\"execute\":").unwrap();
    std::thread::sleep(Duration::from_millis(50));
    let scratch = Scratch::new();
    let mut agent = Command::new(PROGRAM)
        .args(["-m", "isa-serial", "-p"])
        .arg(nix::unistd::ttyname(&slave).unwrap())
        .arg("-t")
        .arg(scratch.join(""))
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("the agent has opened the line", || {
        scratch.join("qga.state").exists()
    });
    std::thread::sleep(Duration::from_millis(300));
    host.write_all(b"{\"execute\":\"guest-ping\"}").unwrap();
    let mut answer = [0; 15];
    host.read_exact(&mut answer).unwrap();
    agent.kill().unwrap();
    agent.wait().unwrap();
    assert_eq!(&answer, b"{\"return\": {}}\n");
}
