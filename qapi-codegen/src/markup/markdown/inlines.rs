//! Running text as Markdown. Characters that could be taken for markup are escaped.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::super::byte_set::byte_set;
use super::super::indentation::trimmed;
use super::super::{Inline, Unknown};
use super::flavour::Flavour;

/// Returns a text as a code span.
pub fn code(text: &str) -> String {
    let mut rest = text.as_bytes();
    while let [b'!'..=b'~', behind @ ..] = rest {
        rest = behind;
    }
    let text = if rest.is_empty() {
        Cow::Borrowed(text)
    } else {
        text.split_whitespace().collect::<Vec<_>>().join(" ").into()
    };
    if text.is_empty() {
        return String::new();
    }
    if !text.contains('`') {
        return format!("`{text}`");
    }
    let fence = fence("`", &text);
    format!("{fence} {text} {fence}")
}

/// Returns the shortest run of backticks from `shortest` on that is not in the text.
pub(super) fn fence(shortest: &str, text: &str) -> String {
    let mut fence = shortest.to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    fence
}

/// Converts running text to Markdown. Line breaks stay where they are, except inside code and links.
pub fn inlines(text: &[Inline], flavour: &dyn Flavour) -> String {
    let mut out = String::new();
    for inline in text {
        match inline {
            Inline::Text(text) => escape(text, &mut out),
            Inline::Code(text) | Inline::Unknown(Unknown { text, .. }) => {
                out.push_str(&code(text));
            }
            Inline::Reference(reference) => {
                let shown = match &reference.title {
                    Some(title) => escaped(title),
                    None => code(&reference.name),
                };
                let target = reference.target.as_ref();
                let address = target.and_then(|target| flavour.address(target));
                out.push_str(&linked(shown, address));
            }
            Inline::Emphasis(text) => {
                let _ = write!(out, "*{}*", escaped(text));
            }
            Inline::Strong(text) => {
                let _ = write!(out, "**{}**", escaped(text));
            }
            Inline::Link { title, url } if title.is_empty() => {
                let _ = write!(out, "<{url}>");
            }
            Inline::Link { title, url } => {
                let _ = write!(out, "[{}](<{url}>)", escaped(title));
            }
        }
    }
    if out.split('\n').all(is_ordinary) {
        return out;
    }
    starts(&out)
}

/// Returns true for a line that begins with a letter, as nearly all do, and has no blank at its end.
fn is_ordinary(line: &str) -> bool {
    matches!(
        line.as_bytes(),
        [b'a'..=b'z' | b'A'..=b'Z', .., b'!'..=b'~']
    )
}

/// Addresses within the documentation have no blanks and parentheses.
fn linked(title: String, address: Option<String>) -> String {
    match address {
        Some(address) => format!("[{title}]({address})"),
        None => title,
    }
}

/// Returns a text that is shown as it is: characters that would be markup are escaped.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(text, &mut out);
    out
}

/// Adds running text. Of several blanks, as schemas have them after a full stop, one remains.
fn escape(text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    let (mut done, mut at) = (0, 0);
    while at < bytes.len() {
        if !SPECIAL[bytes[at] as usize] {
            at += 1;
            continue;
        }
        let special = match bytes[at] {
            b' ' if at + 1 < bytes.len() && bytes[at + 1] == b' ' => {
                out.push_str(&text[done..at]);
                done = at + 1;
                false
            }
            b'\\' | b'`' | b'*' | b'[' | b']' | b'<' | b'>' | b'~' => true,
            b'_' => {
                let (before, after) = (
                    text[..at].chars().next_back(),
                    text[at + 1..].chars().next(),
                );
                ![before, after]
                    .iter()
                    .all(|c| c.is_some_and(char::is_alphanumeric))
            }
            b'&' => matches!(bytes.get(at + 1), Some(b'#' | b'a'..=b'z' | b'A'..=b'Z')),
            _ => false,
        };
        if special {
            out.push_str(&text[done..at]);
            out.push('\\');
            done = at;
        }
        at += 1;
    }
    out.push_str(&text[done..]);
}

/// The bytes that may be markup, and blanks.
static SPECIAL: [bool; 256] = byte_set(b" \\`*[]<>~_&");

/// Keeps lines from being taken for headings, lists, rules and the like by what they begin with.
fn starts(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, line) in text.lines().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let line = trimmed(line);
        if is_ordinary(line) {
            out.push_str(line);
            continue;
        }
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let marker = line[digits..].chars().next();
        let spaced = line[digits..]
            .chars()
            .nth(1)
            .is_none_or(char::is_whitespace);
        match marker {
            Some('.' | ')') if digits > 0 && spaced => {
                let _ = write!(out, "{}\\{}", &line[..digits], &line[digits..]);
            }
            Some('#' | '=' | '|') if digits == 0 => {
                let _ = write!(out, "\\{line}");
            }
            Some('+' | '-') if digits == 0 && (spaced || line.starts_with("--")) => {
                let _ = write!(out, "\\{line}");
            }
            Some(':') if digits == 0 && line.starts_with(": ") => {
                let _ = write!(out, "\\{line}");
            }
            _ => out.push_str(line),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::super::{Block, Inline, Target, each_reference, parse_inline};
    use super::super::{Rustdoc, markdown};
    use super::*;

    #[test]
    fn markup_becomes_markdown_and_the_rest_is_escaped() {
        for (text, expected) in [
            ("see @node-name.", "see `node-name`."),
            ("(@a-)", "(`a`-)"),
            ("mail me@example.org", "mail me@example.org"),
            ("``a`b``", "`` a`b ``"),
            ("``over\ntwo``", "`over two`"),
            ("`BlockdevOptions`", "`BlockdevOptions`"),
            (":ref:`the title <label>`", "the title"),
            (":qapi:cmd:`query-block`", "`query-block`"),
            (
                "`site <https://a.example/b>`_",
                "[site](<https://a.example/b>)",
            ),
            ("see https://a.example/b_c.", "see <https://a.example/b_c>."),
            ("(http://a.example)", "(<http://a.example>)"),
            ("a[0] <b> *c", "a\\[0\\] \\<b\\> \\*c"),
            ("*very* **bold**", "*very* **bold**"),
            ("2 * 3 * 4", "2 \\* 3 \\* 4"),
            ("snake_case _x_", "snake_case \\_x\\_"),
            ("# no heading", "\\# no heading"),
            ("- no item", "\\- no item"),
            ("-1 is fine", "-1 is fine"),
            ("in\n2. no item", "in\n2\\. no item"),
            ("text\n---", "text\n\\---"),
            ("text\n===", "text\n\\==="),
            ("a & b &lt;", "a & b \\&lt;"),
            ("an odd ` here", "an odd \\` here"),
            ("|version| x", "`|version|` x"),
            ("a | b", "a | b"),
            ("a \\* b", "a \\* b"),
            ("~/x~", "\\~/x\\~"),
            ("http:// nothing", "http:// nothing"),
            ("ö@ @ ü", "ö@ @ ü"),
            ("One.  Two.   Three", "One. Two. Three"),
            ("*a  b*  [c  d]", "*a b* \\[c d\\]"),
        ] {
            assert_eq!(inlines(&parse_inline(text), &Rustdoc), expected, "{text:?}");
        }
    }

    struct Linked;

    impl Flavour for Linked {
        fn address(&self, target: &Target) -> Option<String> {
            match target {
                Target::Definition(name) => Some(format!("#{name}")),
                _ => None,
            }
        }
    }

    #[test]
    fn names_and_references_become_links_where_they_lead_somewhere() {
        let shown = |text| {
            let mut blocks = [Block::Paragraph(parse_inline(text))];
            each_reference(&mut blocks, &mut |inline| {
                let Inline::Reference(reference) = inline else {
                    return;
                };
                let is_known = reference.name == "known";
                reference.target = is_known.then(|| Target::Definition(reference.name.clone()));
            });
            markdown(&blocks, &Linked)
        };
        assert_eq!(shown("@known @other"), "[`known`](#known) `other`");
        assert_eq!(
            shown("`known` `[it] <known>`"),
            "[`known`](#known) [\\[it\\]](#known)"
        );
    }
}
