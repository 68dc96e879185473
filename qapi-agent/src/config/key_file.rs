//! The syntax of `GLib`'s key files (docs/reference/agent-behaviour.md §1.2): `[group]` lines, `key=value` lines,
//! comments that begin with `#`, and blank lines.

use std::fmt;

/// A `key=value` line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    /// Counted from one.
    pub(crate) line: usize,
    pub(crate) group: &'a str,
    pub(crate) key: &'a str,
    value: &'a [u8],
}

/// A syntax error and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) line: usize,
    pub(crate) reason: String,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.reason)
    }
}

/// A line that is neither blank nor a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    Group {
        /// Counted from one.
        line: usize,
        name: &'a str,
    },
    Entry(Entry<'a>),
}

/// Reads all entries, in the order of the file. A group may be opened more than once.
pub(crate) fn parse(text: &[u8]) -> Result<Vec<Entry<'_>>, SyntaxError> {
    let entry = |line| match line {
        Line::Entry(entry) => Some(entry),
        Line::Group { .. } => None,
    };
    Ok(lines(text)?.into_iter().filter_map(entry).collect())
}

/// Reads all lines, in the order of the file.
pub(crate) fn lines(text: &[u8]) -> Result<Vec<Line<'_>>, SyntaxError> {
    let mut lines = Vec::new();
    let mut group = None;
    for (index, line) in text.split(|&byte| byte == b'\n').enumerate() {
        let error = |reason: String| SyntaxError {
            line: index + 1,
            reason,
        };
        let line = line.strip_suffix(b"\r").unwrap_or(line).trim_ascii_start();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        if line.starts_with(b"[") {
            let name = group_name(line).map_err(error)?;
            group = Some(name);
            lines.push(Line::Group {
                line: index + 1,
                name,
            });
            continue;
        }
        let (key, value) = pair(line).map_err(error)?;
        let group = group.ok_or_else(|| {
            error(format!(
                "`{key}` is before the first group; put it after a line such as `[general]`"
            ))
        })?;
        lines.push(Line::Entry(Entry {
            line: index + 1,
            group,
            key,
            value,
        }));
    }
    Ok(lines)
}

fn group_name(line: &[u8]) -> Result<&str, String> {
    let shown = || String::from_utf8_lossy(line);
    let name = line
        .trim_ascii_end()
        .strip_prefix(b"[")
        .and_then(|line| line.strip_suffix(b"]"))
        .ok_or_else(|| {
            format!(
                "`{}` is not a group header: `]` is expected at the end",
                shown()
            )
        })?;
    let name = std::str::from_utf8(name).map_err(|_| "the group's name is not UTF-8".to_owned())?;
    let forbidden = |character: char| character.is_control() || matches!(character, '[' | ']');
    if name.is_empty() || name.contains(forbidden) {
        return Err(format!(
            "`{}` is not a group header: a name without brackets and control characters is expected",
            shown()
        ));
    }
    Ok(name)
}

fn pair(line: &[u8]) -> Result<(&str, &[u8]), String> {
    let end = line.iter().position(|&byte| byte == b'=').ok_or_else(|| {
        format!(
            "`{}` is neither a group, nor `key=value`, nor a comment",
            String::from_utf8_lossy(line)
        )
    })?;
    let key = std::str::from_utf8(line[..end].trim_ascii_end())
        .map_err(|_| "the key is not UTF-8".to_owned())?;
    // A key may name a language, as in `title[de]`.
    let name = match key.split_once('[') {
        Some((name, language)) if is_language(language) => name,
        Some(_) => "",
        None => key,
    };
    if name.is_empty() || name.contains(']') {
        return Err(format!("`{key}` is not a valid name of a key"));
    }
    Ok((key, line[end + 1..].trim_ascii_start()))
}

fn is_language(text: &str) -> bool {
    text.strip_suffix(']').is_some_and(|language| {
        let is_part = |character: char| {
            character.is_alphanumeric() || matches!(character, '-' | '_' | '.' | '@')
        };
        !language.is_empty() && language.chars().all(is_part)
    })
}

impl Entry<'_> {
    /// Returns the value as a text, its escapes resolved. Blanks at the end belong to it.
    pub(crate) fn string(&self) -> Result<String, SyntaxError> {
        self.unescaped(self.value)
    }

    /// Returns the value as a text without blanks at the end, unless these are written as `\s`.
    pub(crate) fn word(&self) -> Result<String, SyntaxError> {
        self.unescaped(self.value.trim_ascii_end())
    }

    fn unescaped(&self, value: &[u8]) -> Result<String, SyntaxError> {
        let raw =
            std::str::from_utf8(value).map_err(|_| self.error("has a value that is not UTF-8"))?;
        let mut value = String::with_capacity(raw.len());
        let mut characters = raw.chars();
        while let Some(character) = characters.next() {
            value.push(match character {
                '\\' => match characters.next() {
                    Some('s') => ' ',
                    Some('t') => '\t',
                    Some('n') => '\n',
                    Some('r') => '\r',
                    Some('\\') => '\\',
                    Some(other) => {
                        return Err(self.error(&format!(
                            "has the unknown escape `\\{other}`; known are `\\s`, `\\t`, `\\n`, \
                             `\\r` and `\\\\`"
                        )));
                    }
                    None => return Err(self.error("ends with an unfinished escape `\\`")),
                },
                character => character,
            });
        }
        Ok(value)
    }

    /// Returns the value as a number of whole seconds.
    pub(crate) fn seconds(&self) -> Result<u32, SyntaxError> {
        let value = self.string()?;
        value.trim_end().parse().map_err(|_| {
            self.error("has a value that cannot be interpreted: it must be a number of seconds")
        })
    }

    /// Returns the value as a yes or no.
    pub(crate) fn boolean(&self) -> Result<bool, SyntaxError> {
        match self.value.trim_ascii_end() {
            b"true" | b"1" => Ok(true),
            b"false" | b"0" => Ok(false),
            other => Err(self.error(&format!(
                "has a value that cannot be interpreted: `{}`; use `true`, `false`, `1` or `0`",
                String::from_utf8_lossy(other)
            ))),
        }
    }

    fn error(&self, reason: &str) -> SyntaxError {
        SyntaxError {
            line: self.line,
            reason: format!("`{}` {reason}", self.key),
        }
    }
}

/// Writes a text as a value that reads back as the same text.
pub(crate) fn escape(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut leading = true;
    for character in text.chars() {
        match character {
            ' ' if leading => value.push_str("\\s"),
            '\t' if leading => value.push_str("\\t"),
            '\n' => value.push_str("\\n"),
            '\r' => value.push_str("\\r"),
            '\\' => value.push_str("\\\\"),
            character => value.push(character),
        }
        leading &= matches!(character, ' ' | '\t');
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &[u8]) -> Entry<'_> {
        let entries = parse(text).unwrap();
        assert_eq!(entries.len(), 1, "{entries:?}");
        entries[0]
    }

    #[test]
    fn blanks_comments_and_line_ends_do_not_matter() {
        for text in [
            "[general]\npath=/a b",
            "\n# comment\n  [general]  \n\t path \t=  /a b\n",
            "[general]\r\npath=/a b\r\n\r\n#x",
            "[other]\n[general]\n   # path=c\npath=/a b",
        ] {
            let entry = only(text.as_bytes());
            assert_eq!((entry.group, entry.key), ("general", "path"), "{text:?}");
            assert_eq!(entry.string().unwrap(), "/a b", "{text:?}");
        }
    }

    #[test]
    fn entries_know_their_line_and_group() {
        let entries = parse(b"[a]\nx=1\n\n[b]\nx=2\n[a]\ny[de_DE]==\n").unwrap();
        let found: Vec<_> = entries
            .iter()
            .map(|entry| (entry.line, entry.group, entry.key, entry.string().unwrap()))
            .collect();
        assert_eq!(
            found,
            [
                (2, "a", "x", "1".to_owned()),
                (5, "b", "x", "2".to_owned()),
                (7, "a", "y[de_DE]", "=".to_owned()),
            ]
        );
    }

    #[test]
    fn malformed_lines_are_refused_with_their_number() {
        for (text, line, reason) in [
            (&b"path=x"[..], 1, "before the first group"),
            (b"[general]\npath", 2, "neither a group, nor `key=value`"),
            (b"[general]\n=x", 2, "is not a valid name of a key"),
            (b"[general]\na]=x", 2, "is not a valid name of a key"),
            (b"[general]\na[=x", 2, "is not a valid name of a key"),
            (b"[general]\na[]=x", 2, "is not a valid name of a key"),
            (b"[general", 1, "`]` is expected"),
            (b"[general] x", 1, "`]` is expected"),
            (b"\n[]", 2, "is not a group header"),
            (b"[a[b]", 1, "is not a group header"),
            (b"[a\tb]", 1, "is not a group header"),
            (b"[\xff]", 1, "not UTF-8"),
            (b"[a]\n\xff=1", 2, "not UTF-8"),
        ] {
            let error = parse(text).expect_err("malformed");
            assert_eq!(error.line, line, "{error}");
            assert!(error.reason.contains(reason), "{error}");
        }
    }

    #[test]
    fn strings_have_five_escapes_and_no_other() {
        for (value, expected) in [
            (r"\sa\tb\nc\rd\\e", Ok(" a\tb\nc\rd\\e")),
            ("a;b,c ", Ok("a;b,c ")),
            ("", Ok("")),
            (r"a\;b", Err(r"unknown escape `\;`")),
            (r"a\x", Err(r"unknown escape `\x`")),
            (r"a\", Err("unfinished escape")),
        ] {
            let text = format!("[general]\nkey={value}\n");
            match (only(text.as_bytes()).string(), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(error), Err(reason)) => {
                    assert!(error.to_string().contains(reason), "{error}");
                    assert!(error.to_string().starts_with("line 2: `key` "), "{error}");
                }
                other => panic!("{value}: {other:?}"),
            }
        }
        let error = only(b"[g]\nk=\xff").string().unwrap_err();
        assert!(error.reason.contains("not UTF-8"), "{error}");
    }

    #[test]
    fn booleans_are_four_words() {
        for (value, expected) in [("true", true), ("1", true), ("false", false), ("0 ", false)] {
            let text = format!("[g]\nk = {value}");
            assert_eq!(only(text.as_bytes()).boolean(), Ok(expected), "{value}");
        }
        for value in ["yes", "TRUE", "2", "", "true x"] {
            let text = format!("[g]\nk={value}");
            let error = only(text.as_bytes()).boolean().expect_err(value);
            assert!(error.reason.contains("cannot be interpreted"), "{error}");
        }
    }

    #[test]
    fn seconds_are_whole_numbers() {
        for (value, expected) in [("0", 0), ("60 ", 60), ("4294967295", u32::MAX)] {
            let text = format!("[g]\nk = {value}");
            assert_eq!(only(text.as_bytes()).seconds(), Ok(expected), "{value}");
        }
        for value in ["", "1m", "-1", "1.5", "4294967296"] {
            let text = format!("[g]\nk={value}");
            let error = only(text.as_bytes()).seconds().expect_err(value);
            assert!(error.reason.contains("number of seconds"), "{error}");
        }
    }

    #[test]
    fn escaped_texts_read_back() {
        for text in [
            "",
            " ",
            " \ta b\t",
            "\\s",
            "a\n\rb",
            "x=y#;,",
            "\u{e4}\u{1}",
        ] {
            let file = format!("[g]\nk={}\n", escape(text));
            assert_eq!(only(file.as_bytes()).string().unwrap(), text, "{file}");
        }
        assert_eq!(escape(" a b\t"), "\\sa b\t");
    }
}
