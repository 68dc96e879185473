//! The parts of QMP that a manager of machines needs: `cargo run --example vm_manager -- /run/vm1/qmp.sock disk.img`
//!
//! Connects as soon as QEMU is up, and again whenever the connection is lost; passes an image that QEMU may not open itself,
//! adds a device, calls a command that is not in the schema, and follows the events in a thread.

use std::error::Error;
use std::fs::File;
use std::os::unix::net::UnixStream;
use std::thread;

use qapi_runtime::{Any, Client, Object, Options, Reconnect};

mod qmp {
    qapi_runtime::include_schema!("qmp");
}
use qmp::client::ClientMethods;
use qmp::commands::{AddFd, DeviceAdd};
use qmp::events::Event;
use qmp::{NewImageDriver, NewNode, NewNodeMandatory};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (socket, image) = (arguments.next(), arguments.next());
    let (socket, image) = socket
        .zip(image)
        .ok_or("a socket and an image are needed")?;

    let options = Options::default()
        .with_name("vm1")
        .with_reconnect(Reconnect::default());
    let qemu = Client::connect_qmp(move || UnixStream::connect(&socket), options)?;
    let (mut qemu, events) = qemu.split()?;
    let events = thread::spawn(move || {
        for event in events.of::<Event>() {
            match event {
                Ok(Event::Shutdown(_)) => return println!("it is off"),
                Ok(event) => println!("{}", event.name()),
                Err(problem) => println!("{problem}"),
            }
        }
    });

    let image = File::open(image)?;
    let set = qemu
        .with_descriptors([&image])
        .add_fd(AddFd::new())?
        .fdset_id;
    let node = NewNode::new(NewNodeMandatory {
        driver: NewImageDriver::File,
        node_name: "disk0".to_owned(),
        filename: format!("/dev/fdset/{set}"),
    });
    qemu.blockdev_add(node.with_read_only(true))?;

    let device = DeviceAdd::new("virtio-rng-pci").with_id("rng0");
    qemu.device_add(device.with_extra("max-bytes", 1024))?;

    let property = [
        ("path", "/machine/peripheral/rng0"),
        ("property", "max-bytes"),
    ];
    let property = Object::from(property.map(|(name, value)| (name, Any::from(value))));
    println!("max-bytes {}", qemu.call("qom-get", &property)?);

    qemu.quit()?;
    events
        .join()
        .map_err(|_| "the thread of events has panicked")?;
    Ok(())
}
