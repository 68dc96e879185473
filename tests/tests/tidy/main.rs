//! Rules of the house that a program can check.

mod layers;
mod modules;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use qapi_tests::workspace;

/// Files that git knows or would take, so that build results do not count.
fn files() -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(workspace())
        .output();
    let Ok(output) = output else {
        return Vec::new();
    };
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|name| workspace().join(name))
        .filter(|path| path.is_file())
        .collect()
}

fn rust_sources() -> Vec<(PathBuf, String)> {
    files()
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| fs::read_to_string(&path).ok().map(|text| (path, text)))
        .collect()
}

fn is_generated(text: &str) -> bool {
    text.starts_with("// @generated")
}

fn shown(path: &Path) -> String {
    path.strip_prefix(workspace())
        .unwrap_or(path)
        .display()
        .to_string()
}

#[test]
fn every_module_says_what_it_is() {
    let silent: Vec<_> = rust_sources()
        .iter()
        .filter(|(path, text)| {
            !is_generated(text) && !text.starts_with("//!") && !shown(path).contains("/data/")
        })
        .map(|(path, _)| shown(path))
        .collect();
    assert!(
        silent.is_empty(),
        "no module documentation in the first line: {silent:#?}"
    );
}

#[test]
fn no_source_file_is_longer_than_800_lines() {
    let long: Vec<_> = rust_sources()
        .iter()
        .filter(|(_, text)| !is_generated(text) && text.lines().count() > 800)
        .map(|(path, _)| shown(path))
        .collect();
    assert!(long.is_empty(), "split these by subject: {long:#?}");
}

/// Lengths of the functions of a formatted file: from a line that begins one to the line with
/// the brace that closes it at the same indentation.
fn function_lengths(text: &str) -> Vec<usize> {
    let lines: Vec<_> = text.lines().collect();
    let mut lengths = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let indentation = line.len() - code.len();
        let is_function = [
            "fn ",
            "pub fn ",
            "pub(crate) fn ",
            "pub(super) fn ",
            "const fn ",
            "pub const fn ",
        ]
        .iter()
        .any(|prefix| code.starts_with(prefix));
        if !is_function || code.ends_with(';') {
            continue;
        }
        let closing = format!("{}}}", " ".repeat(indentation));
        let end = lines[start..]
            .iter()
            .position(|line| *line == closing)
            .unwrap_or(0);
        lengths.push(end + 1);
    }
    lengths
}

#[test]
fn functions_fit_on_a_screen() {
    let mut lengths: Vec<_> = rust_sources()
        .iter()
        .filter(|(path, text)| !is_generated(text) && !shown(path).contains("tests/"))
        .flat_map(|(_, text)| function_lengths(text))
        .collect();
    lengths.sort_unstable();
    if lengths.is_empty() {
        return;
    }
    let at_95_percent = lengths[lengths.len() * 95 / 100];
    assert!(
        at_95_percent < 60,
        "the 95th percentile of function lengths is {at_95_percent} lines"
    );
}

#[test]
fn the_readme_tells_the_truth_about_commands_and_versions() {
    let readme = fs::read_to_string(workspace().join("README.md")).expect("there is a README");
    let manifest = fs::read_to_string(workspace().join("Cargo.toml")).expect("there is a manifest");
    let ci = fs::read_to_string(workspace().join(".ci/run")).expect("there is a CI script");
    let minimum = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "))
        .expect("the workspace promises a minimum Rust version")
        .trim_matches('"');
    assert!(
        readme.contains(&format!("Rust {minimum}")),
        "the README names another minimum Rust version"
    );
    assert!(ci.contains("cargo test --workspace") && readme.contains("cargo test --workspace"));
    let main_job = "generate schemas/guest-agent/2.5.json --out-dir target/guest-agent";
    assert!(ci.contains(main_job) && readme.contains(main_job));
}

#[test]
fn nothing_names_a_path_of_one_machine() {
    // Put together here so that this file does not contain them.
    let forbidden = [
        ["/", "work/main"].concat(),
        ["/", "work/shared"].concat(),
        ["/", "root/"].concat(),
    ];
    for path in files() {
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        for needle in &forbidden {
            assert!(
                !text.contains(needle.as_str()),
                "{} contains {needle}",
                shown(&path)
            );
        }
    }
}

#[test]
fn nothing_of_the_corpus_was_copied_here() {
    let Some(corpus) = qapi_tests::corpus::root() else {
        return;
    };
    let mut originals = Vec::new();
    let mut folders = vec![corpus];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)
            .expect("the corpus is readable")
            .flatten()
        {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = fs::read(&path) {
                originals.push(bytes);
            }
        }
    }
    originals.retain(|bytes| bytes.len() > 100);
    for path in files() {
        let bytes = fs::read(&path).unwrap_or_default();
        assert!(
            !originals.contains(&bytes),
            "{} is a file of the corpus",
            shown(&path)
        );
    }
}
