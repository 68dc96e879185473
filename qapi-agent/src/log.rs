//! The log: one line per event on standard error or in a file (agent-behaviour.md §1.5).
//!
//! Requests are never logged, nor anything out of them that could be a secret: no arguments, no
//! file contents, no environment (defect D21 of the reference).

use std::cell::RefCell;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Importance of a line, most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Something that was asked for could not be done.
    Error,
    /// The agent cannot go on.
    Critical,
    /// Something that the administrator should look at.
    Warning,
    /// What the agent does: clients coming and going, programs started.
    Info,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// Where lines go and which of them.
#[derive(Debug)]
pub(crate) struct Log {
    sink: RefCell<Sink>,
    least: Level,
}

#[derive(Debug)]
enum Sink {
    Stderr,
    File(File),
}

impl Log {
    /// Logs to standard error.
    pub(crate) fn to_stderr(verbose: bool) -> Self {
        Self::new(Sink::Stderr, verbose)
    }

    /// Logs to `path`, appending. A new file is for the owner only.
    pub(crate) fn to_file(path: &Path, verbose: bool) -> io::Result<Self> {
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)?;
        Ok(Self::new(Sink::File(file), verbose))
    }

    /// Warnings are shown by default: the reference hides them without `-v`, and with them every
    /// typing mistake in a list of commands (D16).
    fn new(sink: Sink, verbose: bool) -> Self {
        let least = if verbose { Level::Info } else { Level::Warning };
        Self {
            sink: RefCell::new(sink),
            least,
        }
    }

    /// Logs one line. A log that cannot be written must not stop the agent: failures are ignored.
    pub(crate) fn write(&self, level: Level, message: fmt::Arguments<'_>) {
        if level > self.least {
            return;
        }
        let line = line(SystemTime::now(), level, message);
        let _ = match &mut *self.sink.borrow_mut() {
            Sink::Stderr => io::stderr().write_all(line.as_bytes()),
            Sink::File(file) => file.write_all(line.as_bytes()),
        };
    }
}

/// `<unix seconds>.<microseconds>: <level>: <message>`, one write and one line whatever the
/// message holds.
fn line(now: SystemTime, level: Level, message: fmt::Arguments<'_>) -> String {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let (seconds, micros) = (since.as_secs(), since.subsec_micros());
    let text = format!("{seconds}.{micros:06}: {}: {message}", level.name());
    let mut line = text.replace(|character: char| character.is_control(), " ");
    line.push('\n');
    line
}

/// Logs at a level: `log!(log, Warning, "cannot do {this}")`.
macro_rules! log {
    ($log:expr, $level:ident, $($message:tt)+) => {
        $log.write($crate::log::Level::$level, format_args!($($message)+))
    };
}
pub(crate) use log;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_time_level_and_message() {
        let at = UNIX_EPOCH + Duration::from_micros(1_700_000_000_000_042);
        let line = line(at, Level::Error, format_args!("two\nlines"));
        assert_eq!(line, "1700000000.000042: error: two lines\n");
    }

    #[test]
    fn lines_below_the_level_are_dropped_and_the_file_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let path = std::env::temp_dir().join(format!("qapi-agent-log-{}", std::process::id()));
        let quiet = Log::to_file(&path, false).unwrap();
        log!(quiet, Info, "not shown");
        log!(quiet, Warning, "shown");
        let verbose = Log::to_file(&path, true).unwrap();
        log!(verbose, Info, "appended");
        let text = std::fs::read_to_string(&path).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        std::fs::remove_file(&path).unwrap();
        let messages: Vec<_> = text
            .lines()
            .map(|line| line.split_once(": ").unwrap().1)
            .collect();
        assert_eq!(messages, ["warning: shown", "info: appended"]);
        assert_eq!(mode & 0o777, 0o600);
    }
}
