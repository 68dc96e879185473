//! The command as its users see it: whole runs of the binary.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests, too")]

mod bounded;
#[path = "../../../qapi-parser/tests/support/broken.rs"]
mod broken;
mod busy;
mod call;
mod check;
mod check_files;
mod check_tree;
mod diff;
mod directory;
mod docs;
mod dump;
mod explain;
mod fmt;
mod generate;
mod harness;
mod help;
mod hooks;
mod introspect;
mod json_schemas;
mod lint;
#[cfg(feature = "lsp")]
mod lsp;
mod matrix;
#[cfg(unix)]
mod mock;
mod pipes;
mod project;
#[cfg(unix)]
mod proxy;
mod readme;
mod refusals;
mod rendered;
mod traffic;
mod vendor;
