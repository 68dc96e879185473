//! Peers that stall.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

/// The time that a server waits for more from a client.
#[derive(Debug, Clone, Default)]
pub(crate) struct StallWatch {
    idle: Option<Duration>,
    request: Option<Duration>,
    /// The time at which half a request began to come.
    begun: Option<Instant>,
}

impl StallWatch {
    /// Creates a watch of a client that may send nothing for `idle`, and take `request` for each request; `None` means no limit.
    pub(crate) fn new(idle: Option<Duration>, request: Option<Duration>) -> Self {
        Self {
            idle,
            request,
            begun: None,
        }
    }

    /// Notes that something has come. `is_between` says whether it ended between requests, `is_new` whether it had the
    /// end of one.
    pub(crate) fn received(&mut self, now: Instant, is_between: bool, is_new: bool) {
        if is_between {
            self.begun = None;
        } else if is_new || self.begun.is_none() {
            self.begun = Some(now);
        }
    }

    /// Returns the time to wait for more; `None` waits forever, zero not at all. A client whose requests are at work is
    /// not idle.
    pub(crate) fn patience(&self, now: Instant, is_busy: bool) -> Option<Duration> {
        match self.begun {
            Some(begun) => Some(self.request?.saturating_sub(now.duration_since(begun))),
            None if is_busy => None,
            None => self.idle,
        }
    }

    /// Returns true if half a request has come.
    pub(crate) fn is_in_request(&self) -> bool {
        self.begun.is_some()
    }

    /// Returns the error of a client that is not waited for any longer.
    pub(crate) fn error(&self) -> io::Error {
        let (limit, text) = if self.is_in_request() {
            (self.request, "the request has not ended within")
        } else {
            (self.idle, "no request has come for")
        };
        let seconds = limit.unwrap_or_default().as_secs_f64();
        io::Error::new(ErrorKind::TimedOut, format!("{text} {seconds} seconds"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_one_limit_however_it_drips() {
        let second = Duration::from_secs(1);
        let mut watch = StallWatch::new(Some(100 * second), Some(10 * second));
        let start = Instant::now();
        assert_eq!(watch.patience(start, false), Some(100 * second));
        assert_eq!(watch.patience(start, true), None);
        for passed in 0..10 {
            let now = start + passed * second;
            watch.received(now, false, false);
            assert_eq!(watch.patience(now, true), Some((10 - passed) * second));
        }
        let now = start + 20 * second;
        assert_eq!(watch.patience(now, true), Some(Duration::ZERO));
        assert_eq!(
            watch.error().to_string(),
            "the request has not ended within 10 seconds"
        );
        // The end of one and half of the next.
        watch.received(now, false, true);
        assert_eq!(watch.patience(now, false), Some(10 * second));
        watch.received(now, true, true);
        assert_eq!(watch.patience(now, false), Some(100 * second));
        assert_eq!(
            watch.error().to_string(),
            "no request has come for 100 seconds"
        );
        let without = StallWatch::default();
        assert_eq!(without.patience(now, false), None);
    }
}
