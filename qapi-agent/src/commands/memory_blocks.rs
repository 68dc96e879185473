//! guest-get-memory-blocks, guest-set-memory-blocks and guest-get-memory-block-info
//! (docs/reference/agent-behaviour.md §6.7).

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use nix::errno::Errno;

use crate::commands::numbered_folders;
use crate::failure::Failure;
use crate::platform::sys::errno_of;
use crate::platform::system::System;

const DIRECTORY: &str = "/sys/devices/system/memory/";

/// A part of the memory that can be taken away from the system as a whole.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) index: u64,
    pub(crate) online: bool,
    pub(crate) can_offline: bool,
}

/// The result for a block that was to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It is in the wanted state.
    Success,
    /// There is no such block.
    NotFound(Errno),
    /// The system cannot change blocks, or not this one.
    NotSupported(Errno),
    /// The system refused or could not.
    Failed(Errno),
}

fn folder(system: &System, index: u64) -> PathBuf {
    system.path(&format!("{DIRECTORY}memory{index}"))
}

/// Returns all blocks by number; none on a system that does not have them.
pub(crate) fn blocks(system: &System) -> Result<Vec<Block>, Failure> {
    let numbers = match numbered_folders::in_order(&system.path(DIRECTORY), "memory") {
        Err(Errno::ENOENT) => return Ok(Vec::new()),
        result => result.map_err(|errno| {
            // The reference has no blank here either.
            Failure::with_errno(format_args!("Can't open directory\"{DIRECTORY}\""), errno)
        })?,
    };
    if numbers.is_empty() {
        return Err(Failure::new("guest reported zero memory blocks!"));
    }
    numbers
        .into_iter()
        .map(|index| describe(system, index))
        .collect()
}

fn describe(system: &System, index: u64) -> Result<Block, Failure> {
    let read = |name: &str| match first_bytes(folder(system, index).join(name)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(Errno::ENOENT) => Ok(None),
        Err(errno) => Err(Failure::with_errno(
            format_args!("open sysfs file \"{DIRECTORY}memory{index}/{name}\""),
            errno,
        )),
    };
    let Some(state) = read("state")? else {
        return Ok(Block {
            index,
            online: true,
            can_offline: false,
        });
    };
    let can_offline = read("removable")?.is_some_and(|removable| removable.first() != Some(&b'0'));
    Ok(Block {
        index,
        online: state.starts_with(b"online"),
        can_offline,
    })
}

/// Enough of a file for what it says; these have one word.
fn first_bytes(path: PathBuf) -> Result<Vec<u8>, Errno> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(64).read_to_end(&mut bytes))
        .map_err(|error| errno_of(&error))?;
    Ok(bytes)
}

/// Brings a block online or takes it offline.
pub(crate) fn set_block(system: &System, index: u64, online: bool) -> Change {
    if let Err(error) = system.path(DIRECTORY).read_dir() {
        return match errno_of(&error) {
            Errno::ENOENT => Change::NotSupported(Errno::ENOENT),
            errno => Change::Failed(errno),
        };
    }
    let folder = folder(system, index);
    match folder.metadata() {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => return Change::NotFound(Errno::ENOTDIR),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Change::NotFound(Errno::ENOENT);
        }
        Err(error) => return Change::Failed(errno_of(&error)),
    }
    match change(folder.join("state"), online) {
        Ok(()) => Change::Success,
        // Without the file a block is online forever.
        Err(Errno::ENOENT) if online => Change::Success,
        Err(Errno::ENOENT) => Change::NotSupported(Errno::ENOENT),
        Err(errno) => Change::Failed(errno),
    }
}

/// Writes only values that differ, because some processes may read but not write.
fn change(state: PathBuf, online: bool) -> Result<(), Errno> {
    if first_bytes(state.clone())?.starts_with(b"online") == online {
        return Ok(());
    }
    let word: &[u8] = if online { b"online" } else { b"offline" };
    File::options()
        .write(true)
        .open(state)
        .and_then(|file| file.write_all_at(word, 0))
        .map_err(|error| errno_of(&error))
}

/// Returns the size of a block in bytes.
pub(crate) fn block_size(system: &System) -> Result<u64, Failure> {
    let directory = system.path(DIRECTORY);
    directory.read_dir().map_err(|error| {
        Failure::with_errno(format_args!("open(\"{DIRECTORY}\")"), errno_of(&error))
    })?;
    let bytes = first_bytes(directory.join("block_size_bytes"))
        .map_err(|errno| Failure::with_errno("open sysfs file \"block_size_bytes\"", errno))?;
    let text = String::from_utf8_lossy(&bytes);
    let digits = text.trim();
    u64::from_str_radix(digits.trim_start_matches("0x"), 16).map_err(|_| {
        Failure::new(format!(
            "sysfs file \"block_size_bytes\" has no hexadecimal number: '{digits}'"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::test_root::Tree;

    fn tree() -> (Tree, System) {
        let tree = Tree::new();
        let file = |path: &str, text: &str| tree.file(&format!("{}{path}", &DIRECTORY[1..]), text);
        file("block_size_bytes", "8000000\n");
        file("memory2/state", "online\n");
        file("memory2/removable", "1\n");
        file("memory10/state", "offline\n");
        file("memory10/removable", "0\n");
        file("memory3/state", "going-offline\n");
        file("memory0/removable", "1\n");
        file("power/control", "auto\n");
        let system = System::below(tree.path());
        (tree, system)
    }

    #[test]
    fn blocks_are_listed_by_number() {
        let (_tree, system) = tree();
        let block = |index, online, can_offline| Block {
            index,
            online,
            can_offline,
        };
        assert_eq!(
            blocks(&system).unwrap(),
            [
                block(0, true, false),
                block(2, true, true),
                block(3, false, false),
                block(10, false, false)
            ]
        );
        assert_eq!(block_size(&system).unwrap(), 128 << 20);
    }

    #[test]
    fn a_system_without_blocks_says_so() {
        let tree = Tree::new();
        let system = System::below(tree.path());
        assert_eq!(blocks(&system).unwrap(), []);
        assert_eq!(
            block_size(&system).unwrap_err().to_string(),
            "open(\"/sys/devices/system/memory/\"): No such file or directory"
        );
        assert_eq!(
            set_block(&system, 0, true),
            Change::NotSupported(Errno::ENOENT)
        );
        tree.folder(&DIRECTORY[1..]);
        assert_eq!(
            blocks(&system).unwrap_err().to_string(),
            "guest reported zero memory blocks!"
        );
        assert_eq!(
            block_size(&system).unwrap_err().to_string(),
            "open sysfs file \"block_size_bytes\": No such file or directory"
        );
    }

    #[test]
    fn each_change_has_its_answer() {
        let (tree, system) = tree();
        assert_eq!(set_block(&system, 2, true), Change::Success);
        assert_eq!(set_block(&system, 2, false), Change::Success);
        assert_eq!(
            tree.text("sys/devices/system/memory/memory2/state"),
            "offline"
        );
        assert_eq!(set_block(&system, 10, true), Change::Success);
        // The kernel takes a word per write; a file keeps what was after it.
        assert!(
            tree.text("sys/devices/system/memory/memory10/state")
                .starts_with("online")
        );
        assert_eq!(set_block(&system, 0, true), Change::Success);
        assert_eq!(
            set_block(&system, 0, false),
            Change::NotSupported(Errno::ENOENT)
        );
        assert_eq!(
            set_block(&system, 99, true),
            Change::NotFound(Errno::ENOENT)
        );
        assert_eq!(
            set_block(&system, u64::MAX, true),
            Change::NotFound(Errno::ENOENT)
        );
        tree.folder("sys/devices/system/memory/memory4/state");
        assert_eq!(set_block(&system, 4, true), Change::Failed(Errno::EISDIR));
    }
}
