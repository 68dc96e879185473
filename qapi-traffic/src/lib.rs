//! Traffic of QAPI servers as evidence.
//!
//! ```text
//! Schema ─▶ Validator ─ request, reply, error, event ─▶ Remarks
//! ```
//!
//! [`Validator`] judges messages against a schema, one at a time.

mod build;
mod check;
mod remark;
mod shapes;
mod validator;

pub use build::Build;
pub use remark::{Problem, Remark, Severity};
pub use validator::Validator;
