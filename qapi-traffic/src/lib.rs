//! Traffic of QAPI servers as evidence.
//!
//! ```text
//! Schema ─▶ Validator ─ request, reply, error, event ─▶ Remarks
//! recording ─▶ Entries ─ Conversations ─▶ Audit ─▶ Findings
//! ```
//!
//! * [`Validator`] judges messages against a schema, one at a time.
//! * [`recording`] reads and writes recordings; [`Conversations`] tells which reply belongs to which request.
//! * [`Audit`] judges whole recordings.

mod audit;
mod build;
mod check;
mod conversation;
pub mod recording;
mod remark;
mod shapes;
mod validator;

pub use audit::{Audit, Counts, Finding};
pub use build::Build;
pub use conversation::Conversations;
pub use remark::{Problem, Remark, Severity};
pub use validator::Validator;
