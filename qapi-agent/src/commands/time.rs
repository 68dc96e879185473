//! guest-get-time (agent-behaviour.md §6.2).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The system clock in nanoseconds since the epoch, in whole microseconds as the reference gives
/// it; negative before 1970.
pub(crate) fn get_time() -> i64 {
    nanoseconds(SystemTime::now())
}

fn nanoseconds(time: SystemTime) -> i64 {
    let whole_micros = |distance: Duration| i64::try_from(distance.as_micros()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => whole_micros(after).saturating_mul(1000),
        Err(before) => whole_micros(before.duration()).saturating_mul(-1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_in_nanoseconds_of_microsecond_resolution() {
        let at = UNIX_EPOCH + Duration::new(1_700_000_000, 123_456_789);
        assert_eq!(nanoseconds(at), 1_700_000_000_123_456_000);
        assert_eq!(
            nanoseconds(UNIX_EPOCH - Duration::from_secs(1)),
            -1_000_000_000
        );
        assert_eq!(get_time() % 1000, 0);
        assert!(get_time() > 1_700_000_000_000_000_000);
    }
}
