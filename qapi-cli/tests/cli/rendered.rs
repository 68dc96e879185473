//! Rendered diagnostics of each code: every wrong example of the explain pages, reported in the form
//! for people, kept as one snapshot per code.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use qapi_parser::diag::Code;
use qapi_parser::diag::explain::explain;
use qapi_parser::era_rules::OLD_FORMS;

use crate::harness::{Run, command};

/// The fenced blocks of a page that are marked as wrong.
fn wrong_examples(page: &str) -> Vec<String> {
    page.split("```qapi wrong\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .map(|(example, _)| example.to_owned())
        .collect()
}

/// Writes the files of an example, the first of which is the schema, and checks it.
fn report(code: Code, example: &str) -> Run {
    let folder = scratch(code);
    let mut files: Vec<(String, String)> = Vec::new();
    for line in example.lines() {
        if let Some(name) = line.strip_prefix("# file: ") {
            files.push((name.to_owned(), String::new()));
            continue;
        }
        if files.is_empty() {
            files.push(("schema.json".to_owned(), String::new()));
        }
        let (_, text) = files.last_mut().unwrap();
        writeln!(text, "{line}").unwrap();
    }
    for (name, text) in &files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let form = OLD_FORMS.iter().find(|form| form.old == code);
    let dialect = match form.filter(|_| code.as_str().starts_with("OLD-")) {
        Some(form) => form.eras.until.to_string(),
        None if code == Code::ERA_LATER => "2.4".to_owned(),
        None => "strict".to_owned(),
    };
    let root = files[0].0.as_str();
    let mut check = command(["check", "--color", "never", "--dialect"]);
    check.args([&*dialect, root]);
    if code.as_str().starts_with("LINT-") {
        check.args(["--warn", code.as_str()]);
    }
    if dialect != "strict" {
        check.arg("--verbose");
    }
    let run = check.current_dir(&folder).output().unwrap();
    fs::remove_dir_all(&folder).unwrap();
    run.into()
}

fn scratch(code: Code) -> PathBuf {
    let name = format!("qapi-rendered-{}-{code}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn each_code_reads_well() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots/rendered");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (code, _) in Code::ALL {
            let examples = wrong_examples(explain(*code));
            if examples.is_empty() {
                continue;
            }
            let reports: Vec<_> = examples
                .iter()
                .map(|example| format!("{example}\n{}", report(*code, example)))
                .collect();
            insta::assert_snapshot!(code.as_str(), reports.join("\n"));
        }
    });
}

#[test]
fn only_codes_that_no_text_can_show_have_no_example() {
    let without: Vec<_> = Code::ALL
        .iter()
        .filter(|(code, _)| wrong_examples(explain(*code)).is_empty())
        .map(|(code, _)| code.as_str())
        .filter(|code| !code.starts_with("GEN-") && !code.starts_with("LIMIT-"))
        .collect();
    assert_eq!(without, ["FILE-READ", "OLD-ERA", "LINT-SINCE-NEWER"]);
}
