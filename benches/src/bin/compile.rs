//! Cost of building the crate of our generated client beside the peer's, both from the same schema files, and a
//! program that uses a few types of each.
//!
//! Only the compiler's run over the crate itself counts; dependencies and build scripts do not. Much of what either
//! crate has is compiled where it is used, so the program belongs to the picture.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Goal: the largest fraction of the peer's costs.
const GOAL: f64 = 0.25;

/// One run of cargo: its name here, its command, and its profile.
const BUILDS: [(&str, &str, &[&str]); 3] = [
    ("release build", "build", &["--release"]),
    ("development build", "build", &[]),
    ("check", "check", &[]),
];

/// The packages and crates to compare: ours and the peer's.
const CRATES: [(&str, [(&str, &str); 2]); 2] = [
    (
        "client",
        [
            ("qapi-benches-client", "qapi_benches_client"),
            ("qapi-qmp", "qapi_qmp"),
        ],
    ),
    (
        "program with 10 types",
        [
            ("qapi-benches-user-ours", "user_ours"),
            ("qapi-benches-user-theirs", "user_theirs"),
        ],
    ),
];

#[derive(Clone, Copy)]
struct Cost {
    seconds: f64,
    processor: f64,
    megabytes: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::temp_dir().join(format!("qapi-benches-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let result = measure_all(&folder);
    fs::remove_dir_all(&folder)?;
    result
}

fn measure_all(folder: &Path) -> Result<(), Box<dyn Error>> {
    println!("{:42} {:>9} {:>9} {:>7}", "QMP 9.1", "ours", "peer", "part");
    for (number, (what, command, flags)) in BUILDS.into_iter().enumerate() {
        let target = folder.join(number.to_string());
        for (whose, sides) in CRATES {
            let mut costs = Vec::new();
            for (package, name) in sides {
                costs.push(measure(&target, (package, name), command, flags)?);
            }
            let &[ours, theirs] = &costs[..] else {
                return Err("two sides are compared".into());
            };
            let title = format!("{what}, {whose}");
            // The goal is one of the release build of the client.
            let goal = number == 0 && whose == "client";
            report(
                &format!("{title}: seconds"),
                ours.seconds,
                theirs.seconds,
                goal,
            );
            report(
                "  processor seconds",
                ours.processor,
                theirs.processor,
                goal,
            );
            report(
                "  peak memory in MB",
                ours.megabytes,
                theirs.megabytes,
                goal,
            );
        }
    }
    Ok(())
}

fn report(what: &str, ours: f64, theirs: f64, goal: bool) {
    let part = ours / theirs;
    let verdict = if goal && part > GOAL {
        format!("  above the goal of {GOAL}")
    } else {
        String::new()
    };
    println!("{what:42} {ours:>9.2} {theirs:>9.2} {part:>7.2}{verdict}");
}

/// Builds a package, with the meter in the compiler's place.
fn measure(
    target: &PathBuf,
    (package, name): (&str, &str),
    command: &str,
    flags: &[&str],
) -> Result<Cost, Box<dyn Error>> {
    let meter = env::current_exe()?.with_file_name("meter");
    let log = target.with_extension(format!("{name}.log"));
    let status = Command::new(env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
        .args([command, "--quiet", "--package", package])
        .args(flags)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CARGO_TARGET_DIR", target)
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
