//! Witnesses: a message that one revision allows and the other does not.
//!
//! For a change in arguments it is a request that the older revision takes and the newer one
//! refuses; for a change in replies and events, one that the newer revision sends and that a client
//! of the older one cannot expect. Each is made along the place of the change, with as little
//! else as possible, and then checked against both sides.

use serde_json::Value;

use crate::change::{Change, ChangeKind};
use crate::model::{Model, NumberType, Shape, TypeIx};
use crate::path::{Direction, PathStep, RootKind, SchemaPath};
use crate::validate::{Message, Violation};

mod example;

use example::Examples;

/// A message that only one side allows.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Witness {
    /// The message.
    pub message: Message,
    /// The older revision allows it; else the newer one does.
    pub allowed_by_old: bool,
    /// The other side's verdict on it.
    pub violation: Violation,
}

/// Makes witnesses for the changes between two models.
#[derive(Debug)]
pub struct Witnesses<'m, 's> {
    old: Examples<'m, 's>,
    new: Examples<'m, 's>,
}

/// Longer ways than this make documents that nobody would read.
const LONGEST_PLACE: usize = 64;

/// Of so many values of each discriminator, at most, pairs are tried.
const MOST_TAG_VALUES: usize = 40;

impl<'m, 's> Witnesses<'m, 's> {
    /// Prepares to make witnesses.
    pub fn new(old: &'m Model<'s>, new: &'m Model<'s>) -> Self {
        Self {
            old: Examples::new(old),
            new: Examples::new(new),
        }
    }

    /// A witness of this change, if there is one. There is none for what breaks no message, such
    /// as a feature that is gone.
    pub fn find(&self, change: &Change) -> Option<Witness> {
        if change.path.steps.len() > LONGEST_PLACE {
            return None;
        }
        match change.path.direction {
            None => self.find_at_root(change),
            Some(Direction::Argument) => self.find_at(change, true),
            Some(Direction::Reply | Direction::Event) => self.find_at(change, false),
        }
    }

    fn find_at_root(&self, change: &Change) -> Option<Witness> {
        let name = &change.path.root;
        let request = |out_of_band, before_configuration| {
            let command = self.old.model().command(name)?;
            Some(Message::Request {
                command: name.clone(),
                arguments: self.old.minimal(command.arguments)?,
                out_of_band,
                before_configuration,
            })
        };
        let reply = |side: &Examples<'_, '_>| {
            let command = side.model().command(name)?;
            Some(Message::Reply {
                command: name.clone(),
                value: side.minimal(command.reply)?,
            })
        };
        match &change.kind {
            ChangeKind::RootRemoved if change.path.kind == RootKind::Event => {
                let event = self.old.model().event(name)?;
                let message = Message::Event {
                    event: name.clone(),
                    data: self.old.minimal(event.data)?,
                };
                self.checked(message, true, "")
            }
            ChangeKind::RootRemoved => self.checked(request(false, false)?, true, ""),
            ChangeKind::OobLost => self.checked(request(true, false)?, true, ""),
            ChangeKind::PreconfigLost => self.checked(request(false, true)?, true, ""),
            ChangeKind::ReplySuppressed => self.checked(reply(&self.old)?, true, ""),
            ChangeKind::ReplyRestored => self.checked(reply(&self.new)?, false, ""),
            _ => None,
        }
    }

    fn find_at(&self, change: &Change, allowed_by_old: bool) -> Option<Witness> {
        let side = if allowed_by_old { &self.old } else { &self.new };
        let start = start(side.model(), &change.path)?;
        let mut probes = vec![None];
        probes.extend(probes_for(&change.kind, change.path.direction));
        let path = document_path(&change.path);
        let mut other = None;
        for steps in self.paths(change, allowed_by_old) {
            for probe in &probes {
                let Some(value) = side.build(start, &steps, probe.as_ref()) else {
                    continue;
                };
                let message = message(&change.path, value);
                match self.checked(message, allowed_by_old, &path) {
                    Some(witness) if is_at(&witness.violation, &path) => {
                        return Some(witness);
                    }
                    witness => other = other.or(witness),
                }
            }
        }
        other
    }

    /// The ways along which a witness may be found, in the order in which to try them.
    fn paths(&self, change: &Change, allowed_by_old: bool) -> Vec<Vec<PathStep>> {
        let steps = &change.path.steps;
        let (last, parent) = match steps.split_last() {
            Some((last, parent)) => (Some(last), parent),
            None => (None, &steps[..]),
        };
        match (&change.kind, last) {
            (
                ChangeKind::MovedToBranches { without, .. }
                | ChangeKind::MovedToCommon { without, .. },
                Some(member),
            ) => {
                let branch = |value: &String| {
                    let mut way = parent.to_vec();
                    way.push(PathStep::Branch(value.clone()));
                    way
                };
                let with_member = |mut way: Vec<PathStep>| {
                    way.push(member.clone());
                    way
                };
                let bare = without.iter().map(branch);
                let with = without.iter().map(branch).map(with_member);
                bare.chain(with).collect()
            }
            (ChangeKind::TagChanged { old, new }, _) => {
                self.tag_paths(change, allowed_by_old, old, new)
            }
            (ChangeKind::BecamePlain { removed }, _) => {
                let other = |kind: &&'static str| {
                    let mut way = steps.clone();
                    way.push(PathStep::Alternative(kind));
                    way
                };
                removed.iter().map(other).collect()
            }
            (_, Some(PathStep::Member(_))) => vec![steps.clone(), parent.to_vec()],
            _ => vec![steps.clone()],
        }
    }

    /// Every value of the one discriminator with every value of the other.
    fn tag_paths(
        &self,
        change: &Change,
        allowed_by_old: bool,
        old: &str,
        new: &str,
    ) -> Vec<Vec<PathStep>> {
        let values = |model: &Model<'_>, tag: &str| -> Vec<String> {
            let Some(ty) = start(model, &change.path).and_then(|start| {
                let object = end(model, start, &change.path.steps)?;
                Some(model.object(object)?.member(tag)?.ty)
            }) else {
                return Vec::new();
            };
            match model.shape(ty) {
                Shape::Enum(values) => values
                    .iter()
                    .take(MOST_TAG_VALUES)
                    .map(|value| value.name.to_owned())
                    .collect(),
                _ => Vec::new(),
            }
        };
        let (side, own, other) = if allowed_by_old {
            (&self.old, old, new)
        } else {
            (&self.new, new, old)
        };
        let mut ways = Vec::new();
        for selected in values(side.model(), own) {
            let mut way = change.path.steps.clone();
            way.push(PathStep::Branch(selected));
            for also in values(side.model(), other) {
                let mut way = way.clone();
                way.push(PathStep::Member(other.to_owned()));
                way.push(PathStep::Value(also));
                ways.push(way);
            }
            ways.push(way);
        }
        ways
    }

    /// Validates a candidate; prefers the violation at `path`.
    fn checked(&self, message: Message, allowed_by_old: bool, path: &str) -> Option<Witness> {
        let (allows, rejects) = if allowed_by_old {
            (self.old.model(), self.new.model())
        } else {
            (self.new.model(), self.old.model())
        };
        allows.check(&message).ok()?;
        let mut violations = rejects.violations(&message);
        let mut places = violations.iter();
        let told = places.position(|it| is_at(it, path)).unwrap_or(0);
        if violations.is_empty() {
            return None;
        }
        let violation = violations.swap_remove(told);
        Some(Witness {
            message,
            allowed_by_old,
            violation,
        })
    }
}

/// The type from which the way of a place starts.
fn start(model: &Model<'_>, schema_path: &SchemaPath) -> Option<TypeIx> {
    Some(match schema_path.direction? {
        Direction::Argument => model.command(&schema_path.root)?.arguments,
        Direction::Reply => model.command(&schema_path.root)?.reply,
        Direction::Event => model.event(&schema_path.root)?.data,
    })
}

/// The type to which a way leads.
fn end(model: &Model<'_>, start: TypeIx, steps: &[PathStep]) -> Option<TypeIx> {
    steps.iter().try_fold(start, |ty, step| {
        Some(match (step, model.shape(ty)) {
            (PathStep::Element, Shape::Array(element)) => *element,
            (PathStep::Member(name), Shape::Object(object)) => object.member(name)?.ty,
            (PathStep::Branch(value), Shape::Object(object)) => {
                let mut branches = object.union_.as_ref()?.branches.iter();
                branches.find(|branch| branch.value == value)?.ty
            }
            (PathStep::Alternative(kind), Shape::Alternate(alternatives)) => {
                let mut alternatives = alternatives.iter();
                alternatives.find(|it| it.kind.as_str() == *kind)?.ty
            }
            // On this side there is no choice.
            (PathStep::Alternative(_), _) => ty,
            _ => return None,
        })
    })
}

/// The place in documents made along the way to it, as a violation tells it.
fn document_path(schema_path: &SchemaPath) -> String {
    let mut path = String::new();
    for step in &schema_path.steps {
        match step {
            PathStep::Member(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
            }
            PathStep::Element => path.push_str("[0]"),
            // These are no steps in a document.
            PathStep::Branch(_)
            | PathStep::Alternative(_)
            | PathStep::Value(_)
            | PathStep::Feature(_) => {}
        }
    }
    path
}

/// Tells if a violation is at this place or below it.
fn is_at(violation: &Violation, path: &str) -> bool {
    let rest = violation.path.strip_prefix(path);
    rest.is_some_and(|rest| path.is_empty() || rest.is_empty() || rest.starts_with(['.', '[']))
}

fn message(schema_path: &SchemaPath, value: Value) -> Message {
    match schema_path.direction {
        Some(Direction::Reply) => Message::Reply {
            command: schema_path.root.clone(),
            value,
        },
        Some(Direction::Event) => Message::Event {
            event: schema_path.root.clone(),
            data: value,
        },
        Some(Direction::Argument) | None => Message::Request {
            command: schema_path.root.clone(),
            arguments: value,
            out_of_band: false,
            before_configuration: false,
        },
    }
}

/// Values to put at the end of the way, where an example of the type may not tell the sides apart.
fn probes_for(kind: &ChangeKind, direction: Option<Direction>) -> Vec<Option<Value>> {
    let numbers = |number: NumberType| -> Vec<Value> {
        let range = direction.and_then(|direction| number.range(direction));
        let Some(range) = range else {
            return vec![0.5.into(), 1.into()];
        };
        let integer = |integer: i128| {
            i64::try_from(integer)
                .map(Value::from)
                .or_else(|_| u64::try_from(integer).map(Value::from))
        };
        [range.least, range.greatest]
            .into_iter()
            .filter_map(|bound| integer(bound).ok())
            .collect()
    };
    let probes = match kind {
        ChangeKind::NumberChanged { old, new } => {
            numbers(*old).into_iter().chain(numbers(*new)).collect()
        }
        ChangeKind::BecameAny { .. } | ChangeKind::NoLongerAny { .. } => vec![
            Value::Null,
            true.into(),
            0.into(),
            "text".into(),
            Value::Array(Vec::new()),
        ],
        _ => Vec::new(),
    };
    probes.into_iter().map(Some).collect()
}
