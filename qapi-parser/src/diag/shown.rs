//! Diagnostics in the form that is shown: of bounded size, and limited in number for each code and line.
//!
//! A schema can be one line of a megabyte, and a name in it as long. The size of what is shown depends on the number of
//! diagnostics shown, not on the text that they are about.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::{Anchor, Code, Diagnostic, Label, Severity};
use crate::source::{FileId, SourceMap, Span};

/// Bytes of a message, of a comment on a place, a note or a name; of a longer one the beginning and the end are shown.
pub const TEXT_BYTES: usize = 600;

/// Places that a diagnostic shows beside the text in question.
pub const LABELS: usize = 10;

/// Notes that a diagnostic shows.
pub const NOTES: usize = 10;

/// Changes that a diagnostic shows.
pub const SUGGESTIONS: usize = 5;

/// Bytes of the new text of a change; a longer one is not shown.
pub const REPLACEMENT_BYTES: usize = 4_000;

/// Include directives that are shown of those that lead to a file, the ones nearest to it.
pub const INCLUDES: usize = 10;

/// Bytes of a line of a schema that are shown around a place; of a shorter line all is shown.
pub const LINE_BYTES: usize = 240;

/// Diagnostics of one code that are shown in one line; the others are counted.
pub const PER_LINE: usize = 10;

/// Returns a diagnostic without what makes it too large to be shown.
fn bounded(diagnostic: &Diagnostic) -> Cow<'_, Diagnostic> {
    if is_small(diagnostic) {
        return Cow::Borrowed(diagnostic);
    }
    let mut small = diagnostic.clone();
    let hidden = small.labels.len().saturating_sub(LABELS);
    small.labels.truncate(LABELS);
    small.notes.truncate(NOTES);
    if hidden > 0 {
        small
            .notes
            .push(format!("{hidden} more places are not shown"));
    }
    small
        .suggestions
        .retain(|change| change.replacement.len() <= REPLACEMENT_BYTES);
    small.suggestions.truncate(SUGGESTIONS);
    for text in texts(&mut small) {
        if let Cow::Owned(short) = shortened(text) {
            *text = short;
        }
    }
    Cow::Owned(small)
}

fn is_small(diagnostic: &Diagnostic) -> bool {
    let fits = |text: &String| text.len() <= TEXT_BYTES;
    let label = |label: &Label| fits(&label.text);
    fits(&diagnostic.message)
        && diagnostic.labels.len() <= LABELS
        && diagnostic.notes.len() <= NOTES
        && diagnostic.suggestions.len() <= SUGGESTIONS
        && diagnostic
            .primary
            .iter()
            .chain(&diagnostic.labels)
            .all(label)
        && diagnostic.notes.iter().chain(&diagnostic.help).all(fits)
        && diagnostic.entity.iter().all(|entity| fits(&entity.name))
        && diagnostic
            .suggestions
            .iter()
            .all(|it| fits(&it.message) && it.replacement.len() <= REPLACEMENT_BYTES)
}

/// Returns the texts of a diagnostic that are for people.
fn texts(diagnostic: &mut Diagnostic) -> impl Iterator<Item = &mut String> {
    let labels = diagnostic.primary.iter_mut().chain(&mut diagnostic.labels);
    let entity = diagnostic.entity.iter_mut().map(|entity| &mut entity.name);
    let changes = diagnostic.suggestions.iter_mut().map(|it| &mut it.message);
    std::iter::once(&mut diagnostic.message)
        .chain(labels.map(|label| &mut label.text))
        .chain(&mut diagnostic.notes)
        .chain(&mut diagnostic.help)
        .chain(entity)
        .chain(changes)
}

/// Returns the beginning and the end of a text that is longer than [`TEXT_BYTES`].
pub fn shortened(text: &str) -> Cow<'_, str> {
    if text.len() <= TEXT_BYTES {
        return Cow::Borrowed(text);
    }
    let start = floor(text, TEXT_BYTES * 2 / 3);
    let end = floor(text, text.len() - TEXT_BYTES / 4);
    Cow::Owned(format!("{}…{}", &text[..start], &text[end..]))
}

/// Returns the part of a line to show: all of it, or [`LINE_BYTES`] around `place`, a range of bytes in it.
pub fn window(line: &str, place: Range<usize>) -> Range<usize> {
    if line.len() <= LINE_BYTES {
        return 0..line.len();
    }
    let length = place.len().min(LINE_BYTES / 2);
    let before = (LINE_BYTES - length) / 2;
    let end = (place.start.saturating_sub(before) + LINE_BYTES).min(line.len());
    let start = end - LINE_BYTES;
    floor(line, start)..floor(line, end)
}

/// Returns the last place at or before `at` where a character of `text` starts.
pub fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

/// Passes the first diagnostics of a code in a line, and counts the others.
#[derive(Debug, Default)]
struct Crowds {
    counts: HashMap<(Code, FileId, u32), usize>,
    /// Codes with diagnostics that were only counted, in the order in which they occurred.
    hidden: Vec<(Severity, Code, Span, u32)>,
}

impl Crowds {
    /// Counts a diagnostic. Returns true if it should be shown.
    fn admit(&mut self, sources: &SourceMap, diagnostic: &Diagnostic) -> bool {
        let span = match (&diagnostic.anchor, &diagnostic.primary) {
            (Anchor::File(_), _) => return true,
            (Anchor::Line(_), Some(label)) => label.span,
            (Anchor::Point(span) | Anchor::Line(span), _) => *span,
        };
        let line = sources.line(span);
        let count = self
            .counts
            .entry((diagnostic.code, span.file, line))
            .or_default();
        *count += 1;
        if *count == PER_LINE + 1 {
            self.hidden
                .push((diagnostic.severity, diagnostic.code, span, line));
        }
        *count <= PER_LINE
    }

    /// Returns a diagnostic for each line of which some were not shown, at the first of those, with their number.
    fn finish(self) -> impl Iterator<Item = Diagnostic> {
        let Self { counts, hidden } = self;
        hidden.into_iter().map(move |(severity, code, span, line)| {
            let count = counts
                .get(&(code, span.file, line))
                .map_or(0, |count| count - PER_LINE);
            let are = if count == 1 { "is" } else { "are" };
            let message = format!("{count} more of these {are} in this line");
            Diagnostic::new(severity, code, Anchor::Line(span), message)
        })
    }
}

/// Returns everything to show of the diagnostics of a schema.
pub fn shown<'d>(
    sources: &SourceMap,
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
) -> Vec<Cow<'d, Diagnostic>> {
    let mut crowds = Crowds::default();
    let admitted = diagnostics
        .into_iter()
        .filter(|diagnostic| crowds.admit(sources, diagnostic));
    let mut shown: Vec<_> = admitted.map(bounded).collect();
    shown.extend(crowds.finish().map(Cow::Owned));
    shown
}
