//! guest-get-disks, and the place of a device in the machine (docs/reference/agent-behaviour.md §5.4, §6.6).
//!
//! The facts come from `/sys` and, for serial numbers and names, from udev's database. Without udev there are fewer
//! facts.

mod address;
mod smart;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

pub(crate) use address::{Bus, DiskAddress};
pub(crate) use smart::Health;

use super::mounts::Device;
use crate::failure::Failure;
use crate::platform::sys::errno_of;

/// A disk or a partition.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Disk {
    /// The device node.
    pub(crate) name: String,
    pub(crate) partition: bool,
    /// Nodes of the devices it is made from.
    pub(crate) dependencies: Option<Vec<String>>,
    pub(crate) address: Option<DiskAddress>,
    /// The device mapper's name.
    pub(crate) alias: Option<String>,
    /// The health of an NVM Express disk, as it reports it.
    pub(crate) health: Option<Health>,
}

/// The number of layers of devices that are followed.
const DEPTH_LIMIT: usize = 16;

/// Returns the kernel's name of a device and the hardware beneath it. `root` is where `/sys` is.
pub(crate) fn beneath(root: &Path, device: Device) -> Result<(String, Vec<DiskAddress>), Failure> {
    let (major, minor) = device;
    let shown = format!("/sys/dev/block/{major}:{minor}");
    let place = match root.join(&shown[1..]).canonicalize() {
        Ok(place) => place,
        // In containers there may be none.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok((format!("{major}:{minor}"), Vec::new()));
        }
        Err(error) => {
            let context = format!("realpath(\"{shown}\")");
            return Err(Failure::with_errno(context, errno_of(&error)));
        }
    };
    let mut addresses = Vec::new();
    collect(root, &place, &mut addresses, 0);
    // The reference puts each partition before the earlier ones.
    addresses.reverse();
    Ok((file_name(&place), addresses))
}

/// Appends the hardware under the device at `place` in `/sys`.
fn collect(root: &Path, place: &Path, addresses: &mut Vec<DiskAddress>, depth: usize) {
    if !is_virtual(place) {
        let udev = Udev::of(root, place);
        addresses.extend(address::of(
            place,
            node_of(root, place),
            udev.property("ID_SERIAL"),
        ));
    } else if depth < DEPTH_LIMIT {
        for slave in slaves(place).into_iter().flatten() {
            collect(root, &slave, addresses, depth + 1);
        }
    }
}

/// Returns all disks and partitions of the machine: each partition before its disk, the last one first, in the order
/// of the kernel's folders, which hosts number them by. `root` is where `/sys` is.
pub(crate) fn list(root: &Path) -> Result<Vec<Disk>, Failure> {
    let entries = fs::read_dir(root.join("sys/block")).map_err(|error| {
        Failure::with_errno("Can't open directory \"/sys/block\"", errno_of(&error))
    })?;
    let places: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()))
        .filter_map(|entry| entry.path().canonicalize().ok())
        .collect();
    let mut disks = Vec::new();
    for place in places {
        let size = fs::read_to_string(place.join("size")).unwrap_or_default();
        if size == "0\n" {
            continue;
        }
        let udev = Udev::of(root, &place);
        let address = if is_virtual(&place) {
            None
        } else {
            address::of(&place, node_of(root, &place), udev.property("ID_SERIAL"))
        };
        let nodes = |slaves: Vec<PathBuf>| {
            slaves
                .iter()
                .filter_map(|slave| node_of(root, slave))
                .collect()
        };
        let name = node_of(root, &place).unwrap_or_else(|| file_name(&place));
        let is_nvme = matches!(&address, Some(address) if address.bus_type == Bus::Nvme);
        disks.push(Disk {
            name: name.clone(),
            partition: false,
            dependencies: slaves(&place).map(nodes),
            health: is_nvme
                .then(|| smart::of(&root.join(name.trim_start_matches('/'))))
                .flatten(),
            address,
            alias: udev.property("DM_NAME"),
        });
        for partition in partitions(&place) {
            disks.push(Disk {
                name: node_of(root, &partition).unwrap_or_else(|| file_name(&partition)),
                partition: true,
                dependencies: Some(vec![name.clone()]),
                address: None,
                alias: None,
                health: None,
            });
        }
    }
    disks.reverse();
    Ok(disks)
}

/// Returns the partitions of a disk, known by the names that the kernel gives them.
fn partitions(disk: &Path) -> Vec<PathBuf> {
    let own = file_name(disk);
    let is_partition = |name: &str| {
        name.strip_prefix(&own).is_some_and(|rest| {
            let number = rest.strip_prefix('p').unwrap_or(rest);
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    fs::read_dir(disk)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| is_partition(&file_name(path)) && path.is_dir())
        .collect()
}

/// Returns the devices that a device is made from, if it says so.
fn slaves(place: &Path) -> Option<Vec<PathBuf>> {
    let mut slaves: Vec<PathBuf> = fs::read_dir(place.join("slaves"))
        .ok()?
        .flatten()
        .filter_map(|entry| entry.path().canonicalize().ok())
        .collect();
    slaves.sort();
    Some(slaves)
}

fn is_virtual(place: &Path) -> bool {
    place.to_string_lossy().contains("/devices/virtual/block/")
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Returns the device node, as the kernel names it.
fn node_of(root: &Path, place: &Path) -> Option<String> {
    let text = fs::read_to_string(place.join("uevent")).ok()?;
    let name = text
        .lines()
        .find_map(|line| line.strip_prefix("DEVNAME="))?;
    let node = format!("/dev/{name}");
    root.join(&node[1..]).exists().then_some(node)
}

/// A device's properties, as udev has them.
struct Udev {
    text: String,
}

impl Udev {
    fn of(root: &Path, place: &Path) -> Self {
        let read = || {
            let number = fs::read_to_string(place.join("dev")).ok()?;
            let file = format!("run/udev/data/b{}", number.trim());
            fs::read(root.join(file)).ok()
        };
        Self {
            text: String::from_utf8_lossy(&read().unwrap_or_default()).into_owned(),
        }
    }

    /// Returns a property, if it is there and not empty.
    fn property(&self, name: &str) -> Option<String> {
        let value = |line: &str| {
            Some(
                line.strip_prefix("E:")?
                    .strip_prefix(name)?
                    .strip_prefix('=')?
                    .to_owned(),
            )
        };
        self.text
            .lines()
            .find_map(value)
            .filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests;
