//! Back ends for QAPI schemas: Rust types, clients, servers, introspection data, and the builder for build scripts.
//!
//! The way of a schema to Rust: `plan` decides everything (names, direction of use, boxes, derives, documentation), `rust`
//! makes tokens of the plan, `print` makes text of the tokens. What comes out is an [`Output`], a sorted map of files; only
//! [`Config::compile`] touches the disk.
//!
//! A build script needs one line:
//!
//! ```no_run
//! fn main() -> Result<(), qapi_codegen::BuildError> {
//!     qapi_codegen::compile("schemas/guest-agent.json")
//! }
//! ```
//!
//! # Settings
//!
//! [`Config`] has a method per setting. Those that are about parts of a schema take a selector: `.` for everything,
//! `.GuestFileRead` for a definition with all in it, `GuestFileRead.buf-b64` for a member, `buf-b64` for every member of that
//! name. Settings that select nothing are errors, with a suggestion where a name is misspelt.
//!
//! ```no_run
//! fn main() -> Result<(), qapi_codegen::BuildError> {
//!     qapi_codegen::Config::new()
//!         .server(false)
//!         .bytes("GuestFileRead.buf-b64")
//!         .derive(".", "PartialOrd")
//!         .compile("schemas/guest-agent.json")
//! }
//! ```
//!
//! [`Config::revisions`] makes one client for several revisions of a schema.
//!
//! # What comes out
//!
//! | file | holds |
//! |---|---|
//! | `types.rs` | a type per definition; with [`Config::module_per_file`] a module per schema file in `types/` |
//! | `commands.rs` | a struct of arguments per command, and the table of commands |
//! | `events.rs` | a struct of data per event, and the enum of all, if there are events |
//! | `client.rs` | a method per command, with [`Config::client`] |
//! | `server.rs` | the trait to implement, with [`Config::server`] |
//! | `introspect.rs` | the schema as data, with [`Config::introspection`] |
//! | `marshal.rs` | reading and writing |
//! | `mod.rs` | the modules, and the types under their own names |

mod backend;
mod build_log;
mod build_script;
mod config;
pub mod docgen;
pub mod documentation;
mod generate;
pub mod introspect;
mod markup;
mod module_name;
pub mod naming;
mod output;
mod parallel;
mod plan;
mod print;
#[cfg(feature = "project")]
pub mod project;
pub mod publish;
mod revisions;
mod rust;
mod rust_names;
mod rustdoc;
pub mod selector;
mod settings;
mod tokens;

pub use backend::{Backend, Context, drive, visit_type};
pub use build_script::{BuildError, compile};
pub use config::{Conditions, Config, Edition, Formatter, Revisions};
pub use output::{Output, OutputError, OutputErrorKind};
#[cfg(feature = "project")]
pub use project::{Project, ProjectError, ProjectSchema};
pub use settings::{Assignment, Settings};
