//! Messages for the system's log (docs/reference/agent-behaviour.md §1.5).
//!
//! Not the C library's `syslog`, which waits for a daemon that does not read: the daemon may be what
//! a freeze of the file systems has stopped.

use std::fmt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::platform::sys;

/// The socket on which the system's log listens.
const SOCKET: &str = "/dev/log";

/// Facility "user".
const FACILITY: u8 = 8;

/// The importance of a message, as the system's log has it.
#[derive(Debug, Clone, Copy)]
enum Severity {
    Warning = 4,
    Info = 6,
}

impl Severity {
    fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// Longer messages are cut, with a remark, because a daemon may reject them as a whole.
const LONGEST: usize = 1024;

/// The system's log.
#[derive(Debug)]
pub(crate) struct Syslog {
    socket: Option<UnixDatagram>,
    destination: PathBuf,
}

impl Syslog {
    /// Returns the log of this system. A system without one loses the messages.
    pub(crate) fn system() -> Self {
        Self::at(Path::new(SOCKET))
    }

    pub(crate) fn at(destination: &Path) -> Self {
        let socket = UnixDatagram::unbound().ok();
        Self {
            socket: socket.filter(|socket| socket.set_nonblocking(true).is_ok()),
            destination: destination.to_owned(),
        }
    }

    /// Logs what has been done, or loses it if the daemon does not take it at once.
    pub(crate) fn info(&self, message: fmt::Arguments<'_>) {
        self.send(Severity::Info, message);
    }

    /// Logs what an administrator should look at, likewise.
    pub(crate) fn warning(&self, message: fmt::Arguments<'_>) {
        self.send(Severity::Warning, message);
    }

    fn send(&self, severity: Severity, message: fmt::Arguments<'_>) {
        let Some(socket) = &self.socket else {
            return;
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
        let offset = sys::local_zone(now).map_or(0, |zone| zone.offset);
        let line = line(
            severity,
            now.saturating_add(offset),
            std::process::id(),
            message,
        );
        // The destination is given each time, because the daemon may have been restarted.
        let _ = socket.send_to(line.as_bytes(), &self.destination);
    }
}

/// `<priority>Mmm dd hh:mm:ss program[pid]: level: message`.
fn line(severity: Severity, local: i64, process: u32, message: fmt::Arguments<'_>) -> String {
    let message = message.to_string();
    let is_cut = message.chars().nth(LONGEST).is_some();
    let text: String = message
        .chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .take(LONGEST)
        .collect();
    let (time, name) = (time(local), severity.name());
    let priority = FACILITY + severity as u8;
    let end = if is_cut { " [cut]" } else { "" };
    format!("<{priority}>{time} qapi-agent[{process}]: {name}: {text}{end}")
}

/// Month, day and time of day, as logs have them.
fn time(seconds: i64) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (days, second) = (seconds.div_euclid(86400), seconds.rem_euclid(86400));
    // Years are counted from March, so that the leap day is the last of its year. The calendar repeats every 146,097
    // days, and 719,468 of them lie before 1970.
    let day_of_era = (days + 719_468).rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let name = usize::try_from((month + 2) % 12).map_or("Jan", |month| MONTHS[month]);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{name} {day:2} {hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_priority_time_program_and_level() {
        let line = |severity, text: &str| line(severity, 951_782_400, 7, format_args!("{text}"));
        assert_eq!(
            line(Severity::Info, "two\nlines"),
            "<14>Feb 29 00:00:00 qapi-agent[7]: info: two lines"
        );
        let long = line(Severity::Warning, &"x".repeat(LONGEST + 1));
        assert!(long.starts_with("<12>Feb 29 00:00:00 qapi-agent[7]: warning: xx"));
        assert!(long.ends_with("xx [cut]"));
    }

    #[test]
    fn times_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "Jan  1 00:00:00"),
            (-1, "Dec 31 23:59:59"),
            (951_868_799, "Feb 29 23:59:59"),
            (951_868_800, "Mar  1 00:00:00"),
            (1_700_000_000, "Nov 14 22:13:20"),
            (4_107_542_399, "Feb 28 23:59:59"),
            (4_107_542_400, "Mar  1 00:00:00"),
        ] {
            assert_eq!(time(seconds), expected, "{seconds}");
        }
    }

    #[test]
    fn messages_are_datagrams_and_none_is_waited_for() {
        let path = std::env::temp_dir().join(format!("qapi-agent-syslog-{}", std::process::id()));
        Syslog::at(&path).info(format_args!("nobody listens"));
        let daemon = UnixDatagram::bind(&path).unwrap();
        let log = Syslog::at(&path);
        // More than its queue holds.
        for number in 0..5000 {
            log.info(format_args!("message {number}"));
        }
        let mut message = [0; 2048];
        let length = daemon.recv(&mut message).unwrap();
        std::fs::remove_file(&path).unwrap();
        let text = std::str::from_utf8(&message[..length]).unwrap();
        assert!(text.starts_with("<14>"), "{text}");
        assert!(text.ends_with("]: info: message 0"), "{text}");
    }
}
