//! Tokens on one line, with blanks between them as rustfmt sets them.
//!
//! Marks that have several meanings have the one that generated code uses: `<` is for generics, `&` and `*` stand in front
//! of what they are about.

/// Words behind which a bracket opens something of its own.
const KEYWORDS: [&str; 7] = ["as", "for", "in", "let", "match", "mut", "return"];

/// A line in the making.
#[derive(Default)]
pub(super) struct Line<'t> {
    text: String,
    last: &'t str,
    /// Between the bars of a closure's parameters.
    in_closure: bool,
}

impl<'t> Line<'t> {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn last(&self) -> &'t str {
        self.last
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.last = "";
        self.in_closure = false;
    }

    pub(super) fn push(&mut self, token: &'t str) {
        let blank = if token == "|" {
            self.bar()
        } else {
            !(self.in_closure && self.last == "|") && is_apart(self.last, token)
        };
        if blank {
            self.text.push(' ');
        }
        self.text.push_str(token);
        self.last = token;
    }

    /// Whether a blank stands in front of a bar: the first or second of a closure, or one between patterns.
    fn bar(&mut self) -> bool {
        if self.in_closure {
            self.in_closure = false;
            return false;
        }
        self.in_closure = matches!(self.last, "(" | "," | "=");
        self.last != "("
    }
}

/// Whether there is a blank between two tokens.
fn is_apart(last: &str, token: &str) -> bool {
    match (last.as_bytes(), token.as_bytes()) {
        ([], _) | ([b'{'], [b'}']) => false,
        ([b'{'], _) | (_, [b'}']) | ([b'+'], [b'?']) => true,
        ([b'(' | b'[' | b'<' | b'.' | b'&' | b'*' | b'#' | b'!' | b'?'] | [b':', b':'], _)
        | (_, [b')' | b']' | b'>' | b',' | b';' | b':' | b'.' | b'!' | b'?'] | [b'>', b'>']) => {
            false
        }
        (_, [b':', b':']) => !is_word(last) && last != ">",
        (_, [b'(']) => !is_callable(last) && last != ">",
        (_, [b'[']) => !is_callable(last),
        (_, [b'<']) => !is_word(last),
        _ => true,
    }
}

/// Whether a bracket behind it belongs to it.
fn is_callable(token: &str) -> bool {
    matches!(token, ")" | "]") || (is_word(token) && !KEYWORDS.contains(&token))
}

fn is_word(token: &str) -> bool {
    token
        .bytes()
        .next()
        .is_some_and(|first| first.is_ascii_alphanumeric() || first == b'_' || first >= 0x80)
}

#[cfg(test)]
mod tests {
    use super::Line;
    use crate::rust::Piece;

    #[test]
    fn blanks_are_where_rustfmt_has_them() {
        for expected in [
            "pub fn new(mut self, name: impl Into<String>) -> Self {}",
            "impl<T: Execute + ?Sized> ClientMethods for T {}",
            "async fn call<'c>(&'c self, members: Members<'c>) -> Result<(), Error> {}",
            r#"pub const NAMES: &'static [(&'static str, u8)] = &[("a", 1), ("b", 2)];"#,
            "match values.find(|value| value.as_str() == text) {}",
            "Kind::Integer | Kind::Number => value.bytes().map(Self::Bytes),",
            "Self::Unlisted { ref tag, .. } => tag,",
            "let (name, data) = (name.into(), data.rest());",
            r#"Ok(Self { #[cfg(unix)] a: members.required("a")?, b })"#,
            r#"#[cfg(all(unix, not(target_os = "linux")))]"#,
            "match *self {}",
            "match &*tag {}",
            "pub held: std::collections::BTreeMap<String, Vec<[u8; 4]>>,",
            "pub held: ::std::string::String,",
            "CommandInfo::of::<Quit>()",
            r#"return Err(Error::generic("no"));"#,
        ] {
            let tokens = Piece::parse(expected);
            let mut line = Line::default();
            for token in tokens.tokens() {
                line.push(token);
            }
            assert_eq!(line.text(), expected);
        }
    }
}
