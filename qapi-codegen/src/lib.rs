//! Generates code and documentation from QAPI schemas: Rust types, clients and servers, introspection data, HTML,
//! Markdown and manual pages. It has a builder for build scripts, and a trait for other back ends.
//!
//! From schema to Rust: `plan` decides names, direction of use, boxes, derives and documentation, `rust` turns the
//! plan into tokens, and `print` turns the tokens into text. The result is an [`Output`], a sorted map of files; only
//! [`Config::compile`] writes to the disk.
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
//! [`Config`] has a method per setting. Settings for parts of a schema take a selector: `.` for everything,
//! `.GuestFileRead` for a definition and everything in it, `GuestFileRead.buf-b64` for a member, `buf-b64` for every
//! member of that name. A selector that selects nothing is an error.
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
//! [`Config::revisions`] generates one client for several revisions of a schema.
//!
//! # Generated files
//!
//! | file | contents |
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
