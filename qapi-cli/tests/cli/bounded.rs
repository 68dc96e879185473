//! Output about a schema is short, however long its lines and names are and however many mistakes they have.

use std::fs;

use crate::broken::{BYTES_EACH, FIXED_BYTES, broken_schemas};
use crate::harness::{Scratch, qapi};

const FORMATS: [&str; 5] = ["human", "short", "json", "sarif", "github"];

#[test]
fn reports_are_as_long_as_their_diagnostics_are_many() {
    let scratch = Scratch::new();
    let path = scratch.join("broken.json");
    let path = path.to_str().unwrap();
    for (name, text) in broken_schemas() {
        fs::write(path, &text).unwrap();
        for dialect in ["auto", "strict"] {
            let run = |format| {
                qapi([
                    "check",
                    "--dialect",
                    dialect,
                    "--message-format",
                    format,
                    path,
                ])
            };
            let shown = run("short").stdout.lines().count();
            assert!(shown > 0, "{name}");
            let in_one_line = text.trim_end().matches('\n').count() < 10;
            assert!(
                shown <= 60 || !in_one_line,
                "{name}: {shown} of {dialect} are shown"
            );
            for format in FORMATS {
                let run = run(format);
                let size = run.stdout.len() + run.stderr.len();
                let limit = FIXED_BYTES + BYTES_EACH * shown;
                assert!(
                    size <= limit,
                    "{name}: {size} bytes of {format} for {shown}"
                );
                if format == "json" {
                    assert_eq!(run.stdout.lines().count(), shown, "{name}");
                }
            }
        }
    }
}

#[test]
fn mistakes_that_are_not_shown_are_counted() {
    let scratch = Scratch::new();
    let path = scratch.join("twice.json");
    let keys = vec!["'a': 'int'"; 101].join(", ");
    fs::write(
        &path,
        format!("{{ 'struct': 'Twice', 'data': {{ {keys} }} }}\n"),
    )
    .unwrap();
    let run = qapi(["check", path.to_str().unwrap()]);
    assert_eq!(run.status, 1);
    assert_eq!(run.stdout.matches("`a` appears twice").count(), 10);
    assert!(
        run.stdout.contains("90 more of these are in this line"),
        "{run}"
    );
    assert!(run.stdout.contains("100 errors"), "{run}");
}

#[test]
fn places_far_apart_in_one_line_are_shown_apart() {
    let scratch = Scratch::new();
    let path = scratch.join("far.json");
    let members: Vec<_> = (0..500).map(|n| format!("'m{n}': 'int', ")).collect();
    let members = members.concat();
    fs::write(
        &path,
        format!("{{ 'struct': 'Far', 'data': {{ 'a': 'int', {members}'a': 'str' }} }}\n"),
    )
    .unwrap();
    let run = qapi(["check", path.to_str().unwrap()]);
    let lines: Vec<_> = run.stdout.lines().collect();
    assert!(lines.iter().all(|line| line.len() < 400), "{run}");
    for shown in ["'a': 'str'", "again here", "first here"] {
        assert!(run.stdout.contains(shown), "{shown}\n{run}");
    }
}

#[test]
fn long_chains_of_includes_are_cut() {
    let scratch = Scratch::new();
    for number in 0..150 {
        let text = format!("{{ 'include': 'part{}.json' }}\n", number + 1);
        fs::write(scratch.join(format!("part{number}.json")), text).unwrap();
    }
    fs::write(scratch.join("part150.json"), "{ 'event': 1 }\n").unwrap();
    let root = scratch.join("part0.json");
    for format in FORMATS {
        let run = qapi(["check", "--message-format", format, root.to_str().unwrap()]);
        assert!(run.stdout.len() < FIXED_BYTES, "{run}");
        assert!(run.stdout.contains("part150.json"), "{run}");
    }
}
