//! Folders with files of others at the agent's paths, and other agents.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, chown, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::stat::{Mode, SFlag, mknod};
use nix::unistd::{geteuid, mkfifo};

use crate::harness::{Agent, PROGRAM, Scratch, wait_until};

/// Creates files of all kinds at `path`, one after the other, that no agent would leave there, and calls `test` with
/// the word for each.
fn with_impostors(path: &Path, with_owner: bool, mut test: impl FnMut(&str)) {
    mkfifo(path, Mode::S_IRWXU).unwrap();
    test("FIFO");
    fs::remove_file(path).unwrap();
    symlink("/dev/zero", path).unwrap();
    test("symbolic link");
    fs::remove_file(path).unwrap();
    symlink(path.with_extension("target"), path).unwrap();
    test("symbolic link");
    fs::remove_file(path).unwrap();
    fs::create_dir(path).unwrap();
    // Either the agent's wording or the system's.
    test("irectory");
    fs::remove_dir(path).unwrap();
    if geteuid().is_root() && with_owner {
        // `/dev/zero`; a container may forbid it.
        if mknod(
            path,
            SFlag::S_IFCHR,
            Mode::S_IRWXU,
            nix::sys::stat::makedev(1, 5),
        )
        .is_ok()
        {
            test("device");
            fs::remove_file(path).unwrap();
        }
        fs::write(path, "[global]\nfd_counter=1000\n").unwrap();
        chown(path, Some(12345), None).unwrap();
        test("belongs to the user with number 12345");
        fs::remove_file(path).unwrap();
    }
    assert!(
        !path.with_extension("target").exists(),
        "no link was followed"
    );
}

/// Starts the agent, which must fail in time, and returns what it says.
fn refusal(scratch: &Scratch, options: &[&str]) -> String {
    let mut process = Command::new(PROGRAM)
        .args(["-m", "unix-listen", "-p"])
        .arg(scratch.join("sock"))
        .args(options)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ending = None;
    wait_until("the agent refuses to start", || {
        ending = process.try_wait().unwrap();
        ending.is_some()
    });
    assert_eq!(ending.unwrap().code(), Some(1));
    let mut said = String::new();
    process.stderr.unwrap().read_to_string(&mut said).unwrap();
    said
}

#[test]
fn nothing_in_the_state_directory_hangs_the_start() {
    for name in ["qga.state", "qga.state.isfrozen"] {
        let scratch = Scratch::new();
        let folder = scratch.join("state");
        fs::create_dir(&folder).unwrap();
        let path = folder.join(name);
        with_impostors(&path, true, |kind| {
            let said = refusal(&scratch, &["-t", folder.to_str().unwrap()]);
            assert!(
                said.contains(kind) && said.contains(name),
                "{name}, {kind}: {said}"
            );
        });
    }
}

#[test]
fn a_state_directory_that_is_none_is_refused() {
    let scratch = Scratch::new();
    fs::write(scratch.join("file"), "").unwrap();
    mkfifo(&scratch.join("fifo"), Mode::S_IRWXU).unwrap();
    for name in ["file", "fifo", "missing"] {
        refusal(&scratch, &["-t", scratch.join(name).to_str().unwrap()]);
    }
}

#[test]
fn log_and_pid_file_are_not_links_and_nobody_is_waited_for() {
    let scratch = Scratch::new();
    let folder = scratch.join("state");
    fs::create_dir(&folder).unwrap();
    let state = folder.to_str().unwrap();
    let path = scratch.join("file");
    let file = path.to_str().unwrap();
    with_impostors(&path, false, |kind| {
        let said = refusal(&scratch, &["-t", state, "-l", file]);
        assert!(
            said.contains(kind) && said.contains("log file"),
            "{kind}: {said}"
        );
        let said = refusal(&scratch, &["-t", state, "-d", "-f", file]);
        assert!(said.contains("pid file"), "{kind}: {said}");
    });
}

#[test]
fn the_socket_of_an_agent_that_lives_is_left_to_it() {
    let agent = Agent::start();
    let socket = agent.scratch.join("sock");
    for round in 0..3 {
        // With its queue empty, with a client at work, and with its queue full.
        let clients: Vec<_> = (0..round).map(|_| agent.connect()).collect();
        let folder = agent.scratch.join("other");
        fs::create_dir_all(&folder).unwrap();
        let said = refusal(&agent.scratch, &["-t", folder.to_str().unwrap()]);
        assert!(
            said.contains("another process listens on the socket"),
            "{said}"
        );
        assert!(
            fs::symlink_metadata(&socket)
                .unwrap()
                .file_type()
                .is_socket()
        );
        drop(clients);
        agent.connect().ping();
    }
    agent.stop();
}

#[test]
fn a_client_that_does_nothing_makes_room_for_one_that_waits() {
    let agent = Agent::start_with(&["--max-idle-time", "1"]);
    let mut idle = agent.connect();
    idle.ping();
    // It may be idle while no other client waits.
    std::thread::sleep(std::time::Duration::from_millis(2500));
    idle.ping();
    let mut next = agent.connect();
    next.ping();
    idle.assert_closed();

    // A client that does not read its replies is disconnected, too.
    let mut stalled = next;
    stalled.send(r#"{"execute":"guest-info"}"#.repeat(2000));
    let mut next = agent.connect();
    next.ping();
    agent.stop();
}
