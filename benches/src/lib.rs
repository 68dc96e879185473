//! Shared parts of the measurements.

use std::hint::black_box;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

pub mod server;

/// Rounds of each measurement; the best one counts, as other load of the machine only adds time.
const ROUNDS: usize = 25;

/// Least duration of a round.
const ROUND: Duration = Duration::from_millis(8);

/// Returns the best processor time for one run of each of two programs, which take turns.
pub fn race<A, B>(
    mut ours: impl FnMut() -> A,
    mut theirs: impl FnMut() -> B,
) -> (Duration, Duration) {
    let (our_runs, their_runs) = (runs_per_round(&mut ours), runs_per_round(&mut theirs));
    let mut best = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        best.0 = best.0.min(round(&mut ours, our_runs));
        best.1 = best.1.min(round(&mut theirs, their_runs));
    }
    best
}

fn runs_per_round<T>(program: &mut impl FnMut() -> T) -> u32 {
    let mut runs = 1;
    while round(program, runs) * runs < ROUND && runs < 1 << 20 {
        runs *= 2;
    }
    runs
}

/// Returns the time for one run, of so many.
fn round<T>(program: &mut impl FnMut() -> T, runs: u32) -> Duration {
    let start = processor_time();
    for _ in 0..runs {
        black_box(program());
    }
    (processor_time() - start) / runs
}

/// Returns the processor time of this thread.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
    time.map_or(Duration::ZERO, Duration::from)
}

/// Ratio of `theirs` to `ours`.
pub fn ratio(ours: Duration, theirs: Duration) -> f64 {
    theirs.as_secs_f64() / ours.as_secs_f64()
}
