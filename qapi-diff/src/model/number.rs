//! The numbers that each type allows, in either direction.

use qapi_parser::ir::Builtin;

use crate::path::Direction;

/// A type of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NumberType {
    /// Integers and fractions.
    Real,
    /// One of the integer types.
    Integer(Builtin),
    /// An integer type of unknown width, from introspection.
    SomeInteger,
}

/// From the smallest to the largest integer, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) least: i128,
    pub(crate) greatest: i128,
}

impl Range {
    const fn new(least: i128, greatest: i128) -> Self {
        Self { least, greatest }
    }

    pub(crate) fn holds(self, integer: i128) -> bool {
        (self.least..=self.greatest).contains(&integer)
    }

    fn contains(self, other: Self) -> bool {
        self.least <= other.least && other.greatest <= self.greatest
    }
}

impl NumberType {
    /// Returns the name in the schema language.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Real => "number",
            Self::Integer(builtin) => builtin.as_str(),
            Self::SomeInteger => "int",
        }
    }

    /// Returns the integers that travel in this direction; none if fractions do, too, or if the
    /// width is not known.
    ///
    /// An argument of an unsigned 64-bit type may be negative: it wraps (docs/reference/agent-behaviour.md §4.2), so
    /// clients that took the type for a signed one still work.
    pub(crate) fn range(self, direction: Direction) -> Option<Range> {
        let Self::Integer(builtin) = self else {
            return None;
        };
        let integers = builtin.integers()?;
        let wraps = direction == Direction::Argument;
        let least = match builtin {
            Builtin::Uint64 | Builtin::Size if wraps => i128::from(i64::MIN),
            _ => *integers.start(),
        };
        Some(Range::new(least, *integers.end()))
    }

    /// Returns true if every number of `other` is one of `self`, in this direction.
    pub(crate) fn contains(self, other: Self, direction: Direction) -> bool {
        match (self, other) {
            (Self::Real, _) => true,
            (_, Self::Real) => false,
            _ => match (self.range(direction), other.range(direction)) {
                (Some(outer), Some(inner)) => outer.contains(inner),
                // One of them is unknown.
                _ => true,
            },
        }
    }

    /// Returns true if the same numbers travel in either direction.
    pub(crate) fn same_as(self, other: Self) -> bool {
        [Direction::Argument, Direction::Reply]
            .into_iter()
            .all(|way| self.contains(other, way) && other.contains(self, way))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn synonyms_are_the_same_on_the_wire() {
        for (a, b) in [
            (Builtin::Int, Builtin::Int64),
            (Builtin::Size, Builtin::Uint64),
        ] {
            assert!(NumberType::Integer(a).same_as(NumberType::Integer(b)));
        }
        let (int8, uint8) = (Builtin::Int8, Builtin::Uint8);
        assert!(!NumberType::Integer(int8).same_as(NumberType::Integer(uint8)));
        assert!(NumberType::SomeInteger.same_as(NumberType::Integer(uint8)));
    }

    #[test]
    fn unsigned_64_bit_arguments_take_all_signed_ones_but_replies_do_not() {
        let (int, size) = (
            NumberType::Integer(Builtin::Int),
            NumberType::Integer(Builtin::Size),
        );
        assert!(size.contains(int, Direction::Argument));
        assert!(!size.contains(int, Direction::Reply));
        assert!(!int.contains(size, Direction::Argument));
    }

    #[test]
    fn every_integer_is_a_number_but_not_the_other_way_round() {
        let int = NumberType::SomeInteger;
        assert!(NumberType::Real.contains(int, Direction::Event));
        assert!(!int.contains(NumberType::Real, Direction::Event));
    }
}
