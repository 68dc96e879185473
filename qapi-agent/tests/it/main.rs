//! The built agent, driven over its socket with raw bytes.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod client_changes;
mod command_lists;
mod configuration;
mod daemon;
mod descriptors;
mod distrust;
mod exec;
mod file;
mod harness;
mod network;
mod packaging;
mod platform;
mod policy;
mod process;
mod protocol;
mod serial;
mod slow;
mod supervision;
mod system;
