//! Macros for users of generated code.

mod alternate;
mod branches;
mod common_traits;
mod enumeration;
mod events;
mod members;
mod union;

/// Includes the code that a build script generated for a schema: `$OUT_DIR/<name>/mod.rs` and the files beside it.
///
/// ```ignore
/// /// The guest agent's protocol.
/// mod guest_agent {
///     qapi_runtime::include_schema!("guest_agent");
/// }
/// ```
#[macro_export]
macro_rules! include_schema {
    ($name:literal $(,)?) => {
        include!(concat!(env!("OUT_DIR"), "/", $name, "/mod.rs"));
    };
}
