//! The settings of the generator, as a chain of methods. A configuration is data: `generate` and `build_script` run
//! it.

mod builder;
mod formatter;
mod revisions;
mod rust_text;
mod selected;

pub use builder::{Conditions, Config};
pub use formatter::{Edition, Formatter};
pub use revisions::Revisions;
pub(crate) use rust_text::RustText;
