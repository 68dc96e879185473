//! Errors of commands, independent of the wire format.

use std::fmt;
use std::io;

use qapi_runtime::base64::Malformed;

/// A command's error. It reaches the client as class `GenericError` with this text as `desc`.
///
/// The texts are those of docs/reference/agent-behaviour.md part 6: callers match some of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    text: String,
}

impl Failure {
    /// Creates an error with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// `<context>: <text of the error number>`.
    pub(crate) fn with_errno(context: impl fmt::Display, errno: impl Into<io::Error>) -> Self {
        Self {
            text: format!("{context}: {}", errno_text(errno)),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl std::error::Error for Failure {}

impl From<Malformed> for Failure {
    fn from(malformed: Malformed) -> Self {
        Self::new(malformed.to_string())
    }
}

/// Returns the C library's text for an error number, as the reference prints it.
///
/// Not `Errno::desc`, which is a list of its own (`Try again` where the C library says `Resource
/// temporarily unavailable`).
pub(crate) fn errno_text(errno: impl Into<io::Error>) -> String {
    let error = errno.into();
    let Some(number) = error.raw_os_error() else {
        return error.to_string();
    };
    let text = error.to_string();
    match text.strip_suffix(&format!(" (os error {number})")) {
        Some(text) => text.to_owned(),
        None => text,
    }
}

/// Returns the text for an I/O error: the C library's, or where this program has found the fault its own.
pub(crate) fn io_text(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(number) => errno_text(io::Error::from_raw_os_error(number)),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use nix::errno::Errno;

    use super::*;

    #[test]
    fn texts_are_the_c_library_s() {
        assert_eq!(
            errno_text(Errno::EAGAIN),
            "Resource temporarily unavailable"
        );
        assert_eq!(errno_text(Errno::EBADF), "Bad file descriptor");
        let failure = Failure::with_errno("failed to seek file", Errno::EINVAL);
        assert_eq!(failure.to_string(), "failed to seek file: Invalid argument");
    }
}
