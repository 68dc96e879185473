//! The command line against QEMU's own servers.

#[cfg(test)]
mod live {
    mod introspection;
    mod servers;
    mod shell;
}
