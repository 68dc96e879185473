//! Source files, spans and positions.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::limits::FILE_BYTES;

/// Number of a file in a [`SourceMap`], in the order in which files were first opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes of one file's text, `start..end`.
///
/// The text is that of the [`SourceMap`], in which all line ends are LF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file the range lies in.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// Creates a span over `start..end` of `file`.
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// Returns the smallest span that holds both `self` and `other` (which lie in one file).
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
#[non_exhaustive]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in code points. A tab counts as one column.
    pub column: u32,
}

/// One opened schema file.
#[derive(Debug)]
#[non_exhaustive]
pub struct SourceFile {
    /// The path as it was opened: the root as given, an included file as the directory of
    /// the including file joined with the string of the directive, not normalised.
    pub path: String,
    /// The text after line ends were made LF and a last LF was added where it was missing.
    pub text: Arc<str>,
    /// The include directive through which the file was first opened; none for the root.
    pub included_from: Option<Span>,
    /// Computed on first use, because most runs need no positions.
    line_starts: OnceLock<Vec<u32>>,
}

impl SourceFile {
    fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            std::iter::once(0)
                .chain(
                    (1u32..)
                        .zip(self.text.bytes())
                        .filter(|(_, byte)| *byte == b'\n')
                        .map(|(next, _)| next),
                )
                .collect()
        })
    }
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
    /// If the text is 4 GiB or larger; the reader rejects such files earlier.
    pub fn add(&mut self, path: String, text: Arc<str>, included_from: Option<Span>) -> FileId {
        let id = u32::try_from(self.files.len()).expect("fewer files than bytes");
        assert!(
            u32::try_from(text.len()).is_ok(),
            "files are limited far below 4 GiB"
        );
        self.files.push(SourceFile {
            path,
            text,
            included_from,
            line_starts: OnceLock::new(),
        });
        FileId(id)
    }

    /// Returns the number of files.
    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    /// Forgets all files but the first ones.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.files.truncate(len);
    }

    /// Returns the file with this number.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// Returns all files, in the order in which they were opened.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }

    /// Returns the text that `span` covers.
    pub fn text(&self, span: Span) -> &str {
        &self.file(span.file).text[span.start as usize..span.end as usize]
    }

    /// Returns the line of the first byte of `span`, from 1: cheaper than [`Self::position`], whatever
    /// the length of the line.
    pub fn line(&self, span: Span) -> u32 {
        let line_starts = self.file(span.file).line_starts();
        let line = line_starts.partition_point(|start| *start <= span.start);
        u32::try_from(line).unwrap_or(u32::MAX)
    }

    /// Returns line and column of the first byte of `span`.
    pub fn position(&self, span: Span) -> Position {
        let file = self.file(span.file);
        let line_starts = file.line_starts();
        let index = line_starts.partition_point(|start| *start <= span.start) - 1;
        let before = &file.text[line_starts[index] as usize..span.start as usize];
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position {
            line: count(index + 1),
            column: count(before.chars().count() + 1),
        }
    }

    /// Returns line and column of the place after the last byte of `span`.
    pub fn end(&self, span: Span) -> Position {
        self.position(Span::new(span.file, span.end, span.end))
    }

    /// Returns the include directives that lead to `file`, outermost first.
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

/// A source of schema files. The parser touches files only through this.
pub trait Files {
    /// Returns the bytes of the file at `path`. May stop after [`FILE_BYTES`]
    /// bytes, because a larger file is rejected.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Reads the file at `path` like [`read`](Self::read), without giving the bytes away: they are left where they are kept, or
    /// put into `buffer`, which is reused for the next file.
    fn look_at<'a>(&'a self, path: &Path, buffer: &'a mut Vec<u8>) -> io::Result<&'a [u8]> {
        *buffer = self.read(path)?;
        Ok(buffer)
    }

    /// Returns the text of the file at `path`, where it is kept in the form that schemas are read from: line ends are LF,
    /// and the last line has one. It is shared, not copied. By default there is none, and [`read`](Self::read) is asked.
    fn plain_text(&self, _path: &Path) -> Option<Arc<str>> {
        None
    }

    /// Names of the files and folders in the folder at `path`, sorted. By default there are none.
    fn list(&self, _path: &Path) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// Returns the path in absolute form, for telling files apart (docs/reference/language.md §3.2); neither symlinks
    /// nor `..` need be resolved. By default relative paths count from the root.
    fn absolute(&self, path: &Path) -> PathBuf {
        Path::new("/").join(path)
    }
}

/// The initial size of a buffer for files, which holds most of them.
const BUFFER_BYTES: usize = 1 << 16;

/// The file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

/// Opens a file. Pipes, sockets and devices are rejected, because reading one may wait for ever, and any name in a schema or
/// a folder may lead to one. Those that a shell passes on are in `/dev/fd`. Returns the file and its size.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place of the parser that opens files"
)]
fn open(path: &Path) -> io::Result<(fs::File, u64)> {
    let found = fs::metadata(path)?;
    let is_of_system = || path.starts_with("/dev") || path.starts_with("/proc");
    if found.is_file() || found.is_dir() || is_of_system() {
        return Ok((fs::File::open(path)?, found.len()));
    }
    let text = "it is a pipe, socket or device, not a regular file";
    Err(io::Error::new(io::ErrorKind::InvalidInput, text))
}

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let (mut file, size) = open(path)?;
        let mut bytes = Vec::with_capacity(usize::try_from(size.min(FILE_BYTES)).unwrap_or(0));
        // One byte more distinguishes a file at the limit from a larger one; devices never end.
        file.by_ref().take(FILE_BYTES + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn look_at<'a>(&'a self, path: &Path, buffer: &'a mut Vec<u8>) -> io::Result<&'a [u8]> {
        let (mut file, _) = open(path)?;
        let mut size = 0;
        // As above, but most files come by a single call.
        while size as u64 <= FILE_BYTES {
            if size == buffer.len() {
                buffer.resize((2 * size).max(BUFFER_BYTES), 0);
            }
            match file.read(&mut buffer[size..]) {
                Ok(0) => break,
                Ok(more) => size += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(&buffer[..size])
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let here = path.as_os_str().is_empty();
        let mut names = Vec::new();
        for entry in fs::read_dir(if here { Path::new(".") } else { path })? {
            names.extend(entry?.file_name().into_string());
        }
        names.sort_unstable();
        Ok(names)
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
    }
}

/// Files held in memory, for tests and editors.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Memory {
    /// Creates a source map without files.
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
        self.files.get(path).cloned().ok_or_else(not_found)
    }

    fn look_at<'a>(&'a self, path: &Path, _buffer: &'a mut Vec<u8>) -> io::Result<&'a [u8]> {
        let bytes = self.files.get(path).ok_or_else(not_found)?;
        Ok(bytes)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let inside = self.files.keys().filter_map(|file| {
            let first = file.strip_prefix(path).ok()?.components().next()?;
            Some(first.as_os_str().to_string_lossy().into_owned())
        });
        let names: std::collections::BTreeSet<_> = inside.collect();
        Ok(names.into_iter().collect())
    }
}

fn not_found() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "No such file or directory")
}
