//! The schemas of QEMU, read in place.

use std::path::{Path, PathBuf};

/// The schemas of a release of QEMU; none where they are absent.
pub(crate) fn qemu(version: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/qemu");
    let root = root.join(version);
    if root.is_dir() {
        return root.canonicalize().ok();
    }
    qapi_test_support::skip("no corpus");
    None
}
