//! Walks from commands and events to the differences, the shortest way to each.

use std::collections::VecDeque;

use super::roots::Root;
use super::{Graph, LocalChange, PairIx, Spans, StepRef, schema_path};
use crate::change::{Change, ChangeKind};
use crate::path::Direction;

/// All changes, at the places where commands and events meet them.
pub(super) fn changes(graph: &Graph<'_, '_>, roots: &[Root<'_>]) -> Vec<Change> {
    let mut walk = Walk {
        graph,
        leads_to_change: leads_to_change(graph),
        first_cause: first_causes(graph),
        next_cause: 0,
        visited_by: vec![0; graph.pairs.len()],
        visit: 0,
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
    /// Per pair: it or something below it differs.
    leads_to_change: Vec<bool>,
    /// Per pair: the number of its first change.
    first_cause: Vec<u32>,
    next_cause: u32,
    /// Per pair: the last walk that came by.
    visited_by: Vec<u32>,
    visit: u32,
    changes: Vec<Change>,
}

/// A pair that was reached, and how.
struct Reached<'g, 's> {
    pair: PairIx,
    /// Position of the one it was reached from, and the moves from there.
    from: Option<(usize, &'g [StepRef<'s>])>,
    /// The member that has the types, or whatever else has them.
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
        self.emit((root, direction), &change.moves, change, cause, root.spans);
    }

    fn emit(
        &mut self,
        (root, direction): (&Root<'s>, Option<Direction>),
        moves: &[StepRef<'s>],
        change: &LocalChange<'s>,
        cause: u32,
        spans: Spans,
    ) {
        let left_to_handler = root.is_open
            && direction == Some(Direction::Argument)
            && matches!(
                change.kind,
                ChangeKind::MemberRemoved { .. } | ChangeKind::MovedToBranches { .. }
            )
            && is_argument(moves);
        self.changes.push(Change {
            left_to_handler,
            path: schema_path(root.kind, root.name, direction, moves),
            kind: change.kind.clone(),
            old: change.old.or(spans.old),
            new: change.new.or(spans.new),
            cause,
            announced: change.announced,
            unless_built: change.unless_built.clone(),
        });
    }

    /// Breadth first, so that the way to each pair is a shortest one.
    fn walk(&mut self, root: &Root<'s>, direction: Direction, start: PairIx) {
        if !self.leads_to_change[start.index()] {
            return;
        }
        let graph = self.graph;
        self.visit += 1;
        self.visited_by[start.index()] = self.visit;
        let mut reached = vec![Reached {
            pair: start,
            from: None,
            spans: root.spans,
        }];
        let mut queue = VecDeque::from([0]);
        while let Some(position) = queue.pop_front() {
            let index = reached[position].pair.index();
            let pair = &graph.pairs[index];
            if !pair.changes.is_empty() {
                let way = way(&reached, position);
                for (cause, change) in (self.first_cause[index]..).zip(&pair.changes) {
                    let mut moves = way.clone();
                    moves.extend_from_slice(&change.moves);
                    let spans = reached[position].spans;
                    self.emit((root, Some(direction)), &moves, change, cause, spans);
                }
            }
            for edge in &pair.edges {
                let to = edge.to.index();
                if self.leads_to_change[to] && self.visited_by[to] != self.visit {
                    self.visited_by[to] = self.visit;
                    let spans = edge.spans.or(reached[position].spans);
                    queue.push_back(reached.len());
                    reached.push(Reached {
                        pair: edge.to,
                        from: Some((position, &edge.moves)),
                        spans,
                    });
                }
            }
        }
    }
}

/// True if the moves lead to one of the arguments themselves, common or of a branch.
fn is_argument(moves: &[StepRef<'_>]) -> bool {
    let branches = moves.split_last().map_or(moves, |(_, branches)| branches);
    branches
        .iter()
        .all(|step| matches!(step, StepRef::Branch(_)))
}

/// The moves from the start to a pair that was reached.
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
