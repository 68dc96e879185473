//! The part of a comparison that matters to one program, by messages that it exchanged.
//!
//! A change of arguments matters if a recorded request fits the older revision, and not the newer one, at the place of
//! the change. A change of replies or events matters if the newer revision does not send a recorded one, or may send it
//! with a value at that place that the older one does not allow. A part that is newly marked as deprecated or unstable
//! matters if it was used.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use crate::change::{Change, ChangeKind};
use crate::finding::Finding;
use crate::level::Level;
use crate::model::{Model, TypeIx};
use crate::path::{Direction, PathStep};
use crate::validate::{Message, Violation};
use crate::witness::{Origin, Witness, next, start};

/// The largest number of messages that only the newer revision rejects, without a finding that explains it.
const MOST_UNEXPLAINED: usize = 100;

/// A message that fits the older revision and not the newer one, for a reason that no listed change explains.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Unexplained {
    /// The message.
    pub message: Message,
    /// The place where it was recorded.
    pub origin: Origin,
    /// The verdict of the newer revision.
    pub violation: Violation,
}

/// Finds the findings that matter, message by message.
#[derive(Debug)]
pub struct Impact<'a, 's> {
    old: &'a Model<'s>,
    new: &'a Model<'s>,
    findings: &'a [Finding],
    /// Findings by command or event.
    by_root: HashMap<&'a str, Vec<usize>>,
    witnesses: Vec<Option<Witness>>,
    unexplained: Vec<Unexplained>,
    /// The places and problems of the unexplained ones.
    known: HashSet<(String, String)>,
}

/// A place in a message to which the path of a change leads.
struct End<'v> {
    /// The place in words, as [`Violation::path`] has it.
    path: String,
    /// The value there; none if the last member is absent.
    value: Option<&'v Value>,
    /// The steps through this message, with indices of elements.
    route: Vec<Hop>,
}

#[derive(Debug, Clone)]
enum Hop {
    Member(String),
    Element(usize),
}

impl<'a, 's> Impact<'a, 's> {
    /// Looks at no message yet.
    pub fn new(old: &'a Model<'s>, new: &'a Model<'s>, findings: &'a [Finding]) -> Self {
        let mut by_root: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, finding) in findings.iter().enumerate() {
            let root = finding.change.path.root.as_str();
            by_root.entry(root).or_default().push(index);
        }
        Self {
            old,
            new,
            findings,
            by_root,
            witnesses: vec![None; findings.len()],
            unexplained: Vec::new(),
            known: HashSet::new(),
        }
    }

    /// Looks at a message that the program sent or got.
    pub fn see(&mut self, message: &Message, origin: &Origin) {
        let Some(candidates) = self.by_root.get(message.root()).cloned() else {
            return;
        };
        let (before, now) = (self.old.deviations(message), self.new.deviations(message));
        let problems: Vec<&Violation> = now.iter().filter(|it| !before.contains(it)).collect();
        let mut explained = vec![false; problems.len()];
        for index in candidates {
            let finding = &self.findings[index];
            if !is_about(&finding.change, message) {
                continue;
            }
            let is_known = self.witnesses[index].is_some();
            if is_known && problems.is_empty() {
                continue;
            }
            let ends = self.ends(&finding.change, message);
            for (problem, explained) in problems.iter().zip(&mut explained) {
                *explained |= ends
                    .iter()
                    .any(|end| end.is_hit_by(&finding.change, problem));
            }
            if is_known || finding.level == Level::Compatible {
                continue;
            }
            let witness = self.witness(finding, message, &ends, &problems, before.is_empty());
            self.witnesses[index] = witness.map(|mut witness| {
                witness.origin = Some(origin.clone());
                witness
            });
        }
        let is_request = matches!(message, Message::Request { .. });
        for (problem, _) in problems
            .iter()
            .zip(&explained)
            .filter(|(_, it)| is_request && !**it)
        {
            let place = (
                message.root().to_owned() + " " + &problem.path,
                problem.problem.clone(),
            );
            if self.unexplained.len() < MOST_UNEXPLAINED && self.known.insert(place) {
                self.unexplained.push(Unexplained {
                    message: message.clone(),
                    origin: origin.clone(),
                    violation: (*problem).clone(),
                });
            }
        }
    }

    /// Returns a message that shows a change which matters, of each finding; and those that no finding explains.
    pub fn finish(self) -> (Vec<Option<Witness>>, Vec<Unexplained>) {
        (self.witnesses, self.unexplained)
    }

    fn witness(
        &self,
        finding: &Finding,
        message: &Message,
        ends: &[End<'_>],
        problems: &[&Violation],
        fits_old: bool,
    ) -> Option<Witness> {
        let change = &finding.change;
        if let ChangeKind::FeatureAdded(feature) = &change.kind {
            let used = ends.iter().find(|end| end.value.is_some())?;
            return Some(Witness::of_use(message.clone(), &used.path, feature));
        }
        let hit = problems.iter().find(|problem| {
            let mut ends = ends.iter();
            ends.any(|end| end.is_hit_by(change, problem))
        });
        if let Some(problem) = hit {
            return Some(Witness::refused(message.clone(), true, (*problem).clone()));
        }
        let is_sent = !matches!(message, Message::Request { .. });
        let ends = ends.iter().filter(|_| is_sent && fits_old);
        ends.flat_map(|end| self.other_values(change, end, message))
            .find_map(|other| {
                let refused = self.old.violations(&other);
                let is_possible = self.new.violations(&other).is_empty();
                let problem = refused.into_iter().next().filter(|_| is_possible)?;
                Some(Witness::refused(other, false, problem))
            })
    }

    /// Returns the message as the newer revision may send it: with other values at the place.
    fn other_values(&self, change: &Change, end: &End<'_>, message: &Message) -> Vec<Message> {
        let with = |value: Option<Value>| {
            let mut other = message.clone();
            put(other.body_mut(), &end.route, value)?;
            Some(other)
        };
        let last = change.path.steps.last();
        match (&change.kind, last) {
            (
                ChangeKind::MemberRemoved { .. }
                | ChangeKind::BecameOptional
                | ChangeKind::MovedToBranches { .. },
                _,
            ) => with(None).into_iter().collect(),
            (ChangeKind::ValueAdded, Some(PathStep::Value(text))) => {
                with(Some(json!(text))).into_iter().collect()
            }
            (ChangeKind::BranchAdded, Some(PathStep::Branch(text))) => {
                let tag = self.tag(change);
                let value = end
                    .value
                    .and_then(Value::as_object)
                    .zip(tag)
                    .map(|(object, tag)| {
                        let mut object: Map<String, Value> = object.clone();
                        object.insert(tag.to_owned(), json!(text));
                        Value::Object(object)
                    });
                value.map(Some).and_then(with).into_iter().collect()
            }
            (
                ChangeKind::AlternativeAdded
                | ChangeKind::BecameAlternate { .. }
                | ChangeKind::NumberChanged { .. }
                | ChangeKind::EnumBecameStr
                | ChangeKind::BecameAny { .. },
                _,
            ) => {
                let probes = [
                    json!("another value"),
                    json!(null),
                    json!(true),
                    json!(-1),
                    json!(0.5),
                    json!(i64::MAX),
                    json!(u64::MAX),
                    json!([]),
                    json!({}),
                ];
                probes
                    .into_iter()
                    .filter_map(|probe| with(Some(probe)))
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// Returns the discriminator of the union in which the last step of a change is a branch.
    fn tag(&self, change: &Change) -> Option<&'s str> {
        let steps = change
            .path
            .steps
            .split_last()
            .map_or(&[][..], |(_, steps)| steps);
        [self.new, self.old].into_iter().find_map(|model| {
            let start = start(model, &change.path)?;
            let object = steps
                .iter()
                .try_fold(start, |ty, step| next(model, ty, step))?;
            Some(model.object(object)?.union_.as_ref()?.tag)
        })
    }

    /// Returns the places in a message to which the path of a change leads.
    fn ends<'v>(&self, change: &Change, message: &'v Message) -> Vec<End<'v>> {
        let whole = End {
            path: String::new(),
            value: Some(message.body()),
            route: Vec::new(),
        };
        let types = [self.old, self.new].map(|model| start(model, &change.path));
        let mut ends = vec![(whole, types)];
        for (index, step) in change.path.steps.iter().enumerate() {
            let is_last = index + 1 == change.path.steps.len();
            ends = ends
                .into_iter()
                .flat_map(|(end, types)| {
                    let below = [self.old, self.new];
                    let types_below = [0, 1].map(|side| {
                        let ty = types[side]?;
                        // If only one side has the branch, the other stays at its object.
                        let stays = matches!(step, PathStep::Branch(_)).then_some(ty);
                        next(below[side], ty, step).or(stays)
                    });
                    let reached = self.follow(&end, step, is_last, &change.kind, types);
                    reached.into_iter().map(move |end| (end, types_below))
                })
                .collect();
        }
        ends.into_iter().map(|(end, _)| end).collect()
    }

    fn follow<'v>(
        &self,
        end: &End<'v>,
        step: &PathStep,
        is_last: bool,
        kind: &ChangeKind,
        types: [Option<TypeIx>; 2],
    ) -> Vec<End<'v>> {
        let Some(value) = end.value else {
            return Vec::new();
        };
        // New parts were in no message.
        let is_new = is_last
            && matches!(
                kind,
                ChangeKind::ValueAdded | ChangeKind::BranchAdded | ChangeKind::AlternativeAdded
            );
        let stays = |fits: bool| {
            if fits || is_new {
                vec![end.again()]
            } else {
                Vec::new()
            }
        };
        match step {
            PathStep::Member(name) => match value.as_object() {
                Some(object) => vec![end.member(name, object.get(name))],
                None => Vec::new(),
            },
            PathStep::Element => {
                let items = value.as_array().into_iter().flatten().enumerate();
                items
                    .map(|(index, item)| end.element(index, item))
                    .collect()
            }
            PathStep::Branch(selected) => {
                let models = [self.old, self.new];
                let tags = models
                    .into_iter()
                    .zip(types)
                    .filter_map(|(model, ty)| Some(model.object(ty?)?.union_.as_ref()?.tag));
                let mut tags = tags.peekable();
                let is_selected =
                    tags.any(|tag| value.get(tag).and_then(Value::as_str) == Some(selected));
                stays(is_selected)
            }
            PathStep::Alternative(kind) => stays(crate::model::Kind::of(value).as_str() == *kind),
            PathStep::Value(text) => stays(value.as_str() == Some(text)),
            PathStep::Feature(_) => stays(true),
        }
    }
}

impl<'v> End<'v> {
    fn again(&self) -> Self {
        Self {
            path: self.path.clone(),
            value: self.value,
            route: self.route.clone(),
        }
    }

    fn member(&self, name: &str, value: Option<&'v Value>) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        let mut route = self.route.clone();
        route.push(Hop::Member(name.to_owned()));
        Self {
            path: format!("{}{dot}{name}", self.path),
            value,
            route,
        }
    }

    fn element(&self, index: usize, value: &'v Value) -> Self {
        let mut route = self.route.clone();
        route.push(Hop::Element(index));
        Self {
            path: format!("{}[{index}]", self.path),
            value: Some(value),
            route,
        }
    }

    /// Returns whether a violation is one that the change brings: at the place, or below it if the type changed
    /// completely.
    fn is_hit_by(&self, change: &Change, violation: &Violation) -> bool {
        if only_adds(&change.kind) {
            return false;
        }
        let Some(rest) = violation.path.strip_prefix(self.path.as_str()) else {
            return false;
        };
        let is_below = self.path.is_empty() || rest.starts_with(['.', '[']);
        rest.is_empty() || is_below && goes_deep(&change.kind)
    }
}

/// Returns whether all that was allowed still is: the change shows in other messages than the recorded ones.
fn only_adds(kind: &ChangeKind) -> bool {
    matches!(
        kind,
        ChangeKind::ValueAdded
            | ChangeKind::BranchAdded
            | ChangeKind::AlternativeAdded
            | ChangeKind::BecameAlternate { .. }
            | ChangeKind::BecameOptional
            | ChangeKind::EnumBecameStr
            | ChangeKind::BecameAny { .. }
    )
}

/// Returns whether a change shows below its place, too.
fn goes_deep(kind: &ChangeKind) -> bool {
    matches!(
        kind,
        ChangeKind::RootRemoved
            | ChangeKind::ArgumentsChecked
            | ChangeKind::ReplyRemoved { .. }
            | ChangeKind::BranchRemoved
            | ChangeKind::TagChanged { .. }
            | ChangeKind::AlternativeRemoved
            | ChangeKind::BecamePlain { .. }
            | ChangeKind::NoLongerAny { .. }
            | ChangeKind::TypeChanged { .. }
    )
}

/// Returns whether a change is about messages of this kind.
fn is_about(change: &Change, message: &Message) -> bool {
    match (change.path.direction, message) {
        (Some(Direction::Argument), Message::Request { .. })
        | (Some(Direction::Reply), Message::Reply { .. })
        | (Some(Direction::Event) | None, Message::Event { .. }) => true,
        (None, Message::Request { .. }) => !matches!(
            change.kind,
            ChangeKind::ReplySuppressed | ChangeKind::ReplyRestored
        ),
        (None, Message::Reply { .. }) => matches!(change.kind, ChangeKind::ReplySuppressed),
        _ => false,
    }
}

/// Puts a value at a place, or takes the member there away.
fn put(body: &mut Value, route: &[Hop], value: Option<Value>) -> Option<()> {
    let Some((last, way)) = route.split_last() else {
        *body = value?;
        return Some(());
    };
    let parent = way.iter().try_fold(body, |value, hop| match hop {
        Hop::Member(name) => value.get_mut(name),
        Hop::Element(index) => value.get_mut(index),
    })?;
    match (last, value) {
        (Hop::Member(name), Some(value)) => *parent.get_mut(name)? = value,
        (Hop::Member(name), None) => drop(parent.as_object_mut()?.remove(name)?),
        (Hop::Element(index), Some(value)) => *parent.get_mut(index)? = value,
        (Hop::Element(_), None) => return None,
    }
    Some(())
}
