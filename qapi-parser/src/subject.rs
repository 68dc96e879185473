//! Subjects of messages.

use std::fmt;

/// An element as named in messages: a word, and its name if it has one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    word: &'a str,
    name: &'a str,
}

impl<'a> Subject<'a> {
    /// "member `x`"
    pub(crate) fn named(word: &'a str, name: &'a str) -> Self {
        Self { word, name }
    }

    /// "a value"
    pub(crate) fn plain(word: &'a str) -> Self {
        Self { word, name: "" }
    }
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word)?;
        if self.name.is_empty() {
            Ok(())
        } else {
            write!(f, " `{}`", self.name)
        }
    }
}
