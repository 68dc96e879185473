//! A directory of generated files: what would have to change, and changing it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process;

use qapi_codegen::Output;

use crate::console::{Console, counted};
use crate::status::{Failure, Status};

mod hunk;

/// The mark that tells generated files from others is among so many bytes at their beginning.
const BEGINNING: usize = 200;

/// A way in which a file differs from the wanted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChangeKind {
    /// It is not there.
    Missing,
    /// It has another content.
    Outdated,
    /// It was generated before and is no longer needed.
    Extra,
}

impl ChangeKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Outdated => "outdated",
            Self::Extra => "extra",
        }
    }
}

/// A file that is not as it should be.
#[derive(Debug)]
struct Change<'a> {
    kind: ChangeKind,
    path: PathBuf,
    /// Present content; empty if it is missing or extra.
    old: Vec<u8>,
    /// Wanted content; empty if it is extra.
    new: &'a str,
}

/// By what generated files are told from others: what their beginning contains.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marks<'m> {
    /// In all of them.
    pub(crate) all: &'m str,
    /// In those that make up a folder which goes when they are no longer needed, if there are such.
    pub(crate) folder: Option<&'m str>,
}

impl<'m> Marks<'m> {
    /// Files with this mark, and no folders.
    pub(crate) fn of_files(all: &'m str) -> Self {
        Self { all, folder: None }
    }
}

/// Makes a directory hold the files of `output`, or only tells what is not as it should be. Files that are not in
/// `output` but have the mark of those that are were generated before, and are no longer needed.
pub(crate) fn update(
    dir: &Path,
    output: &Output,
    mark: Marks<'_>,
    check: bool,
    console: &mut Console,
) -> Result<Status, Failure> {
    let changes = compare(dir, output, mark)?;
    if check {
        return tell(&changes, console);
    }
    apply(dir, &changes, mark.all)?;
    for change in &changes {
        let verb = if change.kind == ChangeKind::Extra {
            "removed"
        } else {
            "wrote"
        };
        console.tell(|| format!("{verb} {}", change.path.display()))?;
    }
    Ok(Status::Clean)
}

/// Changes needed so that `dir` holds the files of `output`: those files in the order of
/// their names, then the ones to remove.
fn compare<'a>(
    dir: &Path,
    output: &'a Output,
    mark: Marks<'_>,
) -> Result<Vec<Change<'a>>, Failure> {
    let mut changes = Vec::new();
    for (name, new) in output.files() {
        let path = dir.join(name);
        let kind = match fs::read(&path) {
            Ok(old) if old == new.as_bytes() => continue,
            Ok(old) => (ChangeKind::Outdated, old),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                (ChangeKind::Missing, Vec::new())
            }
            Err(error) => return Err(failure("read", &path, &error)),
        };
        changes.push(Change {
            kind: kind.0,
            path,
            old: kind.1,
            new,
        });
    }
    let extra = extra(dir, output, mark)?;
    changes.extend(extra.into_iter().map(|path| Change {
        kind: ChangeKind::Extra,
        path,
        old: Vec::new(),
        new: "",
    }));
    Ok(changes)
}

/// Generated files beside those of `output` that are not among them. Only directories that `output` puts files in
/// are looked at, and folders that only an earlier one put files in: others may belong to another schema.
fn extra(dir: &Path, output: &Output, mark: Marks<'_>) -> Result<BTreeSet<PathBuf>, Failure> {
    let wanted: BTreeSet<PathBuf> = output.files().map(|(name, _)| dir.join(name)).collect();
    let dirs: BTreeSet<&Path> = wanted.iter().filter_map(|path| path.parent()).collect();
    let mut extra = BTreeSet::new();
    let mut add = |dir: &Path, mark: &str| -> Result<(), Failure> {
        for path in entries(dir)? {
            if !wanted.contains(&path) && path.is_file() && is_generated(&path, mark)? {
                extra.insert(path);
            }
        }
        Ok(())
    };
    for dir in &dirs {
        add(dir, mark.all)?;
    }
    if let Some(mark) = mark.folder {
        let folders = entries(dir)?.into_iter().filter(|path| path.is_dir());
        for folder in folders.filter(|folder| !dirs.contains(folder.as_path())) {
            add(&folder, mark)?;
        }
    }
    Ok(extra)
}

/// Paths in a directory; none if it does not exist.
fn entries(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failure("read", dir, &error)),
    };
    entries
        .map(|entry| Ok(entry.map_err(|error| failure("read", dir, &error))?.path()))
        .collect()
}

fn is_generated(path: &Path, mark: &str) -> Result<bool, Failure> {
    let mut start = Vec::new();
    File::open(path)
        .and_then(|file| file.take(BEGINNING as u64).read_to_end(&mut start))
        .map_err(|error| failure("read", path, &error))?;
    Ok(has_mark(&start, mark))
}

fn has_mark(text: &[u8], mark: &str) -> bool {
    let start = &text[..text.len().min(BEGINNING)];
    start
        .windows(mark.len())
        .any(|window| window == mark.as_bytes())
}

/// Makes the changes: either all new contents are in place, or no file was touched. Files that
/// somebody wrote by hand are not overwritten.
fn apply(dir: &Path, changes: &[Change<'_>], mark: &str) -> Result<(), Failure> {
    let by_hand = |change: &&Change<'_>| {
        change.kind == ChangeKind::Outdated
            && !change.old.is_empty()
            && !has_mark(&change.old, mark)
    };
    if let Some(change) = changes.iter().find(by_hand) {
        return Err(Failure::new(format_args!(
            "{} is in the way: it was not generated by this program; move it, or choose another directory",
            change.path.display()
        )));
    }
    fs::create_dir_all(dir).map_err(|error| failure("create", dir, &error))?;
    let mut staged = Staged::default();
    for change in changes
        .iter()
        .filter(|change| change.kind != ChangeKind::Extra)
    {
        staged.add(&change.path, change.new)?;
    }
    staged.commit()?;
    for change in changes
        .iter()
        .filter(|change| change.kind == ChangeKind::Extra)
    {
        fs::remove_file(&change.path).map_err(|error| failure("remove", &change.path, &error))?;
        if let Some(folder) = change.path.parent().filter(|folder| *folder != dir) {
            // It stays if there is anything else in it.
            let _ = fs::remove_dir(folder);
        }
    }
    Ok(())
}

/// New contents in temporary files beside the files they are for.
#[derive(Default)]
struct Staged {
    files: Vec<(PathBuf, PathBuf)>,
}

impl Staged {
    fn add(&mut self, path: &Path, text: &str) -> Result<(), Failure> {
        let parent = path.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(parent).map_err(|error| failure("create", parent, &error))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let temporary = parent.join(format!(".{name}.{}.tmp", process::id()));
        self.files.push((temporary.clone(), path.to_path_buf()));
        fs::write(&temporary, text).map_err(|error| failure("write", path, &error))
    }

    fn commit(mut self) -> Result<(), Failure> {
        for (temporary, path) in std::mem::take(&mut self.files) {
            if let Err(error) = fs::rename(&temporary, &path) {
                self.files.push((temporary, path.clone()));
                return Err(failure("replace", &path, &error));
            }
        }
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        for (temporary, _) in &self.files {
            // There is nothing to be done about one that cannot be removed.
            let _ = fs::remove_file(temporary);
        }
    }
}

fn failure(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::new(format_args!("cannot {what} {}: {error}", path.display()))
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
            write!(console.stdout, "{}", hunk::first_hunk(&old, change.new))?;
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
            "{files} {verb} not up to date; the same command without --check mends that"
        )?;
    }
    Ok(Status::Findings)
}
