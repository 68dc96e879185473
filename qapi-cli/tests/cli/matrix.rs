//! `qapi matrix`: formats, and the history of the guest agent.

use std::path::Path;

use serde_json::Value;

use crate::harness::{Run, qapi};

const REVISIONS: [&str; 2] = ["diff/old.json", "diff/new.json"];

fn matrix(arguments: &[&str]) -> Run {
    qapi(["matrix"].into_iter().chain(arguments.iter().copied()))
}

/// Our schemas of the guest agent's revisions.
fn guest_agent() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schemas/guest-agent");
    ["1.1", "1.5", "2.3", "2.4", "2.5"]
        .map(|revision| {
            folder
                .join(format!("{revision}.json"))
                .display()
                .to_string()
        })
        .to_vec()
}

#[test]
fn the_history_of_the_guest_agent_is_complete() {
    let revisions = guest_agent();
    let revisions: Vec<_> = revisions.iter().map(String::as_str).collect();
    insta::assert_snapshot!(matrix(&revisions));
}

#[test]
fn every_row_is_there_on_demand() {
    insta::assert_snapshot!(matrix(&["--all", REVISIONS[0], REVISIONS[1]]));
}

#[test]
fn tables_have_a_column_per_revision() {
    insta::assert_snapshot!(matrix(&[
        "--format",
        "markdown",
        REVISIONS[0],
        REVISIONS[1]
    ]));
    insta::assert_snapshot!(matrix(&["--format", "html", REVISIONS[0], REVISIONS[1]]));
}

#[test]
fn programs_get_json() {
    let run = matrix(&["--format", "json", REVISIONS[0], REVISIONS[1]]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["format"], 1);
    assert_eq!(document["revisions"], serde_json::json!(["old", "new"]));
    let rows = document["rows"].as_array().unwrap();
    let row = |root: &str, path: &str| {
        let mut rows = rows.iter();
        let row = rows.find(|row| row["root"] == root && row["path"] == path);
        row.unwrap_or_else(|| panic!("no {root} {path}"))["runs"].clone()
    };
    let run = |from: &str, to: &str, ty: Option<&str>, optional: Option<bool>| {
        serde_json::json!({
            "from": from, "to": to, "type": ty, "optional": optional,
            "features": [], "condition": null,
        })
    };
    assert_eq!(
        row("eject", ""),
        serde_json::json!([run("old", "old", None, None)])
    );
    assert_eq!(
        row("query-media", "reply[].label"),
        serde_json::json!([
            run("old", "old", Some("str"), Some(true)),
            run("new", "new", Some("str"), Some(false)),
        ])
    );
}

#[test]
fn names_are_given_or_made_up() {
    let run = matrix(&["--names", "1,2", REVISIONS[0], REVISIONS[1]]);
    assert!(run.stdout.starts_with("revisions: 1, 2\n"), "{run}");
    let run = matrix(&["--names", "1", REVISIONS[0], REVISIONS[1]]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("1 names for 2 revisions"), "{run}");
}

#[test]
fn errors_in_a_schema_are_findings() {
    let run = matrix(&["errors.json", REVISIONS[1]]);
    assert_eq!(run.status, 1);
    assert!(run.stdout.is_empty(), "{run}");
    assert_eq!(matrix(&["none.json"]).status, 2);
}
