//! The error for a document that does not fit a type.

use std::borrow::Cow;
use std::fmt;

use crate::value::Kind;

/// The error for a value that does not fit the type it is decoded as.
///
/// `Display` gives the text that goes on the wire (docs/reference/agent-behaviour.md §3.6); [`DecodeError::explain`] gives the text
/// for people who read replies. Each level adds its step of the path to the value while the error is passed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodeError(Box<DecodeErrorData>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct DecodeErrorData {
    problem: Problem,
    /// Innermost step first.
    path: Vec<DecodeStep>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Problem {
    Missing,
    Unexpected,
    WrongKind {
        expected: Cow<'static, str>,
        found: Kind,
    },
    WrongType {
        expected: &'static str,
        found: Kind,
    },
    UnknownValue(Box<str>),
    Custom(Box<str>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum DecodeStep {
    Member(Cow<'static, str>),
    Element(usize),
}

impl DecodeError {
    #[cold]
    fn new(problem: Problem) -> Self {
        Self(Box::new(DecodeErrorData {
            problem,
            path: Vec::new(),
        }))
    }

    /// Creates the error for an absent mandatory member: `Parameter '<path>' is missing`.
    #[cold]
    pub fn missing(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Problem::Missing).in_member(name)
    }

    /// Creates the error for a member that is not in the schema: `Parameter '<path>' is unexpected`.
    #[cold]
    pub fn unexpected(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Problem::Unexpected).in_member(name)
    }

    /// Creates the error for a value of a kind that its type does not allow:
    /// `Invalid parameter type for '<path>', expected: <expected>`.
    #[cold]
    pub fn wrong_kind(expected: impl Into<Cow<'static, str>>, found: Kind) -> Self {
        Self::new(Problem::WrongKind {
            expected: expected.into(),
            found,
        })
    }

    /// Creates the error for a number outside the range of its type: `Parameter '<path>' expects <expected>`.
    #[cold]
    pub fn wrong_type(expected: &'static str, found: Kind) -> Self {
        Self::new(Problem::WrongType { expected, found })
    }

    /// Creates the error for a string that is not a value of its enum:
    /// `Parameter '<path>' does not accept value '<value>'`.
    #[cold]
    pub fn unknown_value(value: &str) -> Self {
        Self::new(Problem::UnknownValue(value.into()))
    }

    /// Creates an error in words of your own, for types with rules beyond the schema's. The path is not part of the wire text.
    #[cold]
    pub fn custom(text: impl Into<Box<str>>) -> Self {
        Self::new(Problem::Custom(text.into()))
    }

    /// Returns the error, seen from the object that holds the value as member `name`.
    #[cold]
    #[must_use]
    pub fn in_member(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.0.path.push(DecodeStep::Member(name.into()));
        self
    }

    /// Returns the error, seen from the array that holds the value as element `index`.
    #[cold]
    #[must_use]
    pub fn in_element(mut self, index: usize) -> Self {
        self.0.path.push(DecodeStep::Element(index));
        self
    }

    /// Returns the path to the value: `disks[0].address`. Empty for the outermost value.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for step in self.0.path.iter().rev() {
            match step {
                DecodeStep::Member(name) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(name);
                }
                DecodeStep::Element(index) => {
                    path.push('[');
                    path.push_str(&index.to_string());
                    path.push(']');
                }
            }
        }
        path
    }

    /// Returns the error in words for a person who reads a reply: names the member, what was found and what was allowed.
    pub fn explain(&self) -> Explanation<'_> {
        Explanation(self)
    }
}

/// The wire text (docs/reference/agent-behaviour.md §3.6).
impl fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut path = self.path();
        if path.is_empty() {
            path.push_str("value");
        }
        match &self.0.problem {
            Problem::Missing => write!(formatter, "Parameter '{path}' is missing"),
            Problem::Unexpected => write!(formatter, "Parameter '{path}' is unexpected"),
            Problem::WrongKind { expected, .. } => {
                write!(
                    formatter,
                    "Invalid parameter type for '{path}', expected: {expected}"
                )
            }
            Problem::WrongType { expected, .. } => {
                write!(formatter, "Parameter '{path}' expects {expected}")
            }
            Problem::UnknownValue(value) => {
                write!(
                    formatter,
                    "Parameter '{path}' does not accept value '{value}'"
                )
            }
            Problem::Custom(text) => formatter.write_str(text),
        }
    }
}

impl std::error::Error for DecodeError {}

/// `Display` form of [`DecodeError::explain`].
#[derive(Debug, Clone, Copy)]
pub struct Explanation<'e>(&'e DecodeError);

impl fmt::Display for Explanation<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.0.path();
        if path.is_empty() {
            formatter.write_str("the value ")?;
        } else {
            write!(formatter, "member `{path}` ")?;
        }
        match &self.0.0.problem {
            Problem::Missing => formatter.write_str("is missing"),
            Problem::Unexpected => formatter.write_str("is not in the schema"),
            Problem::WrongKind { expected, found } => {
                write!(formatter, "should be `{expected}`, found `{found}`")
            }
            Problem::WrongType { expected, found } => {
                write!(formatter, "does not fit `{expected}`, found `{found}`")
            }
            Problem::UnknownValue(value) => write!(
                formatter,
                "has the value `{value}`, which is not in the schema"
            ),
            Problem::Custom(text) => write!(formatter, "is not accepted: {text}"),
        }
    }
}
