//! Markup inside paragraphs: names, literals, emphasis, references, links.

use super::byte_set::byte_set;
use super::{Inline, Reference, ReferenceKind, Unknown};

/// Roles whose text is a reference or a literal; the domain `qapi` has more of them.
const REFERENCES: [&str; 6] = ["any", "doc", "ref", "term", "numref", "qapi"];
const LITERALS: [&str; 10] = [
    "code", "command", "envvar", "file", "kbd", "literal", "option", "program", "samp", "math",
];

/// Returns the parts of a paragraph.
pub(super) fn parse(text: &str) -> Vec<Inline> {
    let mut out = Vec::new();
    let mut before = ' ';
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if let Some((length, inline)) = span(rest, first, before) {
            push(&mut out, inline);
            length
        } else {
            let length = plain_run(rest, first);
            plain(&mut out, &rest[..length]);
            length
        };
        before = rest[..length].chars().next_back().unwrap_or(before);
        rest = &rest[length..];
    }
    out
}

fn push(out: &mut Vec<Inline>, inline: Inline) {
    match inline {
        Inline::Text(text) => plain(out, &text),
        inline => out.push(inline),
    }
}

fn plain(out: &mut Vec<Inline>, text: &str) {
    if let Some(Inline::Text(last)) = out.last_mut() {
        last.push_str(text);
    } else {
        out.push(Inline::Text(text.to_owned()));
    }
}

/// Returns the markup at the start of `rest`: its length, and what it means.
fn span(rest: &str, first: char, before: char) -> Option<(usize, Inline)> {
    match first {
        '`' => literal(rest).or_else(|| reference(rest)),
        '@' if !is_word(before) => name(rest),
        ':' if !is_word(before) => role(rest),
        '*' if !is_word(before) => {
            emphasis(rest, "**", Inline::Strong).or_else(|| emphasis(rest, "*", Inline::Emphasis))
        }
        '|' if !is_word(before) => substitution(rest),
        'h' | 'f' if !is_word(before) => url(rest),
        '\\' => {
            let next = rest[1..].chars().next()?;
            let escaped = next.is_ascii_punctuation();
            escaped.then(|| (2, Inline::Text(next.to_string())))
        }
        _ => None,
    }
}

/// Returns the length of the ordinary text at the start: up to what `span` may take for markup, at least the first
/// character.
fn plain_run(rest: &str, first: char) -> usize {
    let bytes = rest.as_bytes();
    let mut at = first.len_utf8();
    while at < bytes.len() {
        let byte = bytes[at];
        let begins = BEGINNINGS[byte as usize]
            && (matches!(byte, b'`' | b'\\') || !ends_in_word(&rest[..at]));
        if begins {
            break;
        }
        at += 1;
    }
    at
}

/// The bytes that markup begins with.
static BEGINNINGS: [bool; 256] = byte_set(b"`\\@:*|hf");

fn ends_in_word(text: &str) -> bool {
    match text.as_bytes().last() {
        Some(byte) if byte.is_ascii() => is_word(char::from(*byte)),
        _ => text.chars().next_back().is_some_and(is_word),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// ``` ``text`` ```
fn literal(rest: &str) -> Option<(usize, Inline)> {
    let (length, text) = delimited(rest, "``")?;
    Some((length, Inline::Code(one_line(text))))
}

/// Text between two equal marks that hug it.
fn delimited<'t>(rest: &'t str, mark: &str) -> Option<(usize, &'t str)> {
    let inner = rest.strip_prefix(mark)?;
    let end = inner.find(mark)?;
    let text = &inner[..end];
    let hugged = !text.is_empty() && text.trim() == text;
    let follows = inner[end + mark.len()..].chars().next();
    let ends = follows.is_none_or(|c| !is_word(c) && (mark != "*" || c != '*'));
    (hugged && ends && !text.contains("\n\n")).then_some((end + 2 * mark.len(), text))
}

/// `|name|` stands for something that is defined outside of the schema.
fn substitution(rest: &str) -> Option<(usize, Inline)> {
    let (length, name) = delimited(rest, "|")?;
    let is_name = name.chars().all(|c| is_word(c) || c == '-');
    is_name.then(|| (length, unknown("substitution", &rest[..length])))
}

fn unknown(what: &str, text: &str) -> Inline {
    Inline::Unknown(Unknown {
        what: what.to_owned().into(),
        text: text.to_owned(),
    })
}

/// `` `text` ``, `` `text`_ ``, `` `text <url>`_ ``
fn reference(rest: &str) -> Option<(usize, Inline)> {
    let inner = &rest[1..];
    let end = inner.find('`')?;
    let text = &inner[..end];
    if text.trim().is_empty() {
        return None;
    }
    let closed = 1 + end + 1;
    let underscores = rest[closed..]
        .bytes()
        .take_while(|byte| *byte == b'_')
        .count()
        .min(2);
    let length = closed + underscores;
    if underscores == 0 {
        return Some((length, refer(text)));
    }
    Some((length, link(text)))
}

fn refer(text: &str) -> Inline {
    match target(text) {
        Some((title, target)) if !title.is_empty() && !target.is_empty() => {
            titled(one_line(title), one_line(target))
        }
        _ => named(ReferenceKind::Role, one_line(text)),
    }
}

fn named(kind: ReferenceKind, name: String) -> Inline {
    Inline::Reference(Reference {
        kind,
        title: None,
        name,
        target: None,
    })
}

fn titled(title: String, name: String) -> Inline {
    Inline::Reference(Reference {
        kind: ReferenceKind::Role,
        title: Some(title),
        name,
        target: None,
    })
}

fn link(text: &str) -> Inline {
    let Some((title, target)) = target(text) else {
        return titled(one_line(text), one_line(text));
    };
    if !is_url(target) {
        return titled(one_line(title), one_line(target));
    }
    let title = if title == target {
        String::new()
    } else {
        one_line(title)
    };
    Inline::Link {
        title,
        url: target.to_owned(),
    }
}

/// Only addresses of documents: no scripts, no local files.
fn is_url(text: &str) -> bool {
    SCHEMES.iter().any(|scheme| text.starts_with(scheme)) && !text.contains(char::is_whitespace)
}

const SCHEMES: [&str; 3] = ["https://", "http://", "ftp://"];

/// Title and target of `title <target>`.
fn target(text: &str) -> Option<(&str, &str)> {
    let (title, target) = text.trim_end().strip_suffix('>')?.split_once('<')?;
    Some((title.trim_end(), target))
}

/// `@name`
fn name(rest: &str) -> Option<(usize, Inline)> {
    let inner = &rest[1..];
    if !inner.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    let end = inner
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
        .unwrap_or(inner.len());
    let text = inner[..end].trim_end_matches('-');
    Some((1 + text.len(), named(ReferenceKind::Name, text.to_owned())))
}

/// ``:role:`text` ``
fn role(rest: &str) -> Option<(usize, Inline)> {
    let open = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-:_.".contains(c)))?;
    let role = rest[..open].strip_prefix(':')?.strip_suffix(':')?;
    let inner = rest[open..].strip_prefix('`')?;
    let end = inner.find('`')?;
    let text = &inner[..end];
    if role.is_empty() || text.trim().is_empty() {
        return None;
    }
    let domain = role.split(':').next().unwrap_or(role);
    let length = open + end + 2;
    let inline = if REFERENCES.contains(&domain) {
        refer(text)
    } else if LITERALS.contains(&role) {
        Inline::Code(one_line(text))
    } else if role == "emphasis" {
        Inline::Emphasis(text.to_owned())
    } else if role == "strong" {
        Inline::Strong(text.to_owned())
    } else {
        unknown(&format!("role `{role}`"), &rest[..length])
    };
    Some((length, inline))
}

/// `**text**` or `*text*`
fn emphasis(rest: &str, mark: &str, make: fn(String) -> Inline) -> Option<(usize, Inline)> {
    let (length, text) = delimited(rest, mark)?;
    let has_edges = text.starts_with(char::is_alphanumeric) && text.ends_with(|c| c != '*');
    has_edges.then(|| (length, make(text.to_owned())))
}

/// Returns a bare URL.
fn url(rest: &str) -> Option<(usize, Inline)> {
    let scheme = SCHEMES.iter().find(|scheme| rest.starts_with(**scheme))?;
    let end = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '`' | '"'))
        .unwrap_or(rest.len());
    let mut text = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'']);
    if !text.contains('(') {
        text = text.trim_end_matches([')', '.', ',']);
    }
    let url = text.to_owned();
    let title = String::new();
    (text.len() > scheme.len()).then_some((text.len(), Inline::Link { title, url }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Inline {
        Inline::Text(text.to_owned())
    }

    #[test]
    fn names_are_not_parts_of_words() {
        assert_eq!(
            parse("(@a-b-) x@y"),
            [
                text("("),
                named(ReferenceKind::Name, "a-b".to_owned()),
                text("-) x@y")
            ]
        );
    }

    #[test]
    fn references_have_titles_or_not() {
        let titled = |title: &str, name: &str| titled(title.to_owned(), name.to_owned());
        let named = |name: &str| named(ReferenceKind::Role, name.to_owned());
        assert_eq!(parse("`A`"), [named("A")]);
        assert_eq!(parse(":qapi:cmd:`a-b`"), [named("a-b")]);
        assert_eq!(parse("`A\nlong one <b>`"), [titled("A long one", "b")]);
        assert_eq!(parse(":doc:`A </b>`"), [titled("A", "/b")]);
        assert_eq!(
            parse("`A <https://a.example>`__"),
            [Inline::Link {
                title: "A".to_owned(),
                url: "https://a.example".to_owned()
            }]
        );
    }

    #[test]
    fn links_lead_only_to_documents() {
        assert_eq!(
            parse("`A <javascript:alert(1)>`_"),
            [titled("A".to_owned(), "javascript:alert(1)".to_owned())]
        );
    }

    #[test]
    fn unknown_roles_and_substitutions_are_kept_as_written() {
        for (written, what) in [
            (":magic:`x y`", "role `magic`"),
            ("|version|", "substitution"),
        ] {
            assert_eq!(
                parse(written),
                [Inline::Unknown(Unknown {
                    what: what.to_owned().into(),
                    text: written.to_owned()
                })]
            );
        }
        assert_eq!(parse("a | b | c"), [text("a | b | c")]);
    }
}
