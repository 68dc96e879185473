//! Diagnostics with the text in question, in the manner of rustc.

use std::io::{self, Write};
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet};
use qapi_parser::diag::shown::{LINE_BYTES, floor, shortened};
use qapi_parser::diag::{Anchor, Diagnostic, Label, Severity, Suggestion};
use qapi_parser::source::{FileId, SourceMap, Span};

use super::location::{Location, file_of, include_chain};
use crate::console::{one_line, snippet_text};

/// Labels further apart than this many lines are shown as separate pieces.
const FAR: u32 = 20;
/// A label over more lines than this is shown by its first line.
const TALL: u32 = 4;
/// No part is shown of a line that is longer than this, in bytes: it takes too long to find the part.
const LONG: usize = 1 << 16;
/// Bytes of a label in a long line that are marked.
const LABEL_BYTES: usize = 60;

/// Writes the diagnostic and an empty line.
pub(super) fn write(
    out: &mut dyn Write,
    sources: &SourceMap,
    diagnostic: &Diagnostic,
    color: bool,
) -> io::Result<()> {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut groups = vec![main_group(sources, diagnostic)];
    groups.extend(
        diagnostic
            .suggestions
            .iter()
            .map(|change| suggestion(sources, change)),
    );
    writeln!(
        out,
        "{}\n",
        renderer.decor_style(DecorStyle::Ascii).render(&groups)
    )
}

/// Title, the text in question, and what there is to say about it.
fn main_group<'a>(sources: &'a SourceMap, diagnostic: &'a Diagnostic) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(one_line(&diagnostic.message))
        .id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    group = match file_of(diagnostic) {
        Some(file) => pieces(sources, diagnostic, file)
            .into_iter()
            .fold(group, |group, piece| piece.add(group, sources)),
        None => group.element(Origin::path(one_line(
            Location::of(diagnostic, sources).file,
        ))),
    };
    for line in context(sources, diagnostic) {
        group = group.element(Level::NOTE.no_name().message(one_line(&line).into_owned()));
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(one_line(note)));
    }
    // A shown change makes the help text redundant.
    if let Some(help) = &diagnostic.help
        && diagnostic.suggestions.is_empty()
    {
        group = group.element(Level::HELP.message(one_line(help)));
    }
    group
}

/// Which definition, and through which includes.
fn context(sources: &SourceMap, diagnostic: &Diagnostic) -> Vec<String> {
    let entity = diagnostic
        .entity
        .iter()
        .map(|entity| format!("in {} `{}`", entity.meta.as_str(), entity.name));
    let includes = include_chain(diagnostic, sources)
        .into_iter()
        .rev()
        .map(|directive| {
            format!(
                "included from {}:{}",
                sources.file(directive.file).path,
                sources.line(directive)
            )
        });
    entity.chain(includes).collect()
}

/// A range of lines of one file, with its labels.
struct Piece<'a> {
    file: FileId,
    first_line: u32,
    last_line: u32,
    labels: Vec<(AnnotationKind, Range<usize>, &'a str)>,
}

/// Returns the labels of a diagnostic, near ones together; the piece with the primary label first.
fn pieces<'a>(sources: &'a SourceMap, diagnostic: &'a Diagnostic, file: FileId) -> Vec<Piece<'a>> {
    let mut labels: Vec<(AnnotationKind, Span, &str)> = Vec::new();
    let view = |label: &'a Label| (label.span, label.text.as_str());
    let anchor = match diagnostic.anchor {
        Anchor::Point(span) | Anchor::Line(span) => span,
        Anchor::File(_) => Span::new(file, 0, 0),
    };
    let (primary, text) = diagnostic.primary.as_ref().map_or((anchor, ""), view);
    labels.push((AnnotationKind::Primary, primary, text));
    labels.extend(
        diagnostic
            .labels
            .iter()
            .map(view)
            .map(|(span, text)| (AnnotationKind::Context, span, text)),
    );
    // The head of the definition, where the text in question is not on that line itself.
    if anchor.file == primary.file {
        labels.push((
            AnnotationKind::Visible,
            Span::new(anchor.file, anchor.start, anchor.start),
            "",
        ));
    }
    // A stable sort: labels of one place keep their order.
    labels.sort_by_key(|(_, span, _)| (span.file, span.start));

    let mut pieces: Vec<Piece<'a>> = Vec::new();
    for (kind, span, text) in labels {
        let (range, first_line, last_line) = cropped(sources, span);
        match pieces.last_mut() {
            Some(piece) if piece.file == span.file && first_line <= piece.last_line + FAR => {
                piece.last_line = piece.last_line.max(last_line);
                piece.labels.push((kind, range, text));
            }
            _ => pieces.push(Piece {
                file: span.file,
                first_line,
                last_line,
                labels: vec![(kind, range, text)],
            }),
        }
    }
    pieces.retain(|piece| {
        piece
            .labels
            .iter()
            .any(|(kind, ..)| *kind != AnnotationKind::Visible)
    });
    pieces.sort_by_key(|piece| {
        !piece
            .labels
            .iter()
            .any(|(kind, ..)| *kind == AnnotationKind::Primary)
    });
    pieces
}

/// Returns the bytes of `span` with the lines they lie on; the rest of its first line if it has many.
fn cropped(sources: &SourceMap, span: Span) -> (Range<usize>, u32, u32) {
    let text = &sources.file(span.file).text;
    let clamp = |offset: u32| floor(text, offset as usize);
    let (start, end) = (clamp(span.start), clamp(span.end.max(span.start)));
    let first = sources.line(span);
    let breaks = text[start..end]
        .trim_end_matches('\n')
        .matches('\n')
        .count();
    let lines = u32::try_from(breaks).unwrap_or(u32::MAX);
    if lines < TALL {
        (start..end, first, first + lines)
    } else {
        let length = text[start..].find('\n').unwrap_or(text.len() - start);
        (start..start + length, first, first)
    }
}

/// Returns the whole lines that `range` lies on.
fn lines(text: &str, range: Range<usize>) -> Range<usize> {
    let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[range.end..]
        .find('\n')
        .map_or(text.len(), |at| range.end + at + 1);
    start..end
}

impl<'a> Piece<'a> {
    /// Appends the piece to a group.
    fn add(self, group: Group<'a>, sources: &'a SourceMap) -> Group<'a> {
        let file = sources.file(self.file);
        let path = one_line(&file.path);
        let start = self
            .labels
            .iter()
            .map(|(_, range, _)| range.start)
            .min()
            .unwrap_or(0);
        let end = self
            .labels
            .iter()
            .map(|(_, range, _)| range.end)
            .max()
            .unwrap_or(0);
        let shown = lines(&file.text, start..end.max(start));
        if self.is_wide(&file.text) {
            return self.add_apart(group, sources);
        }
        let base = shown.start;
        let annotations = self.labels.into_iter().map(|(kind, range, text)| {
            let annotation = kind.span(range.start - base..range.end - base);
            if text.is_empty() {
                annotation
            } else {
                annotation.label(one_line(text))
            }
        });
        group.element(
            Snippet::source(snippet_text(&file.text[shown]))
                .line_start(self.first_line as usize)
                .path(path)
                .annotations(annotations),
        )
    }

    /// Returns whether a line with a label is too long to be shown whole.
    fn is_wide(&self, text: &str) -> bool {
        self.labels.iter().any(|(_, range, _)| {
            let shown = lines(text, range.clone());
            text[shown].split('\n').any(|line| line.len() > LINE_BYTES)
        })
    }

    /// Appends each label by itself, the primary one first: the renderer shows the part of the line around it.
    fn add_apart(mut self, mut group: Group<'a>, sources: &'a SourceMap) -> Group<'a> {
        let file = sources.file(self.file);
        self.labels
            .sort_by_key(|(kind, ..)| *kind != AnnotationKind::Primary);
        for (kind, range, text) in self.labels {
            if kind == AnnotationKind::Visible {
                continue;
            }
            let start = u32::try_from(range.start).unwrap_or(u32::MAX);
            let place = sources.position(Span::new(self.file, start, start));
            let shown = lines(&file.text, range.start..range.start);
            if shown.len() > LONG {
                group = group.element(
                    Origin::path(one_line(&file.path))
                        .line(place.line as usize)
                        .char_column(place.column as usize),
                );
                if !text.is_empty() {
                    group = group.element(Level::NOTE.no_name().message(one_line(text)));
                }
                continue;
            }
            let end = floor(&file.text, range.end.min(range.start + LABEL_BYTES));
            let annotation = kind.span(range.start - shown.start..end.min(shown.end) - shown.start);
            let annotation = if text.is_empty() {
                annotation
            } else {
                annotation.label(one_line(text))
            };
            group = group.element(
                Snippet::source(snippet_text(&file.text[shown]))
                    .line_start(place.line as usize)
                    .path(one_line(&file.path))
                    .annotation(annotation),
            );
        }
        group
    }
}

/// Returns a change as a patch.
fn suggestion<'a>(sources: &'a SourceMap, change: &'a Suggestion) -> Group<'a> {
    let text = &sources.file(change.span.file).text;
    let range = floor(text, change.span.start as usize)
        ..floor(text, change.span.end.max(change.span.start) as usize);
    let group = Group::with_title(Level::HELP.secondary_title(one_line(&change.message)));
    let shown = lines(text, range.clone());
    let is_wide = |text: &str| text.split('\n').any(|line| line.len() > LINE_BYTES);
    if shown.len() > LINE_BYTES * 8 || is_wide(&text[shown.clone()]) || is_wide(&change.replacement)
    {
        let place = sources.position(change.span);
        let what = format!(
            "put `{}` at line {}, column {}",
            shortened(&one_line(&change.replacement)),
            place.line,
            place.column
        );
        return group.element(Level::NOTE.no_name().message(what));
    }
    let base = shown.start;
    group.element(
        Snippet::source(snippet_text(&text[shown]))
            .line_start(sources.line(change.span) as usize)
            .patch(Patch::new(
                range.start - base..range.end - base,
                snippet_text(&change.replacement),
            )),
    )
}
