//! Files, with `-` for standard input.

use std::io::{self, Read};
use std::path::Path;
use std::sync::OnceLock;

use qapi_parser::source::{Disk, Files};

/// The file system, with standard input as the file `-`.
#[derive(Default)]
pub(crate) struct Input {
    /// Contents of standard input, which can be read only once, but named by several arguments.
    standard: OnceLock<Result<Vec<u8>, io::ErrorKind>>,
}

impl Files for Input {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path == Path::new("-") {
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
            Disk.read(path)
        }
    }
}
