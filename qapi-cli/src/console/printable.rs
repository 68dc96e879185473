//! Text from schemas and file names, made safe to print on one line.

use std::borrow::Cow;
use std::fmt::Write;

/// `text` without characters that would break the line or steer the terminal: each control
/// character is written as its escape.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if c.is_control() {
            write!(safe, "{}", c.escape_debug()).expect("writing to a string succeeds");
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// Text of a schema for a snippet, every byte in its place. The renderer shows most control characters as symbols, but
/// not those that some terminals take for the start of an escape sequence.
pub(crate) fn snippet_text(text: &str) -> Cow<'_, str> {
    let steers = |c: char| matches!(c, '\u{80}'..='\u{9f}');
    if text.contains(steers) {
        // As long in UTF-8 as what it replaces.
        Cow::Owned(text.replace(steers, "\u{bf}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(one_line("plain ü"), "plain ü");
        assert_eq!(one_line("a\nb\x1b[1mc\u{9b}"), "a\\nb\\u{1b}[1mc\\u{9b}");
    }

    #[test]
    fn snippet_text_keeps_its_length() {
        assert_eq!(snippet_text("a\u{9b}ü").len(), "a\u{9b}ü".len());
        assert!(!snippet_text("a\u{9b}ü").contains('\u{9b}'));
    }
}
