//! Documentation markup that was not understood.

use std::collections::HashMap;

use qapi_parser::source::Span;

use crate::markup::{self, Block};

/// Pieces of markup that are shown as they are written, by apparent kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnknownMarkup {
    kinds: Vec<UnknownKind>,
    /// Positions of the kinds by name.
    positions: HashMap<String, usize>,
}

/// Pieces of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownKind {
    /// The apparent kind of markup: ``directive `figure` ``.
    pub what: String,
    /// Their places, in reading order.
    pub places: Vec<UnknownPlace>,
}

/// The place of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownPlace {
    /// The section of documentation that it stands in.
    pub section: Span,
    /// The number of lines in the section before it.
    pub line: u32,
}

impl UnknownMarkup {
    /// Returns the kinds in the order in which they were first met.
    pub fn kinds(&self) -> &[UnknownKind] {
        &self.kinds
    }

    /// Returns the number of pieces.
    pub fn count(&self) -> usize {
        self.kinds.iter().map(|kind| kind.places.len()).sum()
    }

    /// Adds the pieces in the blocks of a section with this text.
    pub(super) fn collect(&mut self, blocks: &[Block], text: &str, section: Span) {
        // Pieces come in reading order, so that each is looked for after the one before it.
        let mut lines = text.lines().map(str::trim).zip(0..).peekable();
        let mut before = 0;
        markup::each_unknown(blocks, &mut |unknown| {
            let first = unknown.text.lines().next().unwrap_or_default().trim();
            let mut rest = lines.clone();
            let found = rest.find(|(line, _)| line.contains(first));
            let line = found.map_or(before, |(_, line)| line);
            if found.is_some() {
                while lines.peek().is_some_and(|(_, number)| *number < line) {
                    lines.next();
                }
                before = line;
            }
            let place = UnknownPlace { section, line };
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
