//! Our client for the QMP schema that the peer's crate is built from.

/// The whole of QMP.
pub mod qmp {
    qapi_runtime::include_schema!("qmp");
}

/// The schema, among the files of the peer's crate.
pub const SCHEMA: &str = env!("QAPI_BENCHES_SCHEMA");
