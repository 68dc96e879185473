//! What a server does not have that a client knows.

use std::fmt;

/// Something of a client's schema that a server lacks, or has in another form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lack {
    /// The command or event that it is about.
    pub root: Box<str>,
    /// Where below that: `arguments.file[=nbd].server` for a member of arguments, `reply…` and `data…` for those of replies
    /// and events. Members follow dots, `[]` are elements, `[=nbd]` is the branch of that value, `=on` a value of an
    /// enumeration, `[string]` an alternative. Empty for the command or event as a whole.
    pub path: Box<str>,
    /// What is lacking.
    pub what: Lacking,
}

/// What is lacking at a place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Lacking {
    /// The command.
    Command,
    /// The event.
    Event,
    /// The member. Mandatory ones are always sent, or needed to read what the server sends.
    Member {
        /// The client's schema has it as mandatory.
        mandatory: bool,
    },
    /// The value of the enumeration.
    Value,
    /// The members of the branch.
    Branch,
    /// The alternative for this JSON kind.
    Alternative,
    /// The feature of this name.
    Feature(Box<str>),
    /// Execution out of band.
    OutOfBand,
    /// The client's freedom to leave the member out: the server wants it.
    OptionalArgument,
    /// The member's certainty: the server may leave it out, the client's schema says it never does.
    MandatoryReply,
    /// Values of the kind that the client's schema has there.
    Kind {
        /// The kind in the client's schema.
        client: &'static str,
        /// The kind in the server's.
        server: &'static str,
    },
}

impl Lack {
    /// Whether the command always fails or its reply cannot be read, as far as the place is used at all. What else is
    /// lacking hurts only those who use it.
    pub fn is_breaking(&self) -> bool {
        match self.what {
            Lacking::Command
            | Lacking::Member { mandatory: true }
            | Lacking::OptionalArgument
            | Lacking::MandatoryReply
            | Lacking::Kind { .. } => true,
            Lacking::Event
            | Lacking::Member { mandatory: false }
            | Lacking::Value
            | Lacking::Branch
            | Lacking::Alternative
            | Lacking::Feature(_)
            | Lacking::OutOfBand => false,
        }
    }
}

/// A sentence: `blockdev-add arguments.node-name: the server lacks this member`.
impl fmt::Display for Lack {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.root)?;
        if !self.path.is_empty() {
            write!(formatter, " {}", self.path)?;
        }
        formatter.write_str(": the server ")?;
        match &self.what {
            Lacking::Command => formatter.write_str("lacks this command"),
            Lacking::Event => formatter.write_str("lacks this event"),
            Lacking::Member { mandatory: false } => formatter.write_str("lacks this member"),
            Lacking::Member { mandatory: true } => {
                formatter.write_str("lacks this member, which is mandatory here")
            }
            Lacking::Value => formatter.write_str("lacks this value"),
            Lacking::Branch => formatter.write_str("lacks this branch"),
            Lacking::Alternative => formatter.write_str("lacks this alternative"),
            Lacking::Feature(name) => write!(formatter, "lacks the feature `{name}`"),
            Lacking::OutOfBand => formatter.write_str("does not execute it out of band"),
            Lacking::OptionalArgument => {
                formatter.write_str("wants this member, which is optional here")
            }
            Lacking::MandatoryReply => {
                formatter.write_str("may leave out this member, which is mandatory here")
            }
            Lacking::Kind { client, server } => {
                write!(formatter, "has `{server}` there, not `{client}`")
            }
        }
    }
}
