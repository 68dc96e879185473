//! guest-get-time and guest-set-time (docs/reference/agent-behaviour.md §6.2).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nix::errno::Errno;
use nix::sys::time::TimeSpec;
use nix::time::{ClockId, clock_settime};

use crate::failure::Failure;
use crate::platform::system::System;

/// The program that sets the hardware clock from the system clock and the other way round.
const HARDWARE_CLOCK: &str = "/sbin/hwclock";

/// The first second of the year 2070, from which on times are refused.
const END_OF_TIMES: i64 = 3_155_760_000;

/// Returns the system clock in nanoseconds since the epoch, in whole microseconds as the reference gives
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

/// Sets the system clock to `time`, in nanoseconds since the epoch, and the hardware clock with it;
/// without a time, sets the system clock from the hardware clock.
pub(crate) fn set_time(system: &System, time: Option<i64>) -> Result<(), Failure> {
    set_clocks(system, time, |time| {
        clock_settime(ClockId::CLOCK_REALTIME, time)
    })
}

fn set_clocks(
    system: &System,
    time: Option<i64>,
    set_system_clock: impl FnOnce(TimeSpec) -> Result<(), Errno>,
) -> Result<(), Failure> {
    let Some(time) = time else {
        return hardware_clock(system, "-s");
    };
    // Towards zero: a fraction of a second before 1970 is not a year of its own.
    let (seconds, rest) = (time / 1_000_000_000, time % 1_000_000_000);
    if !(0..END_OF_TIMES).contains(&seconds) {
        return Err(Failure::new("Invalid time"));
    }
    let whole_micros = rest / 1000 * 1000;
    set_system_clock(TimeSpec::new(seconds, whole_micros))
        .map_err(|errno| Failure::with_errno("Failed to set time to guest", errno))?;
    // D28: half of it is done, and the caller ought to know.
    hardware_clock(system, "-w")
        .map_err(|failure| Failure::new(format!("{failure} (the system clock has been set)")))
}

fn hardware_clock(system: &System, direction: &str) -> Result<(), Failure> {
    let program = system.path(HARDWARE_CLOCK);
    system
        .helper(&program.to_string_lossy(), &[direction])
        .run("set hardware clock to system time")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::test_root::Tree;

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
    fn set(system: &System, time: Option<i64>) -> (Option<TimeSpec>, Result<(), String>) {
        let mut seen = None;
        let result = set_clocks(system, time, |time| {
            seen = Some(time);
            Ok(())
        });
        (seen, result.map_err(|failure| failure.to_string()))
    }

    #[test]
    fn both_clocks_are_set() {
        let tree = Tree::new();
        tree.script(
            "sbin/hwclock",
            &format!("echo $* >> {}/calls", tree.path().display()),
        );
        let _turn = crate::platform::sys::turn_with_children();
        let system = System::below(tree.path());
        let (clock, result) = set(&system, Some(1_700_000_000_123_456_789));
        assert_eq!(clock, Some(TimeSpec::new(1_700_000_000, 123_456_000)));
        assert_eq!(result, Ok(()));
        assert_eq!(set(&system, None), (None, Ok(())));
        assert_eq!(tree.text("calls"), "-w\n-s\n");
    }

    #[test]
    fn the_error_says_that_the_system_clock_was_set() {
        let _turn = crate::platform::sys::turn_with_children();
        let tree = Tree::new();
        let system = System::below(tree.path());
        let missing = format!(
            "child process has failed to set hardware clock to system time: failed to exec \
             '{}/sbin/hwclock': No such file or directory\n",
            tree.path().display()
        );
        assert_eq!(set(&system, None).1, Err(missing.clone()));
        let (clock, result) = set(&system, Some(0));
        assert!(clock.is_some());
        assert_eq!(
            result,
            Err(format!("{missing} (the system clock has been set)"))
        );
    }

    #[test]
    fn times_outside_of_1970_to_2069_are_refused() {
        let tree = Tree::new();
        let system = System::below(tree.path());
        for time in [
            -1_000_000_000,
            i64::MIN,
            3_155_760_000_000_000_000,
            i64::MAX,
        ] {
            let (clock, result) = set(&system, Some(time));
            assert_eq!((clock, result), (None, Err("Invalid time".to_owned())));
        }
        for time in [-1, 0, 3_155_759_999_999_999_999] {
            assert!(set(&system, Some(time)).0.is_some(), "{time}");
        }
        let refused = set_clocks(&system, Some(-5000), |time| {
            assert_eq!(time, TimeSpec::new(0, -5000));
            Err(Errno::EINVAL)
        });
        assert_eq!(
            refused.unwrap_err().to_string(),
            "Failed to set time to guest: Invalid argument"
        );
    }
}
