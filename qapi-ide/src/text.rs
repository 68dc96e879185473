//! Texts of files, and places in them as editors count.

use std::sync::Arc;

/// The unit of columns, which editor and server agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of two bytes, of which a code point beyond the first 65,536 takes two.
    #[default]
    Utf16,
    /// Code points.
    Utf32,
}

impl Encoding {
    /// Units that a character takes.
    fn width(self, character: char) -> u32 {
        let width = match self {
            Self::Utf8 => character.len_utf8(),
            Self::Utf16 => character.len_utf16(),
            Self::Utf32 => 1,
        };
        u32::try_from(width).unwrap_or(1)
    }
}

/// A place in a text: line and column, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    /// Line, from 0.
    pub line: u32,
    /// Column, from 0, in units of an [`Encoding`].
    pub column: u32,
}

/// A range of bytes of a file's plain text, `start..end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Range {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Range {
    /// Returns the range `start..end`.
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// Returns whether the place lies in the range or right after it.
    pub fn touches(self, offset: u32) -> bool {
        (self.start..=self.end).contains(&offset)
    }

    /// Returns whether the ranges share a byte, or touch if one of them is empty.
    pub fn meets(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    /// Returns the text that it covers; empty if the text has become shorter.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }
}

/// The text of a file.
///
/// The form that editors see (any line ends) is kept beside the plain form that schemas are read from: line feeds only, with one at
/// the end. Lines and columns are the same in both, so that all places are offsets into the plain form.
#[derive(Debug, Clone)]
pub struct Text {
    /// The text as the editor has it; none if it is the plain form.
    raw: Option<String>,
    plain: Arc<str>,
    line_starts: Vec<u32>,
}

impl Text {
    /// Creates a text with line ends of any kind.
    pub fn new(raw: String) -> Self {
        let has_returns = raw.contains('\r');
        let mut plain = if has_returns {
            raw.replace("\r\n", "\n").replace('\r', "\n")
        } else {
            raw.clone()
        };
        if !plain.ends_with('\n') {
            plain.push('\n');
        }
        let line_starts = std::iter::once(0)
            .chain(
                plain
                    .match_indices('\n')
                    .map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)),
            )
            .collect();
        Self {
            raw: (raw != plain).then_some(raw),
            plain: plain.into(),
            line_starts,
        }
    }

    /// Returns the plain form.
    pub fn plain(&self) -> &Arc<str> {
        &self.plain
    }

    /// Returns the form that the editor has.
    pub fn raw(&self) -> &str {
        self.raw.as_deref().unwrap_or(&self.plain)
    }

    /// Returns the line end that texts for this file have to use.
    pub fn line_end(&self) -> &'static str {
        match &self.raw {
            Some(raw) if raw.contains("\r\n") => "\r\n",
            Some(raw) if raw.contains('\r') && !raw.contains('\n') => "\r",
            _ => "\n",
        }
    }

    /// Returns the place of an offset.
    pub fn position(&self, offset: u32, encoding: Encoding) -> Position {
        let offset = offset.min(u32::try_from(self.plain.len()).unwrap_or(u32::MAX));
        let line = self.line_starts.partition_point(|start| *start <= offset) - 1;
        let before = Range::new(self.line_starts[line], offset).of(&self.plain);
        let column = if encoding == Encoding::Utf8 || before.is_ascii() {
            u32::try_from(before.len()).unwrap_or(u32::MAX)
        } else {
            before.chars().map(|it| encoding.width(it)).sum()
        };
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column,
        }
    }

    /// Returns the offset of a place. A column beyond the end of its line is that end, one inside a character the start of the
    /// character.
    pub fn offset(&self, place: Position, encoding: Encoding) -> u32 {
        let Some(start) = self.line_starts.get(place.line as usize) else {
            return u32::try_from(self.plain.len()).unwrap_or(u32::MAX);
        };
        let line = &self.plain[*start as usize..];
        let line = line.split('\n').next().unwrap_or_default();
        start + u32::try_from(column_bytes(line, place.column, encoding)).unwrap_or(0)
    }

    /// Returns the lines of a range as another range: from the start of the first one to that of the one after the last.
    pub fn lines(&self, range: Range) -> Range {
        let line = self
            .line_starts
            .partition_point(|start| *start <= range.start)
            - 1;
        let behind = self.line_starts.partition_point(|start| *start < range.end);
        let end = self.line_starts.get(behind).copied();
        Range::new(
            self.line_starts[line],
            end.unwrap_or_else(|| u32::try_from(self.plain.len()).unwrap_or(u32::MAX)),
        )
    }

    /// Returns the text after a change: `new` in the place of what stands between two places.
    #[must_use]
    pub fn edited(&self, from: Position, to: Position, new: &str, encoding: Encoding) -> Self {
        let raw = self.raw();
        let start = self.raw_offset(from, encoding);
        let end = self.raw_offset(to, encoding).max(start);
        let mut edited = String::with_capacity(raw.len() + new.len());
        edited.push_str(&raw[..start]);
        edited.push_str(new);
        edited.push_str(&raw[end..]);
        Self::new(edited)
    }

    /// Returns the offset of a place in the form that the editor has.
    fn raw_offset(&self, place: Position, encoding: Encoding) -> usize {
        let Some(raw) = &self.raw else {
            return self.offset(place, encoding) as usize;
        };
        let bytes = raw.as_bytes();
        let (mut at, mut line) = (0, 0);
        while line < place.line {
            let Some(found) = raw[at..].find(['\r', '\n']) else {
                return raw.len();
            };
            at += found + 1;
            if bytes[at - 1] == b'\r' && bytes.get(at) == Some(&b'\n') {
                at += 1;
            }
            line += 1;
        }
        let rest = raw[at..].split(['\r', '\n']).next().unwrap_or_default();
        at + column_bytes(rest, place.column, encoding)
    }
}

/// Bytes of a line before a column.
fn column_bytes(line: &str, column: u32, encoding: Encoding) -> usize {
    let mut units = 0;
    for (at, character) in line.char_indices() {
        units += encoding.width(character);
        if units > column {
            return at;
        }
    }
    line.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, column: u32) -> Position {
        Position { line, column }
    }

    #[test]
    fn places_are_counted_in_the_unit_agreed_on() {
        let text = Text::new("a\n'é😀x'\n".to_owned());
        let x = u32::try_from(text.plain().find('x').unwrap()).unwrap();
        for (encoding, column) in [
            (Encoding::Utf8, 7),
            (Encoding::Utf16, 4),
            (Encoding::Utf32, 3),
        ] {
            assert_eq!(text.position(x, encoding), at(1, column));
            assert_eq!(text.offset(at(1, column), encoding), x);
        }
        // Inside the character of two units, beyond the line, beyond the text.
        assert_eq!(text.offset(at(1, 3), Encoding::Utf16), 5);
        assert_eq!(text.offset(at(0, 9), Encoding::Utf16), 1);
        assert_eq!(text.offset(at(9, 0), Encoding::Utf16), 12);
    }

    #[test]
    fn line_ends_of_all_kinds_have_the_same_places() {
        for end in ["\n", "\r\n", "\r"] {
            let text = Text::new(["a", "bc", "d"].join(end));
            assert_eq!(&**text.plain(), "a\nbc\nd\n");
            assert_eq!(text.line_end(), end);
            let edited = text.edited(at(1, 1), at(2, 0), "x", Encoding::Utf8);
            assert_eq!(edited.raw(), format!("a{end}bxd"));
            let joined = text.edited(at(0, 1), at(1, 0), "", Encoding::Utf8);
            assert_eq!(joined.raw(), format!("abc{end}d"));
        }
    }

    #[test]
    fn changes_beyond_the_end_are_made_at_the_end() {
        let text = Text::new("a".to_owned());
        let edited = text.edited(at(7, 7), at(8, 0), "b", Encoding::Utf16);
        // The line feed of the plain form is none of the editor's text.
        assert_eq!(edited.raw(), "ab");
    }
}
