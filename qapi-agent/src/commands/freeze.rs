//! Freezing and thawing file systems (docs/reference/agent-behaviour.md §6.5).
//!
//! [`Freezer`] does the work, on a thread of its own: the hook and the kernel may take any time. [`control`] is the
//! event loop's side.

pub(crate) mod control;
pub(crate) mod marker;
pub(crate) mod watchdog;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nix::errno::Errno;

use super::cancellation::Cancellation;
use super::hook::{Hook, HookFailure, Moment};
use super::mounts::{self, Device, Mount, NotOpened, is_path};
use crate::failure::{Failure, errno_text};
use crate::platform::sys::filesystem;
use marker::Marker;

/// The operations of the kernel, which tests can replace.
pub(crate) trait Kernel: Send + 'static {
    /// An opened file system.
    type Open: Send;

    /// Returns the mount table.
    fn mounts(&self) -> Result<Vec<Mount>, Failure>;
    /// Opens one of its entries.
    fn open(&self, mount: &Mount) -> Result<Self::Open, NotOpened>;
    /// Freezes it.
    fn freeze(&self, file_system: &Self::Open) -> Result<(), Errno>;
    /// Undoes one freeze.
    fn thaw(&self, file_system: &Self::Open) -> Result<(), Errno>;
}

/// The real kernel.
#[derive(Debug, Clone)]
pub(crate) struct Linux {
    root: PathBuf,
}

impl Linux {
    /// Creates a freezer whose mount table is in `proc` below `root`.
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }
}

impl Kernel for Linux {
    type Open = File;

    fn mounts(&self) -> Result<Vec<Mount>, Failure> {
        mounts::read(&self.root)
    }

    fn open(&self, mount: &Mount) -> Result<File, NotOpened> {
        mount.open()
    }

    fn freeze(&self, file_system: &File) -> Result<(), Errno> {
        filesystem::freeze(file_system)
    }

    fn thaw(&self, file_system: &File) -> Result<(), Errno> {
        filesystem::thaw(file_system)
    }
}

/// The result of a freeze or a thaw.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The number of file systems that were frozen or thawed.
    pub(crate) result: Result<i64, Failure>,
    /// Further notes for the administrator. They must not be logged before the thaw.
    pub(crate) notes: Vec<String>,
}

/// State that both sides read.
#[derive(Debug)]
pub(crate) struct Shared<O> {
    /// All requested file systems are frozen; guest-fsfreeze-status returns this.
    frozen: AtomicBool,
    /// The file systems that were frozen, in that order. They stay open, so that they can be thawed even if a new mount
    /// hides one of them.
    held: Mutex<Vec<(Device, O)>>,
}

impl<O> Shared<O> {
    pub(crate) fn new(frozen: bool) -> Self {
        Self {
            frozen: AtomicBool::new(frozen),
            held: Mutex::default(),
        }
    }

    /// Returns true if the agent has frozen file systems.
    pub(crate) fn is_frozen(&self) -> bool {
        self.frozen.load(Ordering::Acquire)
    }

    fn held(&self) -> MutexGuard<'_, Vec<(Device, O)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Thaws what has been frozen so far, while the freezing of another file system is under way.
    /// The freeze may be waiting for a writer that waits for one of these.
    pub(crate) fn relieve(&self, kernel: &impl Kernel<Open = O>) {
        for (_, file_system) in self.held().iter().rev() {
            while kernel.thaw(file_system).is_ok() {}
        }
    }
}

/// Sets the commands that may run: some must not run in the frozen state.
pub(crate) type Gate = Box<dyn Fn(Passage) + Send + Sync>;

/// The commands that may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passage {
    /// Commands that are safe in the frozen state.
    Safe,
    /// All commands that the administrator permits.
    All,
}

/// Freezes and thaws file systems.
pub(crate) struct Freezer<K: Kernel> {
    pub(crate) kernel: K,
    pub(crate) hook: Option<Hook>,
    pub(crate) marker: Marker,
    pub(crate) gate: Gate,
    pub(crate) shared: Arc<Shared<K::Open>>,
    /// The hook was called for a freeze and not yet for its thaw, by this process or an earlier one.
    pub(crate) owes_thaw: Cell<bool>,
}

impl<K: Kernel> Freezer<K> {
    /// Freezes all file systems or those at `chosen` mount points. Afterwards either all are frozen, or none is and the
    /// hook has been called for the thaw.
    pub(crate) fn freeze(&self, chosen: Option<&[String]>, cancellation: &Cancellation) -> Outcome {
        (self.gate)(Passage::Safe);
        let mut notes = Vec::new();
        let result = go_on(cancellation)
            .and_then(|()| self.tell_freeze(cancellation))
            .and_then(|()| self.freeze_all(chosen, cancellation, &mut notes));
        if matches!(result, Ok(1..)) {
            self.shared.frozen.store(true, Ordering::Release);
            return Outcome { result, notes };
        }
        self.leave_frozen_state(&mut notes);
        if let Err(error) = self.tell_thaw() {
            notes.push(format!("after a freeze that came to nothing: {error}"));
        }
        // Any failure then results from the cancellation, such as a killed hook.
        let result = result.map_err(|failure| match cancellation.reason() {
            Some(reason) => reason.of_freeze(),
            None => failure,
        });
        Outcome { result, notes }
    }

    fn tell_freeze(&self, cancellation: &Cancellation) -> Result<(), Failure> {
        let Some(hook) = &self.hook else {
            return Ok(());
        };
        // Before the hook: if this process ends before it calls the hook for the thaw, the next one must do it.
        self.marker.create()?;
        let result = hook.run(Moment::Freeze, &|| cancellation.is_wanted());
        let started = !matches!(result, Err(HookFailure { started: false, .. }));
        self.owes_thaw.set(started);
        result.map_err(|error| error.failure)
    }

    /// Tells the hook of a thaw, once for each freeze that it was told of.
    fn tell_thaw(&self) -> Result<(), Failure> {
        match &self.hook {
            // A thaw is not cancelled, because everything that the hook has stopped must be started again.
            Some(hook) if self.owes_thaw.replace(false) => hook
                .run(Moment::Thaw, &|| false)
                .map_err(|error| error.failure),
            _ => Ok(()),
        }
    }

    /// Freezes from the last mount to the first, because a file system may lie in a file of an
    /// earlier one. All are opened before the first is frozen.
    fn freeze_all(
        &self,
        chosen: Option<&[String]>,
        cancellation: &Cancellation,
        notes: &mut Vec<String>,
    ) -> Result<i64, Failure> {
        let table = self.kernel.mounts()?;
        let mut opened = Vec::new();
        for mount in table.iter().rev().filter(|mount| is_chosen(mount, chosen)) {
            let directory = mount.directory().display();
            match self.kernel.open(mount) {
                Ok(file_system) => opened.push((mount, file_system)),
                Err(NotOpened::Unreachable(errno)) => notes.push(format!(
                    "`{directory}` cannot be reached, so it was not frozen: {}",
                    errno_text(errno)
                )),
                Err(NotOpened::Failed(errno)) => {
                    let context = format!("failed to open {directory}");
                    return Err(Failure::with_errno(context, errno));
                }
            }
        }
        if opened.is_empty() {
            return Ok(0);
        }
        self.marker.create()?;
        let result = self.freeze_opened(opened, cancellation);
        if result.is_err() {
            self.thaw_held(&mut BTreeSet::new());
        }
        result
    }

    fn freeze_opened(
        &self,
        opened: Vec<(&Mount, K::Open)>,
        cancellation: &Cancellation,
    ) -> Result<i64, Failure> {
        let mut count = 0;
        for (mount, file_system) in opened {
            go_on(cancellation)?;
            match self.kernel.freeze(&file_system) {
                Ok(()) => {
                    self.shared.held().push((mount.device, file_system));
                    count += 1;
                }
                // It cannot be frozen, or another process has frozen it.
                Err(Errno::EOPNOTSUPP | Errno::EBUSY) => {}
                Err(errno) => {
                    let context = format!("failed to freeze {}", mount.directory().display());
                    return Err(Failure::with_errno(context, errno));
                }
            }
        }
        go_on(cancellation).map(|()| count)
    }

    /// Thaws everything, including file systems that other processes froze.
    pub(crate) fn thaw(&self) -> Outcome {
        let mut notes = Vec::new();
        let table = match self.kernel.mounts() {
            Ok(table) => table,
            Err(failure) if self.shared.held().is_empty() => {
                let result = Err(failure);
                return Outcome { result, notes };
            }
            // File systems that this process froze can be thawed without the table.
            Err(failure) => {
                notes.push(format!(
                    "only the agent's own freezes were undone: {failure}"
                ));
                Vec::new()
            }
        };
        let mut thawed = BTreeSet::new();
        self.thaw_held(&mut thawed);
        for mount in &table {
            if let Ok(file_system) = self.kernel.open(mount) {
                self.thaw_one(mount.device, &file_system, &mut thawed);
            }
        }
        self.leave_frozen_state(&mut notes);
        let count = thawed.len();
        let result = match self.tell_thaw() {
            Ok(()) => Ok(i64::try_from(count).unwrap_or(i64::MAX)),
            Err(failure) => Err(Failure::new(format!(
                "{failure} (nothing is frozen any more; file systems thawed: {count})"
            ))),
        };
        Outcome { result, notes }
    }

    /// Thaws in the order of mounting what this process has frozen.
    fn thaw_held(&self, thawed: &mut BTreeSet<Device>) {
        let mut held = self.shared.held();
        for (device, file_system) in held.iter().rev() {
            self.thaw_one(*device, file_system, thawed);
        }
        held.clear();
    }

    fn thaw_one(&self, device: Device, file_system: &K::Open, thawed: &mut BTreeSet<Device>) {
        // Freezes nest, and only an error shows that none is left.
        while self.kernel.thaw(file_system).is_ok() {
            thawed.insert(device);
        }
    }

    fn leave_frozen_state(&self, notes: &mut Vec<String>) {
        if let Err(reason) = self.marker.remove() {
            notes.push(reason);
        }
        self.shared.frozen.store(false, Ordering::Release);
        (self.gate)(Passage::All);
    }
}

/// Returns the error of a freeze that is to be given up.
fn go_on(cancellation: &Cancellation) -> Result<(), Failure> {
    match cancellation.reason() {
        Some(reason) => Err(reason.of_freeze()),
        None => Ok(()),
    }
}

fn is_chosen(mount: &Mount, chosen: Option<&[String]>) -> bool {
    chosen.is_none_or(|list| list.iter().any(|text| is_path(text, mount.directory())))
}

#[cfg(test)]
mod tests;
