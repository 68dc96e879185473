//! Markup inside of paragraphs: names, literals, emphasis, links; everything else is escaped.

use std::fmt::Write as _;

/// Text as a code span.
pub(super) fn code(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return String::new();
    }
    if !text.contains('`') {
        return format!("`{text}`");
    }
    let mut fence = "`".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    format!("{fence} {text} {fence}")
}

/// A paragraph. Line breaks stay where they are, except inside of code and links.
pub(super) fn convert(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut before = ' ';
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if let Some((length, markdown)) = span(rest, first, before) {
            out.push_str(&markdown);
            length
        } else {
            let length = plain_run(rest, first);
            escape(
                &rest[..length],
                before,
                rest[length..].chars().next(),
                &mut out,
            );
            length
        };
        before = rest[..length].chars().next_back().unwrap_or(before);
        rest = &rest[length..];
    }
    starts(&out)
}

/// The markup at the start of `rest`: its length, and what it becomes.
fn span(rest: &str, first: char, before: char) -> Option<(usize, String)> {
    match first {
        '`' => literal(rest).or_else(|| reference(rest)),
        '@' if !is_word(before) => name(rest),
        ':' if !is_word(before) => role(rest),
        '*' if !is_word(before) => emphasis(rest, "**").or_else(|| emphasis(rest, "*")),
        '|' if !is_word(before) => {
            delimited(rest, "|").map(|(length, text)| (length, escaped(text)))
        }
        'h' | 'f' if !is_word(before) => url(rest),
        '\\' => {
            let next = rest[1..]
                .chars()
                .next()
                .filter(char::is_ascii_punctuation)?;
            Some((2, escaped(next.encode_utf8(&mut [0; 4]))))
        }
        _ => None,
    }
}

/// How much of `rest` is ordinary text, at least the first character.
fn plain_run(rest: &str, first: char) -> usize {
    if is_word(first) {
        return rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
    }
    first.len_utf8()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// ``` ``text`` ```
fn literal(rest: &str) -> Option<(usize, String)> {
    let (length, text) = delimited(rest, "``")?;
    Some((length, code(text)))
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

/// `` `text` ``, `` `text`_ ``, `` `text <url>`_ ``
fn reference(rest: &str) -> Option<(usize, String)> {
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
    if underscores == 0 {
        return Some((closed, code(text)));
    }
    Some((closed + underscores, link(text)))
}

fn link(text: &str) -> String {
    let Some((title, target)) = target(text) else {
        return escaped(text);
    };
    if target.contains(char::is_whitespace) || !target.contains("://") {
        return escaped(title);
    }
    if title.is_empty() || title == target {
        return format!("<{target}>");
    }
    format!("[{}](<{target}>)", escaped(title))
}

/// Title and target of `title <target>`.
fn target(text: &str) -> Option<(&str, &str)> {
    let (title, target) = text.trim_end().strip_suffix('>')?.split_once('<')?;
    Some((title.trim_end(), target))
}

/// `@name`
fn name(rest: &str) -> Option<(usize, String)> {
    let inner = &rest[1..];
    if !inner.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    let end = inner
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
        .unwrap_or(inner.len());
    let text = inner[..end].trim_end_matches('-');
    Some((1 + text.len(), code(text)))
}

/// ``:role:`text` ``
fn role(rest: &str) -> Option<(usize, String)> {
    let open = rest.find('`')?;
    let role = rest[..open].strip_prefix(':')?.strip_suffix(':')?;
    let is_role = !role.is_empty()
        && role
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '_' | '.'));
    let end = rest[open + 1..].find('`')?;
    let text = &rest[open + 1..open + 1 + end];
    if !is_role || text.trim().is_empty() {
        return None;
    }
    let markdown = match target(text) {
        Some((title, _)) if !title.is_empty() => escaped(title),
        _ => code(text),
    };
    Some((open + end + 2, markdown))
}

/// `**text**` or `*text*`
fn emphasis(rest: &str, mark: &str) -> Option<(usize, String)> {
    let (length, text) = delimited(rest, mark)?;
    let has_edges = text.starts_with(char::is_alphanumeric) && text.ends_with(|c| c != '*');
    has_edges.then(|| (length, format!("{mark}{}{mark}", escaped(text))))
}

/// A bare URL.
fn url(rest: &str) -> Option<(usize, String)> {
    let scheme = ["https://", "http://", "ftp://"]
        .iter()
        .find(|scheme| rest.starts_with(**scheme))?;
    let end = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '`' | '"'))
        .unwrap_or(rest.len());
    let mut text = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'']);
    if !text.contains('(') {
        text = text.trim_end_matches([')', '.', ',']);
    }
    (text.len() > scheme.len()).then(|| (text.len(), format!("<{text}>")))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.char_indices();
    let mut before = ' ';
    while let Some((at, c)) = chars.next() {
        let after = chars.clone().next().map(|(_, next)| next);
        escape(&text[at..at + c.len_utf8()], before, after, &mut out);
        before = c;
    }
    out
}

/// Adds ordinary text, made safe: a run of word characters or a single other character.
fn escape(run: &str, before: char, after: Option<char>, out: &mut String) {
    let mut previous = before;
    let mut chars = run.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().or(after);
        let special = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '~' => true,
            '_' => !(previous.is_alphanumeric() && next.is_some_and(char::is_alphanumeric)),
            '&' => next.is_some_and(|next| next == '#' || next.is_ascii_alphabetic()),
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
        previous = c;
    }
}

/// Keeps lines from being taken for headings, lists, rules and the like by what they begin with.
fn starts(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, line) in text.lines().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let line = line.trim();
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
    use super::convert;

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
            ("|version| x", "version x"),
            ("a \\* b", "a \\* b"),
            ("~/x~", "\\~/x\\~"),
            ("http:// nothing", "http:// nothing"),
            ("ö@ @ ü", "ö@ @ ü"),
        ] {
            assert_eq!(convert(text), expected, "{text:?}");
        }
    }
}
