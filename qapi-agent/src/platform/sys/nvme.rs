//! A question to a disk on NVM Express. Numbers and layout are those of `linux/nvme_ioctl.h` and of the
//! specification.
#![expect(
    unsafe_code,
    reason = "this call has no safe wrapper; its use says why it is sound"
)]

use std::fs::File;
use std::os::fd::AsRawFd;

use nix::errno::Errno;

/// `struct nvme_admin_cmd`.
#[repr(C)]
#[derive(Debug, Default)]
pub(crate) struct AdminCommand {
    opcode: u8,
    flags: u8,
    reserved: u16,
    namespace: u32,
    words_2_and_3: [u32; 2],
    metadata: u64,
    data: u64,
    metadata_length: u32,
    data_length: u32,
    words_10_to_15: [u32; 6],
    timeout: u32,
    result: u32,
}

mod raw {
    use super::AdminCommand;

    nix::ioctl_readwrite!(admin_command, b'N', 0x41, AdminCommand);
}

/// Length of the health log in bytes.
pub(crate) const HEALTH_LOG: usize = 512;

/// Reads the health log of a disk's controller. What the disk wants to report about it is left to be
/// reported.
pub(crate) fn health_log(disk: &File) -> Result<[u8; HEALTH_LOG], Errno> {
    const GET_LOG_PAGE: u8 = 2;
    const HEALTH: u32 = 2;
    const RETAIN_EVENT: u32 = 1 << 15;
    const ALL_NAMESPACES: u32 = u32::MAX;
    /// Of four bytes each, less one.
    const WORDS: u32 = 127;
    let mut log = [0; HEALTH_LOG];
    let mut command = AdminCommand {
        opcode: GET_LOG_PAGE,
        namespace: ALL_NAMESPACES,
        data: log.as_mut_ptr().expose_provenance() as u64,
        data_length: 512,
        words_10_to_15: [HEALTH | RETAIN_EVENT | WORDS << 16, 0, 0, 0, 0, 0],
        ..AdminCommand::default()
    };
    // SAFETY: the descriptor is open, `command` has the layout that the kernel reads and writes, and
    // `data` is the address of as many bytes as `data_length` says, which nobody else uses meanwhile.
    let status = unsafe { raw::admin_command(disk.as_raw_fd(), &raw mut command) }?;
    // Above zero it is the disk's own error.
    if status == 0 {
        Ok(log)
    } else {
        Err(Errno::EIO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_has_the_kernel_s_layout() {
        assert_eq!(size_of::<AdminCommand>(), 72);
        assert_eq!(std::mem::offset_of!(AdminCommand, data), 24);
        assert_eq!(std::mem::offset_of!(AdminCommand, words_10_to_15), 40);
    }

    #[test]
    fn devices_that_are_not_disks_have_no_log() {
        let file = File::open("/dev/null").unwrap();
        assert_eq!(health_log(&file), Err(Errno::ENOTTY));
    }
}
