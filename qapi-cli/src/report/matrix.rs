//! A matrix of revisions: one file per format.

use qapi_diff::Matrix;
use qapi_diff::matrix::{Cell, Row, Run};

pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod text;

/// A matrix that is to be printed.
pub(crate) struct MatrixReport<'a> {
    matrix: &'a Matrix,
    /// Names of the revisions.
    labels: &'a [String],
    /// Show every row.
    all: bool,
}

impl<'a> MatrixReport<'a> {
    pub(crate) fn new(matrix: &'a Matrix, labels: &'a [String], all: bool) -> Self {
        Self {
            matrix,
            labels,
            all,
        }
    }

    /// Returns the rows that are to be shown.
    fn rows(&self) -> impl Iterator<Item = &'a Row> {
        let matrix = self.matrix;
        let all = self.all;
        let rows = matrix.rows.iter();
        rows.filter(move |row| all || matrix.is_news(row))
    }

    /// `from 1.5`, `until 2.3`, `1.5 to 2.3`, `in 2.3`; none if in all revisions.
    fn range(&self, first: usize, last: usize) -> Option<String> {
        let name = |index: usize| self.labels[index].as_str();
        let (is_first, is_last) = (first == 0, last + 1 == self.labels.len());
        match (is_first, is_last) {
            (true, true) => None,
            _ if first == last && !is_last => Some(format!("in {}", name(first))),
            (true, false) => Some(format!("until {}", name(last))),
            (false, true) => Some(format!("from {}", name(first))),
            (false, false) => Some(format!("{} to {}", name(first), name(last))),
        }
    }

    /// When a row exists and how it changed, in words: `mandatory in 1.5, optional from 2.3`.
    fn story(&self, row: &Row) -> String {
        let varying = Varying::of(row);
        let runs = row.runs();
        let parts: Vec<_> = runs
            .iter()
            .filter_map(|run| {
                let what = varying.words(run.cell);
                match (what.is_empty(), self.range(run.first, run.last)) {
                    (true, when) => when,
                    (false, Some(when)) => Some(format!("{} {when}", what.join(", "))),
                    (false, None) => Some(what.join(", ")),
                }
            })
            .collect();
        if parts.is_empty() {
            "in all".to_owned()
        } else {
            parts.join("; ")
        }
    }
}

/// Which facts of a row are not the same in all revisions that have it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent of each other"
)]
struct Varying {
    ty: bool,
    optional: bool,
    features: bool,
    condition: bool,
}

impl Varying {
    fn of(row: &Row) -> Self {
        let runs = row.runs();
        let differ = |same: &dyn Fn(&Cell, &Cell) -> bool| {
            let mut pairs = runs
                .windows(2)
                .map(|pair: &[Run<'_>]| (pair[0].cell, pair[1].cell));
            pairs.any(|(a, b)| !same(a, b))
        };
        Self {
            ty: differ(&|a, b| a.ty == b.ty),
            optional: differ(&|a, b| a.optional == b.optional),
            features: differ(&|a, b| a.features == b.features),
            condition: differ(&|a, b| a.condition == b.condition),
        }
    }

    /// Returns those facts of one revision.
    fn words(&self, cell: &Cell) -> Vec<String> {
        let mut words = Vec::new();
        if self.optional {
            let optional = cell.optional.unwrap_or_default();
            words.push(if optional { "optional" } else { "mandatory" }.to_owned());
        }
        if let Some(ty) = cell.ty.as_ref().filter(|_| self.ty) {
            words.push(ty.clone());
        }
        if self.features {
            words.push(if cell.features.is_empty() {
                "no features".to_owned()
            } else {
                cell.features.join(" and ")
            });
        }
        if self.condition {
            words.push(match &cell.condition {
                Some(condition) => format!("if {condition}"),
                None => "unconditional".to_owned(),
            });
        }
        words
    }
}
