//! The log: one line per event on standard error or in a file (docs/reference/agent-behaviour.md §1.5).
//!
//! Requests are never logged, nor anything out of them that could be a secret: no arguments, no
//! file contents, no environment (defect D21 of the reference).

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::platform::own_file;

/// Importance of a line, most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// A request could not be carried out.
    Error,
    /// The agent cannot continue.
    Critical,
    /// The administrator should check this.
    Warning,
    /// The agent's activity: clients coming and going, programs started.
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

/// The destination of lines, and the levels that are written.
#[derive(Debug)]
pub(crate) struct Log {
    sink: RefCell<Sink>,
    /// The file to write to, if it is not standard error.
    path: Option<PathBuf>,
    least: Level,
    /// While this is true nothing is written.
    holding: RefCell<Arc<AtomicBool>>,
    /// Lines that wait for that to end, and the number of lines dropped before them.
    held: RefCell<(VecDeque<String>, usize)>,
}

/// The number of lines that are held.
const HELD_LIMIT: usize = 256;

#[derive(Debug)]
enum Sink {
    Stderr,
    File(File),
    /// The file, which is opened for the next line.
    Later,
}

impl Log {
    /// Logs to standard error.
    pub(crate) fn to_stderr(verbose: bool) -> Self {
        Self::new(Sink::Stderr, None, verbose)
    }

    /// Logs to `path`, appending. A new file is for the owner only.
    pub(crate) fn to_file(path: &Path, verbose: bool) -> io::Result<Self> {
        Ok(Self::new(Sink::File(open(path)?), Some(path), verbose))
    }

    /// Logs to `path`, which is opened for the first line that is written.
    pub(crate) fn to_file_later(path: &Path, verbose: bool) -> Self {
        Self::new(Sink::Later, Some(path), verbose)
    }

    /// Opens the file anew for the next line, because it may have been renamed. Returns false if there is none.
    pub(crate) fn reopen(&self) -> bool {
        if self.path.is_some() {
            *self.sink.borrow_mut() = Sink::Later;
        }
        self.path.is_some()
    }

    /// Keeps lines in memory while `holding` is true: the log may be on a frozen file system, and an agent that waits
    /// for it cannot thaw it. The last ones are written when it has become false.
    pub(crate) fn hold_while(&self, holding: Arc<AtomicBool>) {
        *self.holding.borrow_mut() = holding;
    }

    /// Writes lines that were held, if they need not be any more.
    pub(crate) fn release(&self) {
        // It is called often, and there is seldom anything to write.
        if self.held.borrow().0.is_empty() || self.holding.borrow().load(Ordering::Acquire) {
            return;
        }
        let (lines, dropped) = self.held.take();
        if dropped > 0 {
            let message =
                format_args!("lines of the log that were dropped while frozen: {dropped}");
            self.put(&line(SystemTime::now(), Level::Warning, message));
        }
        for line in lines {
            self.put(&line);
        }
    }

    /// Warnings are shown by default: the reference hides them without `-v`, and with them every
    /// typing mistake in a list of commands (D16).
    fn new(sink: Sink, path: Option<&Path>, verbose: bool) -> Self {
        let least = if verbose { Level::Info } else { Level::Warning };
        // A daemon leaves its working directory.
        let absolute = |path| std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
        Self {
            sink: RefCell::new(sink),
            path: path.map(absolute),
            least,
            holding: RefCell::default(),
            held: RefCell::default(),
        }
    }

    /// Logs one line. A log that cannot be written must not stop the agent: failures are ignored.
    pub(crate) fn write(&self, level: Level, message: fmt::Arguments<'_>) {
        if level > self.least {
            return;
        }
        let line = line(SystemTime::now(), level, message);
        if self.holding.borrow().load(Ordering::Acquire) {
            let (lines, dropped) = &mut *self.held.borrow_mut();
            if lines.len() == HELD_LIMIT {
                lines.pop_front();
                *dropped += 1;
            }
            lines.push_back(line);
            return;
        }
        self.release();
        self.put(&line);
    }

    fn put(&self, line: &str) {
        let sink = &mut *self.sink.borrow_mut();
        if let (Sink::Later, Some(path)) = (&*sink, &self.path) {
            *sink = open(path).map_or(Sink::Stderr, Sink::File);
        }
        let _ = match sink {
            Sink::Stderr | Sink::Later => io::stderr().write_all(line.as_bytes()),
            Sink::File(file) => file.write_all(line.as_bytes()),
        };
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    own_file::open_here(path, own_file::private(options.append(true).create(true)))
}

/// `<unix seconds>.<microseconds>: <level>: <message>`, one write and one line, whatever the message contains.
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
    fn lines_are_held_and_written_in_order_when_that_ends() {
        let path = std::env::temp_dir().join(format!("qapi-agent-held-{}", std::process::id()));
        let holding = Arc::new(AtomicBool::new(true));
        let log = Log::to_file_later(&path, true);
        log.hold_while(Arc::clone(&holding));
        for number in 0..HELD_LIMIT + 2 {
            log!(log, Info, "{number}");
        }
        log.release();
        assert!(!path.exists());
        holding.store(false, Ordering::Release);
        log!(log, Info, "after");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), HELD_LIMIT + 2);
        assert!(lines[0].ends_with("dropped while frozen: 2"));
        assert!(lines[1].ends_with("info: 2"));
        assert!(lines[HELD_LIMIT + 1].ends_with("info: after"));
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
