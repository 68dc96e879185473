//! A directory of generated files: written, or compared with what it should hold.

use std::io::Write;
use std::path::Path;

use qapi_codegen::Output;
use qapi_codegen::publish::{self, Change, ChangeKind, Marks};

use crate::console::{Console, counted};
use crate::status::{Failure, Status};

mod first_hunk;

/// Makes a directory hold the files of `output`, or only tells what is not as it should be.
pub(crate) fn update(
    dir: &Path,
    output: &Output,
    marks: Marks<'_>,
    check: bool,
    console: &mut Console,
) -> Result<Status, Failure> {
    let mut waiting = || {
        // If standard error is closed, nothing can be reported.
        let _ = writeln!(
            console.stderr,
            "note: waiting for another run that writes to {}",
            dir.display()
        );
    };
    if check {
        let changes = publish::compare(dir, output, marks, &mut waiting).map_err(Failure::new)?;
        return tell(&changes, console);
    }
    let changes = publish::publish(dir, output, marks, &mut waiting).map_err(Failure::new)?;
    for change in &changes {
        let verb = match change.kind {
            ChangeKind::Extra | ChangeKind::Leftover => "removed",
            _ => "wrote",
        };
        console.tell(|| format!("{verb} {}", change.path.display()))?;
    }
    Ok(Status::Clean)
}

/// Lists what is not up to date, with the first difference of each file.
fn tell(changes: &[Change<'_>], console: &mut Console) -> Result<Status, Failure> {
    for change in changes {
        writeln!(
            console.stdout,
            "{}: {}",
            change.kind.as_str(),
            change.path.display()
        )?;
        if change.kind == ChangeKind::Outdated && !console.quiet {
            let old = String::from_utf8_lossy(&change.old);
            let new = String::from_utf8_lossy(change.new);
            write!(console.stdout, "{}", first_hunk::first_hunk(&old, &new))?;
        }
    }
    if changes.is_empty() {
        return Ok(Status::Clean);
    }
    if !console.quiet {
        let files = counted(changes.len(), "file");
        let verb = if changes.len() == 1 { "is" } else { "are" };
        writeln!(
            console.stderr,
            "{files} {verb} not up to date; run the same command without --check to fix that"
        )?;
    }
    Ok(Status::Findings)
}
