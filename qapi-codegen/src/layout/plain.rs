//! Tokens as text without a layout, for output that only compilers read.

use std::borrow::Cow;

use super::doc_number;
use crate::rust::Piece;

/// The tokens with blanks between them, and the documentation as attributes.
pub(super) fn print(tokens: &Piece, docs: &[Cow<'_, str>]) -> String {
    let documentation = docs.iter().map(|doc| doc.len() + 12).sum::<usize>();
    let mut out = String::with_capacity(tokens.len() + documentation + 1);
    for token in tokens.tokens() {
        if !out.is_empty() && !out.ends_with(['(', '[']) && !matches!(token, ")" | "]") {
            out.push(' ');
        }
        if let Some(number) = doc_number(token) {
            out.push_str("# [doc = \"");
            push_escaped(&docs[number], &mut out);
            out.push_str("\"]");
        } else {
            out.push_str(token);
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// Adds the inside of a string literal. Line breaks may stand in one as they are.
fn push_escaped(text: &str, out: &mut String) {
    if !text.contains('"') && !text.contains('\\') {
        return out.push_str(text);
    }
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
}
