//! Real schemas, kept beside the project and read in place.

use std::path::{Path, PathBuf};

/// Returns the corpus, or none where the project was cloned without it.
///
/// # Panics
/// If it is absent and `CI` is `true`.
pub fn root() -> Option<PathBuf> {
    let root = crate::workspace().join("../shared/corpus");
    if root.is_dir() {
        return Some(root);
    }
    crate::skip("no corpus");
    None
}

/// The five revisions of the guest agent's interface, as named in `schemas/guest-agent`.
pub const GUEST_AGENT_REVISIONS: [&str; 5] = ["1.1", "1.5", "2.3", "2.4", "2.5"];

/// Our own schema of one revision of the guest agent.
pub fn guest_agent(revision: &str) -> PathBuf {
    crate::workspace()
        .join("schemas/guest-agent")
        .join(format!("{revision}.json"))
}

/// Returns the main files of a version of QEMU: the machine protocol, the guest agent, the storage daemon.
pub fn roots(corpus: &Path, version: &str) -> Vec<PathBuf> {
    ["qapi", "qga", "storage-daemon/qapi"]
        .map(|folder| {
            corpus
                .join("qemu")
                .join(version)
                .join(folder)
                .join("qapi-schema.json")
        })
        .into_iter()
        .filter(|root| root.is_file())
        .collect()
}
