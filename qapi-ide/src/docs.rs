//! Documentation blocks, line by line: names, sections, and references in the text.

use crate::text::Range;

/// A documentation block, or one that is being written.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// From the opening mark to the closing one.
    pub(crate) range: Range,
    /// The name of the definition in the header, without `@`.
    pub(crate) name: Option<Range>,
    /// The sections, in order; the first is the introduction, which may be empty.
    pub(crate) sections: Vec<Section>,
    /// References in running text: names after `@` and in back quotes.
    pub(crate) mentions: Vec<Mention>,
}

/// The kind of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SectionKind {
    /// Paragraphs.
    Plain,
    /// `@name:`, a member, value, alternative or argument.
    Member,
    /// `@name:` below `Features:`.
    Feature,
    /// The line `Features:`.
    Features,
    /// `Returns:`, `Errors:` or another tag.
    Tag(&'static str),
}

/// A part of a block.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    pub(crate) kind: SectionKind,
    /// The name of a member or feature, without `@`.
    pub(crate) name: Option<Range>,
    /// From its first line to its last.
    pub(crate) range: Range,
    /// The tag with its colon.
    pub(crate) tag: Option<Range>,
    /// Its text, without `#`, and without the indentation that all lines have.
    pub(crate) text: String,
}

/// A reference in running text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mention {
    /// The name.
    pub(crate) range: Range,
    /// It is in back quotes, which only refer to definitions.
    pub(crate) quoted: bool,
}

/// The tags of sections, those of old releases included.
pub(crate) const TAGS: [&str; 9] = [
    "Returns", "Errors", "Since", "TODO", "Note", "Notes", "Example", "Examples", "Features",
];

/// Reads the lines of a comment that starts with `##`; none if it is an ordinary comment.
pub(crate) fn block(text: &str, lines: &[Range]) -> Option<Block> {
    let (first, inner) = lines.split_first()?;
    if first.of(text).trim_end() != "##" {
        return None;
    }
    let closed = inner
        .last()
        .is_some_and(|last| last.of(text).trim_end() == "##");
    let inner = &inner[..inner.len() - usize::from(closed)];
    let mut reader = DocReader {
        text,
        block: Block {
            range: Range::new(first.start, lines.last()?.end),
            name: None,
            sections: vec![Section::new(SectionKind::Plain, first.end)],
            mentions: Vec::new(),
        },
        in_features: false,
        lines: Vec::new(),
    };
    let mut inner = inner.iter();
    if let Some(header) = inner.clone().next()
        && let Some((name, rest)) = name(text, content(text, *header))
        && rest.of(text).trim().is_empty()
    {
        reader.block.name = Some(name);
        reader.block.sections[0].range = Range::new(header.end, header.end);
        inner.next();
    }
    for line in inner {
        reader.line(content(text, *line));
    }
    reader.finish();
    Some(reader.block)
}

/// Returns a line without `#` and the blank after it.
fn content(text: &str, line: Range) -> Range {
    let written = line.of(text);
    let mark = if written.starts_with("# ") { 2 } else { 1 };
    Range::new((line.start + mark).min(line.end), line.end)
}

/// Returns the name in `@name:` at the start of a line, and what is after it.
fn name(text: &str, line: Range) -> Option<(Range, Range)> {
    let rest = line.of(text).strip_prefix('@')?;
    let length = u32::try_from(word(rest).len()).ok()?;
    let colon = line.start + 1 + length;
    let is_name = length > 0 && rest[length as usize..].starts_with(':');
    is_name.then(|| {
        let name = Range::new(line.start + 1, colon);
        (name, Range::new(colon + 1, line.end))
    })
}

/// Returns the longest name at the start of a text.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
    &text[..end.unwrap_or(text.len())]
}

impl Section {
    fn new(kind: SectionKind, at: u32) -> Self {
        Self {
            kind,
            name: None,
            range: Range::new(at, at),
            tag: None,
            text: String::new(),
        }
    }
}

struct DocReader<'t> {
    text: &'t str,
    block: Block,
    /// The line `Features:` was seen.
    in_features: bool,
    /// Lines of the current section.
    lines: Vec<&'t str>,
}

impl DocReader<'_> {
    fn line(&mut self, line: Range) {
        let written = line.of(self.text);
        let mut rest = line;
        if let Some((name, behind)) = name(self.text, line) {
            let kind = if self.in_features {
                SectionKind::Feature
            } else {
                SectionKind::Member
            };
            self.start(kind, line).name = Some(name);
            rest = behind;
        } else if let Some(tag) = tag(written) {
            let colon = line.start + u32::try_from(tag.len() + 1).unwrap_or(0);
            self.in_features = tag == "Features";
            let kind = if self.in_features {
                SectionKind::Features
            } else {
                SectionKind::Tag(tag)
            };
            self.start(kind, line).tag = Some(Range::new(line.start, colon));
            rest = Range::new(colon, line.end);
        } else if self.ends_section(written) {
            self.start(SectionKind::Plain, line);
        }
        if !rest.of(self.text).trim().is_empty() || !self.lines.is_empty() {
            self.lines.push(rest.of(self.text));
        }
        self.mentions(rest);
        if !written.trim().is_empty()
            && let Some(section) = self.block.sections.last_mut()
        {
            section.range.end = line.end;
        }
    }

    /// Returns whether a line is a paragraph after a section with a name or tag.
    fn ends_section(&self, line: &str) -> bool {
        let current = self.block.sections.last().map(|it| it.kind);
        let is_indented = line.is_empty() || line.starts_with([' ', '\t']);
        // Old releases do not indent: only an empty line ends a section there.
        let behind_gap = self.lines.last().is_some_and(|it| it.trim().is_empty());
        current != Some(SectionKind::Plain) && !is_indented && behind_gap
    }

    fn start(&mut self, kind: SectionKind, line: Range) -> &mut Section {
        self.finish();
        let mut section = Section::new(kind, line.start);
        section.range = line;
        self.block.sections.push(section);
        let last = self.block.sections.len() - 1;
        &mut self.block.sections[last]
    }

    /// Ends the current section.
    fn finish(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        if let Some(section) = self.block.sections.last_mut() {
            section.text = dedented(&lines);
        }
    }

    fn mentions(&mut self, line: Range) {
        let text = line.of(self.text);
        let mut before = ' ';
        for (at, character) in text.char_indices() {
            let starts = !before.is_ascii_alphanumeric() && before != '_';
            before = character;
            let quoted = character == '`';
            if !starts || !(quoted || character == '@') {
                continue;
            }
            let name = word(&text[at + 1..]).trim_end_matches(['.', '-']);
            let behind = &text[at + 1 + name.len()..];
            if name.is_empty() || quoted && !behind.starts_with('`') {
                continue;
            }
            let start = line.start + u32::try_from(at + 1).unwrap_or(0);
            let end = start + u32::try_from(name.len()).unwrap_or(0);
            self.block.mentions.push(Mention {
                range: Range::new(start, end),
                quoted,
            });
        }
    }
}

/// Returns the tag that a line starts with.
fn tag(line: &str) -> Option<&'static str> {
    let is_it = |tag: &&&str| {
        let rest = line.strip_prefix(**tag);
        rest.is_some_and(|rest| rest.starts_with(':') && !rest.starts_with("::"))
    };
    TAGS.iter().find(is_it).copied()
}

/// Lines without the indentation that all but the first have, and without empty ones at the ends.
fn dedented(lines: &[&str]) -> String {
    let indent = |line: &&&str| line.len() - line.trim_start_matches(' ').len();
    let filled = lines.iter().skip(1).filter(|line| !line.trim().is_empty());
    let common = filled.map(|line| indent(&line)).min().unwrap_or(0);
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let line = if index == 0 {
            line.trim_start()
        } else {
            line.get(common..).unwrap_or_default()
        };
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text.trim_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Item, items};

    fn read(text: &str) -> Block {
        match items(text).first() {
            Some(Item::Comment(lines)) => block(text, lines).expect("it is documentation"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn sections_have_names_and_texts() {
        let text = "##\n# @Foo:\n#\n# Uses @bar and `Baz`, not a@b.\n#\n# @x: the x\n#     of it\n#\n# @y: more\n#\n\
                    # Features:\n#\n# @deprecated: Use @Bar.\n#\n# Last words.\n#\n# Since: 1.2\n##\n";
        let block = read(text);
        assert_eq!(block.name.map(|it| it.of(text)), Some("Foo"));
        let shown: Vec<_> = block
            .sections
            .iter()
            .map(|it| (it.kind, it.name.map_or("", |it| it.of(text)), &*it.text))
            .collect();
        assert_eq!(
            shown,
            [
                (SectionKind::Plain, "", "Uses @bar and `Baz`, not a@b."),
                (SectionKind::Member, "x", "the x\nof it"),
                (SectionKind::Member, "y", "more"),
                (SectionKind::Features, "", ""),
                (SectionKind::Feature, "deprecated", "Use @Bar."),
                (SectionKind::Plain, "", "Last words."),
                (SectionKind::Tag("Since"), "", "1.2"),
            ]
        );
        let mentions = block.mentions.iter();
        let mentions: Vec<_> = mentions.map(|it| it.range.of(text)).collect();
        assert_eq!(mentions, ["bar", "Baz", "Bar"]);
    }

    #[test]
    fn blocks_may_be_unfinished() {
        for (text, name) in [
            ("##\n", None),
            ("##\n# @", None),
            ("##\n# @Foo", None),
            ("##\n# @Foo:", Some("Foo")),
            ("##\n# text\n##\n", None),
            ("##\n##\n", None),
        ] {
            let block = read(text);
            assert_eq!(block.name.map(|it| it.of(text)), name, "{text}");
        }
    }
}
