//! The results of checking a message.

use std::fmt;

/// The kind of a [`Remark`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// The schema has no such command.
    UnknownCommand,
    /// The schema has no such event.
    UnknownEvent,
    /// The command cannot be executed out of band.
    NotOutOfBand,
    /// Success of the command sends no reply, but there is one.
    UnexpectedReply,
    /// A mandatory member is missing.
    MissingMember,
    /// The type has no such member.
    UnknownMember,
    /// The value has another JSON type than the schema says.
    WrongType,
    /// The string is none of the enumeration's values.
    UnknownValue,
    /// The integer does not fit its type.
    OutOfRange,
    /// The object is not a message of the protocol.
    NoMessage,
    /// A part that the schema marks as deprecated is used.
    Deprecated,
    /// A part that the schema marks as unstable is used.
    Unstable,
    /// The last line of a recording is not whole.
    CutLine,
    /// A line of a recording is not a JSON value.
    NoJson,
    /// A line of a recording is longer than any message.
    TooLong,
    /// A line of a recording is not a message of these protocols.
    OtherProtocol,
    /// Recorded bytes are not a message.
    Unreadable,
    /// A reply has no request.
    NoRequest,
    /// A request has the `id` of another one that waits for its reply.
    ReusedId,
    /// The recording has no messages.
    EmptyRecording,
}

/// The severity of a [`Remark`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The message uses a part that may change or be removed, or the recording is incomplete.
    Warning,
    /// The message does not fit the schema.
    Error,
}

impl Severity {
    /// Returns `warning` or `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Problem {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::UnknownCommand,
        Self::UnknownEvent,
        Self::NotOutOfBand,
        Self::UnexpectedReply,
        Self::MissingMember,
        Self::UnknownMember,
        Self::WrongType,
        Self::UnknownValue,
        Self::OutOfRange,
        Self::NoMessage,
        Self::Deprecated,
        Self::Unstable,
        Self::CutLine,
        Self::NoJson,
        Self::TooLong,
        Self::OtherProtocol,
        Self::Unreadable,
        Self::NoRequest,
        Self::ReusedId,
        Self::EmptyRecording,
    ];

    /// Returns the name that programs know it by, such as `unknown-member`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownCommand => "unknown-command",
            Self::UnknownEvent => "unknown-event",
            Self::NotOutOfBand => "not-out-of-band",
            Self::UnexpectedReply => "unexpected-reply",
            Self::MissingMember => "missing-member",
            Self::UnknownMember => "unknown-member",
            Self::WrongType => "wrong-type",
            Self::UnknownValue => "unknown-value",
            Self::OutOfRange => "out-of-range",
            Self::NoMessage => "no-message",
            Self::Deprecated => "deprecated",
            Self::Unstable => "unstable",
            Self::CutLine => "cut-line",
            Self::NoJson => "no-json",
            Self::TooLong => "too-long",
            Self::OtherProtocol => "other-protocol",
            Self::Unreadable => "unreadable",
            Self::NoRequest => "no-request",
            Self::ReusedId => "reused-id",
            Self::EmptyRecording => "empty-recording",
        }
    }

    /// Returns the weight.
    pub fn severity(self) -> Severity {
        match self {
            Self::Deprecated
            | Self::Unstable
            | Self::CutLine
            | Self::Unreadable
            | Self::NoRequest
            | Self::ReusedId
            | Self::EmptyRecording => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

/// A remark about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Remark {
    /// The kind.
    pub problem: Problem,
    /// The path from the message to the part that it is about, such as `arguments.file[0].driver`.
    pub path: String,
    /// The expected type, value or name, in words; empty if there is none.
    pub expected: String,
    /// The part that was found, in words.
    pub found: String,
    /// A name that was probably meant.
    pub suggestion: Option<String>,
}

impl Remark {
    /// `, did you mean …`, or nothing.
    fn hint(&self) -> String {
        match &self.suggestion {
            Some(name) => format!("; did you mean `{name}`?"),
            None => String::new(),
        }
    }
}

/// One sentence without the place, such as ``expected str, found integer 5``.
impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (found, hint) = (&self.found, self.hint());
        match self.problem {
            Problem::UnknownCommand => write!(f, "there is no command {found}{hint}"),
            Problem::UnknownEvent => write!(f, "there is no event {found}{hint}"),
            Problem::NotOutOfBand => write!(f, "{found} cannot be executed out of band"),
            Problem::UnexpectedReply => write!(f, "success of {found} sends no reply"),
            Problem::MissingMember => write!(f, "member {} is missing", self.expected),
            Problem::UnknownMember if self.expected.is_empty() => {
                write!(f, "member {found} is unexpected{hint}")
            }
            Problem::UnknownMember => {
                let expected = &self.expected;
                write!(f, "{expected} has no member {found}{hint}")
            }
            Problem::UnknownValue => {
                let expected = &self.expected;
                write!(f, "{found} is not a value of {expected}{hint}")
            }
            Problem::OutOfRange => write!(f, "{found} does not fit {}", self.expected),
            Problem::WrongType | Problem::NoMessage => {
                write!(f, "expected {}, found {found}", self.expected)
            }
            Problem::Deprecated => write!(f, "{found} is deprecated"),
            Problem::Unstable => write!(f, "{found} is unstable"),
            // These are about recordings, which have words of their own.
            Problem::CutLine
            | Problem::NoJson
            | Problem::TooLong
            | Problem::OtherProtocol
            | Problem::Unreadable
            | Problem::NoRequest
            | Problem::ReusedId
            | Problem::EmptyRecording => f.write_str(found),
        }
    }
}

/// Returns a path of a remark for all elements of the arrays in it: `devices[].id` for `devices[3].id`.
pub fn for_all_elements(path: &str) -> String {
    let mut all = String::with_capacity(path.len());
    let mut in_brackets = false;
    for c in path.chars() {
        in_brackets = c == '[' || in_brackets && c != ']';
        if !in_brackets || c == '[' {
            all.push(c);
        }
    }
    all
}
