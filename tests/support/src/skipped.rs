//! Tests that cannot run where they are: without the corpus, or without a program that they need.
//!
//! The test harness counts such a test as passed and hides its output. So each one leaves a note, and the last test
//! program of a run, `what_was_skipped`, prints them. Notes are kept by the process that started the test programs,
//! which is the same for all of one `cargo test`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

/// Returns true if this run must not skip anything.
pub fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

/// Notes that the current test is skipped, for a reason such as `no corpus`.
///
/// # Panics
/// If `CI` is `true`: nothing may be skipped there.
pub fn skip(reason: &str) {
    assert!(!in_ci(), "must not be skipped in CI: {reason}");
    #[expect(
        clippy::print_stderr,
        reason = "seen with --nocapture, beside the test's name"
    )]
    {
        eprintln!("skipped: {reason}");
    }
    let folder = notes();
    let program = std::env::current_exe().unwrap_or_default();
    let program = program.file_stem().unwrap_or_default().to_string_lossy();
    let test = thread::current();
    let test = test.name().unwrap_or_default().replace("::", ".");
    // A note that cannot be left is not a reason to fail.
    let _ = fs::create_dir_all(&folder)
        .and_then(|()| fs::write(folder.join(format!("{program}.{test}")), reason));
}

/// Takes the notes of this run: a line for people, or none if nothing was skipped.
pub fn summary() -> Option<String> {
    let folder = notes();
    let summary = summary_of(&folder);
    // Another run may have the same number of process.
    let _ = fs::remove_dir_all(&folder);
    summary
}

fn summary_of(folder: &Path) -> Option<String> {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for entry in fs::read_dir(folder).ok()?.flatten() {
        let reason = fs::read_to_string(entry.path()).unwrap_or_default();
        *reasons.entry(reason).or_default() += 1;
    }
    let count: usize = reasons.values().sum();
    let reasons: Vec<_> = reasons
        .iter()
        .map(|(reason, count)| format!("{reason} ({count})"))
        .collect();
    let tests = if count == 1 { "test" } else { "tests" };
    (count > 0).then(|| format!("skipped: {count} {tests}: {}", reasons.join(", ")))
}

/// Returns the folder of this run's notes, beside the test programs.
fn notes() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let folder = program.parent().unwrap_or(Path::new(".")).join("skipped");
    folder.join(run().to_string())
}

#[cfg(unix)]
fn run() -> u32 {
    std::os::unix::process::parent_id()
}

#[cfg(not(unix))]
fn run() -> u32 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted() {
        let folder = std::env::temp_dir().join(format!("qapi-skip-{}", std::process::id()));
        assert_eq!(summary_of(&folder), None);
        fs::create_dir_all(&folder).unwrap();
        assert_eq!(summary_of(&folder), None);
        for (test, reason) in [("a", "no corpus"), ("b", "no git"), ("c", "no corpus")] {
            fs::write(folder.join(test), reason).unwrap();
        }
        let summary = summary_of(&folder);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(
            summary.as_deref(),
            Some("skipped: 3 tests: no corpus (2), no git (1)")
        );
    }
}
