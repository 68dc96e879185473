//! The forms of the language that are accepted.

use std::fmt;
use std::str::FromStr;

use crate::era::{Era, UnknownEra};

/// The forms of the language that are accepted: always those of one release of QEMU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Dialect {
    /// Those of the newest release that accepts the whole schema, which [`Loaded::era`](crate::Loaded::era) names. A
    /// schema that no release accepts is checked by the rules of the newest; if it has many old forms, by those of the
    /// release that rejects least of it. The style of documentation is never an error.
    #[default]
    Auto,
    /// Exactly those of the newest release, QEMU 10.2.2.
    Strict,
    /// Those of this release. For the newest release it is the same as [`Dialect::Strict`].
    Era(Era),
}

impl Dialect {
    /// Returns the release that is asked for.
    pub fn era(self) -> Option<Era> {
        match self {
            Self::Auto => None,
            Self::Strict => Some(Era::NEWEST),
            Self::Era(era) => Some(era),
        }
    }

    /// Returns the way to read a schema of this dialect.
    pub(crate) fn reading(self) -> Reading {
        if self.era() == Some(Era::NEWEST) {
            Reading::Strict
        } else {
            Reading::Tolerant
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Strict => f.write_str("strict"),
            Self::Era(era) => era.fmt(f),
        }
    }
}

impl FromStr for Dialect {
    type Err = UnknownEra;

    /// Parses `auto`, `strict` or a release such as `7.2`.
    fn from_str(text: &str) -> Result<Self, UnknownEra> {
        match text {
            "auto" => Ok(Self::Auto),
            "strict" => Ok(Self::Strict),
            era => era.parse().map(Self::Era),
        }
    }
}

/// The mode in which the phases read a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Reading {
    /// Every form that any release accepted; old ones are warnings, which are settled at the end.
    Tolerant,
    /// The forms of the newest release.
    Strict,
}

/// Options for reading a schema.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Options {
    /// The dialect.
    pub dialect: Dialect,
}
