//! Reports about the sections of a block (docs/reference/language.md §7.4.2).

use super::BodyReader;
use crate::diag::{Anchor, Code};
use crate::doc::line::DocLine;
use crate::era::Era;
use crate::era_rules::OLD_DOC_READER;
use crate::ir::{SectionKind, SectionRef};
use crate::parse::quote;
use crate::source::Span;

/// Returns the tag of a section as it is written.
fn tag_name(kind: SectionKind) -> &'static str {
    match kind {
        SectionKind::Plain => "text",
        SectionKind::Returns => "Returns",
        SectionKind::Errors => "Errors",
        SectionKind::Since => "Since",
        SectionKind::Todo => "TODO",
    }
}

impl BodyReader<'_, '_> {
    pub(super) fn report_old_tag(&mut self, line: DocLine<'_>, name: &str) {
        let found = self
            .lines
            .finding(
                Code::DOC_OLD_TAG,
                Code::OLD_DOC_TAG,
                Anchor::Point(line.span),
                format!("`{name}:` is no longer a section tag"),
            )
            .primary(line.span, "")
            .help(if name.starts_with("Note") {
                "write `.. note::` and indent the text"
            } else {
                "write `.. qmp-example::` and indent the example"
            });
        self.lines.report(found);
    }

    pub(super) fn report_section_again(&mut self, line: DocLine<'_>, first: usize) {
        let first = &self.doc.sections[first];
        let found = self
            .lines
            .finding(
                Code::DOC_DUP_SECTION,
                Code::OLD_DOC_DUP_SECTION,
                Anchor::Line(line.span),
                format!(
                    "a second `{}:` section, a block has one at most",
                    tag_name(first.kind)
                ),
            )
            .primary(line.span, "again here")
            .label(first.span, "first here")
            .help("join the two, or indent the line if it belongs to the text above");
        self.lines.report(found);
    }

    pub(super) fn report_features_again(&mut self, line: DocLine<'_>) {
        let found = self
            .lines
            .finding(
                Code::DOC_DUP_FEATURES,
                Code::OLD_DOC_DUP_FEATURES,
                Anchor::Point(line.span),
                "a second list of features, a block has one at most",
            )
            .primary(line.span, "again here");
        let found = match self.doc.features.first() {
            Some(first) => found.label(first.span, "first here"),
            None => found,
        };
        self.lines
            .report(found.help("describe all features in one list"));
    }

    pub(super) fn report_no_features(&mut self, line: DocLine<'_>, next: Option<DocLine<'_>>) {
        if next.is_none() && !self.lines.is_closed() {
            // The missing end of the block has been reported.
            return;
        }
        let next = next.map_or(self.lines.closer(), |line| line.span);
        let found = self
            .lines
            .finding(
                Code::DOC_NO_FEATURES,
                Code::OLD_DOC_NO_FEATURES,
                Anchor::Point(next),
                "expected a feature, `@NAME: description`, after `Features:`",
            )
            .primary(next, "expected a feature")
            .label(line.span, "the list starts here")
            .help("describe the features, or remove the line `Features:`");
        self.lines.report(found);
    }

    pub(super) fn report_late(&mut self, line: DocLine<'_>, name: &str) {
        self.looks_unindented = true;
        let mut found = self
            .lines
            .finding(
                Code::DOC_ARG_LATE,
                Code::OLD_DOC_ARG_LATE,
                Anchor::Point(line.span),
                format!(
                    "description of {} apart from the other members",
                    quote(name)
                ),
            )
            .primary(line.span, "too late");
        if let Some(last) = self.doc.members.last() {
            found = found.label(last.span, "the last of the others");
        }
        self.lines
            .report(found.help("describe all members in one run, before the sections"));
    }

    pub(super) fn report_nameless(&mut self, line: DocLine<'_>) {
        let found = self
            .lines
            .finding(
                Code::DOC_ARG_NAME,
                Code::OLD_DOC_ARG_NAME,
                Anchor::Line(line.span),
                "a description without a name",
            )
            .primary(line.span, "")
            .help("write the name of the member between `@` and `:`");
        self.lines.report(found);
    }

    pub(super) fn report_described_again(&mut self, line: DocLine<'_>, name: &str, first: Span) {
        let found = self
            .lines
            .finding(
                Code::DOC_DUP_ARG,
                Code::OLD_DOC_DUP_ARG,
                Anchor::Line(line.span),
                format!("{} is described twice", quote(name)),
            )
            .primary(line.span, "again here")
            .label(first, "first here")
            .help("join the two");
        self.lines.report(found);
    }

    pub(super) fn report_deindent(&mut self, line: DocLine<'_>, first: DocLine<'_>, least: usize) {
        let found = self
            .lines
            .finding(
                Code::DOC_DEINDENT,
                Code::OLD_DOC_DEINDENT,
                Anchor::Point(line.span),
                format!("a line of a section is indented less than its first one, by {least}"),
            )
            .primary(line.span, format!("expected at least {least} spaces"))
            .label(first.span, "this sets the indentation")
            .help("indent the line, or put an empty line before it");
        self.lines.report(found);
    }

    /// Reports all sections without text, in order.
    pub(super) fn report_empty_sections(&mut self) {
        for index in 0..self.doc.order.len() {
            let (what, span) = match self.doc.order[index] {
                SectionRef::Member(index) => {
                    let member = &self.doc.members[index];
                    if !member.text.is_empty() {
                        continue;
                    }
                    let what = format!("the description of {}", quote(&member.name));
                    (what, member.span)
                }
                SectionRef::Feature(index) => {
                    let feature = &self.doc.features[index];
                    if !feature.text.is_empty() {
                        continue;
                    }
                    let what = format!("the description of feature {}", quote(&feature.name));
                    (what, feature.span)
                }
                SectionRef::Section(index) => {
                    let section = &self.doc.sections[index];
                    if !section.text.is_empty() || section.kind == SectionKind::Plain {
                        continue;
                    }
                    let what = format!("section `{}:`", tag_name(section.kind));
                    (what, section.span)
                }
                SectionRef::Body => continue,
            };
            self.report_empty(&what, span);
        }
    }

    fn report_empty(&mut self, what: &str, span: Span) {
        self.looks_unindented = true;
        let goes_on = self.lines.text_follows(span);
        let found = self
            .lines
            .finding(
                Code::DOC_EMPTY_TEXT,
                Code::OLD_DOC_EMPTY_TEXT,
                Anchor::Line(span),
                format!("{what} has no text"),
            )
            .primary(span, "")
            .help("add text, indented if it is on separate lines, or remove the line");
        // Text after a tag alone on its line did not have to be indented.
        let found = if goes_on {
            found.accepted(Era::OLDEST, OLD_DOC_READER)
        } else {
            found
        };
        self.lines.report(found);
    }
}
