//! Paths on the wire: a command or event, a direction, and a way down through members.
//!
//! Type names and modules are not on the wire, so they are not part of a path.

use std::fmt;

/// The kind of item that a path starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RootKind {
    /// A command.
    Command,
    /// An event.
    Event,
    /// A type; only in the lenses that compare names, because types are not on the wire.
    Type,
    /// A schema file; only in the documentation lens.
    Module,
}

impl RootKind {
    /// Returns `command`, `event`, `type` or `module`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Event => "event",
            Self::Type => "type",
            Self::Module => "module",
        }
    }
}

/// The direction of the data at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From client to server: arguments of a command.
    Argument,
    /// From server to client, as the reply to a command.
    Reply,
    /// From server to client, without a request.
    Event,
}

impl Direction {
    /// Returns `argument`, `reply` or `event`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Argument => "argument",
            Self::Reply => "reply",
            Self::Event => "event",
        }
    }
}

/// One step down from a command or event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PathStep {
    /// Into a member.
    Member(String),
    /// Into the elements of an array.
    Element,
    /// Into the branch that this value of the discriminator selects.
    Branch(String),
    /// Into the alternative for this JSON kind.
    Alternative(&'static str),
    /// To a value of an enumeration.
    Value(String),
    /// To a feature.
    Feature(String),
}

/// The path to a part of a schema, through messages on the wire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct SchemaPath {
    /// The kind of item that `root` names.
    pub kind: RootKind,
    /// The command or event.
    pub root: String,
    /// The direction of the data; none for the command or event as a whole.
    pub direction: Option<Direction>,
    /// The steps down.
    pub steps: Vec<PathStep>,
}

impl SchemaPath {
    /// Creates a command, event or type as a whole.
    pub fn whole(kind: RootKind, root: impl Into<String>) -> Self {
        Self {
            kind,
            root: root.into(),
            direction: None,
            steps: Vec::new(),
        }
    }

    /// Returns the way down as text, the root left out: `arguments.file[=nbd].server`, or empty.
    pub fn below_root(&self) -> String {
        Path(self).to_string()
    }

    fn write_below_root(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.direction {
            Some(Direction::Argument) => out.write_str("arguments")?,
            Some(Direction::Reply) => out.write_str("reply")?,
            Some(Direction::Event) => out.write_str("data")?,
            None => {}
        }
        self.steps.iter().try_for_each(|step| match step {
            PathStep::Member(name) => write!(out, ".{name}"),
            PathStep::Element => out.write_str("[]"),
            PathStep::Branch(value) => write!(out, "[={value}]"),
            PathStep::Alternative(kind) => write!(out, "[{kind}]"),
            PathStep::Value(value) => write!(out, "={value}"),
            PathStep::Feature(name) => write!(out, "{{{name}}}"),
        })
    }
}

/// A path without its root.
struct Path<'p>(&'p SchemaPath);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write_below_root(f)
    }
}

impl fmt::Display for SchemaPath {
    /// `blockdev-add arguments.file[=nbd].server`: members after dots, branches and
    /// alternatives in brackets, `[]` for elements, values after `=`, features in braces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.root)?;
        if self.direction.is_some() || matches!(self.steps.first(), Some(PathStep::Feature(_))) {
            f.write_str(" ")?;
        }
        self.write_below_root(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_print_as_paths() {
        let path = SchemaPath {
            kind: RootKind::Command,
            root: "blockdev-add".to_owned(),
            direction: Some(Direction::Argument),
            steps: vec![
                PathStep::Branch("nbd".to_owned()),
                PathStep::Member("server".to_owned()),
                PathStep::Element,
                PathStep::Alternative("string"),
                PathStep::Value("on".to_owned()),
            ],
        };
        assert_eq!(
            path.to_string(),
            "blockdev-add arguments[=nbd].server[][string]=on"
        );
        let mut event = SchemaPath::whole(RootKind::Event, "STOP");
        assert_eq!(event.to_string(), "STOP");
        event.steps.push(PathStep::Feature("late".to_owned()));
        assert_eq!(event.to_string(), "STOP {late}");
    }
}
