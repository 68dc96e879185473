//! Compares two wire models along the paths from commands and events.
//!
//! First the pairs of types that meet somewhere are compared, each pair once: what differs
//! between two types does not depend on the way that leads to them, nor on the direction. A pair
//! that is met again while it is being compared is taken as equal there, so recursive types
//! come to an end. A part with a condition is compared as present in some builds and absent in
//! others; `builds` says which builds differ. Then each command and event walks the graph of pairs, only where something
//! differs further down, and finds the shortest way to every difference.

use crate::change::Change;
use crate::model::Model;

mod graph;
mod marks;
mod members;
mod objects;
mod partner;
mod roots;
mod types;
mod values;
mod walk;

use graph::Graph;

/// The result of a comparison.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Comparison {
    /// Every change: commands by name, then events by name; within one, from the top down.
    pub changes: Vec<Change>,
    /// Names of types that differ although the types stand in the same place and were compared
    /// as one: the older name, the newer one. Sorted.
    pub renamed: Vec<(String, String)>,
}

/// Compares what two revisions put on the wire.
pub fn compare(old: &Model<'_>, new: &Model<'_>) -> Comparison {
    let mut graph = Graph::new(old, new);
    let roots = graph.roots();
    graph.compare_pairs();
    let sets = std::mem::take(&mut graph.sets);
    let mut renamed: Vec<_> = graph.renamed().collect();
    renamed.sort_unstable();
    renamed.dedup();
    Comparison {
        changes: walk::changes(&graph, &roots, sets),
        renamed,
    }
}
