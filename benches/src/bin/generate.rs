//! Generating: our generator beside the peer's on the schema files of the peer's crate, and beside QEMU's own compiler
//! on the schema of a version of QEMU, there in processor time.
//!
//! Build scripts run without optimisation unless a project says otherwise, so a run without `--release` is the one that
//! users feel.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use qapi_benches::{race, ratio};
use qapi_codegen::{Config, Formatter};
use qapi_parser::source::Disk;
use qapi_parser::{Options, load};

/// Goal: the least fraction of the peer's speed.
const GOAL_PEER: f64 = 1.0;

/// Goals for processor time: at least so many times as fast as QEMU's compiler, optimised, and as build scripts run.
const GOALS_QEMU: [(Formatter, f64, f64); 2] = [
    (Formatter::Prettyplease, 5.0, 0.0),
    (Formatter::None, 12.0, 4.0),
];

/// Runs of either; the median counts.
const ROUNDS_QEMU: usize = 9;

/// Goal: the longest time of a build script for formatted output.
const GOAL_BUILD_SCRIPT: Duration = Duration::from_secs(3);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::temp_dir().join(format!("qapi-benches-generate-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let result = beside_the_peer(&folder).and_then(|()| beside_qemu(&folder));
    fs::remove_dir_all(&folder)?;
    result
}

/// Returns a client for QMP 9.1. The peer's output has no documentation and no layout.
fn beside_the_peer(folder: &Path) -> Result<(), Box<dyn Error>> {
    let schema = Path::new(qapi_benches_client::SCHEMA);
    let files = schema.parent().ok_or("the schema is in a folder")?;
    for (what, formatter) in [
        ("QMP 9.1, unformatted", Formatter::None),
        ("QMP 9.1, formatted", Formatter::Prettyplease),
    ] {
        let ours = Config::new().formatter(formatter).server(false);
        let times = race(
            || generate(&ours, schema, &folder.join("ours")),
            || {
                let output = folder.join("peer.rs");
                peer_codegen::codegen(files, output, "QmpCommand".to_owned())
                    .expect("the peer's own schema")
            },
        );
        // The goal is one of what both make.
        report(
            what,
            times,
            (formatter == Formatter::None).then_some(GOAL_PEER),
        );
    }
    Ok(())
}

/// Returns everything that either makes of QMP: here all modules, laid out; there C.
fn beside_qemu(folder: &Path) -> Result<(), Box<dyn Error>> {
    let Some(scripts) = env::var_os("QEMU_SCRIPTS") else {
        println!("QEMU_SCRIPTS is not set: not compared with QEMU's compiler");
        return Ok(());
    };
    let version = env::var("QEMU_VERSION").unwrap_or_else(|_| "7.2".to_owned());
    let corpus = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/corpus/qemu"
    ));
    let schema = corpus.join(&version).join("qapi/qapi-schema.json");
    let compiler = Path::new(&scripts).join("qapi-gen.py");
    let mut theirs = Vec::new();
    let mut ours = GOALS_QEMU.map(|_| Vec::new());
    for _ in 0..ROUNDS_QEMU {
        for ((formatter, ..), times) in GOALS_QEMU.into_iter().zip(&mut ours) {
            let config = Config::new().formatter(formatter);
            let start = processor_time(UsageWho::RUSAGE_SELF)?;
            generate(&config, &schema, &folder.join("all"));
            times.push(processor_time(UsageWho::RUSAGE_SELF)? - start);
        }
        let start = processor_time(UsageWho::RUSAGE_CHILDREN)?;
        let status = Command::new("python3")
            .arg(&compiler)
            .arg("-o")
            .arg(folder.join("qemu"))
            .arg(&schema)
            .stdout(Stdio::null())
            .status()?;
        if !status.success() {
            return Err("QEMU's compiler does not run".into());
        }
        theirs.push(processor_time(UsageWho::RUSAGE_CHILDREN)? - start);
    }
    let theirs = median(theirs);
    for ((formatter, optimised, unoptimised), times) in GOALS_QEMU.into_iter().zip(ours) {
        let what = match formatter {
            Formatter::None => format!("QMP {version}, unformatted"),
            _ => format!("QMP {version}, formatted"),
        };
        let ours = median(times);
        let goal = if cfg!(debug_assertions) {
            unoptimised
        } else {
            optimised
        };
        report(&what, (ours, theirs), Some(goal));
        if cfg!(debug_assertions) && ours > GOAL_BUILD_SCRIPT {
            println!("{what}: above the goal of {GOAL_BUILD_SCRIPT:?}");
        }
    }
    Ok(())
}

/// Processor time so far, of all threads, in programs and in the system.
fn processor_time(who: UsageWho) -> Result<Duration, Box<dyn Error>> {
    let usage = getrusage(who)?;
    let times = [usage.user_time(), usage.system_time()];
    let microseconds = times.map(|it| it.num_microseconds().unsigned_abs());
    Ok(Duration::from_micros(microseconds.iter().sum()))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Generates files from a schema's files, as a build script does, without its output for Cargo.
fn generate(config: &Config, schema: &Path, folder: &Path) {
    let loaded = load(schema, &Disk, &Options::default());
    let schema = loaded.schema.expect("a schema of QEMU");
    let output = config.generate(&schema).expect("a schema of QEMU");
    fs::create_dir_all(folder).expect("a folder of ours");
    for (path, text) in output.files() {
        fs::write(folder.join(path), text).expect("a file of ours");
    }
}

fn report(what: &str, (ours, theirs): (Duration, Duration), goal: Option<f64>) {
    let ratio = ratio(ours, theirs);
    let millis = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    let verdict = match goal {
        Some(goal) if ratio < goal => format!("  below the goal of {goal}"),
        _ => String::new(),
    };
    println!(
        "{what:26} {:>10}  {:>10}  {ratio:>6.2} ×{verdict}",
        millis(ours),
        millis(theirs)
    );
}
