//! Comparing guest agents: recorded conversations, generated requests, and the list of deliberate
//! differences of our agent.

pub mod conversation;
pub mod differences;
pub mod requests;
pub mod template;
pub mod vectors;

use std::path::{Path, PathBuf};

/// Returns a file of `data/agent`.
pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("data/agent")
        .join(name)
}
