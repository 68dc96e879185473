//! The verbs, one file each: `…Opts` is its part of the command line, and `run` executes it.

pub(crate) mod call;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod docs;
pub(crate) mod dump;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod generate;
pub(crate) mod introspect;
#[cfg(feature = "lsp")]
pub(crate) mod lsp;
pub(crate) mod man;
pub(crate) mod matrix;
pub(crate) mod mock;
pub(crate) mod reconstruct;
pub(crate) mod record;
pub(crate) mod shell;
pub(crate) mod validate;
pub(crate) mod vendor;
