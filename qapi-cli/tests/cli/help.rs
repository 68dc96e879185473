//! Help, manual pages and completions.

use std::fs;

use crate::harness::{Scratch, qapi};

const VERBS: [&str; 19] = [
    "check",
    "dump",
    "introspect",
    "lsp",
    "generate",
    "docs",
    "call",
    "diff",
    "matrix",
    "mock",
    "reconstruct",
    "record",
    "validate",
    "shell",
    "vendor",
    "fmt",
    "explain",
    "completions",
    "man",
];

#[test]
fn help_of_the_whole_command() {
    insta::assert_snapshot!(qapi(["--help"]));
}

#[test]
fn help_of_every_verb() {
    for verb in VERBS {
        let run = qapi([verb, "--help"]);
        assert_eq!(run.status, 0);
        insta::assert_snapshot!(format!("help_{verb}"), run);
    }
}

#[test]
fn every_verb_tells_its_exit_status_and_gives_examples() {
    for verb in VERBS {
        let help = qapi([verb, "--help"]).stdout;
        assert!(
            help.contains("Exit status:") && help.contains("Examples:"),
            "{verb}"
        );
    }
}

#[test]
fn version_is_a_result() {
    let run = qapi(["--version"]);
    assert_eq!(
        run.to_string(),
        format!(
            "status: 0\n---- stdout\nqapi {}\n",
            env!("CARGO_PKG_VERSION")
        )
    );
}

#[test]
fn manual_pages() {
    insta::assert_snapshot!("man", qapi(["man"]));
    insta::assert_snapshot!("man_check", qapi(["man", "check"]));
    assert_eq!(qapi(["man", "fly"]).status, 2);
}

#[test]
fn manual_has_a_page_per_verb() {
    let scratch = Scratch::new();
    let run = qapi([
        "man".as_ref(),
        "--out-dir".as_ref(),
        scratch.path().as_os_str(),
    ]);
    assert_eq!(run.to_string(), "status: 0");
    let mut pages: Vec<String> = fs::read_dir(scratch.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    pages.sort();
    let mut expected: Vec<String> = VERBS.iter().map(|verb| format!("qapi-{verb}.1")).collect();
    expected.push("qapi.1".to_owned());
    expected.sort();
    assert_eq!(pages, expected);
}

#[test]
fn completions_know_every_verb() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = qapi(["completions", shell]);
        assert_eq!(run.status, 0);
        for verb in VERBS {
            assert!(run.stdout.contains(verb), "{shell}: {verb}");
        }
    }
    insta::assert_snapshot!("completions_fish", qapi(["completions", "fish"]));
}
