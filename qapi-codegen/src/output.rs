//! The result of a back end: files by path.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

/// Generated files: the text of each by its path.
///
/// Paths are relative and have `/` between their parts, so that the same output can be written into any folder of any
/// system.
///
/// # Examples
///
/// ```
/// use qapi_codegen::Output;
///
/// let mut output = Output::default();
/// output.insert("api/types.py", "class Point: ...\n").unwrap();
/// assert!(output.insert("../elsewhere.py", "").is_err());
/// assert!(output.insert("api/types.py", "").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Output {
    files: BTreeMap<String, String>,
    /// Files that are not text.
    binary: BTreeMap<String, Vec<u8>>,
}

impl Output {
    /// Returns the output that is one file.
    ///
    /// # Errors
    ///
    /// Fails for paths that [`insert`](Self::insert) rejects.
    pub fn of(path: impl Into<String>, text: impl Into<String>) -> Result<Self, OutputError> {
        let mut output = Self::default();
        output.insert(path, text)?;
        Ok(output)
    }

    /// Adds a file.
    ///
    /// # Errors
    ///
    /// Fails for a path that leads out of the output folder or is not the same on every system, and for one that is taken:
    /// by another file, or by a folder that another file is in. Nothing is added then.
    pub fn insert(
        &mut self,
        path: impl Into<String>,
        text: impl Into<String>,
    ) -> Result<(), OutputError> {
        let path = self.free(path.into())?;
        self.files.insert(path, text.into());
        Ok(())
    }

    /// Adds a file that is not text.
    ///
    /// # Errors
    ///
    /// Fails for paths that [`insert`](Self::insert) rejects.
    pub fn insert_bytes(
        &mut self,
        path: impl Into<String>,
        bytes: impl Into<Vec<u8>>,
    ) -> Result<(), OutputError> {
        let path = self.free(path.into())?;
        self.binary.insert(path, bytes.into());
        Ok(())
    }

    /// Returns the path back, if a file may have it.
    fn free(&self, path: String) -> Result<String, OutputError> {
        match self.fault(&path) {
            None => Ok(path),
            Some(kind) => Err(OutputError { path, kind }),
        }
    }

    fn fault(&self, path: &str) -> Option<OutputErrorKind> {
        if path.starts_with(['/', '\\']) || path.as_bytes().get(1) == Some(&b':') {
            return Some(OutputErrorKind::Absolute);
        }
        let mut parts = path.split('/');
        if parts.clone().any(|part| part == "..") {
            return Some(OutputErrorKind::Parent);
        }
        let is_plain = |part: &str| !part.is_empty() && part != "." && !part.contains(['\\', '\0']);
        if !parts.all(is_plain) {
            return Some(OutputErrorKind::Malformed);
        }
        let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        let is_taken = self.has(path)
            || folders.into_iter().any(|folder| self.has(folder))
            || is_folder(&self.files, path)
            || is_folder(&self.binary, path);
        is_taken.then_some(OutputErrorKind::Taken)
    }

    fn has(&self, path: &str) -> bool {
        self.files.contains_key(path) || self.binary.contains_key(path)
    }

    /// Returns path and contents of each file: text files first, then others, each sorted by path.
    pub fn contents(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let text = self.files();
        let binary = self.binary.iter();
        text.map(|(path, text)| (path, text.as_bytes()))
            .chain(binary.map(|(path, bytes)| (path.as_str(), bytes.as_slice())))
    }

    /// Returns path and text of each text file, sorted by path.
    pub fn files(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Returns the text of the file with this path.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }
}

/// Returns true if there are files below a path.
fn is_folder<T>(files: &BTreeMap<String, T>, path: &str) -> bool {
    let inside = format!("{path}/");
    let mut below = files.range(inside.clone()..);
    below
        .next()
        .is_some_and(|(other, _)| other.starts_with(&inside))
}

/// A path that [`Output::insert`] rejects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputError {
    path: String,
    kind: OutputErrorKind,
}

/// The reason why a path is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutputErrorKind {
    /// It begins at the root of a file system.
    Absolute,
    /// It leads up with `..`.
    Parent,
    /// It is empty, has an empty part or `.`, or a character that separates or ends paths on some system.
    Malformed,
    /// A file has this path, is below it, or has the path of one of its folders.
    Taken,
}

impl OutputError {
    /// Returns the path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the reason.
    pub fn kind(&self) -> OutputErrorKind {
        self.kind
    }
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.as_str();
        match self.kind {
            OutputErrorKind::Absolute => write!(
                f,
                "the path {path:?} of a generated file is absolute; it has to be relative to the output folder"
            ),
            OutputErrorKind::Parent => write!(
                f,
                "the path {path:?} of a generated file is outside of the output folder; `..` is not allowed"
            ),
            OutputErrorKind::Malformed => write!(
                f,
                "the path {path:?} of a generated file is not names with a `/` between them"
            ),
            OutputErrorKind::Taken => write!(
                f,
                "the path {path:?} of a generated file is already that of another file or its folder"
            ),
        }
    }
}

impl Error for OutputError {}

#[cfg(test)]
mod tests {
    use super::{Output, OutputErrorKind};

    #[test]
    fn only_paths_that_stay_inside_and_are_free_are_taken() {
        use OutputErrorKind::{Absolute, Malformed, Parent, Taken};
        let mut output = Output::default();
        for path in ["a", "b/d/e", "..x", "b.c"] {
            output.insert(path, "").unwrap();
        }
        output.insert_bytes("b/c", [0xff]).unwrap();
        for (path, kind) in [
            ("/a", Absolute),
            ("\\a", Absolute),
            ("C:/a", Absolute),
            ("c:a", Absolute),
            ("..", Parent),
            ("x/../y", Parent),
            ("", Malformed),
            ("x//y", Malformed),
            ("x/", Malformed),
            ("./x", Malformed),
            ("x\\y", Malformed),
            ("x\0", Malformed),
            ("a", Taken),
            ("a/x", Taken),
            ("b", Taken),
            ("b/d", Taken),
            ("b/c/x", Taken),
        ] {
            let before = output.clone();
            assert_eq!(
                output.insert(path, "").unwrap_err().kind(),
                kind,
                "{path:?}"
            );
            assert_eq!(
                output.insert_bytes(path, []).unwrap_err().kind(),
                kind,
                "{path:?}"
            );
            assert_eq!(output, before);
        }
    }
}
