//! Documentation as QEMU 7.2 read it (docs/reference/language.md §11), for schemas whose documentation the newest
//! release rejects. It only finds out if the documentation was accepted, and which parts it described.

use std::collections::HashSet;
use std::sync::Arc;

use crate::ir::{Doc, NamedSection};
use crate::source::{SourceMap, Span};

/// Returns the first block of a schema that QEMU 7.2 rejected, given that every definition has what its documentation
/// describes by today's reading: the line where it stopped reading.
pub(crate) fn rejected(docs: &[Arc<Doc>], sources: &SourceMap) -> Option<Span> {
    docs.iter().find_map(|doc| {
        let text = sources.text(doc.span);
        match described(text, doc.symbol.is_some()) {
            Ok(described) if described.agrees(doc) => None,
            Ok(_) => Some(doc.span),
            Err(rest) => {
                let start = doc.span.end - offset(rest.len());
                let end = start + offset(rest.lines().next().unwrap_or_default().len());
                Some(Span::new(doc.span.file, start, end))
            }
        }
    })
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("files are limited far below 4 GiB")
}

/// The names that a block describes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Described<'a> {
    members: HashSet<&'a str>,
    features: HashSet<&'a str>,
}

impl Described<'_> {
    /// Returns whether today's reading finds the same names, and others only if the definition has them: a description right
    /// below a line of text is text today, and so is `Features:`. A name that contains a blank was text.
    fn agrees(&self, doc: &Doc) -> bool {
        let same = |found: &HashSet<&str>, sections: &[NamedSection]| {
            let is_stub = |it: &NamedSection| it.span == doc.span;
            let known: HashSet<_> = sections.iter().map(|it| &*it.name).collect();
            let mut whole = sections.iter().filter(|it| !it.name.contains(' '));
            found.is_subset(&known) && whole.all(|it| is_stub(it) || found.contains(&*it.name))
        };
        same(&self.members, &doc.members) && same(&self.features, &doc.features)
    }
}

/// The part of a block that a line belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BlockPart {
    Body,
    Members,
    Features,
    Sections,
}

/// A section while its lines are read.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact about the lines so far"
)]
struct EarlierSection {
    /// Columns that every line must be indented by.
    indentation: usize,
    has_lines: bool,
    has_text: bool,
    ends_blank: bool,
    may_be_empty: bool,
}

struct EarlierBlock<'a> {
    part: BlockPart,
    has_symbol: bool,
    section: EarlierSection,
    once: HashSet<&'a str>,
    described: Described<'a>,
}

/// Returns the names that a block describes, or the rest of its text from the line on that is rejected.
fn described(text: &str, has_symbol: bool) -> Result<Described<'_>, &str> {
    let mut block = EarlierBlock {
        part: BlockPart::Body,
        has_symbol: false,
        section: EarlierSection::new(0, true),
        once: HashSet::new(),
        described: Described::default(),
    };
    let mut rest = text;
    let mut is_first = true;
    while !rest.is_empty() {
        let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
        let written = line.trim_start();
        let is_last = behind.trim().is_empty();
        if is_first || is_last {
            let ends = is_first || block.end_section().is_some();
            if written != "##" || !ends {
                return Err(rest);
            }
        } else if !written.is_empty() && block.comment(written, has_symbol).is_none() {
            return Err(rest);
        }
        is_first = false;
        rest = behind;
    }
    Ok(block.described)
}

impl<'a> EarlierBlock<'a> {
    fn comment(&mut self, written: &'a str, has_symbol: bool) -> Option<()> {
        let line = written
            .strip_prefix('#')
            .filter(|line| !line.starts_with('#'))?;
        if line.is_empty() {
            return self.text("");
        }
        self.line(line.strip_prefix(' ')?, has_symbol)
    }

    fn line(&mut self, line: &'a str, has_symbol: bool) -> Option<()> {
        if line.starts_with('=') && self.has_symbol {
            return None;
        }
        let word = line.split(' ').next().unwrap_or_default();
        let name = word
            .strip_prefix('@')
            .and_then(|name| name.strip_suffix(':'));
        let tag = is_tag(word).then_some(word);
        match self.part {
            BlockPart::Body if !self.has_symbol => {
                if has_symbol && !self.section.has_text && line.starts_with('@') {
                    self.has_symbol = true;
                    return line
                        .strip_suffix(':')
                        .filter(|name| name.len() > 1)
                        .map(drop);
                }
            }
            BlockPart::Sections => {
                if name.is_some() {
                    return None;
                }
                if let Some(tag) = tag {
                    return self.tagged(line, tag);
                }
            }
            _ if tag.is_some() => {
                self.part = BlockPart::Sections;
                return self.tagged(line, word);
            }
            BlockPart::Features => {
                if let Some(name) = name {
                    return self.describe(line, name);
                }
                if self.is_new_paragraph(line) {
                    self.part = BlockPart::Sections;
                    self.start(EarlierSection::new(0, true))?;
                }
            }
            BlockPart::Body | BlockPart::Members => {
                if let Some(name) = name {
                    self.part = BlockPart::Members;
                    return self.describe(line, name);
                }
                let apart = self.part == BlockPart::Body || self.is_new_paragraph(line);
                if line == "Features:" && apart {
                    self.part = BlockPart::Features;
                    return Some(());
                }
                if self.part == BlockPart::Members && apart {
                    self.part = BlockPart::Sections;
                    self.start(EarlierSection::new(0, true))?;
                }
            }
        }
        self.text(line)
    }

    fn is_new_paragraph(&self, line: &str) -> bool {
        let starts_text = line.starts_with(|first: char| !first.is_whitespace());
        self.section.ends_blank && starts_text
    }

    fn describe(&mut self, line: &'a str, name: &'a str) -> Option<()> {
        let names = match self.part {
            BlockPart::Features => &mut self.described.features,
            _ => &mut self.described.members,
        };
        if name.is_empty() || !names.insert(name) {
            return None;
        }
        self.open(line, name.len() + 2, false)
    }

    fn tagged(&mut self, line: &'a str, tag: &'a str) -> Option<()> {
        if matches!(tag, "Returns:" | "Since:") && !self.once.insert(tag) {
            return None;
        }
        self.open(line, tag.len(), false)
    }

    /// Starts a section with what is after the first characters of its first line.
    fn open(&mut self, line: &str, behind: usize, may_be_empty: bool) -> Option<()> {
        let rest = line[behind..].trim_start();
        let indentation = if rest.is_empty() {
            0
        } else {
            line[..line.len() - rest.len()].chars().count()
        };
        self.start(EarlierSection::new(indentation, may_be_empty))?;
        self.section.add(rest);
        Some(())
    }

    fn start(&mut self, section: EarlierSection) -> Option<()> {
        self.end_section()?;
        self.section = section;
        Some(())
    }

    fn end_section(&mut self) -> Option<()> {
        (self.section.has_text || self.section.may_be_empty).then_some(())
    }

    fn text(&mut self, line: &str) -> Option<()> {
        let word = line.split(char::is_whitespace).next().unwrap_or_default();
        if word.starts_with('@') && word.rfind(':').is_some_and(|colon| colon > 1) {
            return None;
        }
        let indentation = line.chars().take_while(|it| it.is_whitespace()).count();
        if !line.is_empty() && indentation < self.section.indentation {
            return None;
        }
        self.section.add(line);
        Some(())
    }
}

impl EarlierSection {
    fn new(indentation: usize, may_be_empty: bool) -> Self {
        Self {
            indentation,
            has_lines: false,
            has_text: false,
            ends_blank: false,
            may_be_empty,
        }
    }

    fn add(&mut self, line: &str) {
        let is_blank = line.trim().is_empty();
        self.ends_blank = is_blank && self.has_lines;
        self.has_lines = true;
        self.has_text |= !is_blank;
    }
}

fn is_tag(word: &str) -> bool {
    matches!(
        word,
        "Returns:" | "Since:" | "Note:" | "Notes:" | "Example:" | "Examples:" | "TODO:"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&str], expected: Option<(&[&str], &[&str])>) {
        let text = format!("##\n# @a:\n#\n{}\n##", lines.join("\n"));
        let expected = expected.map(|(members, features)| Described {
            members: members.iter().copied().collect(),
            features: features.iter().copied().collect(),
        });
        assert_eq!(described(&text, true).ok(), expected, "{text}");
    }

    #[test]
    fn sections_are_told_apart_by_their_first_words() {
        check(
            &["# @x: y", "#     z", "# @z:", "# text"],
            Some((&["x", "z"], &[])),
        );
        check(&["# @x : y"], Some((&[], &[])));
        check(
            &["# Features:", "# @f: y", "#", "# Since: 1"],
            Some((&[], &["f"])),
        );
        check(
            &["# @x: y", "#", "# Features:", "# @f: y"],
            Some((&["x"], &["f"])),
        );
        check(&["# Note:", "# y", "#", "# more"], Some((&[], &[])));
        check(
            &["# Features:", "# @f: y", "#", "# ", "# @g: z"],
            Some((&[], &["f", "g"])),
        );
    }

    #[test]
    fn order_and_indentation_matter() {
        for wrong in [
            ["# @x: y", "# z"],
            ["# Note: y", "# @x: z"],
            ["# Since: 1", "# Since: 2"],
            ["# @x: y", "# @x: z"],
            ["# @x:", "# @y: z"],
            ["# @: x", "#"],
            ["#x", "#"],
            ["# = x", "#"],
            ["# @x: y", "# Features:"],
        ] {
            check(&wrong, None);
        }
    }
}
