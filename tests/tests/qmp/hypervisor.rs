//! The operations of Kata's machine manager over QMP, one by one, with the generated client.
//!
//! Operations that are a single call of the client (stop, cont, quit, balloon, getfd, qom-get, query-…, migrate-incoming and
//! the like) need no function here; see `operations.rs`.

use std::error::Error;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use qapi_runtime::client::{Commands, Events};
use qapi_runtime::{Any, Client, ClientError, Options, Reconnect};

use crate::generated::qmp::client::ClientMethods;
use crate::generated::qmp::commands::{
    ChardevAdd, DeviceAdd, DeviceDel, DumpGuestMemory, Getfd, Migrate, MigrateSetCapabilities,
    ObjectDel,
};
use crate::generated::qmp::events::{DeviceDeleted, Migration, Powerdown};
use crate::generated::qmp::{
    BlockdevCacheOptions, BlockdevOptions, BlockdevOptionsFile, BlockdevOptionsRaw, BlockdevRef,
    ChardevBackend, ChardevSocket, CpuInstanceProperties, DumpGuestMemoryFormat,
    MemoryBackendFileProperties, MigrationCapability, MigrationCapabilityStatus, MigrationStatus,
    Netdev, NetdevBranch, NetdevTapOptions, ObjectOptions, ObjectOptionsBranch,
    SocketAddressLegacy, UnixSocketAddress,
};

/// A machine, whatever becomes of the connection to it.
pub(crate) struct Hypervisor {
    pub(crate) qemu: Commands<UnixStream>,
    pub(crate) patience: Duration,
}

type Done = Result<(), Box<dyn Error>>;

/// A property of a device, if it is set.
fn with(device: DeviceAdd, name: &str, value: Option<&str>) -> DeviceAdd {
    match value {
        Some(value) => device.with_extra(name, value),
        None => device,
    }
}

impl Hypervisor {
    /// Connects as soon as the machine is up, and again whenever the connection is lost.
    pub(crate) fn connect(
        connect: impl FnMut() -> io::Result<UnixStream> + Send + 'static,
        patience: Duration,
    ) -> Result<(Self, Events), ClientError> {
        let options = Options::default()
            .with_connect_timeout(patience)
            .with_timeout(patience)
            .with_reconnect(Reconnect::default());
        let qemu = Client::connect_qmp(connect, options)?;
        let (qemu, events) = qemu.split()?;
        Ok((Self { qemu, patience }, events))
    }

    /// Asks the guest to power down, and waits until it has been asked.
    pub(crate) fn power_down(&mut self) -> Done {
        let mut asked = self.qemu.subscribe().of::<Powerdown>();
        self.qemu.system_powerdown()?;
        asked.next_within(self.patience)?.ok_or("no event")??;
        Ok(())
    }

    pub(crate) fn add_disk(
        &mut self,
        node: &str,
        file: BlockdevOptionsFile,
        cache: Option<BlockdevCacheOptions>,
        read_only: bool,
    ) -> Done {
        let file = BlockdevRef::Definition(Box::new(BlockdevOptions::file(file)));
        let mut disk = BlockdevOptions::raw(BlockdevOptionsRaw::new(file));
        disk.cache = cache;
        self.qemu
            .blockdev_add(disk.with_node_name(node).with_read_only(read_only))?;
        Ok(())
    }

    /// Plugs in a device with properties of its own.
    pub(crate) fn add_device(
        &mut self,
        driver: &str,
        id: &str,
        properties: &[(&str, Any)],
    ) -> Done {
        let mut device = DeviceAdd::new(driver).with_id(id);
        for (name, value) in properties {
            device = device.with_extra(*name, value.clone());
        }
        Ok(self.qemu.device_add(device)?)
    }

    pub(crate) fn add_scsi_disk(
        &mut self,
        id: &str,
        node: &str,
        bus: &str,
        lun: i64,
        shared: bool,
    ) -> Done {
        let device = DeviceAdd::new("scsi-hd").with_id(id).with_bus(bus);
        let device = device.with_extra("drive", node).with_extra("lun", lun);
        Ok(self
            .qemu
            .device_add(device.with_extra("share-rw", shared))?)
    }

    pub(crate) fn add_vfio_device(
        &mut self,
        id: &str,
        host: &str,
        bus: Option<&str>,
        address: Option<&str>,
    ) -> Done {
        let device = DeviceAdd::new("vfio-pci")
            .with_id(id)
            .with_extra("host", host);
        let device = with(with(device, "bus", bus), "addr", address);
        Ok(self.qemu.device_add(device)?)
    }

    /// Unplugs a device, and waits until it is gone.
    pub(crate) fn remove_device(&mut self, id: &str) -> Done {
        let gone = self.qemu.subscribe().of::<DeviceDeleted>();
        let expected = id.to_owned();
        let mut gone = gone.only(move |event| event.device.as_deref() == Some(&expected));
        self.qemu.device_del(DeviceDel::new(id))?;
        gone.next_within(self.patience)?.ok_or("it stays")??;
        Ok(())
    }

    /// Adds a network device of queues that have been opened already.
    pub(crate) fn add_tap<D: AsFd>(&mut self, id: &str, queues: &[D], vhost: &[D]) -> Done {
        let hand_over = |what: &str, queues: &[D]| {
            let names = queues.iter().enumerate().map(|(index, queue)| {
                let name = format!("{id}-{what}{index}");
                let mut qemu = self.qemu.with_descriptors([queue]);
                qemu.getfd(Getfd::new(&name)).map(|()| name)
            });
            names
                .collect::<Result<Vec<_>, _>>()
                .map(|names| names.join(":"))
        };
        let mut tap = NetdevTapOptions::new().with_fds(hand_over("fd", queues)?);
        if !vhost.is_empty() {
            tap = tap
                .with_vhost(true)
                .with_vhostfds(hand_over("vhostfd", vhost)?);
        }
        Ok(self
            .qemu
            .netdev_add(Netdev::new(id, NetdevBranch::Tap(tap)))?)
    }

    pub(crate) fn add_network_card(
        &mut self,
        id: &str,
        netdev: &str,
        mac: &str,
        queues: i64,
    ) -> Done {
        let device = DeviceAdd::new("virtio-net-pci").with_id(id);
        let mut device = device.with_extra("netdev", netdev).with_extra("mac", mac);
        if queues > 0 {
            device = device
                .with_extra("mq", true)
                .with_extra("vectors", 2 * queues + 2);
        }
        Ok(self.qemu.device_add(device)?)
    }

    /// Starts a CPU that the machine has room for.
    pub(crate) fn add_cpu(&mut self, id: &str) -> Done {
        let cpus = self.qemu.query_hotpluggable_cpus()?;
        let free = cpus.into_iter().find(|cpu| cpu.qom_path.is_none());
        let free = free.ok_or("no room for a CPU")?;
        let CpuInstanceProperties {
            socket_id,
            die_id,
            core_id,
            thread_id,
            ..
        } = free.props;
        let mut device = DeviceAdd::new(free.type_).with_id(id);
        let places = [
            ("socket-id", socket_id),
            ("die-id", die_id),
            ("core-id", core_id),
            ("thread-id", thread_id),
        ];
        for (name, place) in places {
            if let Some(place) = place {
                device = device.with_extra(name, place);
            }
        }
        Ok(self.qemu.device_add(device)?)
    }

    /// Adds memory after a device; if that fails, nothing stays.
    pub(crate) fn add_memory(
        &mut self,
        driver: &str,
        id: &str,
        file: MemoryBackendFileProperties,
    ) -> Done {
        let memory = format!("mem-{id}");
        let backend = ObjectOptionsBranch::MemoryBackendFile(file.with_share(true));
        self.qemu.object_add(ObjectOptions::new(backend, &memory))?;
        let device = DeviceAdd::new(driver).with_id(id);
        let added = self.qemu.device_add(device.with_extra("memdev", &*memory));
        if added.is_err() {
            self.qemu.object_del(ObjectDel::new(memory))?;
        }
        Ok(added?)
    }

    /// Adds a port that is a Unix socket outside.
    pub(crate) fn add_serial_port(&mut self, id: &str, name: &str, path: &str) -> Done {
        let address = SocketAddressLegacy::unix(UnixSocketAddress::new(path));
        let socket = ChardevSocket::new(address)
            .with_server(true)
            .with_wait(false);
        self.qemu
            .chardev_add(ChardevAdd::new(id, ChardevBackend::socket(socket)))?;
        let port = DeviceAdd::new("virtserialport").with_id(format!("port-{id}"));
        let port = port.with_extra("chardev", id).with_extra("name", name);
        Ok(self.qemu.device_add(port)?)
    }

    pub(crate) fn add_vsock(&mut self, id: &str, guest: u64, vhost: impl AsFd) -> Done {
        let name = format!("vhostfd-{id}");
        self.qemu
            .with_descriptors([vhost])
            .getfd(Getfd::new(&name))?;
        let device = DeviceAdd::new("vhost-vsock-pci").with_id(id);
        let device = device
            .with_extra("guest-cid", guest)
            .with_extra("vhostfd", &*name);
        Ok(self.qemu.device_add(device)?)
    }

    /// Migrates, and waits for the end.
    pub(crate) fn migrate(&mut self, to: &str) -> Result<MigrationStatus, Box<dyn Error>> {
        let events = MigrationCapabilityStatus::new(MigrationCapability::Events, true);
        self.qemu
            .migrate_set_capabilities(MigrateSetCapabilities::new(vec![events]))?;
        let ends = |it: &MigrationStatus| {
            matches!(it, MigrationStatus::Completed | MigrationStatus::Failed)
        };
        let mut end = self
            .qemu
            .subscribe()
            .of::<Migration>()
            .only(move |it| ends(&it.status));
        self.qemu.migrate(Migrate::new().with_uri(to))?;
        Ok(end.next_within(self.patience)?.ok_or("it goes on")??.status)
    }

    pub(crate) fn dump(&mut self, path: &str) -> Done {
        let dump = DumpGuestMemory::new(false, format!("file:{path}"));
        Ok(self
            .qemu
            .dump_guest_memory(dump.with_format(DumpGuestMemoryFormat::Elf))?)
    }
}
