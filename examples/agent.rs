//! An agent in 30 lines: `cargo run --example agent -- agent.sock`

use std::error::Error;
use std::os::unix::net::UnixListener;
use std::sync::Arc;

use qapi_runtime::Error as Refusal;
use qapi_runtime::server::{CommandTable, Dispatcher, ServerLimits, Stop, listen};

mod guest_agent {
    qapi_runtime::include_schema!("guest_agent");
}
use guest_agent::commands::{self, GuestSync, GuestSyncDelimited};
use guest_agent::server::{Handler, Server};

struct Agent;

impl Handler for Agent {
    fn guest_ping(&self) -> Result<(), Refusal> {
        Ok(())
    }
    fn guest_sync(&self, arguments: GuestSync) -> Result<i64, Refusal> {
        Ok(arguments.id)
    }
    fn guest_sync_delimited(&self, arguments: GuestSyncDelimited) -> Result<i64, Refusal> {
        Ok(arguments.id)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("a path is needed")?;
    let table = Arc::new(CommandTable::new(commands::COMMANDS));
    let agent = Dispatcher::new(Server(Agent), table).sentinel_before("guest-sync-delimited");
    let (limits, stop) = (ServerLimits::default(), Stop::new());
    listen(&agent, &UnixListener::bind(path)?, &limits, &stop)?;
    Ok(())
}
