//! The command line against QEMU's own servers.

mod live {
    mod introspection;
    mod servers;
    mod shell;
}
