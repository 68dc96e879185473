//! The history of typed lines, kept between sessions.
//!
//! A history is a convenience: a file that cannot be read or written is ignored.

use std::env;
use std::fs::DirBuilder;
use std::path::{Path, PathBuf};

use qapi_runtime::secrets;
use rustyline::history::FileHistory;
use rustyline::{Editor, Helper};

/// The number of lines that are kept.
pub(super) const MOST_LINES: usize = 1_000;

/// Fills in the lines of earlier shells.
pub(super) fn load<H: Helper>(editor: &mut Editor<H, FileHistory>) {
    if let Some(file) = file() {
        let _ = editor.load_history(&file);
    }
}

/// Adds a line for this shell and, unless it tells a secret, for later ones.
pub(super) fn add<H: Helper>(editor: &mut Editor<H, FileHistory>, line: &str) {
    if line.trim().is_empty() || !may_be_kept(line) {
        return;
    }
    let _ = editor.add_history_entry(line.trim_end());
    if let Some(file) = file()
        && file
            .parent()
            .is_some_and(|folder| make_folder(folder).is_ok())
    {
        // Its file is for its owner only, and is shared with other shells.
        let _ = editor.append_history(&file);
    }
}

/// Returns false for a line that begins with a space, and for one that names a command or a member whose values may be
/// secrets, wherever it does.
fn may_be_kept(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    let mut names = lower.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    !line.starts_with(' ')
        && !secrets::WORDS.iter().any(|word| lower.contains(word))
        && !names.any(secrets::hides_command)
}

/// Returns the file, by the rules of the XDG base directories.
fn file() -> Option<PathBuf> {
    file_below(
        env::var_os("XDG_STATE_HOME").map(PathBuf::from),
        env::home_dir(),
    )
}

fn file_below(state: Option<PathBuf>, home: Option<PathBuf>) -> Option<PathBuf> {
    // Relative paths are to be ignored.
    let state = state
        .filter(|path| path.is_absolute())
        .or_else(|| Some(home?.join(".local/state")))?;
    Some(state.join("qapi/shell-history"))
}

fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_indented_lines_are_not_kept() {
        for line in [
            " query-status",
            "guest-set-user-password username=u password=cGFzcw==",
            "{\"execute\": \"set_password\", \"arguments\": {}}",
            "object-add qom-type=secret id=s data=letmein",
            "guest-ssh-add-authorized-keys username=u keys=[]",
            "guest-file-write handle=1 buf-b64=cGFzcw==",
            "{\"execute\":\"qom-set\",\"arguments\":{}}",
            "blockdev-add driver=http cookie=id",
        ] {
            assert!(!may_be_kept(line), "{line}");
        }
        assert!(may_be_kept("query-status"));
    }

    #[test]
    fn the_file_is_where_state_belongs() {
        let path = |text: &str| Some(PathBuf::from(text));
        let home = || path("/home/u");
        assert_eq!(
            file_below(path("/var/s"), home()),
            path("/var/s/qapi/shell-history")
        );
        for state in [None, path("relative")] {
            assert_eq!(
                file_below(state, home()),
                path("/home/u/.local/state/qapi/shell-history")
            );
        }
        assert_eq!(file_below(None, None), None);
    }
}
