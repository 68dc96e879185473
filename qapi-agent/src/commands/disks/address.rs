//! The address of a disk, from its place in `/sys` (docs/reference/agent-behaviour.md §5.4).

use std::fs;
use std::path::{Path, PathBuf};

/// The kind of bus that a disk is attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bus {
    Unknown,
    Ide,
    Scsi,
    Virtio,
    Sata,
    Nvme,
    Usb,
}

/// The address of a PCI device; −1 throughout if there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pci {
    pub(crate) domain: i64,
    pub(crate) bus: i64,
    pub(crate) slot: i64,
    pub(crate) function: i64,
}

/// The place at which a disk is attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DiskAddress {
    pub(crate) pci: Pci,
    pub(crate) bus_type: Bus,
    pub(crate) bus: i64,
    pub(crate) target: i64,
    pub(crate) unit: i64,
    pub(crate) serial: Option<String>,
    /// The device node.
    pub(crate) node: Option<String>,
}

/// A SCSI address as it is in a path.
#[derive(Debug, Clone, Copy)]
struct Target {
    channel: i64,
    id: i64,
    unit: i64,
}

/// Returns the address of the device at `place`, or nothing if nothing is known of it.
pub(super) fn of(
    place: &Path,
    node: Option<String>,
    serial: Option<String>,
) -> Option<DiskAddress> {
    let mut address = DiskAddress {
        pci: Pci {
            domain: -1,
            bus: -1,
            slot: -1,
            function: -1,
        },
        bus_type: Bus::Unknown,
        bus: 0,
        target: 0,
        unit: 0,
        serial,
        node,
    };
    let known = recognise(place, &mut address).is_some();
    (known || address.node.is_some() || address.serial.is_some()).then_some(address)
}

fn recognise(place: &Path, address: &mut DiskAddress) -> Option<()> {
    let text = place.to_string_lossy();
    let names: Vec<&str> = text.split('/').collect();
    if text.contains("/devices/pci") {
        return recognise_pci(place, &names, address);
    }
    if text.contains("/virtio") && text.contains("/block") {
        address.bus_type = Bus::Virtio;
        if let Some(target) = target_of(&names) {
            address.bus_type = Bus::Scsi;
            (address.bus, address.target, address.unit) = (target.channel, target.id, target.unit);
        }
        return Some(());
    }
    None
}

fn recognise_pci(place: &Path, names: &[&str], address: &mut DiskAddress) -> Option<()> {
    // Bridges come before the controller.
    let (pci, driver) = names.iter().enumerate().find_map(|(index, name)| {
        let pci = pci_address(name)?;
        let node: PathBuf = place
            .ancestors()
            .nth(names.len() - 1 - index)
            .map(Path::to_owned)?;
        let driver = fs::read_link(node.join("driver")).ok()?;
        let driver = driver.file_name()?.to_str()?.to_owned();
        is_controller(&driver).then_some((pci, driver))
    })?;
    let target = target_of(names);
    let (bus_type, bus, number, unit) = match driver.as_str() {
        "ata_piix" => (Bus::Ide, adapter(place, names)?, 0, target?.id),
        "sym53c8xx" => (Bus::Scsi, 0, 0, target?.id),
        "virtio-pci" => match target {
            Some(target) => (Bus::Scsi, 0, 0, target.unit),
            None => (Bus::Virtio, 0, 0, 0),
        },
        "ahci" => {
            target?;
            (Bus::Sata, 0, 0, adapter(place, names)?)
        }
        "nvme" => (Bus::Nvme, 0, 0, 0),
        _ => (Bus::Usb, 0, 0, 0),
    };
    address.pci = pci;
    address.bus_type = bus_type;
    (address.bus, address.target, address.unit) = (bus, number, unit);
    Some(())
}

fn is_controller(driver: &str) -> bool {
    matches!(
        driver,
        "ata_piix" | "sym53c8xx" | "virtio-pci" | "ahci" | "nvme" | "xhci_hcd" | "ehci-pci"
    )
}

/// Reads `dddd:bb:ss.f`.
fn pci_address(name: &str) -> Option<Pci> {
    let (domain, rest) = name.split_once(':')?;
    let (bus, rest) = rest.split_once(':')?;
    let (slot, function) = rest.split_once('.')?;
    let number = |digits: &str| {
        let is_hex = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then(|| i64::from_str_radix(digits, 16).ok())?
    };
    Some(Pci {
        domain: number(domain)?,
        bus: number(bus)?,
        slot: number(slot)?,
        function: number(function)?,
    })
}

/// Reads `host:channel:target:unit` after a `target…` component.
fn target_of(names: &[&str]) -> Option<Target> {
    let index = names.iter().position(|name| {
        name.strip_prefix("target")
            .is_some_and(|rest| rest.contains(':'))
    })?;
    let numbers: Option<Vec<i64>> = names
        .get(index + 1)?
        .split(':')
        .map(|digits| digits.parse().ok())
        .collect();
    let &[_, channel, id, unit] = numbers?.as_slice() else {
        return None;
    };
    Some(Target { channel, id, unit })
}

/// Returns the rank of the adapter among those of its controller.
fn adapter(place: &Path, names: &[&str]) -> Option<i64> {
    ["ata", "host"].into_iter().find_map(|prefix| {
        let number = |name: &str| name.strip_prefix(prefix)?.parse::<u32>().ok();
        let index = names.iter().position(|name| number(name).is_some())?;
        let own = number(names[index])?;
        let controller = place.ancestors().nth(names.len() - index)?;
        let mut all: Vec<u32> = fs::read_dir(controller)
            .ok()?
            .flatten()
            .filter_map(|entry| number(entry.file_name().to_str()?))
            .collect();
        all.sort_unstable();
        i64::try_from(all.iter().position(|other| *other == own)?).ok()
    })
}
