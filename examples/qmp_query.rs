//! A blocking client of QEMU: `cargo run --example qmp_query -- /run/vm1/qmp.sock`
//!
//! Prints the version and the state of the machine, pauses and resumes it, and prints events until QEMU ends.

use std::error::Error;
use std::os::unix::net::UnixStream;

use qapi_runtime::{Client, Options};

mod qmp {
    qapi_runtime::include_schema!("qmp");
}
use qmp::client::ClientMethods;
use qmp::events::Event;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("a socket is needed")?;
    let mut qemu = Client::qmp(UnixStream::connect(path)?, Options::default())?;
    let version = qemu.query_version()?.qemu;
    println!("version {}.{}", version.major, version.minor);
    println!("the machine is {}", qemu.query_status()?.status.as_str());
    qemu.stop()?;
    qemu.cont()?;
    qemu.quit()?;
    let (_, events) = qemu.split()?;
    for event in events.of::<Event>() {
        println!("{:?}", event?);
    }
    Ok(())
}
