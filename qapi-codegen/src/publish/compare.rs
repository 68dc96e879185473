//! Compares a directory with an output.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::change::{Change, ChangeKind};
use super::error::{PublishError, PublishErrorKind, failed};
use super::marks::Marks;
use super::stage::{PUBLISHING, STAGING};
use crate::output::Output;

/// The length of the beginning of a file that has its mark.
const BEGINNING: usize = 200;

/// Refuses paths that staging cannot have. An [`Output`] has none that lead elsewhere.
pub(super) fn check_paths(output: &Output) -> Result<(), PublishError> {
    for (name, _) in output.contents() {
        let is_reserved = name
            .split('/')
            .any(|part| part == STAGING || part == PUBLISHING);
        if is_reserved || name.contains('\n') {
            return Err(PublishError(PublishErrorKind::Reserved(name.to_owned())));
        }
    }
    Ok(())
}

/// Returns the changes that make a directory hold the files of an output: those files in the order of their names, then the
/// ones to remove.
pub(super) fn differences<'o>(
    directory: &Path,
    output: &'o Output,
    marks: Marks<'_>,
) -> Result<Vec<Change<'o>>, PublishError> {
    let mut changes = Vec::new();
    for (name, new) in output.contents() {
        let path = directory.join(name);
        let (kind, old) = match read(&path)? {
            Some(old) if old == new => continue,
            Some(old) => (ChangeKind::Outdated, old),
            None => (ChangeKind::Missing, Vec::new()),
        };
        changes.push(Change {
            kind,
            path,
            old,
            new,
        });
    }
    let extra = extra(directory, output, marks)?;
    changes.extend(extra.into_iter().map(|path| Change {
        kind: ChangeKind::Extra,
        path,
        old: Vec::new(),
        new: &[],
    }));
    Ok(changes)
}

/// The contents of a file, if there is one.
#[expect(
    clippy::disallowed_methods,
    reason = "what is to be written is compared with what is there"
)]
fn read(path: &Path) -> Result<Option<Vec<u8>>, PublishError> {
    match fs::read(path) {
        Ok(contents) => Ok(Some(contents)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            let file = path.ancestors().find(|path| path.is_file());
            let file = file.unwrap_or(path).to_owned();
            Err(PublishError(PublishErrorKind::Occupied(
                file,
                "not a directory",
            )))
        }
        Err(_) if path.is_dir() => Err(PublishError(PublishErrorKind::Occupied(
            path.to_owned(),
            "a directory",
        ))),
        Err(error) => Err(failed("read", path)(error)),
    }
}

/// Refuses to replace what was not generated.
pub(super) fn check_in_the_way(
    changes: &[Change<'_>],
    marks: Marks<'_>,
) -> Result<(), PublishError> {
    let by_hand = |change: &&Change<'_>| {
        change.kind == ChangeKind::Outdated
            && !change.old.is_empty()
            && !has_mark(&change.old, marks.all)
    };
    match changes.iter().find(by_hand) {
        Some(change) => Err(PublishError(PublishErrorKind::InTheWay(
            change.path.clone(),
        ))),
        None => Ok(()),
    }
}

/// Generated files that are not among those of an output.
fn extra(
    directory: &Path,
    output: &Output,
    marks: Marks<'_>,
) -> Result<BTreeSet<PathBuf>, PublishError> {
    let wanted: BTreeSet<PathBuf> = output
        .contents()
        .map(|(name, _)| directory.join(name))
        .collect();
    let search = ExtraFileSearch {
        directories: wanted.iter().filter_map(|path| path.parent()).collect(),
        wanted: &wanted,
        marks,
    };
    let mut extra = BTreeSet::new();
    search.look_into(directory, true, &mut extra)?;
    Ok(extra)
}

struct ExtraFileSearch<'s> {
    wanted: &'s BTreeSet<PathBuf>,
    /// The directories of wanted files.
    directories: BTreeSet<&'s Path>,
    marks: Marks<'s>,
}

impl ExtraFileSearch<'_> {
    /// Looks for generated files in a directory, and in those below it unless it has only files of others: generated
    /// files of other programs stay, and a large directory of other files is not read completely.
    fn look_into(
        &self,
        directory: &Path,
        is_wanted: bool,
        extra: &mut BTreeSet<PathBuf>,
    ) -> Result<(), PublishError> {
        let (files, directories) = entries(directory)?;
        let mut goes_on = is_wanted || files.is_empty();
        for path in files {
            if self.wanted.contains(&path) {
                goes_on = true;
            } else if has_mark(&beginning(&path)?, self.marks.all) {
                goes_on = true;
                extra.insert(path);
            }
        }
        for path in directories {
            let is_wanted = self.directories.iter().any(|it| it.starts_with(&path));
            if is_wanted || (goes_on && !self.is_other_output(&path)?) {
                self.look_into(&path, is_wanted, extra)?;
            }
        }
        Ok(())
    }

    /// Returns true if a directory has the root file of another output.
    fn is_other_output(&self, directory: &Path) -> Result<bool, PublishError> {
        let Some(root) = self.marks.root else {
            return Ok(true);
        };
        let root = directory.join(root);
        if !root.is_file() {
            return Ok(false);
        }
        let start = beginning(&root)?;
        let is_part = self.marks.part.is_some_and(|part| has_mark(&start, part));
        Ok(!is_part)
    }
}

/// Files and directories in a directory, without hidden directories and links; nothing if it does not exist.
fn entries(directory: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), PublishError> {
    let (mut files, mut directories) = (Vec::new(), Vec::new());
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((files, directories)),
        Err(error) => return Err(failed("read", directory)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(failed("read", directory))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(failed("read", &path))?;
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if kind.is_file() {
            files.push(path);
        } else if kind.is_dir() && !is_hidden {
            directories.push(path);
        }
    }
    Ok((files, directories))
}

/// Returns the beginning of a file; nothing if it has just been removed or cannot be read, because then it is not ours.
fn beginning(path: &Path) -> Result<Vec<u8>, PublishError> {
    let mut start = Vec::new();
    let result =
        File::open(path).and_then(|file| file.take(BEGINNING as u64).read_to_end(&mut start));
    match result {
        Ok(_) => Ok(start),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied
            ) =>
        {
            Ok(Vec::new())
        }
        Err(error) => Err(failed("read", path)(error)),
    }
}

fn has_mark(text: &[u8], mark: &str) -> bool {
    let start = &text[..text.len().min(BEGINNING)];
    start
        .windows(mark.len())
        .any(|window| window == mark.as_bytes())
}
