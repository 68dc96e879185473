//! Limits on how often a command is called.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The largest number of calls in a limit: each is remembered.
const MOST_CALLS: u32 = 10_000;

/// A limit on the calls within any period of this length.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    calls: usize,
    seconds: u32,
    /// The times of the calls that count, oldest first.
    recent: VecDeque<Instant>,
}

impl Rate {
    /// Reads `CALLS/SECONDS`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is not a rate: calls and seconds are expected, as in `10/60`, at most {MOST_CALLS} calls, in \
                 at least 1 second"
            )
        };
        let (calls, seconds) = text.split_once('/').ok_or_else(wrong)?;
        let calls: u32 = calls.trim().parse().map_err(|_| wrong())?;
        let seconds: u32 = seconds.trim().parse().map_err(|_| wrong())?;
        if calls > MOST_CALLS || seconds == 0 {
            return Err(wrong());
        }
        Ok(Self {
            calls: calls as usize,
            seconds,
            recent: VecDeque::new(),
        })
    }

    /// Counts a call, unless it is one too many.
    pub(crate) fn admit(&mut self, now: Instant) -> bool {
        let window = Duration::from_secs(self.seconds.into());
        while self
            .recent
            .front()
            .is_some_and(|call| now.saturating_duration_since(*call) >= window)
        {
            self.recent.pop_front();
        }
        let fits = self.recent.len() < self.calls;
        if fits {
            self.recent.push_back(now);
        }
        fits
    }

    /// As in "more than 10 calls in 60 seconds".
    pub(crate) fn excess(&self) -> String {
        let Self { calls, seconds, .. } = self;
        format!("more than {calls} calls in {seconds} seconds")
    }
}

#[cfg(test)]
mod tests {
    use qapi_tests::generate::Random;

    use super::*;

    #[test]
    fn no_window_has_too_many_calls_and_none_is_refused_without_need() {
        let start = Instant::now();
        let mut random = Random::new(9);
        for _ in 0..200 {
            let (calls, seconds) = (random.below(5), 1 + random.below(5));
            let mut rate = Rate::parse(&format!("{calls}/{seconds}")).unwrap();
            let window = Duration::from_secs(seconds as u64);
            let mut admitted: Vec<Duration> = Vec::new();
            let mut now = Duration::ZERO;
            for _ in 0..100 {
                now += Duration::from_millis(random.below(2000) as u64);
                let counted = admitted
                    .iter()
                    .filter(|time| now.saturating_sub(**time) < window)
                    .count();
                let expected = counted < calls;
                assert_eq!(rate.admit(start + now), expected);
                if expected {
                    admitted.push(now);
                }
            }
        }
    }

    #[test]
    fn invalid_rates_are_rejected() {
        for text in [
            "",
            "10",
            "10/0",
            "-1/5",
            "a/b",
            "1/2/3",
            "10001/1",
            "1/99999999999",
        ] {
            assert!(Rate::parse(text).is_err(), "{text}");
        }
        assert_eq!(
            Rate::parse(" 2 / 60 ").unwrap().excess(),
            "more than 2 calls in 60 seconds"
        );
    }
}
