//! Differences between a client's schema and a server.

use std::fmt;

/// A part of a client's schema that a server lacks or has in another form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Missing {
    /// The command or event that it is about.
    pub root: Box<str>,
    /// Its path below that: `arguments.file[=nbd].server` for a member of arguments, `reply…` and `data…` for those of replies
    /// and events. Members follow dots, `[]` are elements, `[=nbd]` is the branch of that value, `=on` a value of an
    /// enumeration, `[string]` an alternative. Empty for the command or event as a whole.
    pub path: Box<str>,
    /// Its kind.
    pub kind: MissingKind,
}

/// The kinds of missing parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MissingKind {
    /// The command.
    Command,
    /// The event.
    Event,
    /// The member. Mandatory members are always sent, or needed to decode the server's messages.
    Member {
        /// The client's schema has it as mandatory.
        mandatory: bool,
    },
    /// The value of the enumeration.
    Value,
    /// The branch: its value of the discriminator, and the members that go with it.
    Branch,
    /// The client's discriminator: another member selects the branch.
    Discriminator {
        /// The discriminator in the client's schema.
        client: Box<str>,
        /// The discriminator in the server's.
        server: Box<str>,
    },
    /// The alternative for this JSON kind.
    Alternative,
    /// The feature of this name.
    Feature(Box<str>),
    /// Execution out of band.
    OutOfBand,
    /// An optional argument of the client's schema, which the server requires.
    OptionalArgument,
    /// A mandatory member of the client's schema, which the server may leave out of replies and events.
    MandatoryReply,
    /// Values of the kind that the client's schema has there.
    Kind {
        /// The kind in the client's schema.
        client: &'static str,
        /// The kind in the server's.
        server: &'static str,
    },
}

impl Missing {
    /// Returns whether the command always fails or its reply cannot be read, as far as the place is used at all. Other
    /// missing parts affect only programs that use them.
    pub fn is_breaking(&self) -> bool {
        match self.kind {
            MissingKind::Command
            | MissingKind::Member { mandatory: true }
            | MissingKind::OptionalArgument
            | MissingKind::MandatoryReply
            | MissingKind::Discriminator { .. } => true,
            MissingKind::Kind { client, server } => !share_values(client, server),
            MissingKind::Event
            | MissingKind::Member { mandatory: false }
            | MissingKind::Value
            | MissingKind::Branch
            | MissingKind::Alternative
            | MissingKind::Feature(_)
            | MissingKind::OutOfBand => false,
        }
    }
}

/// A sentence: `blockdev-add arguments.node-name: the server lacks this member`.
impl fmt::Display for Missing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.root)?;
        if !self.path.is_empty() {
            write!(formatter, " {}", self.path)?;
        }
        formatter.write_str(": the server ")?;
        match &self.kind {
            MissingKind::Command => formatter.write_str("lacks this command"),
            MissingKind::Event => formatter.write_str("lacks this event"),
            MissingKind::Member { mandatory: false } => formatter.write_str("lacks this member"),
            MissingKind::Member { mandatory: true } => {
                formatter.write_str("lacks this member, which is mandatory here")
            }
            MissingKind::Value => formatter.write_str("lacks this value"),
            MissingKind::Branch => formatter.write_str("lacks this branch"),
            MissingKind::Discriminator { client, server } => {
                write!(
                    formatter,
                    "selects the branch by `{server}`, not by `{client}`"
                )
            }
            MissingKind::Alternative => formatter.write_str("lacks this alternative"),
            MissingKind::Feature(name) => write!(formatter, "lacks the feature `{name}`"),
            MissingKind::OutOfBand => formatter.write_str("does not execute it out of band"),
            MissingKind::OptionalArgument => {
                formatter.write_str("requires this member, which is optional here")
            }
            MissingKind::MandatoryReply => {
                formatter.write_str("may leave out this member, which is mandatory here")
            }
            MissingKind::Kind { client, server } => {
                write!(formatter, "has `{server}` there, not `{client}`")
            }
        }
    }
}

/// Returns whether some values of the client's kind may be of the server's.
fn share_values(client: &str, server: &str) -> bool {
    let is_number = |kind| matches!(kind, "int" | "number");
    client == "value" || (is_number(client) && is_number(server))
}
