//! Lines, their indentation, and the characters that may be in them.

use std::borrow::Cow;

/// Returns the lines without the indentation that they all have.
pub(super) fn dedented<'t>(lines: &[&'t str]) -> Vec<&'t str> {
    let shift = lines
        .iter()
        .filter_map(|line| indentation(line))
        .min()
        .unwrap_or(0);
    lines
        .iter()
        .map(|line| line.get(shift..).unwrap_or_default())
        .collect()
}

/// Returns the lines as one text, without the indentation that they all have, trailing blanks, and blank lines at the ends.
pub(super) fn verbatim(lines: &[&str]) -> String {
    let lines = dedented(trim_end(lines));
    let first = lines.iter().position(|line| !is_blank(line)).unwrap_or(0);
    let mut out = String::new();
    for (index, line) in lines[first..].iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out.push_str(line.trim_end());
    }
    out
}

/// Returns the lines without blank ones at the end.
pub(super) fn trim_end<'l, 't>(lines: &'l [&'t str]) -> &'l [&'t str] {
    let length = lines
        .iter()
        .rposition(|line| !is_blank(line))
        .map_or(0, |last| last + 1);
    &lines[..length]
}

/// Blanks before the text; none for a blank line.
pub(super) fn indentation(line: &str) -> Option<usize> {
    let mut rest = line.as_bytes();
    while let [b' ', behind @ ..] = rest {
        rest = behind;
    }
    (!rest.is_empty()).then_some(line.len() - rest.len())
}

pub(super) fn is_blank(line: &str) -> bool {
    indentation(line).is_none()
}

/// Returns the line without blanks at its ends, which few lines have.
pub(super) fn trimmed(line: &str) -> &str {
    match line.as_bytes() {
        [b'!'..=b'~', .., b'!'..=b'~'] => line,
        _ => line.trim(),
    }
}

/// Blanks for tabs, and nothing that no output may contain: control characters, and those that turn the direction of text.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    // Nearly all texts are of these characters only.
    let mut rest = text.as_bytes();
    while let [b' '..=b'~' | b'\n', behind @ ..] = rest {
        rest = behind;
    }
    if rest.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' => {
                let width = 8 - column % 8;
                out.extend(std::iter::repeat_n(' ', width));
                column += width;
                continue;
            }
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => {
                out.push(char::REPLACEMENT_CHARACTER);
            }
            // Characters of no meaning that HTML forbids.
            c if (c.is_control() && c != '\n') || is_noncharacter(c) => {
                out.push(char::REPLACEMENT_CHARACTER);
            }
            c => out.push(c),
        }
        column = if c == '\n' { 0 } else { column + 1 };
    }
    Cow::Owned(out)
}

fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}
