//! What building costs: the crate of our generated client beside the peer's, both from the same schema files.
//!
//! Only the compiler's run over the crate itself counts, in release mode; dependencies and build scripts do not.

use std::error::Error;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

/// The largest part of the peer's costs we want to have.
const GOAL: f64 = 0.25;

struct Cost {
    seconds: f64,
    processor: f64,
    megabytes: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::temp_dir().join(format!("qapi-benches-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let ours = measure(&folder, "qapi-benches-client", "qapi_benches_client");
    let theirs = measure(&folder, "qapi-qmp", "qapi_qmp");
    fs::remove_dir_all(&folder)?;
    let (ours, theirs) = (ours?, theirs?);
    println!(
        "{:24} {:>9} {:>9} {:>7}",
        "release build of QMP 9.1", "ours", "qapi-qmp", "part"
    );
    report("seconds", ours.seconds, theirs.seconds);
    report("processor seconds", ours.processor, theirs.processor);
    report("peak memory in MB", ours.megabytes, theirs.megabytes);
    Ok(())
}

fn report(what: &str, ours: f64, theirs: f64) {
    let part = ours / theirs;
    let verdict = if part <= GOAL { "" } else { "  above the goal" };
    println!("{what:24} {ours:>9.2} {theirs:>9.2} {part:>7.2}{verdict}");
}

/// Builds a package in a folder of its own, with the meter in the compiler's place.
fn measure(folder: &PathBuf, package: &str, name: &str) -> Result<Cost, Box<dyn Error>> {
    let meter = env::current_exe()?.with_file_name("meter");
    let log = folder.join(format!("{name}.log"));
    let status = Command::new(env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
        .args(["build", "--release", "--quiet", "--package", package])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("CARGO_INCREMENTAL", "0")
        .env("RUSTC_WRAPPER", meter)
        .env("QAPI_METER_LOG", &log)
        .status()?;
    if !status.success() {
        return Err(format!("{package} does not build").into());
    }
    let log = fs::read_to_string(log)?;
    let line = log
        .lines()
        .rfind(|line| line.split(' ').next() == Some(name));
    let fields: Vec<f64> = line
        .ok_or("the crate was not compiled")?
        .split(' ')
        .skip(1)
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let [seconds, processor, kilobytes] = fields[..] else {
        return Err("the log is damaged".into());
    };
    Ok(Cost {
        seconds,
        processor,
        megabytes: kilobytes / 1024.0,
    })
}
