//! Every operation of Kata's manager of machines, at real machines.

use std::fs;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::time::Duration;

use qapi_runtime::{Any, EventError};
use qapi_tests::qmp_server::QmpServer;

use crate::conversation::refusal;
use crate::generated::qmp::client::ClientMethods;
use crate::generated::qmp::commands::{
    Balloon, BlockdevDel, ChardevRemove, Getfd, MigrateIncoming, NetdevDel, QomGet,
    QomGetMandatory, QomSet, QomSetMandatory,
};
use crate::generated::qmp::events::Event;
use crate::generated::qmp::{
    BlockdevCacheOptions, BlockdevOptionsFile, MemoryBackendFileProperties, MemoryDeviceInfoBranch,
    MigrationStatus, Netdev, NetdevBranch, NetdevSocketOptions, NetdevUserOptions,
};
use crate::hypervisor::Hypervisor;

/// Limit for what must happen; only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(60);

const MIB: u64 = 1 << 20;

fn machines() -> Vec<(QmpServer, Hypervisor)> {
    let servers = QmpServer::growing_machines().into_iter();
    let connected = servers.map(|server| {
        let socket = server.socket();
        let connect = move || UnixStream::connect(&socket);
        let (machine, _) = Hypervisor::connect(connect, PATIENCE).unwrap();
        (server, machine)
    });
    connected.collect()
}

fn path(server: &QmpServer, name: &str) -> String {
    let path = server.folder().join(name);
    path.to_str().expect("the path is text").to_owned()
}

#[test]
fn disks_come_and_go() {
    for (server, mut machine) in machines() {
        let image = path(&server, "disk.raw");
        fs::write(&image, vec![0; 1 << 20]).unwrap();
        let cache = BlockdevCacheOptions::new()
            .with_direct(false)
            .with_no_flush(true);
        let file = || BlockdevOptionsFile::new(&image);
        machine.add_disk("plain", file(), None, true).unwrap();
        machine
            .add_disk("cached", file(), Some(cache), true)
            .unwrap();
        let virtio = [
            ("drive", Any::from("plain")),
            ("share-rw", true.into()),
            ("num-queues", 2.into()),
        ];
        machine
            .add_device("virtio-blk-pci", "disk0", &virtio)
            .unwrap();
        machine.add_device("virtio-scsi-pci", "scsi0", &[]).unwrap();
        machine
            .add_scsi_disk("disk1", "cached", "scsi0.0", 3, true)
            .unwrap();
        machine.remove_device("disk1").unwrap();
        machine
            .qemu
            .blockdev_del(BlockdevDel::new("cached"))
            .unwrap();
        let error = machine.remove_device("disk1").unwrap_err().to_string();
        assert!(error.contains("disk1"), "{error}");
    }
}

#[test]
fn networks_are_made_of_descriptors() {
    for (_server, mut machine) in machines() {
        let user = NetdevBranch::User(NetdevUserOptions::new());
        machine.qemu.netdev_add(Netdev::new("net0", user)).unwrap();
        machine
            .add_network_card("card0", "net0", "52:54:00:12:34:56", 0)
            .unwrap();
        let (ours, theirs) = UnixStream::pair().unwrap();
        // QEMU has got them, and looks for itself.
        let error = machine.add_tap("tap0", &[&theirs], &[&theirs]).unwrap_err();
        assert!(!error.to_string().contains("not found"), "{error}");
        machine
            .qemu
            .with_descriptors([&theirs])
            .getfd(Getfd::new("socket0"))
            .unwrap();
        let socket = NetdevSocketOptions::new().with_fd("socket0");
        let socket = Netdev::new("net1", NetdevBranch::Socket(socket));
        machine.qemu.netdev_add(socket).unwrap();
        machine
            .add_network_card("card1", "net1", "52:54:00:12:34:57", 2)
            .unwrap();
        machine.qemu.netdev_del(NetdevDel::new("net1")).unwrap();
        drop(ours);
    }
}

#[test]
fn processors_and_memory_are_added() {
    for (server, mut machine) in machines() {
        machine.add_cpu("cpu1").unwrap();
        assert_eq!(machine.qemu.query_cpus_fast().unwrap().len(), 2);
        let error = machine.add_cpu("cpu2").unwrap_err().to_string();
        assert_eq!(error, "no room for a CPU");

        let memory = |name| MemoryBackendFileProperties::new(32 * MIB, path(&server, name));
        machine.add_memory("pc-dimm", "dimm0", memory("a")).unwrap();
        // There is one place left, and two are wanted.
        machine.add_memory("pc-dimm", "dimm1", memory("b")).unwrap();
        machine
            .add_memory("pc-dimm", "dimm2", memory("c"))
            .unwrap_err();
        let devices = machine.qemu.query_memory_devices().unwrap();
        let dimms = devices.iter().filter_map(|device| match &device.type_ {
            MemoryDeviceInfoBranch::Dimm(dimm) => Some((dimm.id.as_deref()?, dimm.size)),
            _ => None,
        });
        let size = 32 << 20;
        assert_eq!(
            dimms.collect::<Vec<_>>(),
            [("dimm0", size), ("dimm1", size)]
        );
        let backends = machine.qemu.query_memdev().unwrap();
        assert!(
            backends
                .iter()
                .all(|it| it.id.as_deref() != Some("mem-dimm2"))
        );

        machine
            .add_device("virtio-balloon-pci", "balloon0", &[])
            .unwrap();
        machine.qemu.balloon(Balloon::new(16 << 20)).unwrap();
        let interval = || {
            (
                "/machine/peripheral/balloon0".to_owned(),
                "guest-stats-polling-interval".to_owned(),
            )
        };
        let (path, property) = interval();
        let value = Any::from(7);
        machine
            .qemu
            .qom_set(QomSet::new(QomSetMandatory {
                path,
                property,
                value,
            }))
            .unwrap();
        let (path, property) = interval();
        let value = machine
            .qemu
            .qom_get(QomGet::new(QomGetMandatory { path, property }))
            .unwrap();
        assert_eq!(value, Any::from(7));
    }
}

#[test]
fn ports_and_devices_of_the_host_are_added() {
    for (server, mut machine) in machines() {
        machine
            .add_device("virtio-serial-pci", "serial0", &[])
            .unwrap();
        let socket = path(&server, "port");
        machine
            .add_serial_port("agent", "org.qemu.guest_agent.0", &socket)
            .unwrap();
        UnixStream::connect(&socket).unwrap();
        machine.remove_device("port-agent").unwrap();
        machine
            .qemu
            .chardev_remove(ChardevRemove::new("agent"))
            .unwrap();
        // There are no such devices here, and QEMU says so.
        let error = machine
            .add_vfio_device("vfio0", "ffff:00:00.0", None, Some("0x8"))
            .unwrap_err();
        assert!(!error.to_string().contains("unexpected"), "{error}");
        let (_ours, theirs) = UnixStream::pair().unwrap();
        machine.add_vsock("vsock0", 3, theirs).unwrap_err();
    }
}

#[test]
fn machines_run_migrate_and_end() {
    for (server, mut machine) in machines() {
        assert!(!machine.qemu.query_status().unwrap().running);
        machine.qemu.cont().unwrap();
        assert!(machine.qemu.query_status().unwrap().running);
        machine.power_down().unwrap();
        machine.qemu.stop().unwrap();
        assert!(machine.qemu.query_qmp_schema().unwrap().len() > 1000);
        let incoming = MigrateIncoming::new().with_uri("defer");
        let refused = refusal(machine.qemu.migrate_incoming(incoming));
        assert!(refused.desc.contains("incoming"), "{}", refused.desc);
        let memory = path(&server, "memory");
        machine.dump(&memory).unwrap();
        assert!(fs::metadata(&memory).unwrap().len() > MIB);
        let state = path(&server, "state");
        let status = machine.migrate(&format!("exec:cat > {state}")).unwrap();
        assert_eq!(status, MigrationStatus::Completed);
        let info = machine.qemu.query_migrate().unwrap();
        assert!(info.ram.unwrap().transferred > 0);
        assert!(fs::metadata(&state).unwrap().len() > 0);
        machine.qemu.quit().unwrap();
    }
}

#[test]
fn a_connection_that_is_lost_is_made_again() {
    for server in QmpServer::growing_machines() {
        let (socket, (sender, streams)) = (server.socket(), mpsc::channel());
        let connect = move || {
            let stream = UnixStream::connect(&socket)?;
            sender.send(stream.try_clone()?).expect("the test waits");
            Ok(stream)
        };
        let (mut machine, events) = Hypervisor::connect(connect, PATIENCE).unwrap();
        let mut events = events.of::<Event>();
        for _ in 0..3 {
            machine.qemu.cont().unwrap();
            assert!(matches!(events.next().unwrap().unwrap(), Event::Resume(_)));
            machine.qemu.stop().unwrap();
            assert!(matches!(events.next().unwrap().unwrap(), Event::Stop(_)));
            streams.recv().unwrap().shutdown(Shutdown::Both).unwrap();
            // The reader finds out first; what was lost is told to those who wait for events.
            let lost = events.next().unwrap().unwrap_err();
            assert!(matches!(lost, EventError::Reconnected), "{lost}");
        }
        assert!(!machine.qemu.query_status().unwrap().running);
    }
}
