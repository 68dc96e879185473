//! An asynchronous client of QEMU: `cargo run --example qmp_client -- /run/vm1/qmp.sock`
//!
//! Pauses the machine, waits for the event that confirms it, and resumes it.

use std::error::Error;

use qapi_runtime::Options;
use qapi_runtime::client::tokio::{Client, UnixPath};

mod qmp {
    qapi_runtime::include_schema!("qmp");
}
use qmp::client::AsyncClientMethods;
use qmp::events::Stop;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("a socket is needed")?;
    let (client, events) = Client::connect_qmp(UnixPath::new(path), Options::default()).await?;
    let mut stops = events.of::<Stop>();
    let status = client.query_status().await?;
    println!("the machine is {}", status.status.as_str());
    // Both requests are under way at once.
    let (status, stopped) = tokio::join!(client.query_status(), client.stop());
    stopped?;
    println!("it was {}", status?.status.as_str());
    let Stop = stops.next().await.ok_or("QEMU has gone")??;
    println!("paused");
    client.cont().await?;
    Ok(())
}
