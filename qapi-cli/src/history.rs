//! The history of schema files, from the tags of a git repository.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use qapi_lint::History;

/// A released version: major, minor, and the number of the bug-fix release.
type Version = (u32, u32, u32);

/// Releases by their tags, oldest first.
type Releases = Vec<(Version, String)>;

/// Asks git, once for each folder and file. Without git, or outside of a repository, there is no history.
#[derive(Default)]
pub(crate) struct GitHistory {
    releases: RefCell<HashMap<PathBuf, Releases>>,
    texts: RefCell<HashMap<(PathBuf, String), Option<String>>>,
}

impl GitHistory {
    /// Returns the tag of the newest release before `release`.
    fn tag_before(&self, folder: &Path, release: (u32, u32)) -> Option<String> {
        let mut known = self.releases.borrow_mut();
        let releases = known
            .entry(folder.to_owned())
            .or_insert_with(|| releases(folder));
        let older = |(version, _): &&(Version, String)| (version.0, version.1) < release;
        let (_, tag) = releases.iter().rev().find(older)?;
        Some(tag.clone())
    }
}

impl History for GitHistory {
    fn before(&self, file: &str, release: (u32, u32)) -> Option<(String, String)> {
        let path = Path::new(file);
        let name = path.file_name()?.to_str()?;
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let tag = self.tag_before(folder, release)?;
        let mut texts = self.texts.borrow_mut();
        let text = texts
            .entry((path.to_owned(), tag.clone()))
            .or_insert_with(|| git(folder, &["show", &format!("{tag}:./{name}")]));
        Some((tag, text.clone()?))
    }
}

/// Returns the releases that a repository has tags of: `v9.1.0`, without candidates.
fn releases(folder: &Path) -> Releases {
    let tags = git(folder, &["tag", "--list", "v[0-9]*"]).unwrap_or_default();
    let mut releases: Releases = tags
        .lines()
        .filter_map(|tag| Some((version(tag)?, tag.to_owned())))
        .collect();
    releases.sort();
    releases
}

fn version(tag: &str) -> Option<Version> {
    let mut numbers = tag.strip_prefix('v')?.split('.').map(str::parse);
    let (major, minor) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    let patch = match numbers.next() {
        Some(patch) => patch.ok()?,
        None => 0,
    };
    numbers.next().is_none().then_some((major, minor, patch))
}

/// Returns the output of git in a folder; none if it fails, for which there may be many good reasons.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = output.status.success().then_some(output.stdout)?;
    String::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn candidates_are_not_releases() {
        assert_eq!(version("v9.1.0"), Some((9, 1, 0)));
        assert_eq!(version("v9.1"), Some((9, 1, 0)));
        for tag in ["v9.1.0-rc1", "v9", "9.1.0", "v1.2.3.4"] {
            assert_eq!(version(tag), None, "{tag}");
        }
    }
}
