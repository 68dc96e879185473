//! Back ends for QAPI schemas.

pub mod introspect;
