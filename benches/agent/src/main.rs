//! Our guest agent beside the distribution's `qemu-ga`, on the same machine in the same run: round trips,
//! requests in a row, resident memory, size.
//!
//! `cargo run --release -p qapi-benches-agent`, in `benches/`, builds the agent for installation, as qapi-agent/README.md
//! describes. Programs named as arguments are measured instead.

mod agent;
mod build;
mod conversation;
mod core;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use agent::Agent;
use conversation::{Kind, pipelined, round_trips, transfer};

/// The agents take turns, and the best round of each counts, as other load of the machine only adds time. Client and agent
/// are on one core, so that no figure depends on how fast another core wakes up.
const ROUNDS: usize = 25;

/// The distribution's agent.
const REFERENCE: &str = "/usr/sbin/qemu-ga";

/// One measured figure, with the goal for the ratio of the reference's time to ours.
struct Measure {
    name: &'static str,
    /// To be reached on the clock.
    goal: f64,
    /// Number of requests, or of whatever the figure's unit counts.
    count: u32,
    run: fn(&Agent, u32) -> Duration,
}

const MEASURES: [Measure; 4] = [
    Measure {
        name: "round trip, guest-ping",
        goal: 2.5,
        count: 1000,
        run: |agent, count| round_trips(agent, Kind::Ping, count),
    },
    Measure {
        name: "in a row, guest-ping",
        goal: 5.0,
        count: 5000,
        run: |agent, count| pipelined(agent, Kind::Ping, count),
    },
    Measure {
        name: "in a row, guest-info",
        goal: 10.0,
        count: 300,
        run: |agent, count| pipelined(agent, Kind::Info, count),
    },
    // Nobody asked for a ratio, but users for speed (docs/reference/agent-behaviour.md part 11, 11).
    Measure {
        name: "a MiB to a file and back",
        goal: 1.0,
        count: 4,
        run: transfer,
    },
];

fn main() -> ExitCode {
    if !Path::new(REFERENCE).exists() {
        println!("no {REFERENCE}: nothing to compare with");
        return ExitCode::FAILURE;
    }
    let mut ours: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if ours.is_empty() {
        ours.push(build::small_agent());
    }
    core::keep_to_one();
    let mut missed = 0;
    for program in ours {
        println!("{}", program.display());
        missed += compare(&program, Path::new(REFERENCE));
    }
    println!("{missed} goals missed");
    if missed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Prints all figures of both; how many goals ours misses.
fn compare(ours: &Path, theirs: &Path) -> usize {
    let (our, their) = (Agent::start(ours), Agent::start(theirs));
    let mut missed = 0;
    resident(&our, &their, "idle", &mut missed);
    for measure in MEASURES {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(Cost::of(&our, &measure));
            theirs.push(Cost::of(&their, &measure));
        }
        let (ours, theirs) = (Costs::of(&ours), Costs::of(&theirs));
        let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(measure.count);
        let ratio = |our: Duration, their: Duration| their.as_secs_f64() / our.as_secs_f64();
        let clock = ratio(ours.best, theirs.best);
        println!(
            "  {:<26} {:>9.2} µs  qemu-ga {:>9.2} µs  {clock:>6.2} ×, by medians {:>6.2} ×, of processor time {:>6.2} × {}",
            measure.name,
            each(ours.best),
            each(theirs.best),
            ratio(ours.median, theirs.median),
            ratio(ours.processor, theirs.processor),
            verdict(
                clock >= measure.goal,
                &mut missed,
                &format!("{} ×", measure.goal)
            )
        );
        resident(&our, &their, "after it", &mut missed);
    }
    let size = std::fs::metadata(ours).map_or(0, |metadata| metadata.len());
    println!(
        "  {:<26} {size:>9} bytes                              {}",
        "size",
        verdict(size <= 2_000_000, &mut missed, "2 MB")
    );
    missed
}

/// Cost of a measure: time on the clock, and of the agent's on a processor, which does not depend on what
/// else the machine does.
#[derive(Clone, Copy)]
struct Cost {
    clock: Duration,
    processor: Duration,
}

impl Cost {
    fn of(agent: &Agent, measure: &Measure) -> Self {
        let before = agent.processor_time();
        let clock = (measure.run)(agent, measure.count);
        Self {
            clock,
            processor: agent.processor_time().saturating_sub(before),
        }
    }
}

/// The costs of all rounds.
struct Costs {
    /// The least time on the clock.
    best: Duration,
    /// The time on the clock that half of the rounds keep within.
    median: Duration,
    /// The agent's least time on the processor.
    processor: Duration,
}

impl Costs {
    fn of(rounds: &[Cost]) -> Self {
        let mut clock: Vec<_> = rounds.iter().map(|cost| cost.clock).collect();
        clock.sort();
        let processor = rounds.iter().map(|cost| cost.processor).min();
        Self {
            best: clock[0],
            median: clock[clock.len() / 2],
            processor: processor.expect("there are rounds"),
        }
    }
}

/// Prints the memory of both.
fn resident(our: &Agent, their: &Agent, when: &str, missed: &mut usize) {
    let (our, their) = (our.resident_kib(), their.resident_kib());
    println!(
        "    {:<24} {our:>9} KiB qemu-ga {their:>9} KiB          {}",
        format!("resident, {when}"),
        verdict(our <= their, missed, "no more")
    );
}

fn verdict(reached: bool, missed: &mut usize, goal: &str) -> String {
    *missed += usize::from(!reached);
    format!("(goal {goal}{})", if reached { "" } else { ", MISSED" })
}
