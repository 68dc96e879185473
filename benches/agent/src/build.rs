//! The agent, built for installation.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds it as qapi-agent/README.md describes; returns its path.
pub(crate) fn small_agent() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(workspace.join("packaging/static-agent"))
        .output()
        .expect("the workspace has the script");
    assert!(
        output.status.success(),
        "the agent cannot be built: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let path = String::from_utf8_lossy(&output.stdout);
    PathBuf::from(path.trim_end())
}
