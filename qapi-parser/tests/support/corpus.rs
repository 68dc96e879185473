//! The schemas of other people that tests read in place.

use std::path::PathBuf;

/// The folder of corpus schemas; none where it is absent, which is a failure in CI.
pub(crate) fn corpus() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    if path.is_dir() {
        return Some(path);
    }
    qapi_test_support::skip("no corpus");
    None
}
