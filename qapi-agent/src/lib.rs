//! A Linux guest agent: generated marshalling plus handlers.
#![expect(
    dead_code,
    reason = "the cores of the commands come before the generated code that calls them"
)]

mod base64;
pub mod cli;
mod command_lists;
mod commands;
mod failure;
mod log;
mod state;
mod sys;
mod transport;

pub use command_lists::CommandLists;
pub use failure::Failure;
