//! The agent as a daemon.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;

use crate::harness::{Client, PROGRAM, Scratch, mode, run_program_in, wait_until};

/// A daemon with its files in a scratch directory, which is also its starter's working directory.
struct Daemon {
    pid: Pid,
    scratch: Scratch,
}

const OPTIONS: [&str; 9] = [
    "-d",
    "-m",
    "unix-listen",
    "-p",
    "sock",
    "-t",
    ".",
    "-f",
    "pid",
];

fn start(scratch: &Scratch) -> (Option<i32>, String) {
    let (code, output, errors) = run_program_in(&scratch.join(""), &OPTIONS);
    assert_eq!(output, "");
    (code, errors)
}

impl Daemon {
    /// The starter has ended when this returns, so nothing needs to be waited for.
    fn start() -> Self {
        let scratch = Scratch::new();
        assert_eq!(start(&scratch), (Some(0), String::new()));
        let pid = Pid::from_raw(scratch.text("pid").trim_end().parse().unwrap());
        Self { pid, scratch }
    }

    fn connect(&self) -> Client {
        Client::new(UnixStream::connect(self.scratch.join("sock")).unwrap())
    }

    fn proc(&self, name: &str) -> std::path::PathBuf {
        Path::new("/proc").join(self.pid.to_string()).join(name)
    }

    fn is_running(&self) -> bool {
        let Ok(status) = fs::read_to_string(self.proc("status")) else {
            return false;
        };
        !status.contains("State:\tZ")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = kill(self.pid, Signal::SIGKILL);
    }
}

#[test]
fn a_daemon_serves_when_its_starter_ends_and_has_left_everything_behind() {
    let daemon = Daemon::start();
    let mut client = daemon.connect();
    client.ping();
    assert_eq!(
        fs::read_link(daemon.proc("exe")).unwrap(),
        Path::new(PROGRAM).canonicalize().unwrap()
    );
    assert_eq!(fs::read_link(daemon.proc("cwd")).unwrap(), Path::new("/"));
    for number in 0..3 {
        let stream = fs::read_link(daemon.proc("fd").join(number.to_string())).unwrap();
        assert_eq!(stream, Path::new("/dev/null"));
    }
    let stat = fs::read_to_string(daemon.proc("stat")).unwrap();
    let session = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .nth(3)
        .unwrap()
        .to_owned();
    assert_eq!(session, daemon.pid.to_string());
    let status = fs::read_to_string(daemon.proc("status")).unwrap();
    assert!(status.contains("Umask:\t0077"), "{status}");
    assert_eq!(mode(&daemon.scratch.join("pid")), 0o600);

    // The state directory was given relative to the folder that it has left.
    assert_eq!(
        client.run("guest-file-open", &json!({ "path": "/dev/null" })),
        1000
    );
    assert_eq!(
        daemon.scratch.text("qga.state"),
        "[global]\nfd_counter=1001\n"
    );
    let started = client.run("guest-exec", &json!({ "path": "true" }));
    wait_until("the program ends", || {
        client.run("guest-exec-status", &started)["exited"] == true
    });

    kill(daemon.pid, Signal::SIGTERM).unwrap();
    wait_until("the daemon ends", || !daemon.is_running());
    for name in ["pid", "sock"] {
        assert!(!daemon.scratch.join(name).exists(), "{name} is removed");
    }
}

#[test]
fn a_second_daemon_is_refused_and_its_starter_says_so() {
    let first = Daemon::start();
    let other = Scratch::new();
    fs::hard_link(first.scratch.join("pid"), other.join("pid")).unwrap();
    let (code, errors) = start(&other);
    assert_eq!(code, Some(1));
    assert!(
        errors.contains("critical: cannot lock pid file"),
        "{errors}"
    );
    assert!(
        errors.contains("Resource temporarily unavailable"),
        "{errors}"
    );
    assert_eq!(first.scratch.text("pid"), format!("{}\n", first.pid));
    assert!(first.is_running());
    first.connect().ping();
}

#[test]
fn a_failed_start_is_reported_by_the_starter() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.join("pid")).unwrap();
    let (code, errors) = start(&scratch);
    assert_eq!(code, Some(1));
    assert!(errors.contains("cannot create pid file"), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
    fs::remove_dir(scratch.join("pid")).unwrap();
    fs::write(scratch.join("sock"), "data").unwrap();
    let (code, errors) = start(&scratch);
    assert_eq!(code, Some(1));
    assert!(
        errors.contains("is a regular file, not a socket"),
        "{errors}"
    );
    assert!(!scratch.join("pid").exists());
}

#[test]
fn a_pid_file_left_behind_is_overwritten() {
    let scratch = Scratch::new();
    fs::write(
        scratch.join("pid"),
        "garbage that is longer than a number\n",
    )
    .unwrap();
    assert_eq!(start(&scratch).0, Some(0));
    let text = scratch.text("pid");
    let daemon = Daemon {
        pid: Pid::from_raw(text.trim_end().parse().unwrap()),
        scratch,
    };
    daemon.connect().ping();
}
