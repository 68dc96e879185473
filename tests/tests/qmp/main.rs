//! Generated code for the whole of QMP: against QEMU's own servers, and with random values of every type.
//!
//! The schemas are read from the corpus when the tests are built (see `build.rs`).

#[cfg(corpus)]
#[cfg(test)]
mod codec;
#[cfg(corpus)]
#[cfg(test)]
mod conversation;
#[cfg(corpus)]
#[cfg(test)]
mod descriptors;
#[cfg(corpus)]
#[cfg(test)]
mod failures;
#[cfg(corpus)]
#[cfg(test)]
mod hypervisor;
#[cfg(corpus)]
#[cfg(test)]
mod machine;
#[cfg(corpus)]
#[cfg(test)]
mod operations;
#[cfg(corpus)]
#[cfg(test)]
mod queries;
#[cfg(corpus)]
#[cfg(test)]
mod revisions;
#[cfg(corpus)]
#[cfg(test)]
mod round_trips;
#[cfg(corpus)]
#[cfg(test)]
mod storage_daemon;

/// Modules that the build script made.
#[cfg(corpus)]
#[allow(
    clippy::pedantic,
    unreachable_pub,
    reason = "the lints of this workspace go beyond what generated code promises"
)]
mod generated {
    /// QEMU 7.2, 10.0 and 10.2 in one.
    pub(crate) mod qmp {
        qapi_runtime::include_schema!("qmp");
    }
    /// QEMU 10.0: the schema that the newer server was built from.
    pub(crate) mod qmp_10_0 {
        qapi_runtime::include_schema!("qmp_10_0");
    }
    /// QEMU 10.2: newer than the server.
    pub(crate) mod qmp_10_2 {
        qapi_runtime::include_schema!("qmp_10_2");
    }
    /// QEMU 7.2: the schema that the server was built from.
    pub(crate) mod qmp_7_2 {
        qapi_runtime::include_schema!("qmp_7_2");
    }
    /// The storage daemon of QEMU 7.2.
    pub(crate) mod storage_daemon_7_2 {
        qapi_runtime::include_schema!("storage_daemon_7_2");
    }
    /// A program that knows less than any server.
    pub(crate) mod old_machine {
        qapi_runtime::include_schema!("old_machine");
    }
}

#[cfg(not(corpus))]
#[test]
fn clients_are_generated_from_the_corpus() {
    qapi_tests::skip("no corpus when the tests were built");
}
