//! Messages of QAPI servers: recorded, imported, masked, and checked against a schema.
//!
//! ```text
//! Schema ─▶ Validator ─ request, reply, error, event ─▶ Remarks
//! recording ─▶ Entries ─ Conversations ─▶ Audit ─▶ Findings
//! ```
//!
//! * [`Validator`] checks single messages against a schema.
//! * [`recording`] reads and writes recordings; [`Conversations`] matches replies with requests.
//! * [`Audit`] checks whole recordings.
//! * [`examples`] finds the messages in documentation.
//! * [`import`] reads the logs of other programs.
//! * [`Recorder`] records streams, and masks the secrets described by [`Masks`].
//! * [`ServerModel`] stands in for a server of the schema: it checks requests, with the server's errors, and makes up
//!   replies.

mod audit;
mod check;
mod conversation;
pub mod examples;
pub mod import;
mod made_up_values;
mod mask;
mod masked_comparison;
mod model;
mod recorder;
pub mod recording;
mod remark;
mod remembered_secrets;
mod server_build;
mod shapes;
mod validator;

pub use audit::{Audit, Counts, Finding};
pub use conversation::{Answered, Conversations, Noted};
pub use mask::{Masks, RequestMask, Selector, SelectorError};
pub use masked_comparison::resembles;
pub use model::ServerModel;
pub use recorder::{Arrival, Recorder};
pub use remark::{Problem, Remark, Severity, for_all_elements};
pub use server_build::Build;
pub use validator::Validator;
