//! Source files, spans and positions: where in which file something stands.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Number of a file in a [`SourceMap`], in the order in which files were first opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes of one file's text, `start..end`.
///
/// The text is the one held by the [`SourceMap`]: line ends already made plain LF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file the range lies in.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// A span over `start..end` of `file`.
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// The smallest span that holds both `self` and `other` (which lie in one file).
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// Line and column of a byte, both counted from 1; the column counts code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in code points. A tab counts as one column.
    pub column: u32,
}

/// One opened schema file.
#[derive(Debug)]
pub struct SourceFile {
    /// The path as it was opened: the root as given, an included file as the directory of
    /// the including file joined with the string of the directive, not normalised.
    pub path: String,
    /// The text after line ends were made LF and a last LF was added where it was missing.
    pub text: Arc<str>,
    /// The include directive through which the file was first opened; none for the root.
    pub included_from: Option<Span>,
    line_starts: Vec<u32>,
}

/// All files of one run.
#[derive(Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Adds a file whose text has plain LF line ends.
    ///
    /// # Panics
    /// If the text is 4 GiB or larger; the reader refuses such files before.
    pub fn add(&mut self, path: String, text: Arc<str>, included_from: Option<Span>) -> FileId {
        let id = u32::try_from(self.files.len()).expect("fewer files than bytes");
        assert!(
            u32::try_from(text.len()).is_ok(),
            "files are limited far below 4 GiB"
        );
        let mut line_starts = vec![0];
        line_starts.extend(
            (1u32..)
                .zip(text.bytes())
                .filter(|(_, byte)| *byte == b'\n')
                .map(|(next, _)| next),
        );
        self.files.push(SourceFile {
            path,
            text,
            included_from,
            line_starts,
        });
        FileId(id)
    }

    /// The file with this number.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files, in the order in which they were opened.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }

    /// The text that `span` covers.
    pub fn text(&self, span: Span) -> &str {
        &self.file(span.file).text[span.start as usize..span.end as usize]
    }

    /// Line and column of the first byte of `span`.
    pub fn position(&self, span: Span) -> Position {
        let file = self.file(span.file);
        let index = file
            .line_starts
            .partition_point(|start| *start <= span.start)
            - 1;
        let before = &file.text[file.line_starts[index] as usize..span.start as usize];
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position {
            line: count(index + 1),
            column: count(before.chars().count() + 1),
        }
    }

    /// The include directives that lead to `file`, outermost first.
    pub fn include_chain(&self, file: FileId) -> Vec<Span> {
        let mut chain = Vec::new();
        let mut next = self.file(file).included_from;
        while let Some(directive) = next {
            chain.push(directive);
            next = self.file(directive.file).included_from;
        }
        chain.reverse();
        chain
    }
}

/// Where schema files are read from. The parser touches files only through this.
pub trait Files {
    /// The bytes of the file at `path`.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
}

/// The file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

impl Files for Disk {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place of the parser that reads files"
    )]
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }
}

/// Files held in memory, for tests and editors.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Memory {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a file.
    #[must_use]
    pub fn with(mut self, path: impl Into<PathBuf>, text: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.into(), text.into());
        self
    }
}

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files
            .get(path)
            .cloned()
            .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "No such file or directory"))
    }
}
