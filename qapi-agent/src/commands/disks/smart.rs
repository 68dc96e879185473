//! The health of an NVM Express disk, as it reports it (docs/reference/agent-behaviour.md §6.6).

use std::fs::File;
use std::path::Path;

use crate::platform::sys::nvme::{self, HEALTH_LOG};

/// The health log, in the units of the NVM Express specification.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Health {
    /// A bit per kind of warning.
    pub(crate) critical_warning: u8,
    /// In kelvins.
    pub(crate) temperature: u16,
    /// In percent, as are the next two.
    pub(crate) available_spare: u8,
    pub(crate) available_spare_threshold: u8,
    pub(crate) percentage_used: u8,
    /// In thousands of 512 bytes, as is the next.
    pub(crate) data_units_read: u128,
    pub(crate) data_units_written: u128,
    pub(crate) host_read_commands: u128,
    pub(crate) host_write_commands: u128,
    /// In minutes.
    pub(crate) controller_busy_time: u128,
    pub(crate) power_cycles: u128,
    pub(crate) power_on_hours: u128,
    pub(crate) unsafe_shutdowns: u128,
    pub(crate) media_errors: u128,
    pub(crate) error_log_entries: u128,
}

/// Asks the disk; nothing if it does not answer.
pub(super) fn of(node: &Path) -> Option<Health> {
    let disk = File::open(node).ok()?;
    nvme::health_log(&disk).ok().map(|log| parse(&log))
}

fn parse(log: &[u8; HEALTH_LOG]) -> Health {
    let counter = |place: usize| {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&log[place..place + 16]);
        u128::from_le_bytes(bytes)
    };
    Health {
        critical_warning: log[0],
        temperature: u16::from_le_bytes([log[1], log[2]]),
        available_spare: log[3],
        available_spare_threshold: log[4],
        percentage_used: log[5],
        data_units_read: counter(32),
        data_units_written: counter(48),
        host_read_commands: counter(64),
        host_write_commands: counter(80),
        controller_busy_time: counter(96),
        power_cycles: counter(112),
        power_on_hours: counter(128),
        unsafe_shutdowns: counter(144),
        media_errors: counter(160),
        error_log_entries: counter(176),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_its_place() {
        let mut log = [0; HEALTH_LOG];
        log[..6].copy_from_slice(&[1, 0x43, 0x01, 99, 10, 3]);
        for (place, byte) in (32..192).step_by(16).zip(1..) {
            log[place] = byte;
            log[place + 15] = 0x80;
        }
        let counter = |byte: u128| byte + (0x80 << 120);
        assert_eq!(
            parse(&log),
            Health {
                critical_warning: 1,
                temperature: 323,
                available_spare: 99,
                available_spare_threshold: 10,
                percentage_used: 3,
                data_units_read: counter(1),
                data_units_written: counter(2),
                host_read_commands: counter(3),
                host_write_commands: counter(4),
                controller_busy_time: counter(5),
                power_cycles: counter(6),
                power_on_hours: counter(7),
                unsafe_shutdowns: counter(8),
                media_errors: counter(9),
                error_log_entries: counter(10),
            }
        );
    }
}
