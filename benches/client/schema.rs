//! The schema in the peer's sources, wherever Cargo keeps those: for this build script, and for other measurements.

use std::env;
use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

/// Returns the peer's copy of the QMP schema of QEMU 9.1.
pub fn schema() -> Result<PathBuf, Box<dyn Error>> {
    let output = Command::new(env::var("CARGO")?)
        .args(["metadata", "--format-version=1", "--locked"])
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().ok_or("no packages")?;
    let peer = packages
        .iter()
        .find(|package| package["name"] == "qapi-qmp");
    let manifest = peer.and_then(|peer| peer["manifest_path"].as_str());
    let manifest = PathBuf::from(manifest.ok_or("qapi-qmp is no dependency")?);
    Ok(manifest
        .with_file_name("schema")
        .join("qapi/qapi-schema.json"))
}
