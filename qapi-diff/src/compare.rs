//! Compares two wire models along the paths from commands and events.
//!
//! First the pairs of types in the same place are compared, each pair once, because their differences do not depend on
//! the path to them or the direction. A pair that occurs again while it is being compared is taken as equal there, so
//! the comparison of recursive types ends. A part with a condition is compared as present in some builds and absent in
//! others; `builds` tells which builds differ. Then the graph of pairs is walked from each command and event, only
//! towards differences, to find the shortest path to each of them.

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
    /// Pairs of different names of types that are in the same place and were compared as one: the older and the newer
    /// name. Sorted.
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
