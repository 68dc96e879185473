//! Levels of changes, and the promises that they concern.

use std::fmt;
use std::str::FromStr;

/// The severity of a change for programs on the other side, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Every program that worked still works.
    Compatible,
    /// Programs that rely on more than the schema promised may fail.
    Risky,
    /// Some program that worked with the older revision fails with the newer one.
    Breaking,
}

impl Level {
    /// All of them, mildest first.
    pub const ALL: [Self; 3] = [Self::Compatible, Self::Risky, Self::Breaking];

    /// Returns `compatible`, `risky` or `breaking`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::Risky => "risky",
            Self::Breaking => "breaking",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Self, UnknownLevel> {
        Self::ALL
            .into_iter()
            .find(|level| level.as_str() == text)
            .ok_or_else(|| UnknownLevel(text.to_owned()))
    }
}

/// A text that is not a [`Level`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownLevel(String);

impl fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a level: use `compatible`, `risky` or `breaking`",
            self.0
        )
    }
}

impl std::error::Error for UnknownLevel {}

/// A promise that a revision makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Lens {
    /// The messages between client and server.
    Wire,
    /// The generated Rust interface.
    Rust,
    /// The documentation.
    Docs,
}

impl Lens {
    /// Returns `wire`, `rust` or `docs`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wire => "wire",
            Self::Rust => "rust",
            Self::Docs => "docs",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_order_from_mild_to_severe() {
        assert!(Level::Compatible < Level::Risky && Level::Risky < Level::Breaking);
    }

    #[test]
    fn levels_are_read_as_they_are_written() {
        for level in Level::ALL {
            assert_eq!(level.as_str().parse(), Ok(level));
        }
        assert!("Breaking".parse::<Level>().is_err());
    }
}
