//! The contents of a documentation block: paragraphs, descriptions and tagged sections
//! (docs/reference/language.md §7.4).

use super::cursor::Lines;
use super::line::DocLine;
use super::tags::{description, old_since, old_tag, tag, without_optional};
use crate::diag::{Anchor, Code};
use crate::dialect::Reading;
use crate::ir::{Doc, NamedSection, Section, SectionKind, SectionRef};
use crate::name_map::Places;
use crate::source::Span;

mod report;

/// Reads a block without a header, verbatim. Returns true if there was a mistake, in the block or, by `reported`,
/// before it.
pub(super) fn free_form(mut lines: Lines<'_, '_>, mut reported: bool) -> (Doc, bool) {
    let strict = lines.reading() == Reading::Strict;
    let mut text = String::new();
    let mut start = None;
    while let Some(line) = lines.current() {
        if strict && !reported && description(line.text).is_some() {
            report_free_at(&mut lines, line);
            reported = true;
        }
        start.get_or_insert(line.span);
        push_line(&mut text, line.text);
        lines.advance();
    }
    lines.finish();
    let mut doc = empty(lines.block());
    doc.body.span = start.unwrap_or(lines.opener());
    doc.body.text = trimmed(text);
    doc.order.push(SectionRef::Body);
    (doc, reported)
}

/// Reports a description in a block that turned out to belong to no definition.
pub(super) fn check_free_form(lines: &mut Lines<'_, '_>) {
    while let Some(line) = lines.current() {
        if description(line.text).is_some() {
            return report_free_at(lines, line);
        }
        lines.advance();
    }
}

fn report_free_at(lines: &mut Lines<'_, '_>, line: DocLine<'_>) {
    let found = lines
        .finding(
            Code::DOC_FREE_AT,
            Code::OLD_DOC_FREE_AT,
            Anchor::Point(line.span),
            "a block without a header describes a member",
        )
        .primary(line.span, "")
        .help("start the block with a header `@NAME:`, or this line with something other than `@`");
    lines.report(found);
}

/// The role of indentation in deciding which lines belong to a section.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Indentation {
    /// As docs/reference/language.md §7.4.1 says.
    Matters,
    /// A line right after a section belongs to it, however it is indented. Indentation had no meaning until QEMU 2.8
    /// (docs/reference/language.md §10.4).
    Ignored,
}

/// Reads the rest of a block after its header; `rest` is text that followed the header.
/// Returns true if indentation does not seem to matter in the block.
pub(super) fn definition(
    lines: Lines<'_, '_>,
    buffers: &mut BlockBuffers,
    symbol: &str,
    rest: &str,
    indentation: Indentation,
) -> (Doc, bool) {
    let mut doc = std::mem::take(&mut buffers.doc).unwrap_or_else(|| empty(lines.block()));
    doc.span = lines.block();
    doc.symbol = Some(symbol.to_owned());
    doc.body.span = lines.opener();
    doc.order.push(SectionRef::Body);
    let mut body = BodyReader {
        indentation,
        looks_unindented: false,
        doc,
        text: std::mem::take(&mut buffers.text),
        lines,
        state: BodyState::Open,
        target: SectionRef::Body,
        once: [None; 3],
        members: Places::default(),
        features: Places::default(),
        since: None,
    };
    if !rest.is_empty() {
        body.append(rest);
    }
    body.lines.skip_blank();
    while let Some(line) = body.lines.current() {
        body.block(line);
        body.lines.skip_blank();
    }
    body.finish(buffers)
}

/// Returns documentation without anything in it.
fn empty(span: Span) -> Doc {
    Doc {
        span,
        symbol: None,
        body: Section {
            kind: SectionKind::Plain,
            text: String::new(),
            span,
        },
        members: Vec::new(),
        features: Vec::new(),
        sections: Vec::new(),
        order: Vec::new(),
    }
}

/// The reading of a description at the start of a block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BodyState {
    /// The first of the members; only paragraphs were read so far.
    Open,
    /// One more member.
    Members,
    /// One more feature.
    Features,
    /// Too late.
    Closed,
}

/// Memory for what is read of one block after the other: each becomes as long as it has to be.
#[derive(Default)]
pub(super) struct BlockBuffers {
    /// A block without sections.
    doc: Option<Doc>,
    text: String,
}

struct BodyReader<'p, 'a> {
    indentation: Indentation,
    /// Some lines would be better read with [`Indentation::Ignored`].
    looks_unindented: bool,
    lines: Lines<'p, 'a>,
    doc: Doc,
    state: BodyState,
    /// The section that lines are added to.
    target: SectionRef,
    /// Lines of that section that it does not have yet.
    text: String,
    /// The sections of the kinds that may stand only once.
    once: [Option<usize>; 3],
    /// Members that were described, and where.
    members: Places,
    /// Features likewise.
    features: Places,
    /// The first paragraph that is `Since` without a colon: its line, the version, and the section that it is in.
    since: Option<(DocLine<'a>, &'a str, SectionRef)>,
}

impl<'a> BodyReader<'_, 'a> {
    /// Reads what starts with a line after the header, a blank line or a finished section.
    fn block(&mut self, line: DocLine<'a>) {
        if line.text == "Features:" {
            self.feature_list(line);
        } else if let Some((name, rest)) = description(line.text) {
            self.described(line, name, rest);
        } else if let Some(name) = old_tag(line.text) {
            self.report_old_tag(line, name);
            self.paragraph(line);
            if self.lines.reading() == Reading::Tolerant {
                // If it was a section, no description followed it.
                self.state = BodyState::Closed;
            }
        } else if let Some((kind, rest)) = tag(line.text) {
            self.tagged(line, kind, rest);
        } else {
            if line.text.starts_with('=') {
                self.lines.note_definition_heading(line);
            }
            let since = old_since(line.text).filter(|_| self.wants_since());
            self.paragraph(line);
            if let Some(version) = since {
                self.since = Some((line, version, self.target));
            }
        }
    }

    fn paragraph(&mut self, line: DocLine<'a>) {
        if self.state != BodyState::Open {
            self.state = BodyState::Closed;
        }
        self.start_plain(line);
        let mut next = Some(line);
        while let Some(line) = next.filter(|line| !line.is_blank()) {
            self.append(line.text);
            self.lines.advance();
            next = self.lines.current();
        }
    }

    /// Consecutive paragraphs are one section, one blank line between them.
    fn start_plain(&mut self, line: DocLine<'a>) {
        match self.doc.order.last() {
            Some(SectionRef::Body) => {
                if self.doc.body.text.is_empty() && self.text.is_empty() {
                    self.doc.body.span = line.span;
                }
                self.turn_to(SectionRef::Body);
                self.append("");
            }
            Some(SectionRef::Section(last))
                if self.doc.sections[*last].kind == SectionKind::Plain =>
            {
                self.turn_to(SectionRef::Section(*last));
                self.append("");
            }
            _ => self.start_section(line, SectionKind::Plain),
        }
    }

    fn start_section(&mut self, line: DocLine<'a>, kind: SectionKind) {
        self.turn_to(SectionRef::Section(self.doc.sections.len()));
        self.doc.order.push(self.target);
        self.doc.sections.push(Section {
            kind,
            text: String::new(),
            span: line.span,
        });
    }

    fn tagged(&mut self, line: DocLine<'a>, kind: SectionKind, rest: &str) {
        self.state = BodyState::Closed;
        let once = match kind {
            SectionKind::Returns => Some(0),
            SectionKind::Errors => Some(1),
            SectionKind::Since => Some(2),
            SectionKind::Todo | SectionKind::Plain => None,
        };
        let first = once.and_then(|once| self.once[once]);
        if let Some(first) = first {
            self.report_section_again(line, first);
            self.turn_back_to(SectionRef::Section(first));
        } else {
            if let Some(once) = once {
                self.once[once] = Some(self.doc.sections.len());
            }
            self.start_section(line, kind);
        }
        self.section_text(rest);
    }

    fn wants_since(&self) -> bool {
        self.lines.reading() == Reading::Tolerant && self.since.is_none()
    }

    /// Makes a section of the paragraph `Since 1.5`, where no tag says it better. Earlier releases read it as text, as
    /// today's compiler does, so the same may follow it as any text.
    fn adopt_since(&mut self) {
        let Some((line, version, place)) = self.since.filter(|_| self.once[2].is_none()) else {
            return;
        };
        let text = text_of(&mut self.doc, place);
        let paragraphs: Vec<&str> = text.split("\n\n").collect();
        let Some(index) = paragraphs
            .iter()
            .position(|it| it.trim_matches('\n') == line.text)
        else {
            return;
        };
        let others = [&paragraphs[..index], &paragraphs[index + 1..]].concat();
        match place {
            SectionRef::Section(section) if others.is_empty() => {
                let section = &mut self.doc.sections[section];
                section.kind = SectionKind::Since;
                version.clone_into(&mut section.text);
            }
            _ => {
                *text = others.join("\n\n");
                self.doc
                    .order
                    .push(SectionRef::Section(self.doc.sections.len()));
                self.doc.sections.push(Section {
                    kind: SectionKind::Since,
                    text: version.to_owned(),
                    span: line.span,
                });
            }
        }
    }

    fn feature_list(&mut self, line: DocLine<'a>) {
        if !self.doc.features.is_empty() {
            self.report_features_again(line);
        }
        self.state = BodyState::Features;
        self.lines.advance();
        self.lines.skip_blank();
        let next = self.lines.current();
        let has_feature = next.is_some_and(|line| description(line.text).is_some());
        if !has_feature && self.doc.features.is_empty() {
            self.report_no_features(line, next);
            self.text_before_features();
        }
    }

    /// Reads text that starts indented before the first feature, which did not end the list until QEMU 9.2.
    fn text_before_features(&mut self) {
        let mut is_apart = true;
        let mut is_read = false;
        while let Some(line) = self.lines.current() {
            let ends = line.indentation() == 0 && (is_apart || description(line.text).is_some());
            if ends && !line.is_blank() {
                break;
            }
            if !is_read {
                self.start_plain(line);
                is_read = true;
            }
            is_apart = line.is_blank();
            self.append(line.text);
            self.lines.advance();
        }
    }

    fn described(&mut self, line: DocLine<'a>, name: &'a str, rest: &'a str) {
        if self.state == BodyState::Closed {
            self.report_late(line, name);
        }
        if name.is_empty() {
            self.report_nameless(line);
            self.start_plain(line);
            return self.section_text(line.text);
        }
        let is_feature = self.state == BodyState::Features;
        if !is_feature {
            self.state = BodyState::Members;
        }
        let (places, sections) = if is_feature {
            (&mut self.features, &mut self.doc.features)
        } else {
            (&mut self.members, &mut self.doc.members)
        };
        let known = places.find(sections, name, section_name);
        let place = known.unwrap_or(sections.len());
        let target = if is_feature {
            SectionRef::Feature(place)
        } else {
            SectionRef::Member(place)
        };
        if let Some(known) = known {
            let first = sections[known].span;
            self.report_described_again(line, name, first);
            self.turn_back_to(target);
        } else {
            sections.push(NamedSection {
                name: name.to_owned(),
                text: String::new(),
                span: line.span,
            });
            places.added(sections, section_name);
            self.turn_to(target);
            self.doc.order.push(target);
        }
        self.section_text(rest);
    }

    /// Reads what belongs to a description or tag: the rest of its line and the indented lines
    /// that follow (docs/reference/language.md §7.4.1).
    fn section_text(&mut self, rest: &str) {
        if !rest.is_empty() {
            self.append(rest);
        }
        self.lines.advance();
        if self.indentation == Indentation::Ignored {
            self.unindented_text();
        }
        while self.lines.current().is_some_and(DocLine::is_blank) {
            self.append("");
            self.lines.advance();
        }
        let Some(first) = self.lines.current() else {
            return;
        };
        let least = first.indentation();
        if least == 0 {
            return;
        }
        self.append(first.text);
        self.lines.advance();
        let mut second = true;
        while let Some(line) = self.lines.current() {
            if description(line.text).is_some() {
                return;
            }
            if !line.is_blank() && line.indentation() < least {
                if !second {
                    return;
                }
                self.report_deindent(line, first, least);
                if starts_section(line) {
                    return;
                }
            }
            second = false;
            self.append(line.text);
            self.lines.advance();
        }
    }

    fn unindented_text(&mut self) {
        while let Some(line) = self.lines.current()
            && !line.is_blank()
            && !starts_section(line)
        {
            self.append(line.text);
            self.lines.advance();
        }
    }

    fn append(&mut self, line: &str) {
        push_line(&mut self.text, line);
    }

    /// Makes `target` the section that lines are added to.
    fn turn_to(&mut self, target: SectionRef) {
        if target != self.target {
            self.hand_over();
            self.target = target;
        }
    }

    /// Gives the section the lines that it does not have yet.
    fn hand_over(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let text = text_of(&mut self.doc, self.target);
        if text.is_empty() {
            self.text.trim_start_matches('\n').clone_into(text);
        } else {
            text.push_str(&self.text);
        }
        self.text.clear();
    }

    /// Makes a section that was finished the one that lines are added to.
    fn turn_back_to(&mut self, target: SectionRef) {
        self.hand_over();
        self.target = target;
        let text = text_of(&mut self.doc, target);
        text.truncate(text.trim_end_matches('\n').len());
        if !text.is_empty() {
            text.push('\n');
        }
    }

    fn finish(mut self, buffers: &mut BlockBuffers) -> (Doc, bool) {
        self.lines.finish();
        self.hand_over();
        let doc = &mut self.doc;
        let trim = |text: &mut String| *text = trimmed(std::mem::take(text));
        trim(&mut doc.body.text);
        for section in &mut doc.sections {
            trim(&mut section.text);
        }
        for section in doc.members.iter_mut().chain(&mut doc.features) {
            trim(&mut section.text);
        }
        self.adopt_since();
        self.report_empty_sections();
        if self.lines.reading() == Reading::Tolerant {
            for member in &mut self.doc.members {
                if let Some(text) = without_optional(&member.text) {
                    member.text = text.to_owned();
                }
            }
        }
        let done = taken(&mut self.doc);
        buffers.doc = Some(self.doc);
        buffers.text = self.text;
        (done, self.looks_unindented)
    }
}

/// Moves what was read to a block whose lists are as long as they have to be.
fn taken(doc: &mut Doc) -> Doc {
    Doc {
        symbol: doc.symbol.take(),
        body: Section {
            text: std::mem::take(&mut doc.body.text),
            ..doc.body
        },
        members: doc.members.drain(..).collect(),
        features: doc.features.drain(..).collect(),
        sections: doc.sections.drain(..).collect(),
        order: doc.order.drain(..).collect(),
        span: doc.span,
    }
}

fn section_name(section: &NamedSection) -> &str {
    &section.name
}

fn text_of(doc: &mut Doc, section: SectionRef) -> &mut String {
    match section {
        SectionRef::Body => &mut doc.body.text,
        SectionRef::Member(index) => &mut doc.members[index].text,
        SectionRef::Feature(index) => &mut doc.features[index].text,
        SectionRef::Section(index) => &mut doc.sections[index].text,
    }
}

/// Returns whether a line starts a section whatever stands before it.
fn starts_section(line: DocLine<'_>) -> bool {
    let text = line.text;
    text == "Features:"
        || description(text).is_some()
        || old_tag(text).is_some()
        || tag(text).is_some()
        || old_since(text).is_some()
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// Without line feeds at either end.
fn trimmed(mut text: String) -> String {
    while text.ends_with('\n') {
        text.pop();
    }
    if text.starts_with('\n') {
        let start = text.len() - text.trim_start_matches('\n').len();
        text.drain(..start);
    }
    text
}
