//! Release tarballs: `.tar`, `.tar.gz` and `.tar.xz`, recognised by their first bytes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use lzma_rust2::XzReader;
use qapi_parser::limits::FILE_BYTES;
use tar::{Archive, EntryType};

use super::paths::{is_relevant, normalized};

const GZIP: [u8; 2] = [0x1f, 0x8b];
const XZ: [u8; 6] = [0xfd, b'7', b'z', b'X', b'Z', 0];
const BZIP2: [u8; 3] = *b"BZh";

/// The most memory for unpacking, in KiB: xz asks for 65 MiB at its highest preset.
const XZ_MEMORY: u32 = 256 << 10;
/// The most files to keep, and the most bytes of them together. QEMU 10.2 has 60 files of 1.3 MB.
const FILES: usize = 10_000;
const BYTES: usize = 64 << 20;

/// Reads the relevant files of a tarball, by their path below its single top directory.
pub(super) fn read(mut file: File) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut start = Vec::new();
    file.by_ref().take(512).read_to_end(&mut start)?;
    file.rewind()?;
    let file = BufReader::new(file);
    if start.starts_with(&GZIP) {
        relevant_files(MultiGzDecoder::new(file))
    } else if start.starts_with(&XZ) {
        relevant_files(XzReader::new_mem_limit(file, true, XZ_MEMORY))
    } else if start.get(257..262) == Some(b"ustar") {
        relevant_files(file)
    } else if start.starts_with(&BZIP2) {
        Err(io::Error::other(
            "bzip2 is not supported; unpack it, and name the directory",
        ))
    } else {
        Err(io::Error::other(
            "it is neither a directory nor a tarball (.tar, .tar.gz or .tar.xz)",
        ))
    }
}

fn relevant_files(reader: impl Read) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut total = 0;
    // Raw entries: extensions of the format, such as paths of any length, would be read whole, whatever
    // their size. Schema files have short paths.
    let mut archive = Archive::new(reader);
    for entry in archive.entries()?.raw(true) {
        let entry = entry?;
        if entry.header().entry_type() != EntryType::Regular {
            continue;
        }
        let path = entry.path()?.into_owned();
        let Some(path) = below_top(&path).filter(|path| is_relevant(path)) else {
            continue;
        };
        let bytes = read_up_to(entry, FILE_BYTES)?;
        total += bytes.len();
        files.insert(path, bytes);
        if files.len() > FILES || total > BYTES {
            return Err(io::Error::other(format!(
                "it has more schema files than QEMU: over {FILES}, or {BYTES} bytes"
            )));
        }
    }
    // Behind the last file are the checksums, without which nothing is known to be whole.
    io::copy(&mut archive.into_inner(), &mut io::sink())?;
    Ok(files)
}

/// Returns a path without its first part, which is the release's name.
fn below_top(path: &Path) -> Option<String> {
    let path = normalized(path)?;
    path.split_once('/').map(|(_, below)| below.to_owned())
}

/// Reads at most `limit` bytes, and fails if there are more.
fn read_up_to(reader: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!(
            "it has a file of more than {limit} bytes"
        )));
    }
    Ok(bytes)
}
