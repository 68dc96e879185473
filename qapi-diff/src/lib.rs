//! What changed between two revisions of a QAPI schema, and what the change means.
//!
//! ```text
//! Schema ────────┐
//! introspection ─┴─▶ Model ─ compare ─▶ changes ─ judge ─▶ findings
//!                     └ Matrix: what exists in which of many revisions
//! ```
//!
//! * [`model`] is the wire model, to which everything that can be compared is lowered.
//! * [`compare`](compare()) finds what differs along the paths from commands and events. It
//!   does not judge. The lenses [`api`] and [`docs`] look at what is not on the wire.
//! * [`rules`] is the table of judgements; [`config`] overrides it.
//! * [`validate`] says whether a message fits a model; [`witness`] makes, for a breaking change of
//!   the wire, a message that one side allows and the other does not.

pub mod api;
pub mod change;
mod compare;
mod condition;
pub mod config;
pub mod docs;
pub mod finding;
pub mod matrix;
mod message;
pub mod model;
pub mod place;
pub mod rules;
pub mod validate;
pub mod witness;

pub use change::{Announcement, Change, ChangeKind};
pub use compare::{Comparison, compare};
pub use condition::Symbols;
pub use config::Config;
pub use finding::{Finding, Lens, Level};
pub use matrix::{Definitions, Matrix};
pub use model::{Introspection, Model};
pub use place::{Direction, Place, RootKind, Step};
pub use rules::Rule;
pub use validate::{Message, Violation};
pub use witness::{Witness, Witnesses};
