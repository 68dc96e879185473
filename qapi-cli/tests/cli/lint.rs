//! `qapi check --lint`.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::harness::{Run, Scratch, command};

const SCHEMA: &str = "\
##
# @stop:
#
# Stops the machine.
#
# Since: 9.1
##
{ 'command': 'stop' }

{ 'struct': 'Leftover', 'data': {} }
";

fn check(folder: &Path, arguments: &[&str]) -> Run {
    let mut check = command(["check", "--message-format", "short"]);
    check.args(arguments).arg("schema.json");
    check.current_dir(folder).output().unwrap().into()
}

/// The codes that a run printed.
fn codes(run: &Run) -> Vec<String> {
    let lines = run.stdout.lines();
    lines
        .map(|line| {
            let (_, rest) = line.split_once('[').unwrap();
            rest.split(']').next().unwrap().to_owned()
        })
        .collect()
}

#[test]
fn lints_are_off_until_they_are_asked_for() {
    let scratch = Scratch::new();
    fs::write(scratch.join("schema.json"), SCHEMA).unwrap();
    let run = |arguments: &[&str]| check(scratch.path(), arguments);
    assert_eq!(run(&[]).to_string(), "status: 0");
    assert_eq!(codes(&run(&["--lint"])), ["LINT-ERRORS", "LINT-UNUSED"]);
    let some = run(&["--lint", "--allow", "LINT-ERRORS"]);
    assert_eq!(
        (some.status, codes(&some)),
        (0, vec!["LINT-UNUSED".to_owned()])
    );
    let some = run(&["--deny", "lint-unused"]);
    assert_eq!(
        (some.status, codes(&some)),
        (1, vec!["LINT-UNUSED".to_owned()])
    );
    assert_eq!(run(&["--lint", "--deny-warnings"]).status, 1);

    fs::write(
        scratch.join("qapi.toml"),
        "[lints]\nLINT-ERRORS = \"deny\"\n",
    )
    .unwrap();
    let some = run(&[]);
    assert_eq!(
        (some.status, codes(&some)),
        (1, vec!["LINT-ERRORS".to_owned()])
    );
    assert_eq!(run(&["--allow", "LINT-ERRORS"]).to_string(), "status: 0");
}

#[test]
fn lints_are_about_the_named_files_only() {
    let scratch = Scratch::new();
    fs::write(
        scratch.join("schema.json"),
        "{ 'include': 'part.json' }\n{ 'struct': 'Leftover', 'data': {} }\n",
    )
    .unwrap();
    fs::write(scratch.join("part.json"), "{ 'command': 'x-stop' }\n").unwrap();
    let mut lint = command(["check", "--message-format", "short", "--lint", "part.json"]);
    let run: Run = lint.current_dir(scratch.path()).output().unwrap().into();
    assert_eq!(codes(&run), ["LINT-X-STABLE"]);
}

#[test]
fn since_is_compared_with_the_tags_of_git() {
    let scratch = Scratch::new();
    let git = |arguments: &[&str]| {
        let identity = [
            "-c",
            "user.name=Nobody",
            "-c",
            "user.email=nobody@example.org",
        ];
        let status = Command::new("git")
            .args(identity)
            .args(arguments)
            .current_dir(scratch.path())
            .status();
        assert!(status.unwrap().success(), "{arguments:?}");
    };
    fs::write(scratch.join("schema.json"), SCHEMA).unwrap();
    let lint = || check(scratch.path(), &["--warn", "LINT-SINCE-NEWER"]);
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "a"]);
    // Release candidates, and releases that are not older, prove nothing.
    git(&["tag", "v9.0.0-rc1"]);
    git(&["tag", "v9.1.0"]);
    assert_eq!(lint().to_string(), "status: 0");
    git(&["tag", "v9.0.0"]);
    let run = lint();
    assert_eq!(codes(&run), ["LINT-SINCE-NEWER"]);
    assert!(run.stdout.contains("v9.0.0 has it"), "{run}");
}
