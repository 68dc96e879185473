//! Files, with `-` for standard input.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use qapi_parser::source::{Disk, Files};

/// The file system, with standard input as the file `-`.
#[derive(Default)]
pub(crate) struct Input {
    /// Contents of standard input, which can be read only once, but named by several arguments.
    standard: OnceLock<Result<Vec<u8>, io::ErrorKind>>,
    /// The file that standard input stands for.
    stands_for: Option<PathBuf>,
    /// Contents of files that were just read, each for the next that asks for it.
    contents: Mutex<HashMap<PathBuf, Vec<u8>>>,
}

impl Input {
    /// Standard input in place of the file at `path`.
    pub(crate) fn standing_for(path: Option<PathBuf>) -> Self {
        Self {
            standard: OnceLock::new(),
            stands_for: path.map(|path| Disk.absolute(&path)),
            contents: Mutex::default(),
        }
    }

    /// Takes contents that were just read, so that no file is opened twice. Each is returned once, because the next
    /// reader may want a changed file.
    pub(crate) fn keep(&self, contents: HashMap<PathBuf, Vec<u8>>) {
        *self.contents.lock().unwrap_or_else(PoisonError::into_inner) = contents;
    }

    fn is_standard(&self, path: &Path) -> bool {
        path == Path::new("-")
            || self
                .stands_for
                .as_ref()
                .is_some_and(|it| *it == Disk.absolute(path))
    }
}

impl Files for Input {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if self.is_standard(path) {
            self.standard
                .get_or_init(|| {
                    let mut bytes = Vec::new();
                    io::stdin()
                        .read_to_end(&mut bytes)
                        .map(|_| bytes)
                        .map_err(|error| error.kind())
                })
                .clone()
                .map_err(io::Error::from)
        } else {
            let contents = self.contents.lock();
            let kept = contents
                .unwrap_or_else(PoisonError::into_inner)
                .remove(path);
            kept.map_or_else(|| Disk.read(path), Ok)
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        Disk.list(path)
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        Disk.absolute(path)
    }
}

/// Opens a file to be read from start to end; `-` is standard input.
pub(crate) fn open_recording(path: &Path) -> io::Result<Box<dyn BufRead>> {
    const BUFFER: usize = 1 << 18;
    Ok(if path == Path::new("-") {
        Box::new(BufReader::with_capacity(BUFFER, io::stdin()))
    } else {
        Box::new(BufReader::with_capacity(BUFFER, File::open(path)?))
    })
}
