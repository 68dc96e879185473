//! Paths of schema files: the same file can be named in several ways.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

/// Returns a path without `.`, and without `..` after the name of a folder, without a look at the disk: the parser
/// identifies files in the same way. `a/../b` is `b`, `../b` stays.
pub(crate) fn folded(path: &Path) -> PathBuf {
    let mut folded = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match folded.components().next_back() {
                Some(Component::Normal(_)) => drop(folded.pop()),
                Some(Component::RootDir | Component::Prefix(_)) => {}
                _ => folded.push(component),
            },
            other => folded.push(other),
        }
    }
    folded
}

/// [`folded`] as text, of a path that leaves a folder again; others, which may be addresses, stay as they are.
pub(super) fn without_detours(path: &str) -> Cow<'_, str> {
    let folded = path.contains("..").then(|| folded(Path::new(path)));
    match folded.as_deref().and_then(Path::to_str) {
        Some(folded) => Cow::Owned(folded.to_owned()),
        None => Cow::Borrowed(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_are_left_again_are_dropped() {
        for (path, expected) in [
            ("a/../b/./c.json", "b/c.json"),
            ("../a/../../b", "../../b"),
            ("/a/../../b", "/b"),
            ("https://a/b", "https://a/b"),
            ("-", "-"),
        ] {
            assert_eq!(without_detours(path), expected);
        }
    }
}
