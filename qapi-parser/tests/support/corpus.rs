//! The schemas of other people that tests read in place.

use std::path::PathBuf;

/// The folder of corpus schemas; none where it is absent, which is a failure in CI.
#[expect(clippy::print_stdout, reason = "says that a test did nothing")]
pub(crate) fn corpus() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    if path.is_dir() {
        return Some(path);
    }
    assert!(
        std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "CI needs the corpus"
    );
    println!("skipped: no corpus");
    None
}
