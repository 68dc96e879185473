//! Paragraphs, lists, literal blocks, headings, and how they nest.

use super::indentation::{dedented, indentation, is_blank, trim_end, trimmed};
use super::{
    Admonition, Block, DefinedTerm, Heading, HeadingStyle, Inline, Item, Urgency, inline, table,
};

mod directive;
mod leaves;

use leaves::{DEPTH, body, is_example, is_json, literal, push, table as table_block, unknown};

/// Returns the blocks that the lines are.
pub(super) fn parse(lines: &[&str]) -> Vec<Block> {
    blocks(lines, DEPTH)
}

fn blocks(lines: &[&str], depth: usize) -> Vec<Block> {
    let mut out = Vec::new();
    let mut rest = lines;
    while let Some(line) = rest.first() {
        let Some(indent) = indentation(line) else {
            rest = &rest[1..];
            continue;
        };
        let text = &line[indent..];
        let length = if depth == 0 {
            push(&mut out, unknown("nesting", rest));
            rest.len()
        } else if let Some(marker) = list_marker(text) {
            item(rest, indent, marker, depth, &mut out)
        } else if text.starts_with(".. ") || text == ".." {
            directive::parse(rest, indent, depth, &blocks, &mut out)
        } else if indent > 0 && rest.len() < lines.len() {
            quote(rest, indent, depth, &mut out)
        } else if let Some((what, length)) = outside(rest, indent) {
            push(&mut out, unknown(what, &rest[..length]));
            length
        } else if let Some(marker) = letter_marker(rest, indent) {
            item(rest, indent, marker, depth, &mut out)
        } else if table::starts(line) {
            let length = table::length(rest);
            push(&mut out, table_block(&rest[..length], Vec::new()));
            length
        } else if is_example(line) || is_json(line) {
            let length = rest
                .iter()
                .position(|line| is_blank(line))
                .unwrap_or(rest.len());
            push(&mut out, literal(&rest[..length]));
            length
        } else if let Some(length) = heading(rest, depth, &mut out) {
            length
        } else if let Some(length) = old_tag(rest, depth, &mut out) {
            length
        } else if let Some(length) = definition(rest, indent, depth, &mut out) {
            length
        } else {
            paragraph(rest, &mut out)
        };
        rest = &rest[length..];
    }
    out
}

/// Returns the mark of a list item and the blanks after it.
fn list_marker(text: &str) -> Option<&str> {
    let mark = match text.as_bytes() {
        [b'-' | b'*' | b'+', ..] => 1,
        [b'0'..=b'9' | b'#', ..] => {
            let digits = text
                .bytes()
                .take_while(|byte| matches!(byte, b'0'..=b'9' | b'#'))
                .count();
            matches!(text.as_bytes().get(digits), Some(b'.' | b')')).then_some(digits + 1)?
        }
        _ => return None,
    };
    let blanks = text[mark..]
        .bytes()
        .take_while(|byte| *byte == b' ')
        .count();
    (blanks > 0 && text.len() > mark + blanks && mark < 6).then(|| &text[..mark + blanks])
}

/// Returns the mark of an item that is numbered by letters, as in `a. text`, and the blanks after it. The next line
/// must not make it the beginning of a paragraph.
fn letter_marker<'t>(lines: &[&'t str], indent: usize) -> Option<&'t str> {
    let text = &lines[0][indent..];
    let marker = letter(text)?;
    let goes_on = |line: &&str| match indentation(line) {
        None => true,
        Some(next) => next > indent || (next == indent && letter(&line[indent..]).is_some()),
    };
    lines.get(1).is_none_or(goes_on).then_some(marker)
}

fn letter(text: &str) -> Option<&str> {
    let [letter, b'.' | b')', b' ', rest @ ..] = text.as_bytes() else {
        return None;
    };
    let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
    (letter.is_ascii_alphabetic() && rest.len() > blanks).then(|| &text[..3 + blanks])
}

/// Markup that schemas do not need, and its length: line blocks and field lists.
fn outside(lines: &[&str], indent: usize) -> Option<(&'static str, usize)> {
    let text = &lines[0][indent..];
    if text.starts_with("| ") && !text.trim_end().ends_with('|') {
        let is_line = |line: &&&str| line.trim_start().starts_with('|') || line.starts_with(' ');
        let more = lines[1..].iter().take_while(is_line).count();
        return Some(("line block", 1 + more));
    }
    let field = text
        .strip_prefix(':')
        .and_then(|rest| rest.split_once(": "));
    field
        .is_some_and(|(name, _)| !name.is_empty() && !name.contains(['`', ':']))
        .then(|| ("field list", 1 + body(lines, indent + 1).len()))
}

fn item(lines: &[&str], indent: usize, marker: &str, depth: usize, out: &mut Vec<Block>) -> usize {
    let own = lines[0].get(indent + marker.len()..).unwrap_or_default();
    // Lines that hang less than the text but more than the mark still belong to the item.
    let tail = body(lines, indent + 1);
    let mut inner = vec![own];
    inner.extend(dedented(tail));
    let before = match out.last_mut() {
        Some(Block::List(items)) => items.last(),
        _ => None,
    };
    let number = (!marker.starts_with(['-', '*', '+'])).then(|| {
        let next = before.and_then(|item| item.number).unwrap_or(0) + 1;
        marker
            .trim_end_matches([' ', '.', ')'])
            .parse()
            .unwrap_or(next)
    });
    let continues = before.is_some_and(|item| item.number.is_some() == number.is_some());
    let item = Item {
        number,
        blocks: blocks(&inner, depth - 1),
    };
    match out.last_mut() {
        Some(Block::List(items)) if continues => items.push(item),
        _ => out.push(Block::List(vec![item])),
    }
    1 + tail.len()
}

fn quote(lines: &[&str], indent: usize, depth: usize, out: &mut Vec<Block>) -> usize {
    let own = 1 + body(lines, indent).len();
    let inner: Vec<_> = trim_end(&lines[..own])
        .iter()
        .map(|line| line.get(indent..).unwrap_or_default())
        .collect();
    out.push(Block::Quote(blocks(&inner, depth - 1)));
    own
}

/// Parses a title with a line of punctuation under it, and perhaps above it; or with leading `=`.
fn heading(lines: &[&str], depth: usize, out: &mut Vec<Block>) -> Option<usize> {
    // Lists and other blocks cannot contain headings.
    if depth < DEPTH {
        return None;
    }
    if let Some((style, title)) = equals(lines[0]) {
        out.push(Block::Heading(Heading::new(style, title)));
        return Some(1);
    }
    let over = usize::from(rule(lines[0]).is_some());
    let mark = rule(lines.get(over + 1)?)?;
    let title = lines[over].trim();
    let width = lines[over + 1].trim_end().chars().count();
    if title.is_empty()
        || width < title.chars().count().min(3)
        || (over == 1 && rule(lines[0]) != Some(mark))
    {
        return None;
    }
    let style = HeadingStyle::Adorned {
        mark,
        over: over == 1,
    };
    out.push(Block::Heading(Heading::new(style, title)));
    Some(over + 2)
}

impl Heading {
    /// Creates a heading whose level is not known yet.
    fn new(style: HeadingStyle, title: &str) -> Self {
        Self {
            style,
            level: 0,
            text: inline::parse(title),
        }
    }
}

/// `== Title`
fn equals(line: &str) -> Option<(HeadingStyle, &str)> {
    if line.as_bytes().first() != Some(&b'=') {
        return None;
    }
    let title = line.trim_start_matches('=');
    let level = u8::try_from(line.len() - title.len()).ok()?;
    let title = title.strip_prefix(' ')?.trim();
    let is_title = (1..=5).contains(&level) && title.contains(char::is_alphanumeric);
    is_title.then_some((HeadingStyle::Equals(level), title))
}

/// Returns the character that the line repeats.
fn rule(line: &str) -> Option<char> {
    let first = line.chars().next()?;
    if first.is_alphanumeric() {
        return None;
    }
    let line = line.trim_end();
    let is_rule = line.len() >= 3 && "=-~^\"'*+#".contains(first);
    (is_rule && line.chars().all(|c| c == first)).then_some(first)
}

/// Tags that were sections before QEMU 9, and whose sections are ordinary text now (docs/reference/language.md §10.4).
fn old_tag(lines: &[&str], depth: usize, out: &mut Vec<Block>) -> Option<usize> {
    if depth < DEPTH || !matches!(lines[0].as_bytes().first(), Some(b'N' | b'R')) {
        return None;
    }
    let (tag, text) = ["Note", "Notes", "Returns"]
        .into_iter()
        .find_map(|tag| Some((tag, lines[0].strip_prefix(tag)?.strip_prefix(':')?)))?;
    if text.starts_with(':') {
        return None;
    }
    let paragraph = lines.iter().position(|line| is_blank(line));
    let paragraph = paragraph.unwrap_or(lines.len());
    let is_outdented = |line: &&str| !line.starts_with(' ');
    let length = if lines[1..paragraph].iter().any(is_outdented) {
        paragraph
    } else {
        1 + body(lines, 1).len()
    };
    let mut inner = vec![text.trim_start()];
    inner.extend(dedented(&lines[1..length]));
    let mut inner = blocks(&inner, depth - 1);
    if inner.is_empty() {
        return None;
    }
    if tag == "Returns" {
        let mut text = vec![Inline::Text("Returns:".to_owned())];
        if let Some(Block::Paragraph(first)) = inner.first_mut() {
            text.push(Inline::Text(" ".to_owned()));
            text.append(first);
            inner.remove(0);
        }
        out.push(Block::Paragraph(text));
        out.append(&mut inner);
    } else {
        out.push(Block::Admonition(Admonition {
            urgency: Urgency::Note,
            title: vec![Inline::Text(tag.to_owned())],
            blocks: inner,
        }));
    }
    Some(length)
}

/// Parses a term on one line, and indented lines right below it that say what it means.
fn definition(lines: &[&str], indent: usize, depth: usize, out: &mut Vec<Block>) -> Option<usize> {
    let next = indentation(lines.get(1)?)?;
    if next <= indent || lines[0].ends_with("::") || lines[1][next..].starts_with(['-', '*']) {
        return None;
    }
    let tail = body(lines, indent + 1);
    // Text that returns to the margin without a blank line is a paragraph with ragged lines.
    let after = lines.get(1 + tail.len());
    if after.is_some() && tail.last().is_some_and(|line| !is_blank(line)) {
        let term = indentation(lines.get(2 + tail.len())?)?;
        if term <= indent {
            return None;
        }
    }
    let term = DefinedTerm {
        term: inline::parse(lines[0].trim()),
        blocks: blocks(&dedented(tail), depth - 1),
    };
    match out.last_mut() {
        Some(Block::Definitions(terms)) => terms.push(term),
        _ => out.push(Block::Definitions(vec![term])),
    }
    Some(1 + tail.len())
}

/// Lines up to a blank one. Two colons at the end announce a literal block.
fn paragraph(lines: &[&str], out: &mut Vec<Block>) -> usize {
    let length = lines
        .iter()
        .enumerate()
        .position(|(index, line)| is_blank(line) || (index > 0 && interrupts(line)))
        .unwrap_or(lines.len());
    let mut text = String::new();
    for (index, line) in lines[..length].iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        text.push_str(trimmed(line));
    }
    let Some(before) = text.strip_suffix("::") else {
        push(out, Block::Paragraph(inline::parse(&text)));
        return length;
    };
    let announced = before.trim_end();
    if !announced.is_empty() {
        let colon = if before.ends_with(char::is_whitespace) {
            ""
        } else {
            ":"
        };
        let text = format!("{announced}{colon}");
        push(out, Block::Paragraph(inline::parse(&text)));
    }
    let Some(first) = lines[length..].iter().position(|line| !is_blank(line)) else {
        return length;
    };
    let start = length + first;
    let own = indentation(lines[0]).unwrap_or(0);
    if indentation(lines[start]).is_none_or(|found| found <= own) {
        return length;
    }
    let body = 1 + body(&lines[start..], own + 1).len();
    push(out, literal(&lines[start..start + body]));
    start + body
}

/// Returns true if the line ends a paragraph: list items and directives at the margin do, also without the blank line
/// that should be there.
fn interrupts(line: &str) -> bool {
    line.starts_with(".. ") || line.starts_with("- ") || line.starts_with("* ") || is_example(line)
}
