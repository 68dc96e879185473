//! Blocks that contain no blocks: literal text, messages, tables, and unknown markup.

use super::super::indentation::{indentation, verbatim};
use super::super::table;
use super::super::tree::{Block, Inline, Table, Unknown};

/// The greatest depth of nested blocks. Deeper blocks are shown as written.
pub(super) const DEPTH: usize = 16;

/// Adds a block. An announcement of an example becomes one with the text that follows.
pub(super) fn push(out: &mut Vec<Block>, block: Block) {
    if let Block::Wire(_) = block
        && let Some(Block::Paragraph(text)) = out.last()
        && let [Inline::Text(text)] = &text[..]
        && matches!(text.trim(), "Example:" | "Examples:")
    {
        out.pop();
        out.push(Block::Example(Vec::new(), vec![block]));
        return;
    }
    out.push(block);
}

pub(super) fn unknown(what: &'static str, lines: &[&str]) -> Block {
    Block::Unknown(Unknown {
        what: what.into(),
        text: verbatim(lines),
    })
}

/// Text whose lines are kept; that of a conversation, if it starts like one.
pub(super) fn literal(lines: &[&str]) -> Block {
    let text = verbatim(lines);
    if is_example(&text) {
        Block::Wire(text)
    } else {
        Block::Literal(text)
    }
}

pub(super) fn table(lines: &[&str], title: Vec<Inline>) -> Block {
    match table::parse(lines) {
        Some(table) => Block::Table(Table { title, ..table }),
        None => unknown("table", lines),
    }
}

/// Returns the lines after the first, as far as they are blank or indented by at least `indent`.
pub(super) fn body<'l, 't>(lines: &'l [&'t str], indent: usize) -> &'l [&'t str] {
    let more = lines[1..]
        .iter()
        .position(|line| indentation(line).is_some_and(|found| found < indent))
        .unwrap_or(lines.len() - 1);
    &lines[1..=more]
}

/// Returns a line of an example in the old style, without markup around it.
pub(super) fn is_example(line: &str) -> bool {
    line.starts_with("-> ") || line.starts_with("<- ")
}

/// JSON in the old style, without markup around it.
pub(super) fn is_json(line: &str) -> bool {
    line.starts_with("{\"") || line.starts_with("{ \"")
}
