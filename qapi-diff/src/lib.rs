//! Compares revisions of a QAPI schema, and judges what changed.
//!
//! ```text
//! Schema ────────┐
//! introspection ─┴─▶ Model ─ compare ─▶ changes ─ judge ─▶ findings
//!                     └ Matrix: the items of many revisions, side by side
//! ```
//!
//! * [`Model`] is the wire model, to which everything that can be compared is lowered.
//! * [`compare`](compare()) finds what differs along the paths from commands and events. It
//!   does not judge. The lenses [`api`] and [`docs`] look at what is not on the wire.
//! * [`rules`] is the table of judgements; [`config`] overrides it.
//! * [`Model::check`] judges whether a message fits a model; [`Witnesses`] makes, for a breaking
//!   change of the wire, a message that one side allows and the other does not.
//! * [`impact`] keeps the findings that matter to a program whose messages are known.
//! * [`reconstruct`](reconstruct::reconstruct) writes the schema of a server that only describes itself.
//!
//! A module imports only from the modules above it in this list: `path`, `condition`, `order`,
//! `level`; `builds`; `model`; `sketch`; `validate`, `change`; `compare`, `api`, `docs`, `matrix`; `rules`,
//! `witness`; `finding`; `config`.

pub mod api;
mod builds;
mod change;
mod compare;
mod condition;
pub mod config;
pub mod docs;
mod finding;
pub mod impact;
mod level;
pub mod matrix;
mod model;
mod order;
mod path;
pub mod reconstruct;
pub mod rules;
mod sketch;
mod validate;
mod witness;

pub use change::{Announcement, ApiChange, Change, ChangeKind, DocPart, DocsChange};
pub use compare::{Comparison, compare};
pub use condition::Symbols;
pub use config::Config;
pub use finding::Finding;
pub use level::{Lens, Level, UnknownLevel};
pub use matrix::{Definitions, Matrix};
pub use model::{IntrospectionError, Model, NumberType, ServerSchema};
pub use path::{Direction, PathStep, RootKind, SchemaPath};
pub use rules::Rule;
pub use validate::{Message, Violation};
pub use witness::{Origin, Witness, Witnesses};
