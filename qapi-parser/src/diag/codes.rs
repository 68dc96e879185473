//! The table of diagnostic codes: the names of language.md, and what they mean.

use std::fmt;

/// The code of a diagnostic, such as `LEX-STRAY`. Each is an associated constant below.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static str);

impl Code {
    /// The code as text.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! codes {
    ($($constant:ident = $text:literal: $title:literal;)*) => {
        impl Code {
            $(#[doc = $title] pub const $constant: Self = Self($text);)*

            /// Every code with its one-line title, in the order of language.md.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self($text), $title),)*];
        }
    };
}

codes! {
    FILE_READ = "FILE-READ": "the schema file cannot be read";
}
