//! Changes on the wire, without judgement.
//!
//! Type names and modules are not on the wire: a place is a path of members from a command
//! or an event.

use std::fmt;

/// Which way the data at a place travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From client to server: arguments of a command.
    Argument,
    /// From server to client, as the reply to a command.
    Reply,
    /// From server to client, unasked.
    Event,
}

/// One step down from a command or event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into a member.
    Member(String),
    /// Into the elements of an array.
    Element,
    /// Into the branch that this value of the discriminator selects.
    Branch(String),
    /// Into the alternative for this JSON kind.
    Alternative(String),
}

/// A place on the wire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The command or event.
    pub root: String,
    /// Which way the data travel; none for the command or event as a whole.
    pub direction: Option<Direction>,
    /// The way down.
    pub steps: Vec<Step>,
}

impl fmt::Display for Place {
    /// `blockdev-add arguments.file[=nbd].server`: members after dots, branches and
    /// alternatives in brackets, `[]` for elements.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.root)?;
        match self.direction {
            Some(Direction::Argument) => f.write_str(" arguments")?,
            Some(Direction::Reply) => f.write_str(" reply")?,
            Some(Direction::Event) => f.write_str(" data")?,
            None => {}
        }
        self.steps.iter().try_for_each(|step| match step {
            Step::Member(name) => write!(f, ".{name}"),
            Step::Element => f.write_str("[]"),
            Step::Branch(value) => write!(f, "[={value}]"),
            Step::Alternative(kind) => write!(f, "[{kind}]"),
        })
    }
}

/// Something that differs between the two revisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: ChangeKind,
}

/// What differs. "Added" is what only the newer revision has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeKind {
    /// A command or event is new.
    RootAdded,
    /// A command or event is gone.
    RootRemoved,
    /// A member is new.
    MemberAdded {
        /// It may be absent.
        optional: bool,
    },
    /// A member is gone.
    MemberRemoved {
        /// It could be absent.
        optional: bool,
    },
    /// A member may now be absent.
    BecameOptional,
    /// A member must now be present.
    BecameMandatory,
    /// The set of values that a place takes is another.
    TypeChanged {
        /// What the older revision takes, as JSON kind or built-in type name.
        old: String,
        /// What the newer revision takes.
        new: String,
    },
    /// An enumeration has a value more.
    ValueAdded(String),
    /// An enumeration has a value less.
    ValueRemoved(String),
}
