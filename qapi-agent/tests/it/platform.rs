//! The parts that a port to another system does not have to touch use nothing of this one.

use std::fs;
use std::path::{Path, PathBuf};

/// Modules of which README.md says so, with all below those that are folders.
const MODULES: [&str; 11] = [
    "agent.rs",
    "audit_log.rs",
    "command_lists.rs",
    "dump.rs",
    "freeze_policy.rs",
    "handler",
    "handler.rs",
    "policy/pattern.rs",
    "policy/rate.rs",
    "policy/rule.rs",
    "service.rs",
];

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
fn decisions_and_handlers_know_no_system() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for module in MODULES {
        for file in files(&sources.join(module)) {
            found.extend(uses(&file));
        }
    }
    assert_eq!(found, [""; 0]);
    // What does know it is seen.
    assert!(!uses(&sources.join("spawn.rs")).is_empty());
}
