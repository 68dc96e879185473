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
//! * [`examples`] finds the messages in documentation.
//! * [`import`] reads the logs of other programs.
//! * [`Recorder`] makes recordings of streams, without the secrets that [`Masks`] knows.
//! * [`ServerModel`] does what a server of the schema would do with requests: it judges them in the server's words, and makes
//!   replies up.

mod audit;
mod check;
mod conversation;
pub mod examples;
pub mod import;
mod made_up_values;
mod mask;
mod model;
mod recorder;
pub mod recording;
mod remark;
mod remembered_secrets;
mod resemble;
mod server_build;
mod shapes;
mod validator;

pub use audit::{Audit, Counts, Finding};
pub use conversation::{Answered, Conversations, Noted};
pub use mask::{Masks, Selector, SelectorError};
pub use model::ServerModel;
pub use recorder::{Arrival, Recorder};
pub use remark::{Problem, Remark, Severity, for_all_elements};
pub use resemble::resembles;
pub use server_build::Build;
pub use validator::Validator;
