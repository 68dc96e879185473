//! Named pipes where files are expected: nobody writes to them.

#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::harness::{Scratch, qapi};

fn make_pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.expect("mkfifo runs").success());
}

#[test]
fn a_pipe_is_not_waited_for() {
    let scratch = Scratch::new();
    let [alone, main] = ["alone", "main.json"].map(|name| scratch.join(name));
    fs::create_dir(&alone).expect("the folder can be created");
    let alone = alone.join("pipe.json");
    make_pipe(&alone);
    make_pipe(&scratch.join("pipe.json"));
    fs::write(&main, "{ 'include': 'pipe.json' }\n").expect("the file can be written");
    let [alone, main] = [alone, main].map(|path| path.display().to_string());
    for arguments in [
        ["check", &main, &main],
        ["check", &alone, &alone],
        ["diff", &main, &main],
        ["diff", &alone, &alone],
        ["fmt", "--check", &alone],
    ] {
        let run = qapi(arguments);
        assert_ne!(run.status, 0, "{arguments:?}: {run}");
        let text = run.to_string();
        assert!(text.contains("not a regular file"), "{arguments:?}: {run}");
    }
}

#[test]
fn a_pipe_in_a_source_tree_is_not_waited_for() {
    let scratch = Scratch::new();
    let [tree, out] = ["tree", "out"].map(|name| scratch.join(name));
    fs::create_dir_all(tree.join("qapi")).expect("the folder can be created");
    fs::write(tree.join("VERSION"), "10.2.0\n").expect("the file can be written");
    make_pipe(&tree.join("qapi/qapi-schema.json"));
    let [tree, out] = [tree, out].map(|path| path.display().to_string());
    let run = qapi(["vendor", &tree, "--out", &out]);
    assert_ne!(run.status, 0, "{run}");
    assert!(run.stderr.contains("not a regular file"), "{run}");
}
