//! Prints the plan as Rust: a back end, and one module per construct.

mod alternates;
mod back_end;
mod client;
mod commands;
mod enums;
mod events;
mod fields;
mod forms;
mod introspect;
mod marshal;
mod pages;
mod root;
mod server;
mod setters;
mod structs;
mod unions;

pub(crate) use back_end::Rust;
