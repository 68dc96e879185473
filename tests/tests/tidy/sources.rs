//! The files of the project, found without git, so that these tests say the same in an archive of the sources.

use std::fs;
use std::path::{Path, PathBuf};

use qapi_tests::workspace;

/// Folders of build results and of others' files.
const PASSED_OVER: [&str; 6] = [
    "target",
    ".git",
    "artifacts",
    "fuzz-artifacts",
    "__pycache__",
    "node_modules",
];

/// All files of the project, by path.
pub(crate) fn files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![workspace()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder);
        let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let entry = entry.expect("the folder can be read");
            let passed_over = |name: &&str| entry.file_name() == **name;
            let kind = entry.file_type().expect("the entry has a type");
            if kind.is_dir() && !PASSED_OVER.iter().any(&passed_over) {
                folders.push(entry.path());
            } else if kind.is_file() && !passed_over(&".git") {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

/// All files of Rust that somebody wrote, with their text.
pub(crate) fn rust_sources() -> Vec<(PathBuf, String)> {
    let mut sources = Vec::new();
    for path in files() {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path);
            let text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            if !text.starts_with("// @generated") {
                sources.push((path, text));
            }
        }
    }
    assert!(sources.len() > 400, "only {} sources found", sources.len());
    sources
}

/// A path from the top of the project.
pub(crate) fn shown(path: &Path) -> String {
    let root = workspace();
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}
