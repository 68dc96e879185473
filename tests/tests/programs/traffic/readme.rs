//! README's path from nothing to a mock, as a newcomer goes it: by the lines of its block, in an empty folder.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use qapi_tests::Scratch;
use qapi_tests::{peer, workspace};

/// The lines of README's block that records.
fn block() -> String {
    let readme = fs::read_to_string(workspace().join("README.md")).expect("there is a README");
    let mut blocks = readme.split("\n```sh\n").skip(1);
    let found = blocks.find_map(|rest| {
        let block = rest.split("\n```").next()?;
        block.contains("qapi record").then(|| block.to_owned())
    });
    found.expect("README shows how to record")
}

/// The lines as somebody types them: who has started a server looks whether it is there before going on.
fn typed(block: &str) -> String {
    let mut script = "started=\ntrap 'kill $started' EXIT\n".to_owned();
    for line in block.lines() {
        writeln!(script, "{line}").expect("writing to a string cannot fail");
        let command = line.split(" #").next().unwrap_or_default().trim();
        if !command.ends_with('&') {
            continue;
        }
        let mut words = command.split([' ', ':', ',']);
        let is_socket = |word: &&str| Path::new(word).extension().is_some_and(|it| it == "sock");
        let socket = words.rfind(is_socket);
        let socket = socket.unwrap_or_else(|| panic!("no socket in {line}"));
        writeln!(
            script,
            "started=\"$started $!\"\nfor try in $(seq 600); do [ -S {socket} ] && break; sleep 0.1; done"
        )
        .expect("writing to a string cannot fail");
    }
    script
}

fn link(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::write(&path, text).expect("the folder is writable");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
}

#[test]
fn the_path_of_the_readme_leads_to_a_mock() {
    let (Some(now), Some(next)) = (peer::qemu_system(), peer::qemu_system_10()) else {
        return;
    };
    let scratch = Scratch::new();
    let programs = scratch.join("programs");
    fs::create_dir(&programs).expect("the folder is writable");
    let run = |command: &Command| {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let words: Vec<_> = words.map(|it| format!("'{}'", it.display())).collect();
        format!("#!/bin/sh\nexec {} \"$@\"\n", words.join(" "))
    };
    link(&programs, "qemu-system-x86_64", &run(&Command::new(now)));
    link(&programs, "qemu-next", &run(&next));
    link(&programs, "qapi", &run(&Command::new(peer::qapi())));
    let path = std::env::var("PATH").unwrap_or_default();
    // Files, not pipes: what the block leaves running would hold them open.
    let (said, complaints) = (scratch.join("said"), scratch.join("complaints"));
    let file = |path: &Path| fs::File::create(path).expect("the folder is writable");
    let folder = scratch.join("empty");
    fs::create_dir(&folder).expect("the folder is writable");
    Command::new("sh")
        .args(["-c", &typed(&block())])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", programs.display()))
        .stdin(Stdio::null())
        .stdout(file(&said))
        .stderr(file(&complaints))
        .status()
        .expect("there is a shell");
    let text = |path: &Path| fs::read_to_string(path).expect("the shell wrote it");
    let (said, complaints) = (text(&said), text(&complaints));
    for expected in [
        // The member that 10.0 does not have any more.
        "singlestep",
        "nothing found",
        "next: accepts every request",
    ] {
        assert!(
            said.contains(expected),
            "no {expected}:\n{said}\n{complaints}"
        );
    }
    // The mock answers as QEMU did.
    let replies = said.matches("\"running\": true").count();
    assert_eq!(replies, 2, "{said}\n{complaints}");
    assert!(!complaints.contains("rror"), "{complaints}");
}
