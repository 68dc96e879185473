//! Resources of a process, from `/proc`.

use std::fs;
use std::time::{Duration, Instant};

use qapi_tests::raw::Agent;

/// Memory, descriptors, threads and children of the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holdings {
    pub(crate) resident_kib: u64,
    pub(crate) descriptors: usize,
    pub(crate) threads: u64,
    /// Dead ones that nobody reaped included.
    pub(crate) children: usize,
}

impl Holdings {
    /// When the clients have gone, and what they left has been cleared away.
    pub(crate) fn at_rest(agent: &Agent) -> Self {
        let start = Instant::now();
        let mut last = Self::now(agent);
        loop {
            std::thread::sleep(Duration::from_millis(100));
            let next = Self::now(agent);
            if (next == last && next.children == 0) || start.elapsed() > Duration::from_secs(10) {
                return next;
            }
            last = next;
        }
    }

    fn now(agent: &Agent) -> Self {
        let folder = format!("/proc/{}", agent.pid());
        let status = fs::read_to_string(format!("{folder}/status")).expect("the agent runs");
        let value = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            let digits = line
                .expect("the kernel has the value")
                .split_whitespace()
                .next();
            digits
                .and_then(|digits| digits.parse().ok())
                .expect("a number")
        };
        let descriptors = fs::read_dir(format!("{folder}/fd"))
            .expect("the agent runs")
            .count();
        let tasks = fs::read_dir(format!("{folder}/task")).expect("the agent runs");
        let children = tasks
            .filter_map(|task| fs::read_to_string(task.ok()?.path().join("children")).ok())
            .map(|list| list.split_whitespace().count())
            .sum();
        Self {
            resident_kib: value("VmRSS:"),
            descriptors,
            threads: value("Threads:"),
            children,
        }
    }
}
