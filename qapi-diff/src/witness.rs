//! Witnesses: a message that one revision allows and the other does not.
//!
//! For a change in arguments it is a request that the older revision accepts and the newer one rejects; for a change in
//! replies and events, one that the newer revision sends and that a client of the older one cannot expect. Each is made
//! along the path of the change, with as few other values as possible, and then checked against both sides.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::change::{Change, ChangeKind};
use crate::condition::ExampleBuild;
use crate::model::{Model, NumberType, Shape, TypeIx};
use crate::path::{Direction, PathStep, RootKind, SchemaPath};
use crate::shared_document::{Document, SharedDocument};
use crate::validate::{Envelope, Fit, Message, Violation};

mod example;

use example::{Examples, Step};

/// A message that only one side allows.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Witness {
    /// The message. If it is [elided](Self::is_elided), `…` stands for large values that do not concern the change.
    pub message: Message,
    /// The older revision allows it; else the newer one does.
    pub allowed_by_old: bool,
    /// The other side's verdict on it.
    pub violation: Violation,
    /// Parts of the message are left out.
    pub is_elided: bool,
    /// The place where it, or the message it was made from, was recorded; none if it was generated.
    pub origin: Option<Origin>,
}

/// The place of a message in a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Origin {
    /// The file, as named.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
}

impl Origin {
    /// Creates the place in a file, with a line number from 1.
    pub fn new(file: String, line: u64) -> Self {
        Self { file, line }
    }
}

impl Witness {
    /// Creates a witness: a whole message that only one side allows.
    pub(crate) fn refused(message: Message, allowed_by_old: bool, violation: Violation) -> Self {
        Self {
            message,
            allowed_by_old,
            violation,
            is_elided: false,
            origin: None,
        }
    }

    /// Creates a witness: a message that uses, at this place, a part which the newer side marks with a feature.
    pub(crate) fn of_use(message: Message, path: &str, feature: &str) -> Self {
        let violation = Violation {
            path: path.to_owned(),
            problem: format!("it is {feature}"),
        };
        Self::refused(message, true, violation)
    }
}

/// Makes witnesses for the changes between two models.
#[derive(Debug)]
pub struct Witnesses<'m, 's> {
    old: &'m Model<'s>,
    new: &'m Model<'s>,
    /// Examples of the builds that were used last.
    builds: RefCell<Vec<Rc<BuildExamples<'m, 's>>>>,
    /// The number of values that were made and checked so far.
    effort: Cell<u64>,
}

/// The number of values after which the search for witnesses ends, because each of thousands of changes of one object
/// would need a message with thousands of members. Two revisions of QMP need a hundredth of it.
const MOST_EFFORT: u64 = 300_000;

/// The number of builds whose examples are kept.
const MOST_BUILDS: usize = 16;

/// Paths longer than this lead to documents that no server would read.
const LONGEST_PATH: usize = example::DEEPEST as usize;

/// The number of values of each discriminator of which pairs are tried, at most.
const MOST_TAG_VALUES: usize = 40;

/// Examples of both models in one build.
#[derive(Debug)]
struct BuildExamples<'m, 's> {
    symbols: Option<Arc<ExampleBuild>>,
    old: Examples<'m, 's>,
    new: Examples<'m, 's>,
    /// Smallest values known to fit, by the model they were made for and the model that checked them: the older or not.
    fitting: RefCell<[[HashSet<Fit>; 2]; 2]>,
    /// The number of values that were checked for the current change.
    effort: Cell<u64>,
}

impl<'m, 's> Witnesses<'m, 's> {
    /// Prepares to make witnesses.
    pub fn new(old: &'m Model<'s>, new: &'m Model<'s>) -> Self {
        Self {
            old,
            new,
            builds: RefCell::default(),
            effort: Cell::default(),
        }
    }

    /// Returns true if so much was looked at that no further witnesses are looked for.
    pub(crate) fn is_spent(&self) -> bool {
        self.effort.get() > MOST_EFFORT
    }

    /// Returns a witness of this change, if there is one. Changes that break no message, such as a removed feature,
    /// have none.
    pub fn find(&self, change: &Change) -> Option<Witness> {
        if change.path.steps.len() > LONGEST_PATH {
            return None;
        }
        let find = |symbols| {
            let build = self.build(symbols);
            let found = match change.path.direction {
                None => build.find_at_root(change),
                Some(Direction::Argument) => build.find_at(change, true),
                Some(Direction::Reply | Direction::Event) => build.find_at(change, false),
            };
            self.effort.set(self.effort.get() + build.effort.take());
            found
        };
        if change.example_builds.is_empty() {
            return find(None);
        }
        // In one of the builds a type may have no value.
        change
            .example_builds
            .iter()
            .find_map(|symbols| find(Some(symbols)))
    }

    fn build(&self, symbols: Option<&Arc<ExampleBuild>>) -> Rc<BuildExamples<'m, 's>> {
        let mut builds = self.builds.borrow_mut();
        if let Some(known) = builds
            .iter()
            .find(|known| known.symbols.as_ref() == symbols)
        {
            return Rc::clone(known);
        }
        let parts = self.old.size() + self.new.size();
        self.effort.set(self.effort.get() + parts);
        let build = Rc::new(BuildExamples {
            symbols: symbols.cloned(),
            old: Examples::new(self.old, symbols.cloned()),
            new: Examples::new(self.new, symbols.cloned()),
            fitting: RefCell::default(),
            effort: Cell::default(),
        });
        if builds.len() == MOST_BUILDS {
            builds.remove(0);
        }
        builds.push(Rc::clone(&build));
        build
    }
}

impl BuildExamples<'_, '_> {
    fn find_at_root(&self, change: &Change) -> Option<Witness> {
        let name = change.path.root.as_str();
        let request = |out_of_band, before_configuration| {
            let command = self.old.model().command(name)?;
            let arguments = self.old.minimal(command.arguments)?;
            let flags = (out_of_band, before_configuration);
            self.checked(Envelope::Request(name, flags), &arguments, true, "")
        };
        let reply = |allowed_by_old| {
            let side = self.side(allowed_by_old);
            let value = side.minimal(side.model().command(name)?.reply)?;
            self.checked(Envelope::Reply(name), &value, allowed_by_old, "")
        };
        match &change.kind {
            ChangeKind::RootRemoved if change.path.kind == RootKind::Event => {
                let event = self.old.model().event(name)?;
                let data = self.old.minimal(event.data)?;
                self.checked(Envelope::Event(name), &data, true, "")
            }
            ChangeKind::RootRemoved => request(false, false),
            ChangeKind::OobLost => request(true, false),
            ChangeKind::PreconfigLost => request(false, true),
            ChangeKind::ReplySuppressed => reply(true),
            ChangeKind::ReplyRestored => reply(false),
            _ => None,
        }
    }

    fn side(&self, is_old: bool) -> &Examples<'_, '_> {
        if is_old { &self.old } else { &self.new }
    }

    fn find_at(&self, change: &Change, allowed_by_old: bool) -> Option<Witness> {
        let side = self.side(allowed_by_old);
        let start = start(side.model(), &change.path)?;
        let mut probes = vec![None];
        probes.extend(probes_for(&change.kind, change.path.direction));
        let path = document_path(&change.path);
        let mut other = None;
        for steps in self.paths(change, allowed_by_old) {
            let steps = self.with_choices(change, allowed_by_old, steps);
            for probe in &probes {
                let Some(value) = side.build(start, &steps, probe.as_ref()) else {
                    continue;
                };
                let envelope = envelope(&change.path);
                match self.checked(envelope, &value, allowed_by_old, &path) {
                    Some(witness) if is_at(&witness.violation, &path) => {
                        return Some(witness);
                    }
                    witness => other = other.or(witness),
                }
            }
        }
        other
    }

    /// Returns the path, with the choice of a member's value in place of a branch where this side has
    /// no branches. The other side knows the name of the member.
    fn with_choices(
        &self,
        change: &Change,
        allowed_by_old: bool,
        steps: Vec<PathStep>,
    ) -> Vec<Step> {
        let (own, other) = (
            self.side(allowed_by_old).model(),
            self.side(!allowed_by_old).model(),
        );
        let mut own_type = start(own, &change.path);
        let mut other_type = start(other, &change.path);
        let mut chosen = Vec::with_capacity(steps.len());
        for step in steps {
            let is_union = |model: &Model<'_>, ty: Option<TypeIx>| {
                ty.and_then(|ty| model.object(ty))
                    .is_some_and(|object| object.union_.is_some())
            };
            let next_other = other_type.and_then(|ty| next(other, ty, &step));
            let tag = other_type.and_then(|ty| Some(other.object(ty)?.union_.as_ref()?.tag));
            match (&step, tag) {
                (PathStep::Branch(value), Some(tag)) if !is_union(own, own_type) => {
                    chosen.push(Step::Choice {
                        tag: tag.to_owned(),
                        value: value.clone(),
                    });
                }
                _ => {
                    // A member that is common here may be that of a branch on the other side.
                    let is_branch = matches!(step, PathStep::Branch(_));
                    let there = own_type.and_then(|ty| next(own, ty, &step));
                    own_type = if is_branch { there.or(own_type) } else { there };
                    chosen.push(Step::Path(step.clone()));
                }
            }
            let is_branch = matches!(step, PathStep::Branch(_));
            other_type = if is_branch {
                next_other.or(other_type)
            } else {
                next_other
            };
        }
        chosen
    }

    /// Returns the paths along which a witness may be found, in the order in which to try them.
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
                    let mut path = parent.to_vec();
                    path.push(PathStep::Branch(value.clone()));
                    path
                };
                let with_member = |mut path: Vec<PathStep>| {
                    path.push(member.clone());
                    path
                };
                let bare = without.iter().map(branch);
                let with = without.iter().map(branch).map(with_member);
                // If the side does not have the discriminator, no branch can be chosen.
                bare.chain(with).chain([steps.clone()]).collect()
            }
            (ChangeKind::TagChanged { old, new }, _) => {
                self.tag_paths(change, allowed_by_old, old, new)
            }
            (
                ChangeKind::BecamePlain { removed: kinds }
                | ChangeKind::BecameAlternate { added: kinds },
                _,
            ) => {
                let other = |kind: &&'static str| {
                    let mut path = steps.clone();
                    path.push(PathStep::Alternative(kind));
                    path
                };
                kinds.iter().map(other).collect()
            }
            (_, Some(PathStep::Member(_))) => vec![steps.clone(), parent.to_vec()],
            _ => vec![steps.clone()],
        }
    }

    /// Returns every value of the one discriminator with every value of the other.
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
        let (own, other) = if allowed_by_old {
            (old, new)
        } else {
            (new, old)
        };
        let side = self.side(allowed_by_old);
        let mut paths = Vec::new();
        for selected in values(side.model(), own) {
            let mut path = change.path.steps.clone();
            path.push(PathStep::Branch(selected));
            for also in values(side.model(), other) {
                let mut path = path.clone();
                path.push(PathStep::Member(other.to_owned()));
                path.push(PathStep::Value(also));
                paths.push(path);
            }
            paths.push(path);
        }
        paths
    }

    /// Validates a candidate; prefers the violation at `path`.
    fn checked(
        &self,
        envelope: Envelope<'_>,
        value: &SharedDocument,
        allowed_by_old: bool,
        path: &str,
    ) -> Option<Witness> {
        self.effort.set(self.effort.get() + value.parts());
        let violations = |by_old: bool| {
            let side = self.side(by_old);
            let fitting = &mut self.fitting.borrow_mut()[usize::from(allowed_by_old)];
            let fitting = &mut fitting[usize::from(by_old)];
            let document = Document::Shared(value);
            side.model()
                .violations_in(side.target(), envelope, document, fitting)
        };
        if !violations(allowed_by_old).is_empty() {
            return None;
        }
        let mut violations = violations(!allowed_by_old);
        let mut places = violations.iter();
        let told = places.position(|it| is_at(it, path)).unwrap_or(0);
        if violations.is_empty() {
            return None;
        }
        let violation = violations.swap_remove(told);
        let (value, is_elided) = value.write();
        Some(Witness {
            message: message(envelope, value),
            allowed_by_old,
            violation,
            is_elided,
            origin: None,
        })
    }
}

/// Returns the type from which the way of a place starts.
pub(crate) fn start(model: &Model<'_>, schema_path: &SchemaPath) -> Option<TypeIx> {
    Some(match schema_path.direction? {
        Direction::Argument => model.command(&schema_path.root)?.arguments,
        Direction::Reply => model.command(&schema_path.root)?.reply,
        Direction::Event => model.event(&schema_path.root)?.data,
    })
}

/// Returns the type to which a path leads.
fn end(model: &Model<'_>, start: TypeIx, steps: &[PathStep]) -> Option<TypeIx> {
    steps
        .iter()
        .try_fold(start, |ty, step| next(model, ty, step))
}

/// Returns the type to which one step leads.
pub(crate) fn next(model: &Model<'_>, ty: TypeIx, step: &PathStep) -> Option<TypeIx> {
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
}

/// Returns the place in documents made along the way to it, as a violation tells it.
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
            // These are not steps in a document.
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

fn envelope(schema_path: &SchemaPath) -> Envelope<'_> {
    let name = schema_path.root.as_str();
    match schema_path.direction {
        Some(Direction::Reply) => Envelope::Reply(name),
        Some(Direction::Event) => Envelope::Event(name),
        Some(Direction::Argument) | None => Envelope::Request(name, (false, false)),
    }
}

fn message(envelope: Envelope<'_>, value: Value) -> Message {
    match envelope {
        Envelope::Request(command, (out_of_band, before_configuration)) => Message::Request {
            command: command.to_owned(),
            arguments: value,
            out_of_band,
            before_configuration,
        },
        Envelope::Reply(command) => Message::Reply {
            command: command.to_owned(),
            value,
        },
        Envelope::Event(event) => Message::Event {
            event: event.to_owned(),
            data: value,
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
            0.5.into(),
            "text".into(),
            Value::Array(Vec::new()),
            Value::Object(Map::new()),
        ],
        _ => Vec::new(),
    };
    probes.into_iter().map(Some).collect()
}
