//! The graph of pairs of types, and the differences that each pair has by itself.

use std::collections::HashMap;

use qapi_parser::ir::Condition;
use qapi_parser::source::Span;

use super::marks::{Marks, is_experimental};
use crate::builds::{BuildSets, Builds};
use crate::change::ChangeKind;
use crate::model::{Facts, Feature, Kind, Model, Shape, TypeIx};
use crate::path::{Direction, PathStep, RootKind, SchemaPath};

/// A step with borrowed names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepRef<'s> {
    Member(&'s str),
    Element,
    Branch(&'s str),
    Alternative(Kind),
    Value(&'s str),
    Feature(&'s str),
}

impl StepRef<'_> {
    pub(super) fn to_step(self) -> PathStep {
        match self {
            Self::Member(name) => PathStep::Member(name.to_owned()),
            Self::Element => PathStep::Element,
            Self::Branch(value) => PathStep::Branch(value.to_owned()),
            Self::Alternative(kind) => PathStep::Alternative(kind.as_str()),
            Self::Value(value) => PathStep::Value(value.to_owned()),
            Self::Feature(name) => PathStep::Feature(name.to_owned()),
        }
    }
}

/// Returns the moves with one more.
pub(super) fn join<'s>(moves: &[StepRef<'s>], last: StepRef<'s>) -> Vec<StepRef<'s>> {
    let mut joined = Vec::with_capacity(moves.len() + 1);
    joined.extend_from_slice(moves);
    joined.push(last);
    joined
}

/// A pair of types in the same place, as an index into [`Graph::pairs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PairIx(pub(super) u32);

impl PairIx {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// An older type and the newer one in its place.
#[derive(Debug)]
pub(super) struct Pair<'s> {
    pub(super) old: TypeIx,
    pub(super) new: TypeIx,
    pub(super) changes: Vec<LocalChange<'s>>,
    pub(super) edges: Vec<Edge<'s>>,
}

/// A move from one pair to another.
#[derive(Debug)]
pub(super) struct Edge<'s> {
    pub(super) moves: Box<[StepRef<'s>]>,
    pub(super) to: PairIx,
    /// The member, branch or alternative that has the types.
    pub(super) spans: Spans,
    /// The builds in which both revisions have it.
    pub(super) builds: Builds,
    pub(super) marks: Marks,
}

/// A difference, relative to the pair or root it belongs to.
#[derive(Debug)]
pub(super) struct LocalChange<'s> {
    pub(super) moves: Box<[StepRef<'s>]>,
    pub(super) kind: ChangeKind,
    /// None if it is at the part that has the types.
    pub(super) old: Option<Span>,
    pub(super) new: Option<Span>,
    /// The builds with this difference.
    pub(super) builds: Builds,
    pub(super) marks: Marks,
    pub(super) unless_built: Option<String>,
}

/// All pairs of types.
pub(super) struct Graph<'m, 's> {
    pub(super) old: &'m Model<'s>,
    pub(super) new: &'m Model<'s>,
    pub(super) pairs: Vec<Pair<'s>>,
    pub(super) by_types: HashMap<(TypeIx, TypeIx), PairIx>,
    pub(super) sets: BuildSets,
}

impl<'m, 's> Graph<'m, 's> {
    pub(super) fn new(old: &'m Model<'s>, new: &'m Model<'s>) -> Self {
        Self {
            old,
            new,
            pairs: Vec::new(),
            by_types: HashMap::new(),
            sets: BuildSets::default(),
        }
    }

    /// Returns the builds in which a condition holds. If one side describes a build with unknown symbols, all
    /// conditions of the other side are taken to hold.
    pub(super) fn builds(&mut self, condition: Option<&Condition>) -> Builds {
        if self.old.resolved || self.new.resolved {
            return Builds::ALL;
        }
        self.sets.of(condition)
    }

    /// Returns the pair of these types; a new pair is appended to the list.
    pub(super) fn pair(&mut self, old: TypeIx, new: TypeIx) -> PairIx {
        let next = PairIx(u32::try_from(self.pairs.len()).expect("memory ends before"));
        let pairs = &mut self.pairs;
        *self.by_types.entry((old, new)).or_insert_with(|| {
            pairs.push(Pair {
                old,
                new,
                changes: Vec::new(),
                edges: Vec::new(),
            });
            next
        })
    }

    /// Compares every pair, those included that come up meanwhile.
    pub(super) fn compare_pairs(&mut self) {
        let mut next = 0;
        while let Some(pair) = self.pairs.get(next) {
            let (old, new) = (pair.old, pair.new);
            let mut found = Differences::new(self);
            found.types(old, new);
            let Differences { changes, edges, .. } = found;
            self.pairs[next].changes = changes;
            self.pairs[next].edges = edges;
            next += 1;
        }
    }

    pub(super) fn renamed(&self) -> impl Iterator<Item = (String, String)> {
        self.pairs.iter().filter_map(|pair| {
            let (old, new) = (self.old.ty(pair.old), self.new.ty(pair.new));
            // If a type was replaced by a completely different one, it was not renamed.
            let comparable = matches!(
                (&old.shape, &new.shape),
                (Shape::Object(_), Shape::Object(_))
                    | (Shape::Enum(_), Shape::Enum(_))
                    | (Shape::Alternate(_), Shape::Alternate(_))
            );
            let (old, new) = (old.name?, new.name?);
            (comparable && old != new).then(|| (old.to_owned(), new.to_owned()))
        })
    }
}

/// Collects the differences of one pair or root.
pub(super) struct Differences<'g, 'm, 's> {
    pub(super) graph: &'g mut Graph<'m, 's>,
    /// The definitions that are being compared, as the place of a missing part.
    pub(super) old_definition: Option<Span>,
    pub(super) new_definition: Option<Span>,
    /// The builds that are being compared: those that have the current part.
    pub(super) builds: Builds,
    /// Marks of the current part.
    pub(super) marks: Marks,
    pub(super) changes: Vec<LocalChange<'s>>,
    pub(super) edges: Vec<Edge<'s>>,
}

/// The source of one part in both revisions.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spans {
    pub(super) old: Option<Span>,
    pub(super) new: Option<Span>,
}

impl Spans {
    pub(super) fn of(old: &Facts<'_>, new: &Facts<'_>) -> Self {
        Self {
            old: old.span,
            new: new.span,
        }
    }

    /// These, and others where there are none.
    pub(super) fn or(self, others: Self) -> Self {
        Self {
            old: self.old.or(others.old),
            new: self.new.or(others.new),
        }
    }
}

impl<'g, 'm, 's> Differences<'g, 'm, 's> {
    pub(super) fn new(graph: &'g mut Graph<'m, 's>) -> Self {
        Self {
            graph,
            old_definition: None,
            new_definition: None,
            builds: Builds::ALL,
            marks: Marks::NONE,
            changes: Vec::new(),
            edges: Vec::new(),
        }
    }

    /// Compares a part with other current builds and marks.
    pub(super) fn within<T>(
        &mut self,
        builds: Builds,
        marks: Marks,
        compare: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let outer = (self.builds, self.marks);
        self.builds = self.graph.sets.and(builds, self.builds);
        self.marks = marks.or(self.marks, &mut self.graph.sets);
        let result = compare(self);
        (self.builds, self.marks) = outer;
        result
    }

    /// Notes a difference of the current part, in all the current builds.
    pub(super) fn report(&mut self, moves: &[StepRef<'s>], kind: ChangeKind, spans: Spans) {
        self.push(moves, kind, spans, None);
    }

    fn push(
        &mut self,
        moves: &[StepRef<'s>],
        kind: ChangeKind,
        spans: Spans,
        unless_built: Option<String>,
    ) {
        if self.builds.is_none() {
            return;
        }
        self.changes.push(LocalChange {
            moves: moves.into(),
            kind,
            old: spans.old.or(self.old_definition),
            new: spans.new.or(self.new_definition),
            builds: self.builds,
            marks: self.marks,
            unless_built,
        });
    }

    /// Notes that the newer revision has a part that the older one lacks, in these builds.
    pub(super) fn report_added(
        &mut self,
        moves: &[StepRef<'s>],
        kind: ChangeKind,
        facts: &Facts<'s>,
        builds: Builds,
    ) {
        let unless_built = unless_built(facts, self.graph.old.resolved);
        let spans = Spans {
            old: None,
            new: facts.span,
        };
        self.within(builds, Marks::NONE, |this| {
            this.push(moves, kind, spans, unless_built);
        });
    }

    /// Notes that the newer revision lacks a part that the older one has, in these builds.
    pub(super) fn report_removed(
        &mut self,
        moves: &[StepRef<'s>],
        kind: ChangeKind,
        facts: &Facts<'s>,
        builds: Builds,
    ) {
        let unless_built = unless_built(facts, self.graph.new.resolved);
        let spans = Spans {
            old: facts.span,
            new: None,
        };
        let marks = self.marks(name_of(moves), facts);
        self.within(builds, marks, |this| {
            this.push(moves, kind, spans, unless_built);
        });
    }

    /// Compares the presence of a part that both revisions name. Returns the current builds in which both have it.
    pub(super) fn presence(
        &mut self,
        moves: &[StepRef<'s>],
        (old, new): (&Facts<'s>, &Facts<'s>),
        (added, removed): (ChangeKind, ChangeKind),
    ) -> Builds {
        let before = self.graph.builds(old.condition.as_ref());
        let after = self.graph.builds(new.condition.as_ref());
        if before != after {
            let (gone, came) = (
                self.graph.sets.minus(before, after),
                self.graph.sets.minus(after, before),
            );
            self.report_removed(moves, removed, old, gone);
            self.report_added(moves, added, new, came);
        }
        let both = self.graph.sets.and(before, after);
        self.graph.sets.and(both, self.builds)
    }

    /// Notes that types differ as a whole, which is reported at the part that has them.
    pub(super) fn report_type(&mut self, kind: ChangeKind) {
        if self.builds.is_none() {
            return;
        }
        self.changes.push(LocalChange {
            moves: [].into(),
            kind,
            old: None,
            new: None,
            builds: self.builds,
            marks: self.marks,
            unless_built: None,
        });
    }

    /// Schedules the comparison of two types at the end of these moves, in the current builds.
    pub(super) fn descend(
        &mut self,
        moves: &[StepRef<'s>],
        (old, new): (TypeIx, TypeIx),
        spans: Spans,
    ) {
        if self.builds.is_none() || self.graph.same_scalar(old, new) {
            return;
        }
        let to = self.graph.pair(old, new);
        self.edges.push(Edge {
            moves: moves.into(),
            to,
            spans,
            builds: self.builds,
            marks: self.marks,
        });
    }
}

/// Returns the name of the last move.
pub(super) fn name_of<'s>(moves: &[StepRef<'s>]) -> &'s str {
    match moves.last() {
        Some(StepRef::Member(name) | StepRef::Branch(name) | StepRef::Value(name)) => name,
        _ => "",
    }
}

pub(super) fn unless_built(facts: &Facts<'_>, missing_side_is_build: bool) -> Option<String> {
    let condition = facts.condition.as_ref().filter(|_| missing_side_is_build)?;
    Some(format!("{condition:#}"))
}

/// Returns the path of a place below a command or event.
pub(super) fn schema_path(
    kind: RootKind,
    root: &str,
    direction: Option<Direction>,
    moves: &[StepRef<'_>],
) -> SchemaPath {
    SchemaPath {
        kind,
        root: root.to_owned(),
        direction,
        steps: moves.iter().map(|step| step.to_step()).collect(),
    }
}

impl<'s> Differences<'_, '_, 's> {
    /// Returns the marks of a part of the older revision.
    pub(super) fn marks(&mut self, name: &str, facts: &Facts<'s>) -> Marks {
        let mut marks = self.marks_by_features(&facts.features);
        if is_experimental(name) {
            marks.unstable = Builds::ALL;
        }
        marks
    }

    pub(super) fn marks_by_features(&mut self, features: &[Feature<'s>]) -> Marks {
        let mut marks = Marks::NONE;
        for feature in features {
            let target = match feature.name {
                "deprecated" => &mut marks.deprecated,
                "unstable" => &mut marks.unstable,
                _ => continue,
            };
            let builds = self.graph.builds(feature.condition.as_ref());
            *target = self.graph.sets.or(*target, builds);
        }
        marks
    }
}
