//! The agent as it is to be installed.

use std::path::{Path, PathBuf};
use std::process::Command;

const FLAGS: &str = "-C target-feature=+crt-static -C force-unwind-tables=no \
                     -C link-arg=-Wl,-z,pack-relative-relocs,-O2";

const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Builds it with the command of qapi-agent/README.md; where it is then.
pub(crate) fn small_agent() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let status = Command::new("cargo")
        .args([
            "build",
            "--quiet",
            "--profile",
            "small",
            "-p",
            "qapi-agent",
            "--target",
            TARGET,
        ])
        .env("RUSTFLAGS", FLAGS)
        .current_dir(&workspace)
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "the agent cannot be built"
    );
    let program = workspace
        .join("target")
        .join(TARGET)
        .join("small/qapi-agent");
    program.canonicalize().expect("cargo puts it there")
}
