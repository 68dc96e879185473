//! `qapi introspect`.

use std::fs;
use std::path::Path;

use crate::harness::{Scratch, qapi};

#[test]
fn conditions_are_decided_by_defined_symbols() {
    insta::assert_snapshot!(qapi(["introspect", "clean.json"]));
    insta::assert_snapshot!(qapi([
        "introspect",
        "-D",
        "HAVE_ARROWS",
        "-D",
        "HAVE_POWER",
        "clean.json"
    ]));
}

#[test]
fn all_conditions_and_names_on_demand() {
    insta::assert_snapshot!(qapi([
        "introspect",
        "--all-conditions",
        "--unmask",
        "clean.json"
    ]));
}

#[test]
fn errors_leave_standard_output_empty() {
    let run = qapi(["introspect", "errors.json"]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""));
    assert_eq!(
        qapi(["introspect", "--all-conditions", "-D", "A", "clean.json"]).status,
        2
    );
}

#[test]
fn an_introspection_reply_is_reported_as_one_instead_of_a_schema() {
    let folder = Scratch::new();
    let described = qapi(["introspect", "clean.json"]).stdout;
    for (name, text) in [
        ("array.json", described.clone()),
        ("reply.json", format!("{{ \"return\": {described}}}")),
    ] {
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        let file = file.to_str().unwrap();
        let out = folder.path().join("out");
        let out = out.to_str().unwrap();
        for arguments in [
            &["check", file][..],
            &["dump", file],
            &["introspect", file],
            &["docs", file, "--out-dir", out],
            &["docs", "clean.json", file, "--out-dir", out],
            &["generate", file, "--out-dir", out],
        ] {
            let run = qapi(arguments);
            assert_eq!(run.status, 2, "{arguments:?}: {run}");
            assert_eq!(run.stdout, "");
            let said: Vec<&str> = run.stderr.lines().collect();
            assert!(
                said.len() == 1 && said[0].contains("a server's introspection"),
                "{arguments:?}: {run}"
            );
            assert!(!Path::new(out).exists());
        }
    }
}
