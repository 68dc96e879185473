//! The formatter: corrects spacing and keeps line breaks, comments and documentation.
//!
//! `docs/formatting.md` describes its rules. Formatting twice gives the same result as formatting once, and the meaning
//! of the text does not change.

use std::path::Path;
use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Severity};
use crate::dialect::{Dialect, Reading};
use crate::doc;
use crate::include;
use crate::lex;
use crate::parse::{NextItem, Parser};
use crate::read;
use crate::source::{Files, Memory, SourceMap};
use crate::syntax::Value;

mod print;
mod tree;

use tree::{ItemKind, Node, TreeItem};

/// The result of formatting a file.
#[derive(Debug)]
#[non_exhaustive]
pub struct Formatted {
    /// The formatted text; none if the file cannot be read or parsed.
    pub text: Option<String>,
    /// The file as it was read.
    pub sources: SourceMap,
    /// The errors if there is no text; empty if there is one.
    pub diagnostics: Vec<Diagnostic>,
}

/// Formats one file. Includes are not followed, and only the form of the text matters: lexical and syntax errors
/// prevent formatting, unknown types do not.
pub fn format_file(path: &Path, files: &dyn Files, dialect: Dialect) -> Formatted {
    let shown = path.to_string_lossy().into_owned();
    let mut sources = SourceMap::default();
    match include::text(files, path, &mut Vec::new()) {
        Ok(text) => {
            let mut diagnostics = parse_errors(&mut sources, shown, &text, dialect.reading());
            diagnostics.retain(is_in_the_way);
            Formatted {
                text: diagnostics.is_empty().then(|| layout(&text)),
                sources,
                diagnostics,
            }
        }
        Err(unreadable) => Formatted {
            text: None,
            sources,
            diagnostics: vec![unreadable.as_root(&shown)],
        },
    }
}

/// Formats a text, with plain LF line ends in the result.
///
/// # Errors
/// Lexical and syntax errors. Their spans are places in the text with plain LF line ends, as
/// file 0.
pub fn format(text: &str, dialect: Dialect) -> Result<String, Vec<Diagnostic>> {
    let files = Memory::new().with("", text);
    let formatted = format_file(Path::new(""), &files, dialect);
    formatted.text.ok_or(formatted.diagnostics)
}

/// Returns the parser's findings about a text.
fn parse_errors(
    sources: &mut SourceMap,
    path: String,
    text: &Arc<str>,
    reading: Reading,
) -> Vec<Diagnostic> {
    let file = sources.add(path, text.clone(), None);
    let mut parser = Parser::new(file, text.clone(), reading, Vec::new());
    let mut diagnostics = Vec::new();
    let mut docs = doc::FileDocs::default();
    loop {
        match parser.next() {
            NextItem::Doc => {
                doc::read(&mut parser, &mut docs);
            }
            NextItem::Value => {
                let expression = parser.expression();
                if let Some(value) = expression.value
                    && !matches!(value, Value::Object(_))
                {
                    let report = read::not_an_object(&value, expression.start);
                    parser.reports.report(report);
                    parser.skip_junk();
                }
            }
            NextItem::End => break,
        }
        diagnostics.extend(parser.reports.take());
    }
    diagnostics.extend(parser.reports.take());
    diagnostics
}

/// Returns whether an error leaves open what belongs to what. The style of documentation does not.
fn is_in_the_way(diagnostic: &Diagnostic) -> bool {
    let code = diagnostic.code;
    let is_form = ["LEX-", "SYN-", "LIMIT-"]
        .iter()
        .any(|group| code.as_str().starts_with(group));
    let others = [
        Code::TOP_NOT_OBJECT,
        Code::DOC_START_JUNK,
        Code::DOC_END_JUNK,
        Code::DOC_UNTERMINATED,
    ];
    diagnostic.severity == Severity::Error && (is_form || others.contains(&code))
}

/// Lays out a text that has been parsed without errors.
fn layout(text: &str) -> String {
    let items = tree::items(text, &lex::tokens(text));
    let roles = roles(&items);
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for (index, item) in items.iter().enumerate() {
        if index > 0 && blank_between(item, roles[index - 1], roles[index]) {
            out.push('\n');
        }
        match &item.kind {
            ItemKind::Comment(text) => {
                out.push_str(text);
                out.push('\n');
            }
            ItemKind::Value(node, after) => print::value(&mut out, node, *after),
        }
    }
    out
}

/// The role of a top-level line or value among its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineRole {
    /// A comment that is not documentation.
    Comment,
    /// The first line of a documentation block.
    DocStart,
    /// A further line of one.
    DocLine,
    /// The last line of one.
    DocEnd {
        /// The block is that of a definition.
        definition: bool,
    },
    /// An include or pragma directive.
    Directive,
    /// A definition.
    Definition,
}

fn roles(items: &[TreeItem<'_>]) -> Vec<LineRole> {
    let mut roles = Vec::with_capacity(items.len());
    while let Some(item) = items.get(roles.len()) {
        match item.kind {
            ItemKind::Value(ref node, _) => roles.push(if is_directive(node) {
                LineRole::Directive
            } else {
                LineRole::Definition
            }),
            ItemKind::Comment("##") => match doc_block(&items[roles.len()..]) {
                Some((length, definition)) => {
                    roles.push(LineRole::DocStart);
                    roles.extend(std::iter::repeat_n(LineRole::DocLine, length - 2));
                    roles.push(LineRole::DocEnd { definition });
                }
                None => roles.push(LineRole::Comment),
            },
            ItemKind::Comment(_) => roles.push(LineRole::Comment),
        }
    }
    roles
}

/// Returns the number of lines of the documentation block that `items` starts with, if its end is
/// marked as its start is, and whether it is one of a definition.
fn doc_block(items: &[TreeItem<'_>]) -> Option<(usize, bool)> {
    for (index, item) in items.iter().enumerate().skip(1) {
        match item.kind {
            ItemKind::Comment("##") => {
                let header = match items[1].kind {
                    ItemKind::Comment(text) => text,
                    ItemKind::Value(..) => "",
                };
                return Some((index + 1, header.starts_with("# @")));
            }
            ItemKind::Comment(_) => {}
            ItemKind::Value(..) => return None,
        }
    }
    None
}

fn is_directive(node: &Node<'_>) -> bool {
    match node {
        Node::Group(group) => group
            .entries
            .iter()
            .any(|entry| matches!(entry.key, Some("'include'" | "'pragma'"))),
        Node::Scalar(_) => false,
    }
}

/// Returns whether an empty line stands between an item and the one before it.
fn blank_between(item: &TreeItem<'_>, before: LineRole, role: LineRole) -> bool {
    match (before, role) {
        (LineRole::DocStart | LineRole::DocLine, _)
        | (LineRole::DocEnd { definition: true }, LineRole::Definition) => false,
        (
            LineRole::Definition | LineRole::Directive | LineRole::DocEnd { .. },
            LineRole::DocStart,
        )
        | (LineRole::Definition, LineRole::Definition | LineRole::Directive)
        | (LineRole::Directive, LineRole::Definition) => true,
        _ => item.blank_before,
    }
}
