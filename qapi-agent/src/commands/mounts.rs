//! The mount table: the mounted file systems on block devices (docs/reference/agent-behaviour.md §5.3).

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::libc;
use nix::sys::stat::{major, minor};

use crate::failure::Failure;
use crate::platform::sys::errno_of;

/// A block device's number: major and minor.
pub(crate) type Device = (u64, u64);

/// A mounted file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mount {
    pub(crate) device: Device,
    /// The kind of file system, `ext4` for instance.
    pub(crate) kind: String,
    /// The places at which it is mounted, in the order of mounting: never empty. The first one names
    /// it.
    places: Vec<Place>,
}

/// One of the places where a file system is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    directory: PathBuf,
    /// The kernel's number of the mount, where the table tells it.
    mount_id: Option<u64>,
}

/// The reason why a file system cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotOpened {
    /// No path leads to it: another mount hides it, or its device is gone.
    Unreachable(Errno),
    /// The agent cannot open it.
    Failed(Errno),
}

impl NotOpened {
    /// Returns the reason, as the system has it.
    pub(crate) fn errno(self) -> Errno {
        match self {
            Self::Unreachable(errno) | Self::Failed(errno) => errno,
        }
    }
}

impl Mount {
    /// Returns the place at which it is mounted; the first if there are several.
    pub(crate) fn directory(&self) -> &Path {
        &self.places[0].directory
    }

    /// Opens it at the first place where it can be reached: under another mount there may be a
    /// directory of the same name, and it would be wrong to take that.
    pub(crate) fn open(&self) -> Result<File, NotOpened> {
        let mut first = None;
        for place in &self.places {
            match place.open() {
                Ok(file) => return Ok(file),
                Err(NotOpened::Failed(errno)) => return Err(NotOpened::Failed(errno)),
                Err(unreachable) => first = first.or(Some(unreachable)),
            }
        }
        Err(first.expect("a file system in the table is mounted somewhere"))
    }
}

impl Place {
    fn open(&self) -> Result<File, NotOpened> {
        let file = OpenOptions::new()
            .read(true)
            // Does not block, even if a device has replaced the directory.
            .custom_flags(libc::O_NONBLOCK)
            .open(&self.directory)
            .map_err(|error| not_opened(errno_of(&error)))?;
        match (self.mount_id, mount_id_of(&file)) {
            (Some(expected), Some(found)) if expected != found => {
                Err(NotOpened::Unreachable(Errno::ENOENT))
            }
            _ => Ok(file),
        }
    }
}

/// Path lookups that fail like this fail for everybody.
fn not_opened(errno: Errno) -> NotOpened {
    match errno {
        Errno::ENOENT
        | Errno::ENOTDIR
        | Errno::ESTALE
        | Errno::ENOTCONN
        | Errno::ETIMEDOUT
        | Errno::EHOSTDOWN
        | Errno::EHOSTUNREACH
        | Errno::ENXIO => NotOpened::Unreachable(errno),
        errno => NotOpened::Failed(errno),
    }
}

/// Returns the number of the mount that an open file is on; kernels since 3.15 tell it.
fn mount_id_of(file: &File) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/self/fdinfo/{}", file.as_raw_fd())).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix("mnt_id:"))?;
    value.trim().parse().ok()
}

/// The older form of the table.
const MOUNTS: &str = "/proc/self/mounts";

/// Returns the file systems in the order of mounting, each once. `root` is where `/proc` is.
pub(crate) fn read(root: &Path) -> Result<Vec<Mount>, Failure> {
    if let Ok(text) = fs::read(root.join("proc/self/mountinfo")) {
        return Ok(parse_mountinfo(&text, device_of));
    }
    match fs::read(root.join(&MOUNTS[1..])) {
        Ok(text) => Ok(parse_mounts(&text, source_of)),
        Err(_) => Err(Failure::new(format!(
            "failed to open mtab file: '{MOUNTS}'"
        ))),
    }
}

/// Returns the number of a block device by its node.
fn device_of(node: &Path) -> Option<Device> {
    let metadata = fs::metadata(node).ok()?;
    let number = metadata.rdev();
    metadata
        .file_type()
        .is_block_device()
        .then(|| (major(number), minor(number)))
}

/// The kind of source that an entry of the older table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MountSource {
    Block(Device),
    Directory,
    Other,
}

fn source_of(path: &Path) -> MountSource {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => MountSource::Directory,
        _ => device_of(path).map_or(MountSource::Other, MountSource::Block),
    }
}

/// Reads `/proc/self/mountinfo`, whose form is described in proc(5).
fn parse_mountinfo(text: &[u8], device_of: impl Fn(&Path) -> Option<Device>) -> Vec<Mount> {
    let mut table = Vec::new();
    for line in text.split(|&byte| byte == b'\n') {
        let fields: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
        // Optional fields come before the hyphen, six others before them.
        let Some(hyphen) = fields.iter().skip(6).position(|field| *field == b"-") else {
            continue;
        };
        let &[kind, source, ..] = &fields[6 + hyphen + 1..] else {
            continue;
        };
        let kind = String::from_utf8_lossy(kind).into_owned();
        let device = match device_number(fields[2]) {
            Some((0, _)) if kind == "btrfs" => device_of(&unescape(source)),
            Some((0, _)) | None => None,
            device => device,
        };
        let place = Place {
            directory: unescape(fields[4]),
            mount_id: number(fields[0]),
        };
        if let Some(device) = device {
            add(&mut table, device, kind, place);
        }
    }
    table
}

/// Reads `/proc/self/mounts`, for systems that do not have the other table.
fn parse_mounts(text: &[u8], source_of: impl Fn(&Path) -> MountSource) -> Vec<Mount> {
    let mut table = Vec::new();
    for line in text.split(|&byte| byte == b'\n') {
        let fields: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
        let &[source, directory, kind, ..] = fields.as_slice() else {
            continue;
        };
        if !source.starts_with(b"/") || matches!(kind, b"smbfs" | b"cifs") {
            continue;
        }
        let device = match source_of(&unescape(source)) {
            MountSource::Block(device) => device,
            MountSource::Directory => continue,
            MountSource::Other => (0, 0),
        };
        let place = Place {
            directory: unescape(directory),
            mount_id: None,
        };
        let kind = String::from_utf8_lossy(kind).into_owned();
        add(&mut table, device, kind, place);
    }
    table
}

fn add(table: &mut Vec<Mount>, device: Device, kind: String, place: Place) {
    // Block devices are few, mounts of them not many more.
    match table.iter_mut().find(|mount| mount.device == device) {
        Some(mount) => mount.places.push(place),
        None => table.push(Mount {
            device,
            kind,
            places: vec![place],
        }),
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn device_number(field: &[u8]) -> Option<Device> {
    let colon = field.iter().position(|&byte| byte == b':')?;
    Some((number(&field[..colon])?, number(&field[colon + 1..])?))
}

/// Undoes the kernel's `\ooo` for blanks, tabs, line breaks and backslashes.
fn unescape(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let [first, tail @ ..] = rest {
        let octal = |digit: u8| (b'0'..=b'7').contains(&digit);
        match tail {
            [high @ b'0'..=b'3', middle, low, after @ ..]
                if *first == b'\\' && octal(*middle) && octal(*low) =>
            {
                bytes.push((high - b'0') << 6 | (middle - b'0') << 3 | (low - b'0'));
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    PathBuf::from(OsString::from_vec(bytes))
}

/// Returns true if `text` from a request is this path, letter by letter.
pub(crate) fn is_path(text: &str, path: &Path) -> bool {
    text.as_bytes() == path.as_os_str().as_bytes()
}

/// Returns a table entry for tests of what works on the table.
#[cfg(test)]
pub(crate) fn mount(device: Device, directories: &[&str]) -> Mount {
    let place = |directory: &&str| Place {
        directory: directory.into(),
        mount_id: None,
    };
    Mount {
        device,
        kind: "ext4".to_owned(),
        places: directories.iter().map(place).collect(),
    }
}

#[cfg(test)]
mod tests;
