//! Faults of a `qapi.toml`.

use std::error::Error;
use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use qapi_parser::suggest;

/// A `qapi.toml` that cannot be used: the place, what was found, and what was allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectError {
    path: PathBuf,
    place: Option<(usize, usize)>,
    message: String,
}

impl ProjectError {
    pub(super) fn unreadable(path: &Path, error: &io::Error) -> Self {
        Self {
            path: path.to_owned(),
            place: None,
            message: format!("cannot be read: {error}"),
        }
    }

    pub(super) fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> Self {
        let message = error.message().trim_end();
        let message = unknown_key(message).unwrap_or_else(|| message.replace('\n', ", "));
        match error.span() {
            Some(span) => Self::at(path, text, span, message),
            None => Self {
                path: path.to_owned(),
                place: None,
                message,
            },
        }
    }

    pub(super) fn at(path: &Path, text: &str, span: Range<usize>, message: String) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Self {
            path: path.to_owned(),
            place: Some((line, column)),
            message,
        }
    }

    /// Returns the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns line and column, both from 1, if the error has a place.
    pub fn place(&self) -> Option<(usize, usize)> {
        self.place
    }
}

/// Returns the message about a key or value that is none, with the one that was meant if one is near. serde's own message lists
/// the known ones between back-quotes.
fn unknown_key(message: &str) -> Option<String> {
    let (what, rest) = match message.strip_prefix("unknown field ") {
        Some(rest) => ("key", rest),
        None => ("value", message.strip_prefix("unknown variant ")?),
    };
    let mut names = rest.split('`').skip(1).step_by(2);
    let found = names.next()?;
    let known: Vec<_> = names.collect();
    let help = match suggest::closest(found, known.iter().copied()) {
        Some(closest) => format!("did you mean `{closest}`?"),
        None => format!("known here: {}", known.join(", ")),
    };
    Some(format!("unknown {what} `{found}`; {help}"))
}

impl fmt::Display for ProjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl Error for ProjectError {}
