//! One file by itself: everything that follows from its text, independent of the schema.

use std::sync::Arc;

use crate::diag::{Anchor, Code, Diagnostic, Meta};
use crate::dialect::Reading;
use crate::doc::{self, FileDocs};
use crate::include;
use crate::ir::{Doc, DocId, Pragmas};
use crate::lex::Token;
use crate::parse::{NextItem, Parser};
use crate::pragma;
use crate::source::{FileId, Span};
use crate::syntax::{Headings, ObjectValue, Text, Value};

/// A parsed file, to be put in its place in a schema.
#[derive(Debug)]
pub(crate) struct ParsedFile {
    /// The text it was parsed from.
    pub(crate) text: Arc<str>,
    pub(super) items: Vec<FileItem>,
    /// Documentation in the order of the text, free-form blocks included.
    pub(super) docs: Vec<Arc<Doc>>,
    /// Findings in the order in which they are made.
    pub(super) reports: Vec<Diagnostic>,
    /// As in [`Tree`](crate::syntax::Tree), of this file alone.
    pub(super) damaged_names: Vec<String>,
    pub(super) incomplete: bool,
    pub(super) breaks_style: bool,
    pub(super) headings: Headings,
}

/// A top-level item of a file.
#[derive(Debug)]
pub(super) struct FileItem {
    pub(super) content: ItemContent,
    /// The number of findings before the item is processed.
    pub(super) reports: usize,
    /// The number of documentation blocks before it.
    pub(super) docs: usize,
}

#[derive(Debug)]
pub(super) enum ItemContent {
    Definition {
        object: Arc<ObjectValue>,
        /// An index into [`ParsedFile::docs`].
        doc: Option<DocId>,
        misdocumented: bool,
    },
    /// A well-formed directive.
    Include { directive: Span, target: Text },
    /// A directive, valid or not; its mistakes have been reported.
    Pragma(Arc<ObjectValue>),
}

/// Parses a file. Its text ends in a line feed. `buffer` is for the tokens of one file after the other.
pub(crate) fn parse(
    file: FileId,
    text: Arc<str>,
    reading: Reading,
    buffer: &mut Vec<Token>,
) -> ParsedFile {
    let mut reader = FileReader {
        parser: Parser::new(file, text, reading, std::mem::take(buffer)),
        reading,
        items: Vec::new(),
        docs: FileDocs::default(),
        damaged_names: Vec::new(),
        incomplete: false,
        pending: None,
    };
    loop {
        match reader.parser.next() {
            NextItem::End => break,
            NextItem::Doc => {
                reader.orphan();
                reader.pending = doc::read(&mut reader.parser, &mut reader.docs);
            }
            NextItem::Value => reader.expression(),
        }
    }
    reader.orphan();
    let mut parser = reader.parser;
    *buffer = parser.tokens;
    ParsedFile {
        incomplete: reader.incomplete || parser.reports.exhausted(),
        breaks_style: parser.breaks_style,
        headings: parser.headings,
        reports: parser.reports.take(),
        text: parser.text,
        items: reader.items,
        docs: reader.docs.list,
        damaged_names: reader.damaged_names,
    }
}

struct FileReader {
    parser: Parser,
    reading: Reading,
    items: Vec<FileItem>,
    docs: FileDocs,
    damaged_names: Vec<String>,
    incomplete: bool,
    /// A documentation block that waits for its definition.
    pending: Option<doc::Pending>,
}

impl FileReader {
    fn expression(&mut self) {
        let expression = self.parser.expression();
        match expression.value {
            Some(Value::Object(object)) => return self.object(object),
            Some(value) => {
                let report = not_an_object(&value, expression.start);
                self.parser.reports.report(report);
                self.parser.skip_junk();
            }
            None => match expression.name {
                Some(name) => self.damaged_names.push(name),
                None => self.incomplete |= expression.is_object,
            },
        }
        self.pending = None;
    }

    fn object(&mut self, object: ObjectValue) {
        if object.get("include").is_some() {
            self.orphan();
            return self.include(&object);
        }
        if object.get("pragma").is_some() {
            self.orphan();
            // Only to report its mistakes; its effect depends on the other files, too.
            let mut pragmas = Pragmas::default();
            pragma::directive(
                &object,
                self.reading,
                &mut pragmas,
                &mut self.parser.reports,
            );
            return self.add(ItemContent::Pragma(object.into()));
        }
        let pending = self.pending.take();
        let doc = pending.as_ref().and_then(|pending| {
            let name = definition_name(&object, self.reading);
            doc::attach(&mut self.parser, &mut self.docs, pending, name)
        });
        self.add(ItemContent::Definition {
            object: object.into(),
            doc,
            misdocumented: pending.is_some() && doc.is_none(),
        });
    }

    fn include(&mut self, object: &ObjectValue) {
        match include::target(object) {
            Ok(target) => self.add(ItemContent::Include {
                directive: object.span,
                target: target.clone(),
            }),
            Err(error) => {
                self.parser.reports.report(*error);
                self.incomplete = true;
            }
        }
    }

    fn add(&mut self, content: ItemContent) {
        self.items.push(FileItem {
            content,
            reports: self.parser.reports.count(),
            docs: self.docs.list.len(),
        });
    }

    /// The next item is not the definition that a pending block documents.
    fn orphan(&mut self) {
        if let Some(pending) = self.pending.take() {
            doc::orphan(&mut self.parser, &mut self.docs, &pending);
        }
    }
}

/// Returns the name that an object would have as a definition.
pub(super) fn definition_name(object: &ObjectValue, reading: Reading) -> Option<&str> {
    let old = (reading == Reading::Tolerant).then_some("type");
    let keys = Meta::ALL.iter().map(|meta| meta.as_str()).chain(old);
    keys.filter_map(|key| object.get(key))
        .find_map(|member| match &member.value {
            Value::String(name) => Some(name.value.as_str()),
            _ => None,
        })
}

/// Returns the report about something else than an object at top level.
pub(crate) fn not_an_object(value: &Value, start: Span) -> Diagnostic {
    Diagnostic::error(
        Code::TOP_NOT_OBJECT,
        Anchor::Line(start),
        format!("expected an object, found {}", kind(value)),
    )
    .primary(value.span(), "not an object")
    .help("definitions and directives are written `{ … }`")
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "an object",
        Value::Array(_) => "an array",
        Value::String(_) => "a string",
        Value::Bool(..) => "a boolean",
        Value::Null(_) => "`null`",
    }
}
