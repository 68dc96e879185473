//! Tokens to lines: blocks indented, documentation put in, blank lines between items and between methods. What stands on a
//! line by its meaning is handed to `rustfmt`, which breaks it if it is too long.

use std::borrow::Cow;

use super::spacing::Line;
use super::{doc_number, rustfmt};
use crate::rust::Piece;

/// The items that the tokens make. Doc comments are numbers of `docs`.
///
/// # Errors
/// Brackets that do not match.
pub(super) fn print(tokens: &Piece, docs: &[Cow<'_, str>]) -> Result<String, String> {
    let documentation = docs.iter().map(|doc| doc.len()).sum::<usize>();
    let mut lines = Lines {
        docs,
        line: Line::default(),
        open: Vec::new(),
        indent: 0,
        ended: true,
        out: String::with_capacity(2 * tokens.len() + 2 * documentation),
    };
    let mut tokens = tokens.tokens().peekable();
    while let Some(token) = tokens.next() {
        let next = tokens.peek().copied().unwrap_or_default();
        lines.add(token, next)?;
    }
    if !lines.open.is_empty() || !lines.line.is_empty() {
        return Err(format!("`{}` does not end", lines.line.text()));
    }
    Ok(lines.out)
}

/// What a bracket began.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bracket {
    /// Lines of their own, indented.
    Block,
    /// Lines of their own, of which there are none.
    Empty,
    /// A part of the line.
    Inline,
    /// The attribute of what follows.
    Attribute,
    /// Generic arguments.
    Angle,
}

struct Lines<'t, 'd> {
    docs: &'d [Cow<'d, str>],
    line: Line<'t>,
    open: Vec<Bracket>,
    indent: usize,
    /// The line before ended an item, or a method or constant of one.
    ended: bool,
    out: String,
}

impl<'t> Lines<'t, '_> {
    fn add(&mut self, token: &'t str, next: &str) -> Result<(), String> {
        if self.line.is_empty() {
            self.begin(token, next);
        }
        match token.as_bytes() {
            [b'(' | b'[' | b'{'] => self.open(token, next),
            [b')' | b']' | b'}'] => return self.close(token, next),
            [b'<'] => {
                self.open.push(Bracket::Angle);
                self.line.push(token);
            }
            [b'>'] => {
                if self.open.last() == Some(&Bracket::Angle) {
                    self.open.pop();
                }
                self.line.push(token);
            }
            [mark @ (b',' | b';')] if self.is_in_block() => {
                self.line.push(token);
                self.end(*mark == b';');
            }
            // Lists on one line have no comma behind their last part.
            [b','] if matches!(next.as_bytes(), [b')' | b']' | b'}' | b'>']) => {}
            _ => match doc_number(token) {
                Some(number) => self.comment(number),
                None => self.line.push(token),
            },
        }
        Ok(())
    }

    fn is_in_block(&self) -> bool {
        matches!(self.open.last(), None | Some(Bracket::Block))
    }

    /// Before the first token of a line: a blank line between items, between methods and constants.
    fn begin(&mut self, token: &str, next: &str) {
        let is_apart = match self.indent {
            0 => true,
            4 => {
                doc_number(token).is_some()
                    || matches!(token, "#" | "fn" | "async")
                    || (token == "pub" && next == "fn")
            }
            _ => false,
        };
        if self.ended && is_apart {
            self.out.push('\n');
        }
        self.ended = false;
    }

    /// Ends the line. `ended` tells that an item, a method or a constant may end with it.
    fn end(&mut self, ended: bool) {
        let text = self.line.text();
        if text.starts_with('#') {
            rustfmt::attribute(self.indent, text, &mut self.out);
        } else if text.starts_with("pub struct") || text.starts_with([')', '}']) {
            rustfmt::unchanged(self.indent, text, &mut self.out);
        } else {
            rustfmt::statement(self.indent, text, &mut self.out);
        }
        self.line.clear();
        self.ended = ended && self.indent <= 4;
    }

    /// Documentation as line comments.
    fn comment(&mut self, number: usize) {
        for line in self.docs[number].lines() {
            self.out.extend(std::iter::repeat_n(' ', self.indent));
            self.out.push_str("///");
            if !line.is_empty() {
                self.out.push(' ');
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    fn open(&mut self, token: &'t str, next: &str) {
        let is_documented = token != "[" && doc_number(next).is_some();
        let is_block =
            is_documented || (token == "{" && self.is_in_block() && begins_block(&self.line));
        let is_attribute = token == "[" && self.is_in_block() && self.line.text() == "#";
        self.line.push(token);
        if is_block && next == "}" {
            self.open.push(Bracket::Empty);
        } else if is_block {
            self.end(false);
            self.indent += 4;
            self.open.push(Bracket::Block);
        } else if is_attribute {
            self.open.push(Bracket::Attribute);
        } else {
            self.open.push(Bracket::Inline);
        }
    }

    fn close(&mut self, token: &'t str, next: &str) -> Result<(), String> {
        // Within attributes from the settings a `<` may be anything.
        while self.open.last() == Some(&Bracket::Angle) {
            self.open.pop();
        }
        let bracket = self.open.pop();
        let bracket = bracket.ok_or_else(|| format!("`{token}` closes nothing"))?;
        match bracket {
            Bracket::Block => {
                if !self.line.is_empty() {
                    self.end(false);
                }
                self.indent -= 4;
                self.ended = false;
                self.line.push(token);
            }
            Bracket::Empty | Bracket::Inline | Bracket::Angle => self.line.push(token),
            Bracket::Attribute => {
                self.line.push(token);
                self.end(false);
                return Ok(());
            }
        }
        let is_block = matches!(bracket, Bracket::Block | Bracket::Empty);
        if is_block && self.is_in_block() && !matches!(next, "," | ";") {
            self.end(true);
        }
        Ok(())
    }
}

/// Whether a brace behind this part of a line has statements, fields or variants in it, each on a line of its own.
fn begins_block(line: &Line<'_>) -> bool {
    const HEADS: [&str; 5] = ["enum ", "fn ", "impl", "struct ", "trait "];
    let text = line.text();
    let item = text.strip_prefix("pub ").unwrap_or(text);
    let item = item.strip_prefix("async ").unwrap_or(item);
    line.last() == "=>"
        || item.starts_with("match ")
        || HEADS.iter().any(|head| item.starts_with(head))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::print;
    use crate::rust::Piece;

    #[test]
    fn blocks_are_indented_and_members_of_implementations_apart() {
        let tokens = "pub struct Empty; pub struct Held(#[x] pub Vec<A, B>); impl Held { \
            const A: bool = true; #[inline] fn new(a: u8,) -> Self { Self { a } } \
            fn of(&self) { match self { Self::A { b, .. } => {} Self::C => { b; c }, } } }";
        let expected = "
pub struct Empty;

pub struct Held(#[x] pub Vec<A, B>);

impl Held {
    const A: bool = true;

    #[inline]
    fn new(a: u8) -> Self {
        Self { a }
    }

    fn of(&self) {
        match self {
            Self::A { b, .. } => {}
            Self::C => {
                b;
                c
            },
        }
    }
}
";
        assert_eq!(print(&Piece::parse(tokens), &[]).as_deref(), Ok(expected));
    }

    #[test]
    fn documentation_opens_brackets() {
        let (mut tokens, inner) = (
            Piece::parse("enum A"),
            ["{", "///0", "B", "(", "///1", "u8", ")", "}"],
        );
        for token in inner {
            tokens.push(token);
        }
        let docs = [Cow::Borrowed("One\n\ntwo"), Cow::Borrowed("Three")];
        let expected = "
enum A {
    /// One
    ///
    /// two
    B(
        /// Three
        u8
    )
}
";
        assert_eq!(print(&tokens, &docs).as_deref(), Ok(expected));
    }

    #[test]
    fn brackets_that_do_not_match_are_reported() {
        for brackets in [&["("][..], &[")"], &["{", "}", "}"]] {
            let mut tokens = Piece::parse("a");
            for bracket in brackets {
                tokens.push(bracket);
            }
            assert!(print(&tokens, &[]).is_err(), "{brackets:?}");
        }
    }
}
