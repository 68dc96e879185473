//! A client of a guest agent: `cargo run --example guest_client -- /run/vm1/guest-agent.sock`

use std::error::Error;
use std::os::unix::net::UnixStream;

use qapi_runtime::client::{Client, Options};

mod guest_agent {
    qapi_runtime::include_schema!("guest_agent");
}
use guest_agent::client::ClientMethods;
use guest_agent::commands::GuestFileOpen;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("a socket is needed")?;
    let mut agent = Client::guest(UnixStream::connect(path)?, Options::default())?;
    println!("version {}", agent.guest_info()?.version);
    let handle = agent.guest_file_open(GuestFileOpen::new("/etc/hostname").with_mode("r"))?;
    println!("handle {handle}");
    Ok(())
}
