//! Stands in for `rustc` while `compile` measures: runs it, and notes what the crates of interest cost.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::process::{Command, exit};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};

fn main() {
    let mut arguments = env::args_os().skip(1);
    let rustc = arguments.next().expect("cargo names the compiler first");
    let arguments: Vec<_> = arguments.collect();
    let name = arguments
        .iter()
        .position(|argument| argument == "--crate-name")
        .and_then(|place| arguments.get(place + 1)?.to_str())
        .unwrap_or_default()
        .to_owned();
    let start = Instant::now();
    let status = Command::new(rustc)
        .args(&arguments)
        .status()
        .expect("the compiler runs");
    let seconds = start.elapsed().as_secs_f64();
    if let Ok(log) = env::var("QAPI_METER_LOG") {
        // This process has had one child.
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("always allowed");
        let time = |time: nix::sys::time::TimeVal| {
            let (seconds, micros) = (time.tv_sec(), time.tv_usec());
            std::time::Duration::from_secs(seconds.cast_unsigned()).as_secs_f64()
                + micros as f64 / 1e6
        };
        let processor = time(usage.user_time()) + time(usage.system_time());
        let mut log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .expect("the log can be written");
        writeln!(
            log,
            "{name} {seconds:.3} {processor:.3} {}",
            usage.max_rss()
        )
        .expect("the log can be written");
    }
    exit(status.code().unwrap_or(1));
}
