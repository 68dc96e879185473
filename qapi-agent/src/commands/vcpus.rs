//! guest-get-vcpus and guest-set-vcpus (docs/reference/agent-behaviour.md §6.7).

use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat};
use nix::sys::stat::Mode;

use crate::commands::numbered_folders;
use crate::failure::Failure;
use crate::platform::sys::errno_of;
use crate::platform::system::System;

const DIRECTORY: &str = "/sys/devices/system/cpu";

/// A logical processor.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Processor {
    pub(crate) id: i64,
    pub(crate) online: bool,
    pub(crate) can_offline: bool,
}

/// A processor's folder, which is named in errors by its path in the system.
struct ProcessorFolder {
    name: String,
    descriptor: OwnedFd,
}

impl ProcessorFolder {
    fn open(system: &System, id: i64) -> Result<Self, Failure> {
        let name = format!("{DIRECTORY}/cpu{id}/");
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        match open(&system.path(&name), flags, Mode::empty()) {
            Ok(descriptor) => Ok(Self { name, descriptor }),
            Err(errno) => Err(Failure::with_errno(format_args!("open(\"{name}\")"), errno)),
        }
    }

    /// Returns the file that says whether the processor is online and changes that, if it can be changed.
    fn switch(&self, flags: OFlag) -> Result<Option<File>, Failure> {
        match openat(
            &self.descriptor,
            "online",
            flags | OFlag::O_CLOEXEC,
            Mode::empty(),
        ) {
            Ok(file) => Ok(Some(File::from(file))),
            Err(Errno::ENOENT) => Ok(None),
            Err(errno) => Err(self.failed("open", errno)),
        }
    }

    /// Returns true if a switch says that the processor is online.
    fn state(&self, switch: &mut File) -> Result<bool, Failure> {
        let mut state = [0];
        match switch.read(&mut state) {
            Ok(1) => Ok(state[0] != b'0'),
            Ok(_) => Err(self.failed("pread", Errno::EIO)),
            Err(error) => Err(self.failed("pread", errno_of(&error))),
        }
    }

    /// Returns the error for a file that cannot be used. The reference's texts have two slashes, too.
    fn failed(&self, call: impl Display, errno: Errno) -> Failure {
        let name = &self.name;
        Failure::with_errno(format_args!("{call}(\"{name}/online\")"), errno)
    }
}

/// Returns all processors by number.
pub(crate) fn processors(system: &System) -> Result<Vec<Processor>, Failure> {
    let numbers = numbered_folders::in_order(&system.path(DIRECTORY), "cpu").map_err(|errno| {
        Failure::with_errno(format_args!("failed to list entries: {DIRECTORY}"), errno)
    })?;
    let processor = |number: u64| {
        let id = i64::try_from(number).ok()?;
        Some(describe(system, id))
    };
    numbers.into_iter().filter_map(processor).collect()
}

fn describe(system: &System, id: i64) -> Result<Processor, Failure> {
    let folder = ProcessorFolder::open(system, id)?;
    let mut switch = folder.switch(OFlag::O_RDONLY)?;
    let can_offline = switch.is_some();
    let online = match &mut switch {
        Some(switch) => folder.state(switch)?,
        None => true,
    };
    Ok(Processor {
        id,
        online,
        can_offline,
    })
}

/// Brings processors online or takes them offline in order. Returns how many were in or came into
/// the wanted state before one did not; if the first did not, its error.
pub(crate) fn set_processors(
    system: &System,
    wanted: impl IntoIterator<Item = (i64, bool)>,
) -> Result<i64, Failure> {
    let mut done = 0;
    for (id, online) in wanted {
        match set(system, id, online) {
            Ok(()) => done += 1,
            Err(failure) if done == 0 => return Err(failure),
            Err(_) => break,
        }
    }
    Ok(done)
}

fn set(system: &System, id: i64, online: bool) -> Result<(), Failure> {
    let folder = ProcessorFolder::open(system, id)?;
    let Some(mut switch) = folder.switch(OFlag::O_RDWR)? else {
        if online {
            return Ok(());
        }
        return Err(Failure::new(format!(
            "logical processor #{id} can't be offlined"
        )));
    };
    if folder.state(&mut switch)? == online {
        return Ok(());
    }
    let digit: &[u8] = if online { b"1" } else { b"0" };
    switch
        .write_all_at(digit, 0)
        .map_err(|error| folder.failed("pwrite", errno_of(&error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::test_root::Tree;

    fn processor(id: i64, online: bool, can_offline: bool) -> Processor {
        Processor {
            id,
            online,
            can_offline,
        }
    }

    fn tree() -> (Tree, System) {
        let tree = Tree::new();
        tree.folder("sys/devices/system/cpu/cpu0");
        tree.file("sys/devices/system/cpu/cpu1/online", "1\n");
        tree.file("sys/devices/system/cpu/cpu10/online", "0\n");
        tree.folder("sys/devices/system/cpu/cpufreq");
        tree.folder("sys/devices/system/cpu/cpu1x");
        tree.file("sys/devices/system/cpu/cpu7", "no folder");
        let system = System::below(tree.path());
        (tree, system)
    }

    #[test]
    fn processors_are_listed_by_number() {
        let (_tree, system) = tree();
        assert_eq!(
            processors(&system).unwrap(),
            [
                processor(0, true, false),
                processor(1, true, true),
                processor(10, false, true)
            ]
        );
        let empty = Tree::new();
        assert_eq!(
            processors(&System::below(empty.path()))
                .unwrap_err()
                .to_string(),
            "failed to list entries: /sys/devices/system/cpu: No such file or directory"
        );
    }

    #[test]
    fn the_switch_is_written_only_to_change_it() {
        let (tree, system) = tree();
        let state = |id: i64| tree.text(&format!("sys/devices/system/cpu/cpu{id}/online"));
        assert_eq!(set_processors(&system, [(1, true), (10, false)]), Ok(2));
        assert_eq!((state(1).as_str(), state(10).as_str()), ("1\n", "0\n"));
        assert_eq!(set_processors(&system, [(1, false), (10, true)]), Ok(2));
        assert_eq!((state(1).as_str(), state(10).as_str()), ("0\n", "1\n"));
        assert_eq!(set_processors(&system, []), Ok(0));
    }

    #[test]
    fn the_first_failure_is_the_error_and_later_ones_end_the_count() {
        let (_tree, system) = tree();
        let error = |id, online| {
            set_processors(&system, [(id, online)])
                .unwrap_err()
                .to_string()
        };
        assert_eq!(error(0, false), "logical processor #0 can't be offlined");
        assert_eq!(set_processors(&system, [(0, true)]), Ok(1));
        assert_eq!(
            error(77, true),
            "open(\"/sys/devices/system/cpu/cpu77/\"): No such file or directory"
        );
        assert_eq!(
            error(-1, true),
            "open(\"/sys/devices/system/cpu/cpu-1/\"): No such file or directory"
        );
        assert_eq!(
            set_processors(&system, [(1, true), (77, true), (10, true)]),
            Ok(1)
        );
    }
}
