//! Compares revisions of a QAPI schema, and determines what each change breaks.
//!
//! ```text
//! Schema ────────┐
//! introspection ─┴─▶ Model ─ compare ─▶ changes ─ judge ─▶ findings
//!                     └ Matrix: the items of many revisions, side by side
//! ```
//!
//! * [`Model`] is the wire model. Everything that can be compared is converted to it.
//! * [`compare`](compare()) finds the differences along the paths from commands and events. The lenses [`api`] and
//!   [`docs`] compare what is not on the wire.
//! * [`rules`] is the table of rules, which give each change a level; [`config`] overrides levels.
//! * [`Model::check`] checks a message against a model; for a breaking change, [`Witnesses`] makes a message that one
//!   revision allows and the other does not.
//! * [`impact`] selects the findings that affect a program, from recordings of its messages.
//! * [`reconstruct`](reconstruct::reconstruct) writes a schema from a server's introspection.
//!
//! A module imports only from the modules above it in this list: `path`, `condition`, `order`,
//! `level`; `builds`; `model`; `shared_document`; `validate`, `change`; `compare`, `api`, `docs`, `matrix`; `rules`,
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
mod shared_document;
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
