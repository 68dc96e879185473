//! Documentation markup that was not understood.

use std::collections::HashMap;

use qapi_parser::source::Span;

use crate::markup::{self, Block};

/// Pieces of markup that are shown as they are written, by what they seem to be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnknownMarkup {
    kinds: Vec<UnknownKind>,
    /// Positions of the kinds by name.
    positions: HashMap<String, usize>,
}

/// Pieces of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKind {
    /// A name for the kind of markup that they seem to be: ``directive `figure` ``.
    pub what: String,
    /// The sections of documentation that they stand in, one per piece, in reading order.
    pub places: Vec<Span>,
}

impl UnknownMarkup {
    /// The kinds in the order in which they were first met.
    pub fn kinds(&self) -> &[UnknownKind] {
        &self.kinds
    }

    /// The number of pieces.
    pub fn count(&self) -> usize {
        self.kinds.iter().map(|kind| kind.places.len()).sum()
    }

    pub(super) fn collect(&mut self, blocks: &[Block], place: Span) {
        markup::each_unknown(blocks, &mut |unknown| {
            let what = &*unknown.what;
            let next = self.kinds.len();
            let position = self.positions.get(what).copied().unwrap_or(next);
            if position == next {
                self.positions.insert(what.to_owned(), next);
                self.kinds.push(UnknownKind {
                    what: what.to_owned(),
                    places: Vec::new(),
                });
            }
            self.kinds[position].places.push(place);
        });
    }
}
