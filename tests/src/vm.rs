//! Throw-away virtual machines for what would be dangerous on the host: freezing, shutting
//! down, taking processors away.
//!
//! A machine boots a distribution kernel, unpacked but not installed, with an initial file
//! system made here: busybox, the modules for virtio, and a guest agent on a virtio-serial port. It
//! runs under software emulation and reaches a shell in a few seconds. Or it boots a whole system from a disk.

mod console;
mod cpio;
mod initramfs;
mod lines;
mod machine;
mod parts;
mod programs;

use std::time::Duration;

pub use console::Console;
pub use lines::Lines;
pub use machine::{Files, Machine, Setup};
pub use parts::Parts;

/// The name of the virtio-serial port that host and guest agree on.
pub const PORT: &str = "org.qemu.guest_agent.0";

/// Limit for a machine to boot, and for a command in it to run. Emulation on a busy
/// machine is slow; only a failing test waits that long.
pub const PATIENCE: Duration = Duration::from_secs(240);
