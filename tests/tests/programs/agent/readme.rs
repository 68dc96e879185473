//! The guest agent's README says what it does better than the reference, and which test shows it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use qapi_tests::agents::{data, vectors};
use qapi_tests::workspace;

/// Rows of the README's tables: the first cell and the last.
fn rows(section: &str) -> Vec<(String, String)> {
    let path = workspace().join("qapi-agent/README.md");
    let text = fs::read_to_string(path).expect("the agent has a README");
    let section = text.split(section).nth(1).expect("the section is there");
    let section = section.split("\n### ").next().unwrap_or_default();
    let rows = section
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.filter_map(|row| {
        let cells: Vec<&str> = row.split(" | ").collect();
        Some(((*cells.first()?).to_owned(), (*cells.last()?).to_owned()))
    })
    .collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of ours").flatten() {
        let path = entry.path();
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, found);
        } else if is_source {
            found.push(path);
        }
    }
}

/// Returns true if there is a test of the name `file::function`, or a row `file number` of recorded replies.
fn exists(reference: &str, sources: &[PathBuf]) -> bool {
    if let Some((file, function)) = reference.split_once("::") {
        let test = format!("#[test]\nfn {function}(");
        return sources
            .iter()
            .filter(|path| path.ends_with(format!("{file}.rs")))
            .any(|path| {
                let text = fs::read_to_string(path).unwrap_or_default();
                let lines: Vec<&str> = text.lines().map(str::trim).collect();
                lines.join("\n").contains(&test)
            });
    }
    let Some((file, number)) = reference.split_once(' ') else {
        return false;
    };
    let path = match file {
        "protocol.txt" => workspace().join("qapi-runtime/tests/data").join(file),
        _ => data(file),
    };
    vectors::read(&path)
        .iter()
        .any(|row| row.number() == Some(number))
}

fn check(section: &str, expected: Vec<String>) {
    let mut files = Vec::new();
    for folder in ["qapi-agent", "tests"] {
        sources(&workspace().join(folder), &mut files);
    }
    let rows = rows(section);
    for (number, tests) in &rows {
        let references: Vec<&str> = tests
            .split(", ")
            .map(|test| test.trim_matches('`'))
            .collect();
        if number.starts_with(['|', '-']) {
            // The head.
            continue;
        }
        for reference in references {
            assert!(
                exists(reference, &files),
                "{number}: there is no test {reference}"
            );
        }
    }
    let numbers: BTreeSet<&str> = rows.iter().map(|(number, _)| number.as_str()).collect();
    let missing: Vec<String> = expected
        .into_iter()
        .filter(|number| !numbers.contains(number.as_str()))
        .collect();
    assert_eq!(missing, [] as [String; 0]);
}

#[test]
fn every_defect_of_the_reference_has_a_test() {
    check(
        "\n### Its defects\n",
        (1..=32).map(|number| format!("D{number}")).collect(),
    );
}

#[test]
fn every_complaint_has_a_state_and_a_test() {
    check(
        "\n### What users complain about\n",
        (1..=15).map(|number| number.to_string()).collect(),
    );
}
