//! Documentation blocks (docs/reference/language.md §7): their extent, their contents, and their definitions.

use std::sync::Arc;

use crate::diag::{Anchor, Code, Diagnostic};
use crate::dialect::Reading;
use crate::ir::{Doc, DocId};
use crate::parse::Parser;

mod block;
mod body;
mod cursor;
mod header;
mod line;
mod style;
mod tags;

use block::BlockExtent;
use body::{BlockBuffers, Indentation};
use cursor::{Lines, Talk};
use header::Header;

/// The documentation of a file that is being read.
#[derive(Default)]
pub(crate) struct FileDocs {
    /// Its blocks in the order of the text.
    pub(crate) list: Vec<Arc<Doc>>,
    buffers: BlockBuffers,
}

/// A block that was read and waits for the next item.
pub(crate) struct Pending {
    doc: usize,
    block: BlockExtent,
    kind: BlockKind,
}

/// The kind of a block, by its first line.
enum BlockKind {
    /// It has a header with a name.
    Definition {
        /// Something was wrong with the header, and that has been reported.
        reported: bool,
    },
    /// It has no header with a name.
    FreeForm,
    /// It should have such a header, which has been reported.
    Headless,
}

/// Reads the block that the current token opens, and looks at the token after it. None if
/// it was not documentation after all.
pub(crate) fn read(parser: &mut Parser, docs: &mut FileDocs) -> Option<Pending> {
    let block = BlockExtent::find(parser)?;
    let text = parser.text.clone();
    let talk = if block.is_guessed() {
        Talk::Nothing
    } else {
        Talk::All
    };
    let mut lines = Lines::new(parser, &text, &block, talk);
    let (doc, kind) = match header::read(&mut lines) {
        Header::Named {
            symbol,
            rest,
            reported,
        } => {
            let buffers = &mut docs.buffers;
            let (doc, unindented) =
                body::definition(lines, buffers, symbol, rest, Indentation::Matters);
            let doc = if unindented {
                let mut lines = Lines::new(parser, &text, &block, Talk::Nothing);
                lines.advance();
                reread(lines, buffers, symbol, rest)
            } else {
                doc
            };
            (doc, BlockKind::Definition { reported })
        }
        Header::Bad => (body::free_form(lines, true).0, BlockKind::Headless),
        Header::None => {
            let (doc, reported) = body::free_form(lines, block.is_doubtful());
            let kind = if reported {
                BlockKind::Headless
            } else {
                BlockKind::FreeForm
            };
            (doc, kind)
        }
    };
    docs.list.push(Arc::new(doc));
    Some(Pending {
        doc: docs.list.len() - 1,
        block,
        kind,
    })
}

/// Gives a block to the definition that follows it, called `name`. None if the block is reported
/// as not being its documentation.
pub(crate) fn attach(
    parser: &mut Parser,
    docs: &mut FileDocs,
    pending: &Pending,
    name: Option<&str>,
) -> Option<DocId> {
    let id = DocId(u32::try_from(pending.doc).expect("fewer blocks than bytes"));
    match pending.kind {
        BlockKind::Definition { .. } => return Some(id),
        BlockKind::Headless => {}
        BlockKind::FreeForm => {
            report_headless(parser, &pending.block, name);
            if parser.reading == Reading::Strict {
                return None;
            }
        }
    }
    let talk = match parser.reading {
        Reading::Strict => Talk::Nothing,
        Reading::Tolerant => Talk::Structure,
    };
    let Some(name) = name else {
        return Some(id);
    };
    let text = parser.text.clone();
    let mut lines = Lines::new(parser, &text, &pending.block, talk);
    header::skip(&mut lines, name);
    let buffers = &mut docs.buffers;
    let (doc, unindented) = body::definition(lines, buffers, name, "", Indentation::Matters);
    let doc = if unindented {
        let mut lines = Lines::new(parser, &text, &pending.block, Talk::Nothing);
        header::skip(&mut lines, name);
        reread(lines, buffers, name, "")
    } else {
        doc
    };
    docs.list[pending.doc] = Arc::new(doc);
    Some(id)
}

/// Reads the documentation of `name` after its header once more, without regard to indentation.
/// Its mistakes have been reported.
fn reread(lines: Lines<'_, '_>, buffers: &mut BlockBuffers, name: &str, rest: &str) -> Doc {
    body::definition(lines, buffers, name, rest, Indentation::Ignored).0
}

/// Something else than a definition follows a block.
pub(crate) fn orphan(parser: &mut Parser, docs: &mut FileDocs, pending: &Pending) {
    let text = parser.text.clone();
    match (&pending.kind, parser.reading) {
        (BlockKind::Headless, _) | (BlockKind::FreeForm, Reading::Strict) => {}
        (BlockKind::FreeForm, Reading::Tolerant) => {
            let mut lines = Lines::new(parser, &text, &pending.block, Talk::Structure);
            body::check_free_form(&mut lines);
        }
        (BlockKind::Definition { reported }, reading) => {
            // A first line that is not a header may just as well be text.
            if !reported {
                report_orphan(parser, &pending.block, &docs.list[pending.doc]);
            }
            if reading == Reading::Tolerant {
                let lines = Lines::new(parser, &text, &pending.block, Talk::Nothing);
                docs.list[pending.doc] = Arc::new(body::free_form(lines, true).0);
            }
        }
    }
}

fn report_headless(parser: &mut Parser, block: &BlockExtent, name: Option<&str>) {
    let span = block.opener(parser);
    let mut found = parser
        .finding(
            Code::DOC_NOT_DEF,
            Code::OLD_DOC_UNNAMED,
            Anchor::Line(span),
            "documentation without a header right before a definition",
        )
        .primary(span, "names no definition");
    found = match name {
        Some(name) => found.help(format!("start it with the line `# @{name}:`")),
        None => found.help("start it with the line `# @NAME:`"),
    };
    parser.reports.report(found);
}

fn report_orphan(parser: &mut Parser, block: &BlockExtent, doc: &Doc) {
    let span = block.opener(parser);
    let name = doc.symbol.as_deref().unwrap_or_default();
    let next = parser.span();
    let found: Diagnostic = parser
        .finding(
            Code::DOC_ORPHAN,
            Code::OLD_DOC_ORPHAN,
            Anchor::Line(span),
            format!("documentation of `{name}` is not followed by its definition"),
        )
        .primary(span, "this block")
        .label(next, "no definition")
        .help("move the block to its definition, or remove it");
    parser.reports.report(found);
}
