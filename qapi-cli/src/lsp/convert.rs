//! Conversions from the analysis to the protocol.

use std::path::Path;

use gen_lsp_types::{
    Code, CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity,
    DiagnosticTag, DocumentSymbol, Location, Message, Position, Range, SymbolKind, SymbolTag, Uri,
};
use qapi_ide::{Encoding, Finding, Kind, Outline, OutlineKind, Severity, Tag, Text};

use super::state::Server;

/// Returns the name of a unit of columns.
pub(super) fn encoding(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "utf-8",
        Encoding::Utf16 => "utf-16",
        Encoding::Utf32 => "utf-32",
    }
}

pub(super) fn from_position(position: Position) -> qapi_ide::Position {
    qapi_ide::Position {
        line: position.line,
        column: position.character,
    }
}

/// Returns a place in a text.
pub(super) fn range(text: &Text, range: qapi_ide::Range, encoding: Encoding) -> Range {
    let position = |offset| {
        let place = text.position(offset, encoding);
        Position {
            line: place.line,
            character: place.column,
        }
    };
    Range {
        start: position(range.start),
        end: position(range.end),
    }
}

/// Returns the page about a code, which `qapi explain` prints too.
pub(super) fn page(code: &str) -> Uri {
    Uri(format!("qapi-explain:/{code}.md"))
}

impl Server {
    /// Returns a place in a file; the start of the file if it cannot be read any more.
    pub(super) fn location(&self, location: &qapi_ide::Location) -> Location {
        let text = self.workspace.text(&location.path);
        let range = text.map(|text| range(&text, location.range, self.encoding()));
        Location {
            uri: self.uri(&location.path),
            range: range.unwrap_or_default(),
        }
    }

    pub(super) fn locations(&self, locations: &[qapi_ide::Location]) -> Vec<Location> {
        locations.iter().map(|it| self.location(it)).collect()
    }

    pub(super) fn diagnostic(&self, path: &Path, finding: &Finding) -> Diagnostic {
        let text = self.workspace.text(path);
        let place = text.map(|text| range(&text, finding.location.range, self.encoding()));
        let severity = match finding.severity {
            Severity::Error => DiagnosticSeverity::Error,
            Severity::Warning => DiagnosticSeverity::Warning,
            Severity::Information => DiagnosticSeverity::Information,
            Severity::Hint => DiagnosticSeverity::Hint,
        };
        let tag = finding.tag.map(|tag| match tag {
            Tag::Unnecessary => DiagnosticTag::Unnecessary,
            Tag::Deprecated => DiagnosticTag::Deprecated,
        });
        let related = finding
            .related
            .iter()
            .map(|(location, text)| DiagnosticRelatedInformation {
                location: self.location(location),
                message: text.clone(),
            });
        let related: Vec<_> = related.collect();
        let mut message = finding.message.clone();
        for note in &finding.notes {
            message.push('\n');
            message.push_str(note);
        }
        let code = (!finding.code.is_empty()).then_some(finding.code);
        Diagnostic {
            range: place.unwrap_or_default(),
            severity: Some(severity),
            code: code.map(|code| Code::String(code.to_owned())),
            code_description: code.map(|code| CodeDescription { href: page(code) }),
            source: Some("qapi".to_owned()),
            message: Message::String(message),
            tags: tag.map(|tag| vec![tag]),
            related_information: (!related.is_empty()).then_some(related),
            data: None,
        }
    }
}

pub(super) fn symbol_kind(kind: OutlineKind) -> SymbolKind {
    match kind {
        OutlineKind::Definition(Kind::Enum) => SymbolKind::Enum,
        OutlineKind::Definition(Kind::Struct) => SymbolKind::Struct,
        OutlineKind::Definition(Kind::Union) => SymbolKind::Class,
        OutlineKind::Definition(Kind::Alternate) => SymbolKind::Interface,
        OutlineKind::Definition(Kind::Command) => SymbolKind::Function,
        OutlineKind::Definition(Kind::Event) => SymbolKind::Event,
        OutlineKind::Member => SymbolKind::Field,
        OutlineKind::Value | OutlineKind::Branch => SymbolKind::EnumMember,
    }
}

pub(super) fn symbol_tags(outline: &Outline) -> Option<Vec<SymbolTag>> {
    outline.deprecated.then(|| vec![SymbolTag::Deprecated])
}

#[expect(deprecated, reason = "all fields of a symbol have to be named")]
pub(super) fn symbol(text: &Text, outline: &Outline, encoding: Encoding) -> DocumentSymbol {
    let children = outline.children.iter();
    let children: Vec<_> = children.map(|it| symbol(text, it, encoding)).collect();
    DocumentSymbol {
        // Editors reject symbols without a name.
        name: match outline.name.as_str() {
            "" => "?".to_owned(),
            name => name.to_owned(),
        },
        detail: (!outline.detail.is_empty()).then(|| outline.detail.clone()),
        kind: symbol_kind(outline.kind),
        tags: symbol_tags(outline),
        deprecated: None,
        range: range(text, outline.range, encoding),
        selection_range: range(text, outline.name_range, encoding),
        children: (!children.is_empty()).then_some(children),
    }
}
