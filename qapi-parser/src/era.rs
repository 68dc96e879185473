//! Releases of QEMU that differ in the schema language.

use std::fmt;
use std::str::FromStr;

/// A release of QEMU with a schema compiler that this crate follows, such as 7.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Era {
    major: u8,
    minor: u8,
}

macro_rules! releases {
    ($($major:literal: $($minor:literal)*;)*) => {
        &[$($(Era { major: $major, minor: $minor },)*)*]
    };
}

impl Era {
    /// Every release from 1.1 to 10.2, the oldest first.
    pub const ALL: &'static [Self] = releases! {
        1: 1 2 3 4 5 6 7;
        2: 0 1 2 3 4 5 6 7 8 9 10 11 12;
        3: 0 1;
        4: 0 1 2;
        5: 0 1 2;
        6: 0 1 2;
        7: 0 1 2;
        8: 0 1 2;
        9: 0 1 2;
        10: 0 1 2;
    };

    /// The oldest release.
    pub const OLDEST: Self = Self::new(1, 1);

    /// The newest release.
    pub const NEWEST: Self = Self::new(10, 2);

    /// Returns the release `major`.`minor`, which has to be one of [`Self::ALL`].
    pub(crate) const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }
}

impl fmt::Display for Era {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The text is not one of the releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownEra;

impl fmt::Display for UnknownEra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not a release of QEMU from {} to {}",
            Era::OLDEST,
            Era::NEWEST
        )
    }
}

impl std::error::Error for UnknownEra {}

impl FromStr for Era {
    type Err = UnknownEra;

    /// Parses `7.2`.
    fn from_str(text: &str) -> Result<Self, UnknownEra> {
        let known = Self::ALL.iter().find(|era| era.to_string() == text);
        known.copied().ok_or(UnknownEra)
    }
}

/// Consecutive releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Eras {
    /// The first one.
    pub since: Era,
    /// The last one.
    pub until: Era,
}

impl Eras {
    /// From one release to another.
    pub(crate) const fn new(since: Era, until: Era) -> Self {
        Self { since, until }
    }

    /// Returns whether a release is one of these.
    pub fn contains(self, era: Era) -> bool {
        (self.since..=self.until).contains(&era)
    }
}

/// `QEMU 2.4 to 4.1`, `QEMU until 2.3`, `QEMU 2.4`
impl fmt::Display for Eras {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { since, until } = self;
        if since == until {
            write!(f, "QEMU {since}")
        } else if *since == Era::OLDEST {
            write!(f, "QEMU until {until}")
        } else {
            write!(f, "QEMU {since} to {until}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_in_order_and_read_as_they_are_written() {
        assert!(Era::ALL.is_sorted_by(|one, other| one < other));
        assert_eq!(Era::ALL.first(), Some(&Era::OLDEST));
        assert_eq!(Era::ALL.last(), Some(&Era::NEWEST));
        for era in Era::ALL {
            assert_eq!(era.to_string().parse(), Ok(*era));
        }
        for wrong in ["", "2", "2.13", "10.3", "02.3", "2.3.0", " 2.3"] {
            assert_eq!(wrong.parse::<Era>(), Err(UnknownEra), "{wrong}");
        }
    }
}
