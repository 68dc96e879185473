//! `qapi check`.

use std::fs;
use std::io::Read;
use std::process::Stdio;

use serde_json::Value;

use crate::harness::{Scratch, command, data, qapi, qapi_with_input};

#[test]
fn clean_schema_says_nothing() {
    for dialect in ["auto", "strict"] {
        let run = qapi([
            "check",
            "--deny-warnings",
            "--dialect",
            dialect,
            "clean.json",
        ]);
        assert_eq!(run.to_string(), "status: 0");
    }
}

#[test]
fn mistakes_are_shown_to_people() {
    insta::assert_snapshot!(qapi(["check", "errors.json"]));
}

#[test]
fn missing_comma_is_offered_as_a_patch() {
    insta::assert_snapshot!(qapi(["check", "--dialect", "strict", "syntax.json"]));
}

#[test]
fn include_chain_is_reported() {
    insta::assert_snapshot!(qapi(["check", "split/main.json"]));
}

#[test]
fn many_warnings_are_summed_up() {
    let run = qapi(["check", "--verbose", "old.json"]);
    assert_eq!(run.status, 0);
    insta::assert_snapshot!(run);
    let folded = qapi(["check", "old.json"]);
    assert_eq!(folded.status, 0);
    insta::assert_snapshot!("old_forms_are_one_warning", folded);
}

/// A short line: file, line, column, severity, code, message.
fn short_line(line: &str) -> (String, Option<u64>, Option<u64>, String, String, String) {
    let (place, rest) = line.split_once(": ").expect("a place comes first");
    let mut parts = place.split(':');
    let file = parts.next().unwrap().to_owned();
    let mut number = || {
        parts
            .next()
            .map(|part| part.parse().expect("lines and columns are numbers"))
    };
    let (line_number, column) = (number(), number());
    assert_eq!(parts.next(), None, "{line}");
    let (tag, message) = rest.split_once(": ").expect("a message comes last");
    let (severity, code) = tag.split_once('[').expect("a code in brackets follows");
    let code = code.strip_suffix(']').expect("the bracket is closed");
    assert!(["error", "warning"].contains(&severity), "{line}");
    assert!(
        code.bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'-' || byte.is_ascii_digit())
    );
    (
        file,
        line_number,
        column,
        severity.to_owned(),
        code.to_owned(),
        message.to_owned(),
    )
}

#[test]
fn short_and_json_say_the_same_in_the_same_order() {
    for dialect in ["auto", "strict"] {
        let arguments = |format| {
            let files = [
                "errors.json",
                "syntax.json",
                "old.json",
                "split/main.json",
                "clean.json",
            ];
            ["check", "--dialect", dialect, "--message-format", format]
                .into_iter()
                .chain(files)
                .collect::<Vec<_>>()
        };
        let short = qapi(arguments("short"));
        let json = qapi(arguments("json"));
        assert_eq!((short.status, json.status), (1, 1));
        assert_eq!((short.stderr.as_str(), json.stderr.as_str()), ("", ""));
        assert_eq!(short.stdout.lines().count(), json.stdout.lines().count());
        assert!(short.stdout.lines().count() > 8);
        for (short, json) in short.stdout.lines().zip(json.stdout.lines()) {
            let (file, line, column, severity, code, message) = short_line(short);
            let json: Value = serde_json::from_str(json).expect("each line is JSON");
            assert_eq!(json["file"], file);
            assert_eq!(json["line"].as_u64(), line);
            assert_eq!(json["column"].as_u64(), column);
            assert_eq!(json["severity"], severity);
            assert_eq!(json["code"], code);
            assert_eq!(json["message"], message);
        }
    }
}

#[test]
fn json_has_the_keys_that_programs_rely_on() {
    let run = qapi(["check", "--message-format", "json", "split/main.json"]);
    let found: Value = serde_json::from_str(&run.stdout).expect("there is one line");
    assert_eq!(found["file"], "split/parts/more.json");
    assert_eq!(found["qemu_line"], 3);
    assert_eq!(found["qemu_column"], Value::Null);
    assert_eq!(
        found["entity"],
        serde_json::json!({ "kind": "struct", "name": "Brush" })
    );
    assert_eq!(
        found["included_from"],
        serde_json::json!([
            { "file": "split/main.json", "line": 1 },
            { "file": "split/parts/types.json", "line": 2 },
        ])
    );
    for list in ["notes", "suggestions", "labels"] {
        assert!(found[list].is_array(), "{list}");
    }
    assert!(found["help"].is_null() || found["help"].is_string());
}

#[test]
fn json_suggestion_mends_the_file() {
    let run = qapi([
        "check",
        "--dialect",
        "strict",
        "--message-format",
        "json",
        "syntax.json",
    ]);
    let found: Value = serde_json::from_str(run.stdout.lines().next().unwrap()).unwrap();
    let change = &found["suggestions"][0];
    let at = |key: &str| usize::try_from(change[key].as_u64().unwrap()).unwrap();
    let mut text = fs::read_to_string(data().join("syntax.json")).unwrap();
    text.replace_range(
        at("byte_start")..at("byte_end"),
        change["replacement"].as_str().unwrap(),
    );
    let mended = qapi_with_input(&["check", "--dialect", "strict", "-"], &text);
    assert_eq!(mended.to_string(), "status: 0");
}

#[test]
fn included_file_of_two_roots_is_reported_once() {
    let run = qapi([
        "check",
        "--message-format",
        "short",
        "shared/a.json",
        "shared/b.json",
    ]);
    assert_eq!(run.status, 1);
    insta::assert_snapshot!(run);
}

#[test]
fn unreadable_root_is_status_2_and_the_others_are_checked() {
    let run = qapi([
        "check",
        "--message-format",
        "short",
        "absent.json",
        "syntax.json",
    ]);
    assert_eq!(run.status, 2);
    let mut lines = run.stdout.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("absent.json: error[FILE-READ]: ")
    );
    assert!(lines.next().unwrap().starts_with("syntax.json:2:"));
}

#[test]
fn unreadable_root_has_no_place_in_json() {
    let run = qapi(["check", "--message-format", "json", "absent.json"]);
    assert_eq!(run.status, 2);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(found["code"], "FILE-READ");
    assert_eq!(found["file"], "absent.json");
    assert!(found["line"].is_null() && found["column"].is_null());
}

#[test]
fn file_that_is_not_text_is_unreadable() {
    let scratch = Scratch::new();
    let path = scratch.join("latin1.json");
    fs::write(&path, b"# caf\xe9\n").unwrap();
    let run = qapi([
        "check".as_ref(),
        "--message-format=short".as_ref(),
        path.as_os_str(),
    ]);
    assert_eq!(run.status, 2);
    assert!(run.stdout.contains("error[FILE-READ]"), "{run}");
}

#[test]
fn unreadable_include_is_an_error_of_the_schema() {
    let run = qapi_with_input(
        &["check", "--message-format", "short", "-"],
        "{ 'include': 'absent.json' }\n",
    );
    assert_eq!(run.status, 1);
    assert!(run.stdout.starts_with("-:1:14: error[INC-READ]: "), "{run}");
}

#[test]
fn standard_input_includes_from_the_current_folder() {
    let run = qapi_with_input(
        &["check", "--message-format", "short", "-"],
        "{ 'include': 'split/main.json' }\n",
    );
    assert_eq!(run.status, 1);
    assert!(
        run.stdout
            .starts_with("split/parts/more.json:5:23: error[REF-UNKNOWN]: "),
        "{run}"
    );
}

#[test]
fn denied_warnings_are_findings() {
    assert_eq!(qapi(["check", "old.json"]).status, 0);
    assert_eq!(qapi(["check", "--deny-warnings", "old.json"]).status, 1);
}

#[test]
fn quiet_shows_errors_only() {
    assert_eq!(qapi(["check", "-q", "old.json"]).to_string(), "status: 0");
    let run = qapi(["check", "-q", "--message-format", "short", "errors.json"]);
    assert!(
        run.stdout.contains("error[") && !run.stdout.contains("warning["),
        "{run}"
    );
    let denied = qapi([
        "check",
        "-q",
        "--deny-warnings",
        "--message-format",
        "short",
        "old.json",
    ]);
    assert_eq!(denied.status, 1);
    assert!(
        denied.stdout.contains("warning["),
        "the status is 1 because of warnings: {denied}"
    );
}

#[test]
fn verbose_reports_the_files_read() {
    let run = qapi(["check", "-v", "clean.json", "shared/b.json"]);
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn colours_are_for_terminals_and_on_demand() {
    let colours = |arguments: &[&str]| qapi(arguments).stdout.contains('\u{1b}');
    assert!(!colours(&["check", "errors.json"]));
    assert!(colours(&["check", "--color", "always", "errors.json"]));
    assert!(!colours(&["check", "--color", "never", "errors.json"]));
    for format in ["short", "json"] {
        assert!(!colours(&[
            "check",
            "--color",
            "always",
            "--message-format",
            format,
            "errors.json"
        ]));
    }
}

#[test]
fn closed_output_is_not_a_failure() {
    let scratch = Scratch::new();
    let path = scratch.join("many.json");
    let many = "{ 'struct': 'Paint', 'data': { 'x': 'Nothing' } }\n".repeat(900);
    fs::write(&path, many).unwrap();
    let mut child = command(["check".as_ref(), path.as_os_str()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 16];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn wrong_usage_is_status_2() {
    let cases: &[&[&str]] = &[
        &["check"],
        &["check", "--no-such-flag", "clean.json"],
        &["check", "--dialect", "modern", "clean.json"],
        &["check", "--message-format", "xml", "clean.json"],
        &["check", "-D", "A=1", "clean.json"],
        &["check", "-D", "A", "-U", "A", "clean.json"],
        &["check", "-q", "-v", "clean.json"],
        &["chekc", "clean.json"],
        &[],
    ];
    for arguments in cases {
        let run = qapi(*arguments);
        assert_eq!(run.status, 2, "{arguments:?}: {run}");
        assert_eq!(run.stdout, "", "{arguments:?}");
        assert!(!run.stderr.is_empty(), "{arguments:?}");
    }
}
