//! Exit status, and the reasons for failing.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use crate::console::one_line;

/// The exit status of every verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// 0: success, without findings.
    Clean = 0,
    /// 1: success, with findings: errors in a schema, outdated files, an error reply.
    Findings = 1,
    /// 2: failure: wrong usage, an unreadable file, no connection.
    Failed = 2,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// The reason of a failure, as a text for the user.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// Creates a failure with this message: lower case, no full stop. It may have several lines; other control characters
    /// are escaped, because servers and files have a say in many of these texts.
    pub(crate) fn new(message: impl fmt::Display) -> Self {
        let message = message.to_string();
        let lines: Vec<_> = message.split('\n').map(one_line).collect();
        Self(lines.join("\n"))
    }

    /// Creates a failure of the system: what could not be done, as `read` or `listen on`, with which file, and why.
    pub(crate) fn cannot(verb: &str, path: &Path, error: &io::Error) -> Self {
        let path = path.display().to_string();
        Self(format!("cannot {verb} {}: {error}", one_line(&path)))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Writing results is the only I/O whose errors come without a context of their own.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(format!("cannot write the output: {error}"))
    }
}
