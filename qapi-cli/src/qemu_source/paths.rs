//! Paths of files in QEMU's sources.

use std::path::{Component, Path};

/// Returns a path without `.` and `..`, unless it leads out of where it starts.
pub(crate) fn normalized(path: &Path) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            Component::ParentDir => drop(parts.pop()?),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts.join("/"))
}

/// Returns true for files of a tarball that can be schema files, and for those that name version and licence.
pub(super) fn is_relevant(path: &str) -> bool {
    let is_json = Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "json");
    match path.split_once('/') {
        None => is_json || ["VERSION", "COPYING", "LICENSE"].contains(&path),
        Some((folder, _)) => is_json && ["qapi", "qga", "storage-daemon"].contains(&folder),
    }
}
