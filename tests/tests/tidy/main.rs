//! Rules of the house that a program can check.

mod dependencies;
mod errors;
mod file_names;
mod functions;
mod layers;
mod modules;
mod room;
mod sources;
mod type_names;
mod words;

use std::fs;

use qapi_tests::workspace;
use sources::{files, rust_sources, shown};

#[test]
fn every_module_says_what_it_is() {
    let silent: Vec<_> = rust_sources()
        .iter()
        .filter(|(path, text)| !text.starts_with("//!") && !shown(path).contains("/data/"))
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
        .filter(|(_, text)| text.lines().count() > 800)
        .map(|(path, _)| shown(path))
        .collect();
    assert!(long.is_empty(), "split these by subject: {long:#?}");
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
