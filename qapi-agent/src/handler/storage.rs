//! File systems and disks.

use qapi_runtime::Error;

use super::aside::aside;
use crate::agent::Agent;
use crate::commands::disks::{self, Address, Bus, Disk, Health};
use crate::commands::fsinfo::{self, FileSystem};
use crate::guest_agent as schema;

pub(super) fn file_systems(agent: &Agent) -> Result<Vec<schema::GuestFilesystemInfo>, Error> {
    let element = |file_system: FileSystem| {
        let disks = file_system.disks.into_iter().map(address).collect();
        let mut element = schema::GuestFilesystemInfo::new(
            file_system.name,
            file_system.mountpoint,
            file_system.kind,
            disks,
        );
        if let Some(sizes) = file_system.sizes {
            element.used_bytes = Some(sizes.used);
            element.total_bytes = Some(sizes.total);
            element.total_bytes_privileged = Some(sizes.total_privileged);
        }
        element
    };
    aside(agent, move |system| {
        let list = fsinfo::list(system.root())?;
        Ok(list.into_iter().map(element).collect::<Vec<_>>())
    })
}

pub(super) fn disks(agent: &Agent) -> Result<Vec<schema::GuestDiskInfo>, Error> {
    let element = |disk: Disk| {
        let mut element = schema::GuestDiskInfo::new(disk.name, disk.partition);
        element.dependencies = disk.dependencies;
        element.address = disk.address.map(address);
        element.alias = disk.alias;
        element.smart = disk.health.map(|health| {
            schema::GuestDiskSmart::new(schema::GuestDiskSmartBranch::Nvme(smart(&health)))
        });
        element
    };
    aside(agent, move |system| {
        let list = disks::list(system.root())?;
        Ok(list.into_iter().map(element).collect::<Vec<_>>())
    })
}

fn smart(health: &Health) -> schema::GuestNVMeSmart {
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
    let low = |counter: u128| counter as u64;
    let high = |counter: u128| low(counter >> 64);
    schema::GuestNVMeSmart::new(
        health.critical_warning.into(),
        health.temperature.into(),
        health.available_spare.into(),
        health.available_spare_threshold.into(),
        health.percentage_used.into(),
        low(health.data_units_read),
        high(health.data_units_read),
        low(health.data_units_written),
        high(health.data_units_written),
        low(health.host_read_commands),
        high(health.host_read_commands),
        low(health.host_write_commands),
        high(health.host_write_commands),
        low(health.controller_busy_time),
        high(health.controller_busy_time),
        low(health.power_cycles),
        high(health.power_cycles),
        low(health.power_on_hours),
        high(health.power_on_hours),
        low(health.unsafe_shutdowns),
        high(health.unsafe_shutdowns),
        low(health.media_errors),
        high(health.media_errors),
        low(health.error_log_entries),
        high(health.error_log_entries),
    )
}

fn address(address: Address) -> schema::GuestDiskAddress {
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
    let mut element = schema::GuestDiskAddress::new(
        schema::GuestPCIAddress::new(pci.domain, pci.bus, pci.slot, pci.function),
        bus_type,
        address.bus,
        address.target,
        address.unit,
    );
    element.serial = address.serial;
    element.dev = address.node;
    element
}
