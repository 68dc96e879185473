//! Walks from commands and events to the differences, on the shortest path to each.
//!
//! Walks are separated by builds and marks: first over stable parts, in the builds that have them, then over parts that
//! the older revision marks as deprecated, and last over those it marks as unstable. So a difference counts as
//! announced only if every path to it is marked.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::graph::{Graph, LocalChange, PairIx, Spans, StepRef, schema_path};
use super::marks::Marks;
use super::roots::Root;
use super::values::Values;
use crate::builds::{BuildSets, Builds};
use crate::change::{Announcement, Change, ChangeKind};
use crate::condition::ExampleBuild;
use crate::path::Direction;

/// From the worst for users to the mildest.
const CLASSES: [Option<Announcement>; 3] = [
    None,
    Some(Announcement::Deprecated),
    Some(Announcement::Unstable),
];

/// The limit on the steps of all paths. Beyond it, further places of the same difference are only counted.
const MOST_STEPS: usize = 150_000;

/// Returns all changes, at the places where commands and events meet them.
pub(super) fn changes(graph: &Graph<'_, '_>, roots: &[Root<'_>], sets: BuildSets) -> Vec<Change> {
    let is_resolved = graph.old.resolved || graph.new.resolved;
    let mut sets = sets;
    let values = (!is_resolved).then(|| {
        let (old, new) = (graph.old, graph.new);
        (Values::of(old, &mut sets), Values::of(new, &mut sets))
    });
    let mut walk = Walk {
        graph,
        sets,
        values,
        leads_to_change: leads_to_change(graph),
        first_cause: first_causes(graph),
        next_cause: 0,
        causes_of_owners: HashMap::new(),
        reach: vec![(0, Builds::NONE); graph.pairs.len()],
        visit: 0,
        descriptions: HashMap::new(),
        places: HashMap::new(),
        steps: 0,
        changes: Vec::new(),
    };
    walk.next_cause = graph.pairs.iter().map(|pair| count(&pair.changes)).sum();
    for root in roots {
        walk.root(root);
    }
    walk.changes
}

struct Walk<'g, 'm, 's> {
    graph: &'g Graph<'m, 's>,
    sets: BuildSets,
    /// Values of the older and the newer types; none if a side is a build itself.
    values: Option<(Values<'m, 's>, Values<'m, 's>)>,
    /// Per pair: it or something below it differs.
    leads_to_change: Vec<bool>,
    /// Per pair: the number of its first change.
    first_cause: Vec<u32>,
    next_cause: u32,
    /// Numbers of differences that belong to the part with the types.
    causes_of_owners: HashMap<Difference, u32>,
    /// Per pair: the last walk that came by, and the builds in which it did.
    reach: Vec<(u32, Builds)>,
    visit: u32,
    descriptions: HashMap<Builds, BuildsInWords>,
    /// Per cause and kind of place: the change at the first place, which counts those that are not listed.
    places: HashMap<KindOfPlace, usize>,
    /// The steps of all paths so far.
    steps: usize,
    changes: Vec<Change>,
}

/// A cause, and the facts that its level depends on.
type KindOfPlace = (u32, Option<Direction>, Option<Announcement>);

/// A set of builds in words, and some of them.
#[derive(Clone)]
struct BuildsInWords {
    condition: Option<String>,
    examples: Vec<Arc<ExampleBuild>>,
}

/// A pair that was reached, and the path to it.
#[derive(Clone, Copy)]
struct Reached<'g, 's> {
    pair: PairIx,
    /// Position of the one it was reached from, and the moves from there.
    from: Option<(usize, &'g [StepRef<'s>])>,
    /// The member or other part that has the types.
    spans: Spans,
    /// The builds in which the path exists.
    builds: Builds,
}

/// A difference that was reached.
#[derive(Clone, Copy)]
struct Arrival {
    class: usize,
    position: usize,
    builds: Builds,
}

/// The place of a change, without the moves.
#[derive(Clone, Copy)]
struct Start<'r, 's> {
    root: &'r Root<'s>,
    direction: Option<Direction>,
    spans: Spans,
}

impl<'s> Walk<'_, '_, 's> {
    fn root(&mut self, root: &Root<'s>) {
        let whole = |direction: &Option<Direction>| direction.is_none();
        for (direction, change) in root.changes.iter().filter(|(way, _)| whole(way)) {
            self.emit_own(root, *direction, change);
        }
        for direction in [Direction::Argument, Direction::Reply, Direction::Event] {
            for (way, change) in &root.changes {
                if *way == Some(direction) {
                    self.emit_own(root, *way, change);
                }
            }
            for (way, pair) in &root.pairs {
                if *way == direction {
                    self.walk(root, direction, *pair);
                }
            }
        }
    }

    fn emit_own(
        &mut self,
        root: &Root<'s>,
        direction: Option<Direction>,
        change: &LocalChange<'s>,
    ) {
        let cause = self.next_cause;
        self.next_cause += 1;
        let start = Start {
            root,
            direction,
            spans: root.spans,
        };
        for (class, announcement) in CLASSES.into_iter().enumerate() {
            let builds = change
                .marks
                .select(change.builds, announcement, &mut self.sets);
            if !builds.is_none() {
                let moves = || change.moves.to_vec();
                return self.emit(start, moves, change, cause, (CLASSES[class], builds));
            }
        }
    }

    fn emit(
        &mut self,
        start: Start<'_, 's>,
        moves: impl Fn() -> Vec<StepRef<'s>>,
        change: &LocalChange<'s>,
        cause: u32,
        (announced, builds): (Option<Announcement>, Builds),
    ) {
        let Start {
            root,
            direction,
            spans,
        } = start;
        let next = self.changes.len();
        let place = (cause, direction, announced);
        let first = *self.places.entry(place).or_insert(next);
        if first != next && self.steps > MOST_STEPS {
            self.changes[first].further_places += 1;
            return;
        }
        let moves = moves();
        self.steps += moves.len();
        let left_to_handler = root.is_open
            && direction == Some(Direction::Argument)
            && matches!(
                change.kind,
                ChangeKind::MemberRemoved { .. } | ChangeKind::MovedToBranches { .. }
            )
            && is_argument(&moves);
        let example_builds = self.example_builds(root, direction, &moves, &change.kind, builds);
        let condition = self.describe(change.builds).condition;
        self.changes.push(Change {
            left_to_handler,
            path: schema_path(root.kind, root.name, direction, &moves),
            kind: change.kind.clone(),
            old: change.old.or(spans.old),
            new: change.new.or(spans.new),
            cause,
            announced,
            builds: condition,
            example_builds,
            unless_built: change.unless_built.clone(),
            further_places: 0,
        });
    }

    /// Some of the builds, those first in which there are messages that can show the change.
    fn example_builds(
        &mut self,
        root: &Root<'s>,
        direction: Option<Direction>,
        moves: &[StepRef<'s>],
        kind: &ChangeKind,
        builds: Builds,
    ) -> Vec<Arc<ExampleBuild>> {
        let Some((old, new)) = &self.values else {
            return Vec::new();
        };
        let (model, values) = match (direction, kind) {
            (Some(Direction::Reply | Direction::Event), _) | (None, ChangeKind::ReplyRestored) => {
                (self.graph.new, new)
            }
            (Some(Direction::Argument) | None, _) => (self.graph.old, old),
        };
        let start = root.message_type(model, direction, kind);
        let mut sets = Vec::with_capacity(3);
        if let Some(start) = start {
            sets.extend(values.along(start, moves, kind, builds, &mut self.sets));
        }
        sets.push(builds);
        sets.retain(|builds| !builds.is_none());
        sets.dedup();
        let examples = sets.into_iter();
        examples
            .flat_map(|builds| self.describe(builds).examples)
            .collect()
    }

    fn describe(&mut self, builds: Builds) -> BuildsInWords {
        if let Some(known) = self.descriptions.get(&builds) {
            return known.clone();
        }
        let description = BuildsInWords {
            condition: self.sets.condition(builds).map(|it| format!("{it:#}")),
            examples: self.sets.examples(builds).map(Arc::new).into(),
        };
        self.descriptions.insert(builds, description.clone());
        description
    }

    /// Per class breadth first, so that the way to each pair is a shortest one.
    fn walk(&mut self, root: &Root<'s>, direction: Direction, start: PairIx) {
        if !self.leads_to_change[start.index()] || root.builds.is_none() {
            return;
        }
        let graph = self.graph;
        self.visit += 1;
        let mut reached = Vec::new();
        let mut queues = [VecDeque::new(), VecDeque::new(), VecDeque::new()];
        let mut arrivals = Arrivals::default();
        let top = Reached {
            pair: start,
            from: None,
            spans: root.spans,
            builds: root.builds,
        };
        self.spread(top, root.marks, 0, &mut reached, &mut queues);
        while let Some(class) = queues.iter().position(|queue| !queue.is_empty()) {
            let Some(position) = queues[class].pop_front() else {
                break;
            };
            let (index, builds) = {
                let at: &Reached<'_, '_> = &reached[position];
                (at.pair.index(), at.builds)
            };
            let (visit, before) = self.reach[index];
            let before = if visit == self.visit {
                before
            } else {
                Builds::NONE
            };
            if self.sets.minus(builds, before).is_none() {
                continue;
            }
            self.reach[index] = (self.visit, self.sets.or(before, builds));
            let pair = &graph.pairs[index];
            let here = Arrival {
                class,
                position,
                builds,
            };
            let is_start = reached[position].from.is_none();
            for (number, change) in pair.changes.iter().enumerate() {
                if is_start || !change.kind.is_of_owner() {
                    let of = (index, number);
                    self.arrive(change, here, Difference { of, owner: None }, &mut arrivals);
                }
            }
            for (number, edge) in pair.edges.iter().enumerate() {
                if !self.leads_to_change[edge.to.index()] {
                    continue;
                }
                let next = Reached {
                    pair: edge.to,
                    from: Some((position, &edge.moves)),
                    spans: edge.spans.or(reached[position].spans),
                    builds: self.sets.and(builds, edge.builds),
                };
                self.arrive_at_owner(
                    next,
                    edge.marks,
                    class,
                    (index, number),
                    &mut reached,
                    &mut arrivals,
                );
                self.spread(next, edge.marks, class, &mut reached, &mut queues);
            }
        }
        for (difference, arrival) in arrivals.list {
            let (index, number) = difference.of;
            let change = &graph.pairs[index].changes[number];
            let cause = self.cause(difference);
            let start = Start {
                root,
                direction: Some(direction),
                spans: reached[arrival.position].spans,
            };
            let moves = || {
                let mut moves = way(&reached, arrival.position);
                moves.extend_from_slice(&change.moves);
                moves
            };
            let told = (CLASSES[arrival.class], arrival.builds);
            self.emit(start, moves, change, cause, told);
        }
    }

    /// Puts a pair that is met into the queues of the classes of its marks.
    fn spread<'g>(
        &mut self,
        next: Reached<'g, 's>,
        marks: Marks,
        class: usize,
        reached: &mut Vec<Reached<'g, 's>>,
        queues: &mut [VecDeque<usize>; 3],
    ) {
        let (visit, before) = self.reach[next.pair.index()];
        let before = if visit == self.visit {
            before
        } else {
            Builds::NONE
        };
        for (own, announcement) in CLASSES.into_iter().enumerate() {
            let builds = marks.select(next.builds, announcement, &mut self.sets);
            if self.sets.minus(builds, before).is_none() {
                continue;
            }
            queues[own.max(class)].push_back(reached.len());
            reached.push(Reached { builds, ..next });
        }
    }

    /// Notes the differences of types as a whole, which are those of what has the types.
    fn arrive_at_owner<'g>(
        &mut self,
        next: Reached<'g, 's>,
        marks: Marks,
        class: usize,
        edge: (usize, usize),
        reached: &mut Vec<Reached<'g, 's>>,
        arrivals: &mut Arrivals,
    ) {
        let graph = self.graph;
        let index = next.pair.index();
        for (number, change) in graph.pairs[index].changes.iter().enumerate() {
            if !change.kind.is_of_owner() {
                continue;
            }
            for (own, announcement) in CLASSES.into_iter().enumerate() {
                let builds = marks.select(next.builds, announcement, &mut self.sets);
                if builds.is_none() {
                    continue;
                }
                let here = Arrival {
                    class: own.max(class),
                    position: reached.len(),
                    builds,
                };
                reached.push(Reached { builds, ..next });
                let difference = Difference {
                    of: (index, number),
                    owner: Some(edge),
                };
                self.arrive(change, here, difference, arrivals);
            }
        }
    }

    /// Notes a difference where it is met. A change has the worst class in which it is reached.
    fn arrive(
        &mut self,
        change: &LocalChange<'s>,
        at: Arrival,
        difference: Difference,
        arrivals: &mut Arrivals,
    ) {
        let builds = self.sets.and(at.builds, change.builds);
        for (own, announcement) in CLASSES.into_iter().enumerate() {
            let builds = change.marks.select(builds, announcement, &mut self.sets);
            if !builds.is_none() {
                let class = own.max(at.class);
                return arrivals.note(
                    difference,
                    Arrival {
                        class,
                        builds,
                        ..at
                    },
                );
            }
        }
    }

    /// Returns the number of a difference; equal for all places of it.
    fn cause(&mut self, difference: Difference) -> u32 {
        let (index, number) = difference.of;
        // Beyond the limit of steps, all that have the same two types are places of one difference.
        if difference.owner.is_none() || self.steps > MOST_STEPS {
            return self.first_cause[index] + u32::try_from(number).unwrap_or(u32::MAX);
        }
        let next = &mut self.next_cause;
        *self.causes_of_owners.entry(difference).or_insert_with(|| {
            *next += 1;
            *next - 1
        })
    }
}

/// A difference of a pair: the pair, and the number among its differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Difference {
    of: (usize, usize),
    /// The pair whose part has the types, and the number of its edge, if the types differ.
    owner: Option<(usize, usize)>,
}

/// The differences that one walk has reached, in order, each at its best place.
#[derive(Default)]
struct Arrivals {
    list: Vec<(Difference, Arrival)>,
    known: HashMap<Difference, usize>,
}

impl Arrivals {
    fn note(&mut self, difference: Difference, arrival: Arrival) {
        let list = &mut self.list;
        let slot = *self.known.entry(difference).or_insert_with(|| {
            list.push((difference, arrival));
            list.len() - 1
        });
        let best = &mut self.list[slot].1;
        if arrival.class < best.class {
            *best = arrival;
        }
    }
}

/// Returns true if the moves lead to one of the arguments themselves, common or of a branch.
fn is_argument(moves: &[StepRef<'_>]) -> bool {
    let branches = moves.split_last().map_or(moves, |(_, branches)| branches);
    branches
        .iter()
        .all(|step| matches!(step, StepRef::Branch(_)))
}

/// Returns the moves from the start to a pair that was reached.
fn way<'s>(reached: &[Reached<'_, 's>], position: usize) -> Vec<StepRef<'s>> {
    let mut segments = Vec::new();
    let mut next = reached[position].from;
    while let Some((position, moves)) = next {
        segments.push(moves);
        next = reached[position].from;
    }
    segments.into_iter().rev().flatten().copied().collect()
}

fn count(changes: &[LocalChange<'_>]) -> u32 {
    u32::try_from(changes.len()).unwrap_or(u32::MAX)
}

fn first_causes(graph: &Graph<'_, '_>) -> Vec<u32> {
    let mut next = 0;
    graph
        .pairs
        .iter()
        .map(|pair| {
            let first = next;
            next += count(&pair.changes);
            first
        })
        .collect()
}

/// Spreads "something differs" from the pairs that differ against the edges.
fn leads_to_change(graph: &Graph<'_, '_>) -> Vec<bool> {
    let mut callers: Vec<Vec<usize>> = vec![Vec::new(); graph.pairs.len()];
    for (from, pair) in graph.pairs.iter().enumerate() {
        for edge in &pair.edges {
            callers[edge.to.index()].push(from);
        }
    }
    let mut leads = vec![false; graph.pairs.len()];
    let mut queue: Vec<usize> = (0..graph.pairs.len())
        .filter(|index| !graph.pairs[*index].changes.is_empty())
        .collect();
    for index in &queue {
        leads[*index] = true;
    }
    while let Some(index) = queue.pop() {
        for caller in &callers[index] {
            if !std::mem::replace(&mut leads[*caller], true) {
                queue.push(*caller);
            }
        }
    }
    leads
}
