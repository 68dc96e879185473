//! Support for the tests that cross crates: where the corpus and the peers are, scratch
//! folders, the programs of this workspace, and a client that sends bytes as they are.

pub mod agents;
pub mod base64;
pub mod browser;
pub mod conforms;
pub mod corpus;
pub mod definitions;
pub mod examples;
mod feed;
pub mod generate;
pub mod golden;
pub mod judge;
pub mod meaning;
pub mod mutate;
pub mod peer;
pub mod qmp_server;
#[path = "../build/queries.rs"]
pub mod queries;
pub mod raw;
#[path = "../build/table.rs"]
pub mod table;
pub mod throwaway;
pub mod values;
pub mod vm;

use std::path::{Path, PathBuf};

pub use feed::feed;

/// Client and server made from `schemas/guest-agent/2.5.json`.
#[expect(
    clippy::doc_markdown,
    reason = "documentation texts are the schema's, which is not written for Rust"
)]
pub mod guest_agent {
    qapi_runtime::include_schema!("guest_agent");
}

/// The programs of the README, compiled so that they cannot rot.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub mod readme {}

/// Returns the root of the workspace.
///
/// # Panics
/// If this crate was moved out of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests are a member of the workspace")
        .to_owned()
}

pub use qapi_test_support::{Random, Scratch, in_ci, skip};
