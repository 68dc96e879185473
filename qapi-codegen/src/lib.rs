//! Back ends for QAPI schemas: Rust types, clients, servers, introspection data, and the builder for build scripts.
//!
//! The way of a schema to Rust: `plan` decides everything (names, direction of use, boxes, derives, documentation), `rust`
//! makes tokens of the plan, `layout` makes text of the tokens. What comes out is an [`Output`], a sorted map of files; only
//! [`Config::compile`] touches the disk.
//!
//! A build script needs one line:
//!
//! ```no_run
//! fn main() -> Result<(), qapi_codegen::BuildError> {
//!     qapi_codegen::compile("schemas/guest-agent.json")
//! }
//! ```

mod build_script;
mod config;
pub mod docgen;
mod docs;
pub mod introspect;
mod layout;
mod markup;
mod names;
mod output;
mod parallel;
mod plan;
mod report;
mod revisions;
mod rust;
mod selector;

pub use build_script::{BuildError, compile};
pub use config::{Conditions, Config, Revisions};
pub use output::Output;
