//! Errors in incoming bytes.

use std::fmt;

/// The error for bytes that are not a message, or for a message above the limits.
///
/// `Display` gives the text of the error reply (docs/reference/agent-behaviour.md §3.2 to §3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WireError {
    /// A byte that cannot start or continue a token; the token so far, with that byte.
    Stray(Box<str>),
    /// A token that cannot start a value.
    ExpectingValue,
    /// The text ends inside a value. Streams do not end, so a [`Lexer`](super::Lexer) never says so.
    PrematureEnd,
    /// An object's member name is not a string.
    KeyNotString,
    /// No colon after a member name.
    MissingColon,
    /// No comma or closer after a member.
    ExpectingSeparatorInObject,
    /// No comma or closer after an element.
    ExpectingSeparatorInArray,
    /// A member name occurs twice in an object.
    DuplicateKey,
    /// A word other than `true`, `false` and `null`.
    InvalidKeyword(Box<str>),
    /// A backslash before a character that needs none and means nothing.
    InvalidEscape,
    /// A `\u` escape that means no character; the escape as written.
    InvalidCharacter(Box<str>),
    /// Bytes above 0x7F that are no UTF-8, or that encode a surrogate or a non-character.
    InvalidUtf8,
    /// A number beyond the range of a double; the number as written, shortened if long.
    NumberOutOfRange(Box<str>),
    /// A value followed by more, where one value was asked for.
    TrailingData,
    /// The tokens of one value have too many bytes.
    TokenSizeLimit,
    /// One value has too many tokens.
    TokenCountLimit,
    /// Arrays and objects are nested too deeply.
    NestingLimit,
    /// The clients of the server hold all the memory that they may have together.
    MemoryLimit,
}

impl WireError {
    /// Returns whether the value was given up for its size. What follows it in the stream is unharmed.
    pub fn is_limit(&self) -> bool {
        matches!(
            self,
            Self::TokenSizeLimit | Self::TokenCountLimit | Self::NestingLimit | Self::MemoryLimit
        )
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_limit() {
            formatter.write_str("JSON parse error, ")?;
        }
        match self {
            Self::Stray(token) => write!(formatter, "stray '{token}'"),
            Self::ExpectingValue => formatter.write_str("expecting value"),
            Self::PrematureEnd => formatter.write_str("premature EOI"),
            Self::KeyNotString => formatter.write_str("key is not a string in object"),
            Self::MissingColon => formatter.write_str("missing : in object pair"),
            Self::ExpectingSeparatorInObject => formatter.write_str("expected separator in dict"),
            Self::ExpectingSeparatorInArray => formatter.write_str("expected separator in list"),
            Self::DuplicateKey => formatter.write_str("duplicate key"),
            Self::InvalidKeyword(word) => write!(formatter, "invalid keyword '{word}'"),
            Self::InvalidEscape => formatter.write_str("invalid escape sequence in string"),
            Self::InvalidCharacter(escape) => {
                write!(formatter, "{escape} is not a valid Unicode character")
            }
            Self::InvalidUtf8 => formatter.write_str("invalid UTF-8 sequence in string"),
            Self::NumberOutOfRange(number) => {
                write!(formatter, "number '{number}' is out of range")
            }
            Self::TrailingData => formatter.write_str("data after the value"),
            Self::TokenSizeLimit => formatter.write_str("JSON token size limit exceeded"),
            Self::TokenCountLimit => formatter.write_str("JSON token count limit exceeded"),
            Self::MemoryLimit => formatter.write_str(
                "the server has no memory left for a message of this size, try again later",
            ),
            Self::NestingLimit => formatter.write_str("JSON nesting depth limit exceeded"),
        }
    }
}

impl std::error::Error for WireError {}
