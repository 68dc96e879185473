//! Times between turns.

use std::fmt;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// A turn that comes within this time was not delayed by other tasks.
const IDLE: Duration = Duration::from_micros(10);

/// The processor times from one turn of a task to the next, if others had one between them.
pub(crate) struct Gaps {
    last: Duration,
    gaps: Vec<Duration>,
}

impl Gaps {
    /// Creates a first turn.
    pub(crate) fn begin() -> Self {
        Self {
            last: processor_time(),
            gaps: Vec::new(),
        }
    }

    /// The next turn.
    pub(crate) fn beat(&mut self) {
        let now = processor_time();
        let gap = now.saturating_sub(self.last);
        if gap > IDLE {
            self.gaps.push(gap);
        }
        self.last = now;
    }

    /// Returns the time within which so many per cent of the turns came.
    pub(crate) fn within(&self, percent: usize) -> Duration {
        let mut gaps = self.gaps.clone();
        gaps.sort_unstable();
        let place = gaps.len().saturating_sub(1) * percent / 100;
        gaps.get(place).copied().unwrap_or(Duration::MAX)
    }
}

impl fmt::Display for Gaps {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:>9}", self.gaps.len())?;
        for percent in [50, 99, 100] {
            let millis = self.within(percent).as_secs_f64() * 1e3;
            write!(formatter, " {:>10}", format!("{millis:.2} ms"))?;
        }
        Ok(())
    }
}

/// Returns the processor time of this thread.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
    time.map_or(Duration::ZERO, Duration::from)
}
