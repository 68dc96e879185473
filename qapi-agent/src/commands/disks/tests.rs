//! Disks of a made-up machine.

use std::os::unix::fs::symlink;

use super::address::Pci;
use super::*;
use crate::commands::test_root::Tree;

const VDA: &str = "sys/devices/pci0000:00/0000:00:01.0/0000:01:04.0/virtio1/block/vda";

fn link(tree: &Tree, from: &str, to: &str) {
    let from = tree.path().join(from);
    fs::create_dir_all(from.parent().unwrap()).unwrap();
    symlink(tree.path().join(to), from).unwrap();
}

/// A device with what the kernel says of it.
fn device(tree: &Tree, place: &str, number: &str, size: &str) {
    let name = place.rsplit('/').next().unwrap();
    tree.file(&format!("{place}/uevent"), &format!("DEVNAME={name}\n"));
    tree.file(&format!("{place}/dev"), &format!("{number}\n"));
    tree.file(&format!("{place}/size"), size);
    tree.file(&format!("dev/{name}"), "");
    link(tree, &format!("sys/dev/block/{number}"), place);
}

/// Returns a virtio disk behind a bridge with a partition, and a logical volume on that.
fn machine() -> Tree {
    let tree = Tree::new();
    device(&tree, VDA, "253:0", "8\n");
    device(&tree, &format!("{VDA}/vda1"), "253:1", "4\n");
    tree.folder(&format!("{VDA}/queue"));
    tree.folder(&format!("{VDA}/slaves"));
    let controller = "sys/devices/pci0000:00/0000:00:01.0/0000:01:04.0";
    tree.folder("sys/bus/pci/drivers/virtio-pci");
    tree.folder("sys/bus/pci/drivers/pcieport");
    link(
        &tree,
        &format!("{controller}/driver"),
        "sys/bus/pci/drivers/virtio-pci",
    );
    link(
        &tree,
        "sys/devices/pci0000:00/0000:00:01.0/driver",
        "sys/bus/pci/drivers/pcieport",
    );
    let volume = "sys/devices/virtual/block/dm-0";
    device(&tree, volume, "252:0", "2\n");
    link(
        &tree,
        &format!("{volume}/slaves/vda1"),
        &format!("{VDA}/vda1"),
    );
    device(&tree, "sys/devices/virtual/block/loop0", "7:0", "0\n");
    for place in [VDA, volume, "sys/devices/virtual/block/loop0"] {
        let name = place.rsplit('/').next().unwrap();
        link(&tree, &format!("sys/block/{name}"), place);
    }
    tree.file(
        "run/udev/data/b252:0",
        "N:dm-0\nE:DM_NAME=vg-root\nE:ID_SERIAL=\n",
    );
    tree.file(
        "run/udev/data/b253:0",
        "E:ID_SERIAL_SHORT=x\nE:ID_SERIAL=disk-1\n",
    );
    tree
}

fn virtio(node: &str, serial: Option<&str>) -> DiskAddress {
    DiskAddress {
        pci: Pci {
            domain: 0,
            bus: 1,
            slot: 4,
            function: 0,
        },
        bus_type: Bus::Virtio,
        bus: 0,
        target: 0,
        unit: 0,
        serial: serial.map(str::to_owned),
        node: Some(node.to_owned()),
    }
}

#[test]
fn disks_come_with_their_partitions_and_empty_ones_not_at_all() {
    let tree = machine();
    let nodes = |list: &[&str]| Some(list.iter().map(|&node| node.to_owned()).collect());
    let expected = [
        Disk {
            name: "/dev/dm-0".to_owned(),
            partition: false,
            dependencies: nodes(&["/dev/vda1"]),
            address: None,
            alias: Some("vg-root".to_owned()),
            health: None,
        },
        Disk {
            name: "/dev/vda1".to_owned(),
            partition: true,
            dependencies: nodes(&["/dev/vda"]),
            address: None,
            alias: None,
            health: None,
        },
        Disk {
            name: "/dev/vda".to_owned(),
            partition: false,
            dependencies: nodes(&[]),
            address: Some(virtio("/dev/vda", Some("disk-1"))),
            alias: None,
            health: None,
        },
    ];
    let mut found = list(tree.path()).unwrap();
    found.sort_by_key(|disk| expected.iter().position(|other| other.name == disk.name));
    assert_eq!(found, expected);
    let failure = list(Path::new("/nonexistent")).unwrap_err().to_string();
    assert_eq!(
        failure,
        "Can't open directory \"/sys/block\": No such file or directory"
    );
}

#[test]
fn disks_are_in_the_reverse_order_of_their_folder() {
    let tree = Tree::new();
    let names: Vec<String> = (0..40).map(|number| format!("vd{number}")).collect();
    for (number, name) in names.iter().enumerate() {
        let place = format!("sys/devices/pci0/{name}");
        device(&tree, &place, &format!("253:{number}"), "8\n");
        link(&tree, &format!("sys/block/{name}"), &place);
    }
    let folder = std::fs::read_dir(tree.path().join("sys/block")).unwrap();
    let mut expected: Vec<_> = folder
        .map(|entry| format!("/dev/{}", entry.unwrap().file_name().display()))
        .collect();
    expected.reverse();
    let found = list(tree.path()).unwrap();
    let found: Vec<_> = found.into_iter().map(|disk| disk.name).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_volume_has_the_addresses_of_the_disks_beneath() {
    let tree = machine();
    let expected = ("dm-0".to_owned(), vec![virtio("/dev/vda1", None)]);
    assert_eq!(beneath(tree.path(), (252, 0)), Ok(expected));
    let empty = |name: &str| Ok((name.to_owned(), Vec::new()));
    assert_eq!(beneath(tree.path(), (7, 0)), empty("loop0"));
    assert_eq!(beneath(tree.path(), (8, 1)), empty("8:1"));
}

#[test]
fn adapters_are_ranked_and_unknown_controllers_are_said_to_be() {
    let tree = Tree::new();
    let controller = "sys/devices/pci0000:00/0000:00:1f.2";
    let disk = |host: &str| format!("{controller}/{host}/host9/target9:0:0/9:0:0:3/block/sda");
    for adapter in ["ata2", "ata10", "ata1"] {
        tree.folder(&format!("{controller}/{adapter}"));
    }
    device(&tree, &disk("ata10"), "8:0", "8\n");
    tree.folder("drivers/ahci");
    tree.folder("drivers/other");
    let found = || beneath(tree.path(), (8, 0)).unwrap().1.remove(0);
    assert_eq!(found().bus_type, Bus::Unknown);
    assert_eq!(found().pci.domain, -1);
    link(&tree, &format!("{controller}/driver"), "drivers/ahci");
    let address = found();
    assert_eq!((address.bus_type, address.unit), (Bus::Sata, 2));
    assert_eq!((address.pci.slot, address.pci.function), (0x1f, 2));
}
