//! Checks that documentation fits its definition, as far as the definition alone can tell (docs/reference/language.md
//! §7.5).

use std::sync::Arc;

use super::reader::{DefinitionReader, get};
use crate::diag::{Anchor, Code, Diagnostic, Meta};
use crate::era::Era;
use crate::era_rules::OLD_DOC_READER;
use crate::ir::{Doc, Section, SectionKind};
use crate::syntax::ObjectValue;

impl<'t> DefinitionReader<'_, 't> {
    /// Judges symbol and kinds of sections, or the absence of documentation.
    pub(super) fn doc(&mut self, object: &'t ObjectValue, docs: &mut [Arc<Doc>]) {
        let Some(doc) = self.context.doc.map(|id| &mut docs[id.index()]) else {
            if self.doc_required {
                self.undocumented();
            }
            return;
        };
        self.symbol_of(doc);
        let returns = get(object, "returns").is_some();
        let command = self.context.meta == Meta::Command;
        self.section_kinds(doc, command, returns);
        let is_text = |section: &Section| text_tag(section, command, returns).is_some();
        if self.tolerant() && doc.sections.iter().any(is_text) {
            for section in &mut Arc::make_mut(doc).sections {
                keep_as_text(section, command, returns);
            }
        }
    }

    fn section_kinds(&mut self, doc: &Doc, command: bool, returns: bool) {
        let (meta, name) = (self.context.meta.as_str(), self.context.name);
        for kind in [SectionKind::Returns, SectionKind::Errors] {
            let Some(section) = doc.sections.iter().find(|section| section.kind == kind) else {
                continue;
            };
            let (code, old, message) = match kind {
                SectionKind::Returns if command && returns => continue,
                SectionKind::Returns if command => (
                    Code::DOC_RETURNS_NONE,
                    Code::OLD_DOC_RETURNS_NONE,
                    format!("a return value is described, but command `{name}` has no `returns`"),
                ),
                SectionKind::Errors if command => continue,
                kind => (
                    Code::DOC_SECTION_KIND,
                    Code::OLD_DOC_SECTION_KIND,
                    format!(
                        "only commands have {}, not the {meta} `{name}`",
                        match kind {
                            SectionKind::Returns => "a `Returns` section",
                            _ => "an `Errors` section",
                        }
                    ),
                ),
            };
            let anchor = Anchor::Line(section.span);
            let diagnostic = if self.tolerant() {
                let warning = Diagnostic::warning(old, anchor, message);
                if kind == SectionKind::Errors {
                    // It was a paragraph.
                    warning.accepted(Era::OLDEST, OLD_DOC_READER)
                } else {
                    warning
                }
            } else {
                Diagnostic::error(code, anchor, message)
            };
            self.out.report(
                diagnostic
                    .primary(section.span, "")
                    .label(self.context.name_span, "documented here"),
            );
        }
    }

    fn symbol_of(&mut self, doc: &mut Arc<Doc>) {
        let name = self.context.name;
        match &doc.symbol {
            Some(symbol) if symbol == name => return,
            None => {}
            Some(symbol) => {
                let message = format!(
                    "the documentation is for `{symbol}`, but the definition is {} `{name}`",
                    self.context.meta.as_str()
                );
                let diagnostic = if self.tolerant() {
                    self.context
                        .warning(Code::OLD_DOC_SYMBOL, self.context.name_span, message)
                } else {
                    self.context
                        .error(Code::DOC_SYMBOL, self.context.name_span, message)
                };
                self.out
                    .report(diagnostic.label(doc.span, "the documentation"));
            }
        }
        Arc::make_mut(doc).symbol = Some(name.to_owned());
    }

    fn undocumented(&mut self) {
        let message = format!(
            "{} `{}` has no documentation, and the pragma `doc-required` asks for it",
            self.context.meta.as_str(),
            self.context.name
        );
        let span = self.context.name_span;
        let error = self.context.error(Code::DOC_REQUIRED, span, message);
        let help = format!(
            "put a `##` block that begins with `# @{}:` before it",
            self.context.name
        );
        self.out.report(error.help(help));
    }
}

/// Returns the tag of a section that its definition cannot have.
fn text_tag(section: &Section, command: bool, returns: bool) -> Option<&'static str> {
    match section.kind {
        SectionKind::Returns if !(command && returns) => Some("Returns"),
        SectionKind::Errors if !command => Some("Errors"),
        _ => None,
    }
}

/// Makes a section that its definition cannot have a plain one (docs/reference/language.md §10.4).
fn keep_as_text(section: &mut Section, command: bool, returns: bool) {
    if let Some(tag) = text_tag(section, command, returns) {
        section.kind = SectionKind::Plain;
        section.text = format!("{tag}: {}", section.text);
    }
}
