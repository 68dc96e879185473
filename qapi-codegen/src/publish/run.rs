//! One run: lock, undo a killed run, compare, stage, move.

use std::path::Path;

use super::change::Change;
use super::compare::{check_in_the_way, check_paths, differences};
use super::disk;
use super::error::{PublishError, failed};
use super::lock::Lock;
use super::marks::Marks;
use super::stage::{Staging, leftovers, recover};
use crate::output::Output;

/// Makes a directory hold the files of an output, and gives what that took. Files with the same contents are not touched,
/// those of an earlier run that are not in the output are removed, and all others stay. Waits for another run that holds the
/// directory, and calls `waiting` when that takes a while.
///
/// # Errors
/// Something cannot be read or written, or a file that was not generated is in the way. The directory is then as it was.
pub fn publish<'o>(
    directory: &Path,
    output: &'o Output,
    marks: Marks<'_>,
    waiting: &mut dyn FnMut(),
) -> Result<Vec<Change<'o>>, PublishError> {
    check_paths(output)?;
    let made = disk::create_dirs(directory).map_err(failed("create", directory))?;
    let result = publish_locked(directory, output, marks, waiting);
    if result.is_err() {
        disk::remove_empty(&made);
    }
    result
}

fn publish_locked<'o>(
    directory: &Path,
    output: &'o Output,
    marks: Marks<'_>,
    waiting: &mut dyn FnMut(),
) -> Result<Vec<Change<'o>>, PublishError> {
    let _lock = Lock::exclusive(directory, waiting).map_err(failed("lock", directory))?;
    let mut changes = recover(directory)?;
    let differences = differences(directory, output, marks)?;
    check_in_the_way(&differences, marks)?;
    if !differences.is_empty() {
        Staging::new(directory, &differences)?.publish()?;
    }
    changes.extend(differences);
    Ok(changes)
}

/// Tells what [`publish`] would change, and changes nothing.
///
/// # Errors
/// Something cannot be read.
pub fn compare<'o>(
    directory: &Path,
    output: &'o Output,
    marks: Marks<'_>,
    waiting: &mut dyn FnMut(),
) -> Result<Vec<Change<'o>>, PublishError> {
    check_paths(output)?;
    let _lock = if directory.is_dir() {
        Some(Lock::shared(directory, waiting).map_err(failed("lock", directory))?)
    } else {
        None
    };
    let mut changes = differences(directory, output, marks)?;
    changes.extend(leftovers(directory));
    Ok(changes)
}
