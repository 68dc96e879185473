//! The runtime from outside: what goes in and what comes out.

#[cfg(feature = "tokio")]
#[cfg(test)]
mod agents;
#[cfg(feature = "tokio")]
#[cfg(test)]
mod asynchronous;
#[cfg(test)]
mod bytes;
#[cfg(test)]
mod client;
#[cfg(feature = "tokio")]
#[cfg(test)]
mod concurrent_server;
#[cfg(test)]
mod demo;
#[cfg(all(unix, feature = "descriptors", feature = "tokio"))]
#[cfg(test)]
mod descriptors;
#[cfg(test)]
mod events;
#[cfg(test)]
mod extras;
#[cfg(test)]
mod faults;
#[cfg(feature = "tokio")]
#[cfg(test)]
mod faults_tokio;
#[cfg(feature = "serde")]
#[cfg(test)]
mod formats;
#[cfg(test)]
mod garbage;
#[cfg(test)]
mod introspect;
#[cfg(feature = "serde_json")]
#[cfg(test)]
mod json_values;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod listening;
#[cfg(test)]
mod objects;
#[cfg(test)]
mod order;
#[cfg(test)]
mod peer;
#[cfg(test)]
mod qmp;
#[cfg(test)]
mod qmp_server;
#[cfg(test)]
mod reading;
#[cfg(all(unix, feature = "descriptors", feature = "tokio"))]
#[cfg(test)]
mod received;
#[cfg(test)]
mod server;
#[cfg(all(unix, feature = "descriptors", feature = "tokio"))]
#[cfg(test)]
mod servers;
#[cfg(test)]
mod stalls;
#[cfg(test)]
mod testing;
#[cfg(unix)]
#[cfg(test)]
mod unasked;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod writing;

use std::sync::Arc;

use qapi_runtime::{CommandTable, Dispatcher, Session};

/// A dispatcher over the demo service.
fn dispatcher() -> Dispatcher<demo::Demo> {
    let table = Arc::new(CommandTable::new(demo::COMMANDS));
    Dispatcher::new(demo::Demo, table).sentinel_before("guest-sync-delimited")
}

/// The answers of a fresh session to `input`, one character per byte.
fn replies(input: impl AsRef<[u8]>) -> String {
    let mut session = Session::new();
    session.feed(input.as_ref(), &dispatcher());
    text(session.output())
}

/// Bytes as characters of the same number, so that failures can be read.
fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// The reply line for an error of class `GenericError`.
fn generic(desc: &str) -> String {
    format!("{{\"error\": {{\"class\": \"GenericError\", \"desc\": \"{desc}\"}}}}\n")
}
