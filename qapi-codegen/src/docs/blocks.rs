//! Paragraphs, lists, literal blocks, directives.

use std::fmt::Write as _;

use super::inline;

/// How deep blocks may nest. What lies deeper is shown as it was written.
const DEPTH: usize = 16;

/// Documentation as Markdown, without line breaks at the ends.
pub(crate) fn markdown(text: &str) -> String {
    let text = clean(text);
    let lines: Vec<_> = text.lines().collect();
    render(&dedented(&lines))
}

/// The text of a section that begins behind a tag: the indentation of the first line says nothing about the others'.
pub(crate) fn tagged(text: &str) -> String {
    let text = clean(text);
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let rest: Vec<_> = lines.collect();
    let mut all = vec![first.trim_start()];
    all.extend(dedented(&rest));
    render(&all)
}

fn render(lines: &[&str]) -> String {
    let mut out = Out {
        text: String::new(),
        prefix: String::new(),
        tight: true,
    };
    blocks(lines, DEPTH, &mut out);
    out.text.trim_matches('\n').to_owned()
}

/// The lines without the indentation that they all have.
fn dedented<'t>(lines: &[&'t str]) -> Vec<&'t str> {
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

/// Blanks for tabs, and nothing that a doc comment may not contain: control characters, and those that turn the
/// direction of text.
fn clean(text: &str) -> String {
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
            c if c.is_control() && c != '\n' => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
        column = if c == '\n' { 0 } else { column + 1 };
    }
    out
}

/// The Markdown so far.
struct Out {
    text: String,
    /// What every line begins with: the indentation of lists, the marks of quotes.
    prefix: String,
    /// The next block begins on the line that has been begun.
    tight: bool,
}

impl Out {
    /// Starts a block: on the line of a list's mark, or after a blank line.
    fn begin(&mut self) {
        if std::mem::take(&mut self.tight) {
            return;
        }
        let blank = self.prefix.trim_end().to_owned();
        let _ = write!(self.text, "\n{blank}\n{}", self.prefix);
    }

    /// Adds lines, the first to the line that has been begun.
    fn lines<'l>(&mut self, lines: impl IntoIterator<Item = &'l str>) {
        for (index, line) in lines.into_iter().enumerate() {
            if index > 0 {
                let prefix = if line.is_empty() {
                    self.prefix.trim_end()
                } else {
                    &self.prefix
                };
                let _ = write!(self.text, "\n{prefix}");
            }
            self.text.push_str(line.trim_end());
        }
    }

    fn block(&mut self, markdown: &str) {
        self.begin();
        self.lines(markdown.lines());
    }

    /// A fenced block that rustdoc does not compile.
    fn literal(&mut self, lines: &[&str]) {
        let shift = lines
            .iter()
            .filter_map(|line| indentation(line))
            .min()
            .unwrap_or(0);
        let longest = lines.iter().map(|line| backticks(line)).max().unwrap_or(0);
        let fence = "`".repeat(3.max(longest + 1));
        let open = format!("{fence}text");
        let shown = lines
            .iter()
            .map(|line| line.get(shift..).unwrap_or_default());
        self.begin();
        self.lines(
            std::iter::once(open.as_str())
                .chain(shown)
                .chain([fence.as_str()]),
        );
    }

    /// Runs `inner` with more in front of every line.
    fn nested(&mut self, more: &str, inner: impl FnOnce(&mut Self)) {
        let length = self.prefix.len();
        self.prefix.push_str(more);
        inner(self);
        self.prefix.truncate(length);
    }
}

/// The longest run of backticks.
fn backticks(line: &str) -> usize {
    line.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Blanks in front of the text; none for a blank line.
fn indentation(line: &str) -> Option<usize> {
    let text = line.trim_start_matches(' ');
    (!text.is_empty()).then(|| line.len() - text.len())
}

fn is_blank(line: &str) -> bool {
    indentation(line).is_none()
}

fn blocks(lines: &[&str], depth: usize, out: &mut Out) {
    let mut rest = lines;
    // Whether the last block was an item of a list, and of which kind.
    let mut list = None;
    while let Some(line) = rest.first() {
        let Some(indent) = indentation(line) else {
            rest = &rest[1..];
            continue;
        };
        let text = &line[indent..];
        let previous = list.take();
        let length = if depth == 0 {
            out.literal(trim_end(rest));
            rest.len()
        } else if let Some(marker) = list_marker(text) {
            list = Some(is_numbered(marker));
            item(rest, indent, marker, previous == list, depth, out)
        } else if text.starts_with(".. ") || text == ".." {
            directive(rest, indent, depth, out)
        } else if indent > 0 && rest.len() < lines.len() {
            quote(rest, indent, depth, out)
        } else if is_example(line) || is_table(line) {
            let length = rest
                .iter()
                .position(|line| is_blank(line))
                .unwrap_or(rest.len());
            out.literal(&rest[..length]);
            length
        } else if let Some(length) = heading(rest, out) {
            length
        } else {
            paragraph(rest, out)
        };
        rest = &rest[length..];
    }
}

fn trim_end<'l, 't>(lines: &'l [&'t str]) -> &'l [&'t str] {
    let length = lines
        .iter()
        .rposition(|line| !is_blank(line))
        .map_or(0, |last| last + 1);
    &lines[..length]
}

/// How many of the lines after the first are blank or indented by at least `indent`.
fn body<'l, 't>(lines: &'l [&'t str], indent: usize) -> &'l [&'t str] {
    let more = lines[1..]
        .iter()
        .position(|line| indentation(line).is_some_and(|found| found < indent))
        .unwrap_or(lines.len() - 1);
    &lines[1..=more]
}

/// The mark of a list item and the blanks behind it.
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

fn is_numbered(marker: &str) -> bool {
    !marker.starts_with(['-', '*', '+'])
}

fn item(
    lines: &[&str],
    indent: usize,
    marker: &str,
    continues: bool,
    depth: usize,
    out: &mut Out,
) -> usize {
    let own = lines[0].get(indent + marker.len()..).unwrap_or_default();
    // Lines that hang less than the text but more than the mark still belong to the item.
    let tail = body(lines, indent + 1);
    let mut inner = vec![own];
    inner.extend(dedented(tail));
    let mark = if is_numbered(marker) {
        format!("{} ", marker.trim_end().replace(')', ".").replace('#', "1"))
    } else {
        "- ".to_owned()
    };
    if continues && !out.tight {
        let prefix = out.prefix.clone();
        let _ = write!(out.text, "\n{prefix}");
    } else {
        out.begin();
    }
    out.text.push_str(&mark);
    let hang = " ".repeat(mark.len());
    out.tight = true;
    out.nested(&hang, |out| blocks(&inner, depth - 1, out));
    out.tight = false;
    1 + tail.len()
}

fn quote(lines: &[&str], indent: usize, depth: usize, out: &mut Out) -> usize {
    let own = 1 + body(lines, indent).len();
    let inner: Vec<_> = trim_end(&lines[..own])
        .iter()
        .map(|line| line.get(indent..).unwrap_or_default())
        .collect();
    out.begin();
    out.text.push_str("> ");
    out.tight = true;
    out.nested("> ", |out| blocks(&inner, depth - 1, out));
    out.tight = false;
    own
}

fn directive(lines: &[&str], indent: usize, depth: usize, out: &mut Out) -> usize {
    let body = body(lines, indent + 1);
    let length = 1 + body.len();
    let Some((name, argument)) = lines[0]
        .trim()
        .get(3..)
        .and_then(|text| text.split_once("::"))
    else {
        // A comment or a link target.
        return length;
    };
    let options = body
        .iter()
        .take_while(|line| line.trim_start().starts_with(':'))
        .count();
    let (options, body) = body.split_at(options);
    let body = trim_end(body);
    let first = body.iter().position(|line| !is_blank(line)).unwrap_or(0);
    let body = &body[first..];
    let argument = argument.trim();
    match name.trim() {
        "qmp-example" => example(options, body, depth, out),
        "note" | "caution" | "warning" | "tip" | "hint" | "important" | "attention" | "danger"
        | "error" | "seealso" => {
            let label = admonition_label(name.trim());
            admonition(&label, argument, body, depth, out);
        }
        "admonition" => admonition(&inline::convert(argument), "", body, depth, out),
        "code-block" | "parsed-literal" | "code" | "table" | "highlight" => {
            if !argument.is_empty() && name.trim() == "table" {
                out.block(&format!("**{}**", inline::convert(argument)));
            }
            if !body.is_empty() {
                out.literal(body);
            }
        }
        // Not known: show it as it is rather than lose it.
        _ => out.literal(trim_end(&lines[..length])),
    }
    length
}

fn admonition_label(name: &str) -> String {
    if name == "seealso" {
        return "See also".to_owned();
    }
    let mut label = name.to_owned();
    label[..1].make_ascii_uppercase();
    label
}

fn admonition(label: &str, argument: &str, body: &[&str], depth: usize, out: &mut Out) {
    let body = dedented(body);
    let mut inner = vec![argument];
    inner.extend(&body);
    out.begin();
    let _ = write!(out.text, "> **{label}:**");
    out.nested("> ", |out| {
        let starts_plainly = inner
            .iter()
            .find(|line| !is_blank(line))
            .is_some_and(|line| {
                list_marker(line).is_none() && !line.starts_with("..") && line.trim() != "::"
            });
        if starts_plainly {
            out.text.push(' ');
            out.tight = true;
        }
        blocks(&inner, depth - 1, out);
    });
    out.tight = false;
}

fn example(options: &[&str], body: &[&str], depth: usize, out: &mut Out) {
    let option = |name: &str| {
        options
            .iter()
            .find_map(|line| line.trim().strip_prefix(name))
            .map(str::trim)
    };
    match option(":title:") {
        Some(title) if !title.is_empty() => {
            out.block(&format!("Example: {}", inline::convert(title)));
        }
        _ => out.block("Example:"),
    }
    if option(":annotated:").is_some() {
        let body = dedented(body);
        blocks(&body, depth - 1, out);
    } else if !body.is_empty() {
        out.literal(body);
    }
}

/// A line of an example in the old style, without markup around it.
fn is_example(line: &str) -> bool {
    line.starts_with("-> ") || line.starts_with("<- ")
}

/// The first line of a table: columns are lost when lines are joined.
fn is_table(line: &str) -> bool {
    let line = line.trim_end();
    (line.starts_with("+-") && line.ends_with('+') && line.chars().all(|c| "+-=".contains(c)))
        || (line.starts_with("==")
            && line.contains("= =")
            && line.chars().all(|c| "= ".contains(c)))
}

/// A title with a line of punctuation under it, and perhaps above.
fn heading(lines: &[&str], out: &mut Out) -> Option<usize> {
    let over = usize::from(is_rule(lines[0]));
    let title = lines.get(over)?.trim();
    let rule = lines.get(over + 1)?;
    if title.is_empty()
        || !is_rule(rule)
        || rule.trim().chars().count() < title.chars().count().min(3)
    {
        return None;
    }
    out.block(&format!("# {}", inline::convert(title)));
    Some(over + 2)
}

fn is_rule(line: &str) -> bool {
    let line = line.trim_end();
    let Some(first) = line.chars().next() else {
        return false;
    };
    line.len() >= 3 && "=-~^\"'*+#".contains(first) && line.chars().all(|c| c == first)
}

/// Lines up to a blank one. Two colons at the end announce a literal block.
fn paragraph(lines: &[&str], out: &mut Out) -> usize {
    let length = lines
        .iter()
        .enumerate()
        .position(|(index, line)| is_blank(line) || (index > 0 && interrupts(line)))
        .unwrap_or(lines.len());
    let text = lines[..length].join("\n");
    let Some(before) = text.trim_end().strip_suffix("::") else {
        out.block(&inline::convert(&text));
        return length;
    };
    let announced = before.trim_end();
    if !announced.is_empty() {
        let colon = if before.ends_with(char::is_whitespace) {
            ""
        } else {
            ":"
        };
        out.block(&format!("{}{colon}", inline::convert(announced)));
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
    out.literal(trim_end(&lines[start..start + body]));
    start + body
}

/// A list item or directive at the margin ends a paragraph, also without the blank line that should be there.
fn interrupts(line: &str) -> bool {
    line.starts_with(".. ") || line.starts_with("- ") || line.starts_with("* ") || is_example(line)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::{markdown, tagged};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(markdown(text), expected);
    }

    #[test]
    fn first_line_behind_a_tag_does_not_set_the_indentation() {
        assert_eq!(
            tagged("one\n    two\n      three\n\n    four"),
            "one\ntwo\nthree\n\nfour"
        );
        assert_eq!(tagged("    one\n    two"), "one\ntwo");
    }

    #[test]
    fn paragraphs_are_separated_by_one_blank_line() {
        check("a\nb\n\n\n\nc\n", "a\nb\n\nc");
    }

    #[test]
    fn lists_hang_and_stay_tight() {
        check(
            "Values:\n\n- one\n  more\n- two\n\n  second paragraph\n\n1. first\n2) second",
            "Values:\n\n- one\n  more\n- two\n\n  second paragraph\n\n1. first\n2. second",
        );
        check(
            "- outer\n\n  - inner\n    more\n- next",
            "- outer\n\n  - inner\n    more\n- next",
        );
    }

    #[test]
    fn an_announced_block_is_literal() {
        check(
            "Run::\n\n  $ a <b>\n    c\n\nDone",
            "Run:\n\n```text\n$ a <b>\n  c\n```\n\nDone",
        );
        check("::\n\n   x", "```text\nx\n```");
        check("No block::\n\nnext", "No block:\n\nnext");
    }

    #[test]
    fn fence_is_longer_than_any_in_the_text() {
        check("::\n\n   ```", "````text\n```\n````");
    }

    #[test]
    fn examples_are_text_and_keep_their_titles() {
        check(
            ".. qmp-example::\n   :title: One\n\n   -> { \"a\": [] }\n   <- {}\n\nAfter",
            "Example: One\n\n```text\n-> { \"a\": [] }\n<- {}\n```\n\nAfter",
        );
        check(
            ".. qmp-example::\n   :annotated:\n\n   First @x::\n\n      -> {}\n",
            "Example:\n\nFirst `x`:\n\n```text\n-> {}\n```",
        );
        check(
            "-> { 1 }\n<- { 2 }\n\ntext",
            "```text\n-> { 1 }\n<- { 2 }\n```\n\ntext",
        );
    }

    #[test]
    fn admonitions_are_quotes() {
        check(
            ".. note:: Mind the\n   gap.\n\n   And more.\n\nAfter",
            "> **Note:** Mind the\n> gap.\n>\n> And more.\n\nAfter",
        );
        check(
            ".. admonition:: Own title\n\n   - a\n   - b",
            "> **Own title:**\n>\n> - a\n> - b",
        );
    }

    #[test]
    fn unknown_directives_are_shown() {
        check(
            ".. figure:: a.png\n   :alt: x\n\nAfter",
            "```text\n.. figure:: a.png\n   :alt: x\n```\n\nAfter",
        );
    }

    #[test]
    fn indented_text_is_a_quote_and_never_code() {
        check("a\n\n     b\n     c\n\nd", "a\n\n> b\n> c\n\nd");
    }

    #[test]
    fn titles_become_headings() {
        check("=====\nTitle\n=====\n\ntext", "# Title\n\ntext");
        check("Title [1]\n---------", "# Title \\[1\\]");
    }

    #[test]
    fn tables_keep_their_columns() {
        check(
            "+--+--+\n| a| b|\n+--+--+\n\nx",
            "```text\n+--+--+\n| a| b|\n+--+--+\n```\n\nx",
        );
    }

    #[test]
    fn control_characters_are_replaced() {
        check("a\u{202e}b\u{7}c\rd", "a\u{fffd}b\u{fffd}c\u{fffd}d");
    }

    #[test]
    fn deep_nesting_ends_in_a_literal_block() {
        let mut text = String::from("top\n");
        for depth in 1..300 {
            let _ = write!(text, "\n{}- x\n", " ".repeat(depth * 2));
        }
        assert!(markdown(&text).contains("```text"));
    }

    #[test]
    fn empty_text_is_empty() {
        check("", "");
        check("\n \n", "");
        check("..", "");
    }
}
