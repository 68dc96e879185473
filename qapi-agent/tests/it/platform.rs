//! Only three folders depend on the system: a port to another one replaces these, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

/// Modules that depend on the system, with everything in those that are folders.
const OF_THIS_SYSTEM: [&str; 3] = ["commands", "platform", "transport"];

/// Calls and paths of the system.
const PLATFORM: [&str; 7] = [
    "nix::",
    "libc",
    "std::os::",
    "\"/proc",
    "\"/sys",
    "\"/dev",
    "\"/etc",
];

fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    entries
        .flat_map(|entry| files(&entry.unwrap().path()))
        .collect()
}

/// Lines of a file, without its tests, that name the system.
fn uses(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let uses = code
        .lines()
        .filter(|line| PLATFORM.iter().any(|word| line.contains(word)));
    uses.map(|line| format!("{}: {line}", path.display()))
        .collect()
}

#[test]
fn only_three_folders_know_the_system() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let is_of_this_system = |path: &PathBuf| {
        let inner = path.strip_prefix(&sources).unwrap();
        OF_THIS_SYSTEM.iter().any(|name| inner.starts_with(name))
    };
    let (known, others): (Vec<_>, Vec<_>) =
        files(&sources).into_iter().partition(is_of_this_system);
    let is_test = |path: &&PathBuf| path.file_name().is_some_and(|name| name == "tests.rs");
    let found: Vec<_> = others
        .iter()
        .filter(|path| !is_test(path))
        .flat_map(|path| uses(path))
        .collect();
    assert_eq!(found, [""; 0]);
    // The search finds such lines where they may be.
    for name in OF_THIS_SYSTEM {
        let folder = sources.join(name);
        assert!(
            known
                .iter()
                .any(|path| path.starts_with(&folder) && !uses(path).is_empty()),
            "{name}"
        );
    }
}
