//! Changes files in place: owner, mode and hard links stay.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::process;

use similar::TextDiff;

use crate::status::Failure;

/// The time limit for comparing the lines of a file; after that the patch is less precise.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

/// Replaces the content of a file. A symbolic link is followed, and a read-only file is an error. The new content is
/// written to a file beside it first, which stays if the change fails half-way.
pub(crate) fn rewrite(path: &Path, text: &str) -> Result<(), Failure> {
    let failure = |error: io::Error| Failure::cannot("write", path, &error);
    let target = fs::canonicalize(path).map_err(failure)?;
    if fs::metadata(&target)
        .map_err(failure)?
        .permissions()
        .readonly()
    {
        return Err(Failure::new(format_args!(
            "cannot write {}: it is read-only",
            path.display()
        )));
    }
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let copy = target.with_file_name(format!(".{name}.{}.tmp", process::id()));
    if let Err(error) = fs::write(&copy, text) {
        // Nothing can be done if it cannot be removed.
        let _ = fs::remove_file(&copy);
        return Err(failure(error));
    }
    let written = OpenOptions::new()
        .write(true)
        .open(&target)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.set_len(text.len() as u64)?;
            file.sync_all()
        });
    written.map_err(|error| {
        Failure::new(format_args!(
            "cannot write {}: {error}; the new content is in {}",
            path.display(),
            copy.display()
        ))
    })?;
    fs::remove_file(&copy).map_err(failure)
}

/// Returns the change of a file as `patch` understands it.
pub(crate) fn patch(path: &Path, before: &[u8], after: &str) -> String {
    let before = String::from_utf8_lossy(before);
    let name = path.display().to_string();
    TextDiff::configure()
        .timeout(PATIENCE)
        .diff_lines(&*before, after)
        .unified_diff()
        .header(&name, &name)
        .to_string()
}
