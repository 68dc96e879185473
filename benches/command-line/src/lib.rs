//! The cost of other programs.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// The time and the memory that a process took.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// On the clock.
    pub wall: Duration,
    /// Of the processor, for the process and the system on its behalf.
    pub processor: Duration,
    /// At its peak, in bytes.
    pub memory: u64,
}

/// Runs a program with an input; its output is discarded.
///
/// The system reports only the memory of the largest child, so each program is the only child of a process of this program.
///
/// # Panics
/// If it does not run, or ends with a status that is neither success nor that of findings.
pub fn run(command: &Command, input: &[u8]) -> Cost {
    let mut meter = Command::new(std::env::current_exe().expect("a program knows itself"));
    meter
        .arg(METER)
        .arg(command.get_program())
        .args(command.get_args())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = meter.spawn().expect("this program runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(input).expect("the program reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it is ours");
    assert!(output.status.success(), "{command:?} failed");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut figures = text
        .split_whitespace()
        .map(|it| it.parse().expect("it is a number"));
    let mut next = || figures.next().expect("there are three");
    Cost {
        wall: Duration::from_micros(next()),
        processor: Duration::from_micros(next()),
        memory: next(),
    }
}

/// The first argument of a process that runs one program.
const METER: &str = "--meter";

/// Runs the program that the arguments name, if they do, and prints its cost. Each program of this crate begins with this.
///
/// # Panics
/// If it does not run, or ends with a status that is neither success nor that of findings.
#[expect(clippy::print_stdout, reason = "that is the result")]
pub fn is_meter() -> bool {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|first| first != METER) {
        return false;
    }
    let program = arguments.next().expect("a program is named");
    let start = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the program runs");
    let wall = start.elapsed();
    assert!(matches!(status.code(), Some(0 | 1)), "{status}");
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("always allowed");
    let processor = duration(usage.user_time()) + duration(usage.system_time());
    let memory = usage.max_rss().unsigned_abs() * 1024;
    println!("{} {} {memory}", wall.as_micros(), processor.as_micros());
    true
}

/// Returns the best of a few runs, of each figure.
pub fn best(runs: usize, mut run: impl FnMut() -> Cost) -> Cost {
    let costs = (0..runs).map(|_| run());
    costs
        .reduce(|a, b| Cost {
            wall: a.wall.min(b.wall),
            processor: a.processor.min(b.processor),
            memory: a.memory.min(b.memory),
        })
        .expect("there is a run")
}

fn duration(time: TimeVal) -> Duration {
    Duration::from_secs(time.tv_sec().unsigned_abs())
        + Duration::from_micros(time.tv_usec().unsigned_abs())
}

/// Returns the command: the program that `QAPI` names, or else the release build of the workspace.
///
/// # Panics
/// If there is neither.
pub fn qapi() -> PathBuf {
    let built = workspace().join("target/release/qapi");
    let program = std::env::var_os("QAPI").map_or(built, PathBuf::from);
    assert!(
        program.is_file(),
        "build it first, by `cargo build --release -p qapi-cli`, or name it by QAPI"
    );
    program
}

/// Returns the top of the main workspace.
///
/// # Panics
/// If this crate was moved.
pub fn workspace() -> &'static Path {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    top.expect("it is two folders up")
}

/// Runs `qapi` with these arguments.
pub fn run_qapi<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Cost {
    run(Command::new(qapi()).args(arguments), b"")
}

/// Prints one line of a table, and `missed` after a figure that is above its goal. Returns true if none is.
#[expect(clippy::print_stdout, reason = "that is the result")]
pub fn report(what: &str, cost: Cost, time: Duration, memory: u64) -> bool {
    let is_fast = cost.processor <= time;
    let is_small = cost.memory <= memory;
    let missed = |holds| if holds { "" } else { " (missed)" };
    println!(
        "{what:44} {:>7.1} ms of processor time{}, {:>7.1} ms, {:>4} MB{}",
        cost.processor.as_secs_f64() * 1e3,
        missed(is_fast),
        cost.wall.as_secs_f64() * 1e3,
        cost.memory >> 20,
        missed(is_small)
    );
    is_fast && is_small
}
