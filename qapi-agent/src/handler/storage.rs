//! File systems and disks.

use qapi_runtime::Error;

use super::Reply;
use super::deferred::run_in_background;
use crate::agent::Agent;
use crate::commands::disks::{self, Bus, Disk, DiskAddress, Health};
use crate::commands::fsinfo::{self, FileSystem};
use crate::guest_agent as schema;

pub(super) fn file_systems(
    agent: &Agent,
) -> Result<Reply<Vec<schema::GuestFilesystemInfo>>, Error> {
    let element = |file_system: FileSystem| {
        let sizes = file_system.sizes;
        schema::GuestFilesystemInfo {
            name: file_system.name,
            mountpoint: file_system.mountpoint,
            type_: file_system.kind,
            used_bytes: sizes.map(|it| it.used),
            total_bytes: sizes.map(|it| it.total),
            total_bytes_privileged: sizes.map(|it| it.total_privileged),
            disk: file_system.disks.into_iter().map(address).collect(),
        }
    };
    run_in_background(agent, move |system| {
        let list = fsinfo::list(system.root())?;
        Ok(list.into_iter().map(element).collect::<Vec<_>>())
    })
}

pub(super) fn disks(agent: &Agent) -> Result<Reply<Vec<schema::GuestDiskInfo>>, Error> {
    let element = |disk: Disk| {
        let smart = |health| {
            schema::GuestDiskSmart::new(schema::GuestDiskSmartBranch::Nvme(smart(&health)))
        };
        schema::GuestDiskInfo {
            name: disk.name,
            partition: disk.partition,
            dependencies: disk.dependencies,
            address: disk.address.map(address),
            alias: disk.alias,
            smart: disk.health.map(smart),
        }
    };
    run_in_background(agent, move |system| {
        let list = disks::list(system.root())?;
        Ok(list.into_iter().map(element).collect::<Vec<_>>())
    })
}

fn smart(health: &Health) -> schema::GuestNVMeSmart {
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
    let low = |counter: u128| counter as u64;
    let high = |counter: u128| low(counter >> 64);
    schema::GuestNVMeSmart {
        critical_warning: health.critical_warning.into(),
        temperature: health.temperature.into(),
        available_spare: health.available_spare.into(),
        available_spare_threshold: health.available_spare_threshold.into(),
        percentage_used: health.percentage_used.into(),
        data_units_read_lo: low(health.data_units_read),
        data_units_read_hi: high(health.data_units_read),
        data_units_written_lo: low(health.data_units_written),
        data_units_written_hi: high(health.data_units_written),
        host_read_commands_lo: low(health.host_read_commands),
        host_read_commands_hi: high(health.host_read_commands),
        host_write_commands_lo: low(health.host_write_commands),
        host_write_commands_hi: high(health.host_write_commands),
        controller_busy_time_lo: low(health.controller_busy_time),
        controller_busy_time_hi: high(health.controller_busy_time),
        power_cycles_lo: low(health.power_cycles),
        power_cycles_hi: high(health.power_cycles),
        power_on_hours_lo: low(health.power_on_hours),
        power_on_hours_hi: high(health.power_on_hours),
        unsafe_shutdowns_lo: low(health.unsafe_shutdowns),
        unsafe_shutdowns_hi: high(health.unsafe_shutdowns),
        media_errors_lo: low(health.media_errors),
        media_errors_hi: high(health.media_errors),
        number_of_error_log_entries_lo: low(health.error_log_entries),
        number_of_error_log_entries_hi: high(health.error_log_entries),
    }
}

fn address(address: DiskAddress) -> schema::GuestDiskAddress {
    let pci = address.pci;
    let bus_type = match address.bus_type {
        Bus::Unknown => schema::GuestDiskBusType::Unknown,
        Bus::Ide => schema::GuestDiskBusType::Ide,
        Bus::Scsi => schema::GuestDiskBusType::Scsi,
        Bus::Virtio => schema::GuestDiskBusType::Virtio,
        Bus::Sata => schema::GuestDiskBusType::Sata,
        Bus::Nvme => schema::GuestDiskBusType::Nvme,
        Bus::Usb => schema::GuestDiskBusType::Usb,
    };
    schema::GuestDiskAddress {
        pci_controller: schema::GuestPCIAddress {
            domain: pci.domain,
            bus: pci.bus,
            slot: pci.slot,
            function: pci.function,
        },
        bus_type,
        bus: address.bus,
        target: address.target,
        unit: address.unit,
        serial: address.serial,
        dev: address.node,
        ccw_address: None,
    }
}
