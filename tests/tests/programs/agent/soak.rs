//! Load of all kinds for a while: every request that the agent accepts is answered once, and it holds no more memory,
//! descriptors or children afterwards.
//!
//! `QAPI_SOAK_SECONDS` says how long; a few seconds without, 20 in CI.

mod clients;
mod holdings;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use qapi_tests::peer;
use qapi_tests::raw::Agent;

use clients::{Client, Served, hasty, polite, rude};
use holdings::Holdings;

/// Number of pauses of the load, for a look at what the agent holds. The first shows what it needs.
const PHASES: u32 = 4;

/// Memory is got from the system in pieces, and fragments are left between what is kept.
const SLACK_KIB: u64 = 512;

fn duration() -> Duration {
    let default = if qapi_tests::in_ci() { 20 } else { 6 };
    let wanted = std::env::var("QAPI_SOAK_SECONDS").ok();
    let seconds = wanted.map(|text| text.parse().expect("QAPI_SOAK_SECONDS is a number"));
    Duration::from_secs(seconds.unwrap_or(default))
}

/// Three kinds of clients at the same time, for a while.
fn phase(agent: &Agent, length: Duration, served: &Served, phase: u32) {
    let end = AtomicBool::new(false);
    let kinds: [Client; 3] = [polite, hasty, rude];
    thread::scope(|scope| {
        for (number, client) in (0..).zip(kinds) {
            let end = &end;
            let seed = u64::from(phase) << 8 | number;
            scope.spawn(move || client(agent, seed, end, served));
        }
        sleep(length);
        end.store(true, Ordering::Relaxed);
    });
}

#[test]
fn nothing_grows_and_nothing_is_lost_under_load() {
    let mut agent = Agent::start(&peer::qapi_agent());
    let served = Served::default();
    let start = Instant::now();
    let mut seen: Vec<Holdings> = Vec::new();
    for number in 0..PHASES {
        phase(&agent, duration() / PHASES, &served, number);
        seen.push(Holdings::at_rest(&agent));
    }
    report(&format!(
        "{} in {:?}: {seen:#?}",
        served.summary(),
        start.elapsed()
    ));
    assert!(agent.is_running());
    let (first, last) = (&seen[0], &seen[seen.len() - 1]);
    assert_eq!(last.descriptors, first.descriptors);
    assert_eq!(last.children, 0);
    assert_eq!(last.threads, first.threads);
    assert!(
        last.resident_kib <= first.resident_kib + SLACK_KIB,
        "resident memory has grown: {seen:#?}"
    );
    served.assert_that_all_kinds_did_something();
}

#[expect(
    clippy::print_stderr,
    reason = "the figures are for whoever runs it by hand"
)]
fn report(text: &str) {
    eprintln!("soak: {text}");
}
