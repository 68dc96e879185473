//! Reply lines in one form, and patterns for them.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value;

/// Texts that the wildcards of a pattern stand for.
pub type Bindings = BTreeMap<String, String>;

/// Returns a reply line in a form that does not depend on the order of members: JSON with sorted members,
/// the white space and the escapes of the reference. The sentinel byte is shown as `\xff` in front.
/// What is not JSON is shown as it is.
pub fn canonical(line: &[u8]) -> String {
    let (sentinel, rest) = match line.strip_prefix(b"\xFF") {
        Some(rest) => ("\\xff", rest),
        None => ("", line),
    };
    let shown = match serde_json::from_slice::<Value>(rest) {
        Ok(value) => show(&value),
        Err(_) => String::from_utf8_lossy(rest).into_owned(),
    };
    format!("{sentinel}{shown}")
}

/// Returns a value in canonical form.
pub fn show(value: &Value) -> String {
    match value {
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(show).collect();
            format!("[{}]", values.join(", "))
        }
        Value::Object(members) => {
            let sorted: BTreeMap<&String, &Value> = members.iter().collect();
            let members: Vec<String> = sorted
                .iter()
                .map(|(name, value)| format!("{}: {}", quote(name), show(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        Value::String(text) => quote(text),
        other => other.to_string(),
    }
}

fn quote(text: &str) -> String {
    let plain = Value::String(text.to_owned()).to_string();
    let mut quoted = String::new();
    for character in plain.chars() {
        if character.is_ascii() {
            quoted.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                let _ = write!(quoted, "\\u{unit:04X}");
            }
        }
    }
    quoted
}

/// A piece of a pattern.
enum Piece<'t> {
    Text(&'t str),
    Wildcard(&'t str),
}

/// Splits at `<name>`, where the name has letters only.
fn pieces(pattern: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    let mut from = 0;
    while let Some(start) = rest[from..].find('<').map(|at| from + at) {
        let name = rest[start + 1..].split('>').next().unwrap_or_default();
        let closed = rest[start + 1 + name.len()..].starts_with('>');
        if closed && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            pieces.push(Piece::Text(&rest[..start]));
            pieces.push(Piece::Wildcard(name));
            rest = &rest[start + name.len() + 2..];
            from = 0;
        } else {
            from = start + 1;
        }
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// Matches a text with a pattern, whose wildcards `<name>` stand for any text, but for the
/// same one wherever they occur. What they stand for is added to `bindings`.
pub fn matches(pattern: &str, text: &str, bindings: &mut Bindings) -> bool {
    let mut trial = bindings.clone();
    let fits = match_pieces(&pieces(pattern), text, &mut trial);
    if fits {
        *bindings = trial;
    }
    fits
}

fn match_pieces(pieces: &[Piece<'_>], text: &str, bindings: &mut Bindings) -> bool {
    let Some((first, rest)) = pieces.split_first() else {
        return text.is_empty();
    };
    match first {
        Piece::Text(wanted) => text
            .strip_prefix(wanted)
            .is_some_and(|text| match_pieces(rest, text, bindings)),
        Piece::Wildcard(name) => {
            if let Some(bound) = bindings.get(*name).cloned() {
                return text
                    .strip_prefix(bound.as_str())
                    .is_some_and(|text| match_pieces(rest, text, bindings));
            }
            let ends = text.char_indices().map(|(end, _)| end);
            for end in ends.chain([text.len()]) {
                let mut trial = bindings.clone();
                trial.insert((*name).to_owned(), text[..end].to_owned());
                if match_pieces(rest, &text[end..], &mut trial) {
                    *bindings = trial;
                    return true;
                }
            }
            false
        }
    }
}

/// Returns the pattern with what is known put in place of its wildcards.
pub fn fill(pattern: &str, bindings: &Bindings) -> String {
    let mut filled = String::new();
    for piece in pieces(pattern) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Wildcard(name) => match bindings.get(name) {
                Some(text) => filled.push_str(text),
                None => {
                    let _ = write!(filled, "<{name}>");
                }
            },
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_members_does_not_count_and_all_else_does() {
        assert_eq!(
            canonical(b"\xFF{\"b\": [1, \"\xC3\xA9\"], \"a\": null}"),
            "\\xff{\"a\": null, \"b\": [1, \"\\u00E9\"]}"
        );
        assert_ne!(canonical(b"{\"a\": 1}"), canonical(b"{\"a\": 1.0}"));
        assert_eq!(canonical(b"{\"id\": inf}"), "{\"id\": inf}");
    }

    #[test]
    fn wildcards_stand_for_the_same_text_everywhere() {
        let mut bindings = Bindings::new();
        assert!(matches("<a>-<b>-<a>", "x-y-z-x", &mut bindings));
        assert_eq!(fill("<b>/<a>/<c>", &bindings), "y-z/x/<c>");
        assert!(!matches("<a>!", "y!", &mut bindings));
        assert!(matches("a < b <n>", "a < b 5", &mut Bindings::new()));
        assert!(!matches("ab", "abc", &mut Bindings::new()));
    }
}
