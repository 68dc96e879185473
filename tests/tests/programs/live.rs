//! The command line against QEMU's own servers.

mod introspection;
mod servers;
mod shell;
