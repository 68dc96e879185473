//! New files, staged beside the old ones until all are complete, and their undoing.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::change::{Change, ChangeKind};
use super::disk;
use super::error::{PublishError, failed};

/// The directory of files that are about to be published. Nothing outside of it has changed yet.
pub(super) const STAGING: &str = ".qapi-staging";
/// Its name while files are being moved. It contains the replaced files.
pub(super) const PUBLISHING: &str = ".qapi-publishing";

/// New files, below the staging directory.
const NEW: &str = "new";
/// Files that are to be replaced or removed.
const OLD: &str = "old";
/// The list of files that were not there before, a line each.
const CREATED: &str = "created";

/// Changes that are ready to be made.
#[derive(Debug)]
pub(super) struct Staging<'c> {
    directory: &'c Path,
    changes: &'c [Change<'c>],
}

impl<'c> Staging<'c> {
    /// Writes the new files, and links the old ones. Leaves nothing behind if that fails.
    pub(super) fn new(
        directory: &'c Path,
        changes: &'c [Change<'c>],
    ) -> Result<Self, PublishError> {
        let staging = Self { directory, changes };
        let result = staging.fill(&directory.join(STAGING));
        if result.is_err() {
            // The first error is the one to report; a later run cleans up what is left.
            let _ = disk::remove_tree(&directory.join(STAGING));
        }
        result.map(|()| staging)
    }

    fn fill(&self, staging: &Path) -> Result<(), PublishError> {
        disk::create_dir(staging).map_err(failed("create", staging))?;
        let write = |path: PathBuf, contents: &[u8]| {
            disk::write(&path, contents).map_err(failed("write", &path))
        };
        // The remains of a killed run must not be checked in.
        write(staging.join(".gitignore"), b"*\n")?;
        let mut created = String::new();
        let mut known = BTreeSet::new();
        for change in self.changes {
            let name = self.name(change);
            let place = |folder: &str| {
                let path = staging.join(folder).join(name);
                let parent = path.parent().unwrap_or(staging).to_owned();
                (path, parent)
            };
            let mut make = |parent: PathBuf| {
                let is_new = !known.contains(&parent);
                if is_new {
                    disk::create_dirs(&parent).map_err(failed("create", &parent))?;
                    known.insert(parent);
                }
                Ok(())
            };
            if change.kind == ChangeKind::Missing {
                created.push_str(&name.to_string_lossy());
                created.push('\n');
            } else {
                let (old, parent) = place(OLD);
                make(parent)?;
                disk::link(&change.path, &old).map_err(failed("keep", &change.path))?;
            }
            if change.kind != ChangeKind::Extra {
                let (new, parent) = place(NEW);
                make(parent)?;
                write(new, change.new)?;
            }
        }
        write(staging.join(CREATED), created.as_bytes())
    }

    /// Returns the path of a file below the directory.
    fn name(&self, change: &'c Change<'c>) -> &'c Path {
        let name = change.path.strip_prefix(self.directory);
        name.unwrap_or(&change.path)
    }

    /// Moves the files. If that fails, everything is as before.
    pub(super) fn publish(self) -> Result<(), PublishError> {
        let staging = self.directory.join(STAGING);
        let publishing = self.directory.join(PUBLISHING);
        let result = disk::rename(&staging, &publishing)
            .map_err(failed("rename", &staging))
            .and_then(|()| self.move_files(&publishing))
            .and_then(|()| {
                disk::rename(&publishing, &staging).map_err(failed("rename", &publishing))
            });
        if let Err(error) = result {
            // If this fails, too, a later run does it.
            let _ = recover(self.directory);
            return Err(error);
        }
        // Everything is published; a later run removes what remains.
        let _ = disk::remove_tree(&staging);
        Ok(())
    }

    fn move_files(&self, publishing: &Path) -> Result<(), PublishError> {
        let new = publishing.join(NEW);
        for change in self.changes {
            let path = &change.path;
            if change.kind == ChangeKind::Extra {
                disk::remove_file(path).map_err(failed("remove", path))?;
                remove_empty_above(path, self.directory);
                continue;
            }
            if let Some(parent) = path.parent() {
                disk::create_dirs(parent).map_err(failed("create", parent))?;
            }
            disk::rename(&new.join(self.name(change)), path).map_err(failed("replace", path))?;
        }
        Ok(())
    }
}

/// Undoes what a run did that was killed or failed: restores the replaced files and removes the new ones.
pub(super) fn recover<'o>(directory: &Path) -> Result<Vec<Change<'o>>, PublishError> {
    let found = leftovers(directory);
    let publishing = directory.join(PUBLISHING);
    let staging = directory.join(STAGING);
    if publishing.is_dir() {
        put_back(&publishing.join(OLD), directory)?;
        for name in created(&publishing)? {
            let path = directory.join(name);
            match disk::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(failed("remove", &path)(error));
                }
                _ => remove_empty_above(&path, directory),
            }
        }
        disk::remove_tree(&staging).map_err(failed("remove", &staging))?;
        disk::rename(&publishing, &staging).map_err(failed("rename", &publishing))?;
    }
    disk::remove_tree(&staging).map_err(failed("remove", &staging))?;
    Ok(found)
}

/// Files that a killed run left in a directory.
pub(super) fn leftovers<'o>(directory: &Path) -> Vec<Change<'o>> {
    let paths = [PUBLISHING, STAGING].map(|name| directory.join(name));
    let found = paths.into_iter().filter(|path| path.exists());
    found
        .map(|path| Change {
            kind: ChangeKind::Leftover,
            path,
            old: Vec::new(),
            new: &[],
        })
        .collect()
}

/// Gives old files their places again.
fn put_back(old: &Path, directory: &Path) -> Result<(), PublishError> {
    let entries = match fs::read_dir(old) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed("read", old)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(failed("read", old))?;
        let (from, to) = (entry.path(), directory.join(entry.file_name()));
        if entry.file_type().map_err(failed("read", &from))?.is_dir() {
            put_back(&from, &to)?;
        } else {
            disk::create_dirs(directory).map_err(failed("create", directory))?;
            disk::rename(&from, &to).map_err(failed("restore", &to))?;
        }
    }
    Ok(())
}

/// The files that were not there before. Paths outside of the directory are not ours.
#[expect(
    clippy::disallowed_methods,
    reason = "the list was written by a run that did not end"
)]
fn created(publishing: &Path) -> Result<Vec<String>, PublishError> {
    let path = publishing.join(CREATED);
    let list = fs::read_to_string(&path).map_err(failed("read", &path))?;
    let is_below = |name: &&str| {
        let mut parts = Path::new(name).components();
        !name.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
    };
    Ok(list.lines().filter(is_below).map(str::to_owned).collect())
}

/// Removes the directories between a file that is gone and the output's that are now empty.
fn remove_empty_above(path: &Path, directory: &Path) {
    let above = path.ancestors().skip(1);
    let above = above.take_while(|it| *it != directory && it.starts_with(directory));
    disk::remove_empty(&above.map(Path::to_owned).collect::<Vec<_>>());
}
