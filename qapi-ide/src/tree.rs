//! The text of a file as a tree, even if it is incomplete: unfinished objects have fewer members.
//!
//! The schema parser skips invalid parts, but an author who is typing there still needs answers.

use qapi_parser::lex::{self, StringKind, Token, TokenKind};

use crate::text::Range;

/// Brackets open at one time. Those further inside are passed over.
const DEPTH: usize = 64;

/// A string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StringToken {
    /// The token, quotes included.
    pub(crate) range: Range,
    /// The characters between the quotes, as written.
    pub(crate) inner: Range,
}

impl StringToken {
    pub(crate) fn value<'t>(&self, text: &'t str) -> &'t str {
        self.inner.of(text)
    }
}

/// A value.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// `{ … }`
    Object(Object),
    /// `[ … ]`
    Array(Array),
    /// `'…'`
    String(StringToken),
    /// `true`, `false`, `null`, or characters that mean nothing.
    Word(Range),
}

impl Node {
    pub(crate) fn range(&self) -> Range {
        match self {
            Self::Object(object) => object.range,
            Self::Array(array) => array.range,
            Self::String(text) => text.range,
            Self::Word(range) => *range,
        }
    }

    pub(crate) fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    pub(crate) fn as_string(&self) -> Option<&StringToken> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
}

/// `{ … }`
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) range: Range,
    pub(crate) members: Vec<Member>,
    /// It has a closing bracket.
    pub(crate) closed: bool,
}

impl Object {
    /// Returns the member with this key.
    pub(crate) fn get<'a>(&'a self, key: &str, text: &str) -> Option<&'a Member> {
        let is_it = |member: &&Member| {
            let found = member.key.as_ref().map(|it| it.value(text));
            found == Some(key)
        };
        self.members.iter().find(is_it)
    }

    /// Returns the value of the member with this key.
    pub(crate) fn value<'a>(&'a self, key: &str, text: &str) -> Option<&'a Node> {
        self.get(key, text)?.value.as_ref()
    }
}

/// A key, a value, or both.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) key: Option<StringToken>,
    /// The colon after the key.
    pub(crate) colon: Option<u32>,
    pub(crate) value: Option<Node>,
    pub(crate) range: Range,
}

/// `[ … ]`
#[derive(Debug, Clone)]
pub(crate) struct Array {
    pub(crate) range: Range,
    pub(crate) elements: Vec<Node>,
    /// It has a closing bracket.
    pub(crate) closed: bool,
}

/// A top-level item.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    /// Lines of comment: documentation if the first is `##`.
    Comment(Vec<Range>),
    /// A value.
    Value(Node),
}

/// Returns the things at top level, in order.
pub(crate) fn items(text: &str) -> Vec<Item> {
    let tokens = lex::tokens(text);
    let mut reader = TreeReader {
        text,
        tokens: &tokens,
        next: 0,
        objects: 0,
        arrays: 0,
    };
    let mut items = Vec::new();
    while reader.kind() != TokenKind::End {
        if reader.is_comment() {
            items.push(Item::Comment(reader.comment()));
        } else if let Some(node) = reader.value() {
            items.push(Item::Value(node));
        } else {
            reader.next += 1;
        }
    }
    items
}

struct TreeReader<'t> {
    text: &'t str,
    tokens: &'t [Token],
    next: usize,
    /// Objects that are open.
    objects: usize,
    /// Arrays that are open.
    arrays: usize,
}

impl TreeReader<'_> {
    fn token(&self) -> Token {
        self.tokens[self.next]
    }

    fn kind(&self) -> TokenKind {
        self.token().kind
    }

    fn range(&self) -> Range {
        Range::new(self.token().start, self.token().end)
    }

    fn is_comment(&self) -> bool {
        matches!(self.kind(), TokenKind::Comment | TokenKind::DocComment)
    }

    fn starts_line(&self, token: Token) -> bool {
        let before = (token.start as usize).checked_sub(1);
        before.is_none_or(|before| self.text.as_bytes()[before] == b'\n')
    }

    /// Lines of comment without anything between them; a documentation block is one of its own.
    fn comment(&mut self) -> Vec<Range> {
        let is_block = self.kind() == TokenKind::DocComment;
        let mut lines = Vec::new();
        while self.is_comment() {
            let token = self.token();
            let is_mark = token.kind == TokenKind::DocComment;
            if !is_block && is_mark {
                break;
            }
            if let Some(Range { end, .. }) = lines.last() {
                let between = &self.text[*end as usize..token.start as usize];
                if between.bytes().filter(|byte| *byte == b'\n').count() > 1 {
                    break;
                }
            }
            lines.push(self.range());
            self.next += 1;
            if is_block && is_mark && lines.len() > 1 {
                break;
            }
        }
        lines
    }

    /// Skips comments inside of a value.
    fn skip_comments(&mut self) {
        while self.is_comment() && !self.is_new_start() {
            self.next += 1;
        }
    }

    /// Returns whether the token starts something new at top level, so that what is open was forgotten.
    fn is_new_start(&self) -> bool {
        let token = self.token();
        matches!(token.kind, TokenKind::LeftBrace | TokenKind::DocComment)
            && self.starts_line(token)
    }

    fn string(&mut self, kind: StringKind) -> StringToken {
        let range = self.range();
        let closed = u32::from(kind != StringKind::Open);
        self.next += 1;
        StringToken {
            range,
            inner: Range::new(range.start + 1, range.end - closed),
        }
    }

    fn value(&mut self) -> Option<Node> {
        let deep = self.objects + self.arrays >= DEPTH;
        match self.kind() {
            TokenKind::LeftBrace if !deep => Some(Node::Object(self.object())),
            TokenKind::LeftBracket if !deep => Some(Node::Array(self.array())),
            TokenKind::String(kind) => Some(Node::String(self.string(kind))),
            TokenKind::True | TokenKind::False | TokenKind::Null | TokenKind::Stray => {
                let range = self.range();
                self.next += 1;
                Some(Node::Word(range))
            }
            _ => None,
        }
    }

    fn object(&mut self) -> Object {
        let mut range = self.range();
        let mut members = Vec::new();
        let mut closed = false;
        self.next += 1;
        self.objects += 1;
        loop {
            self.skip_comments();
            match self.kind() {
                TokenKind::End => break,
                _ if self.is_new_start() => break,
                TokenKind::RightBrace => {
                    range.end = self.token().end;
                    self.next += 1;
                    closed = true;
                    break;
                }
                TokenKind::RightBracket if self.arrays > 0 => break,
                _ => members.extend(self.member()),
            }
            range.end = range.end.max(self.tokens[self.next - 1].end);
        }
        self.objects -= 1;
        Object {
            range,
            members,
            closed,
        }
    }

    fn member(&mut self) -> Option<Member> {
        let mut range = self.range();
        let TokenKind::String(kind) = self.kind() else {
            let value = self.value();
            if value.is_none() {
                self.next += 1;
            }
            let range = value.as_ref()?.range();
            return Some(Member {
                key: None,
                colon: None,
                value,
                range,
            });
        };
        let key = self.string(kind);
        let mut colon = None;
        let mut value = None;
        self.skip_comments();
        if self.kind() == TokenKind::Colon {
            colon = Some(self.token().start);
            range.end = self.token().end;
            self.next += 1;
            self.skip_comments();
            // `'a': 'b': …` lacks a value, and goes on with another key.
            let behind = self.tokens.get(self.next + 1).map(|it| it.kind);
            let is_key =
                matches!(self.kind(), TokenKind::String(_)) && behind == Some(TokenKind::Colon);
            if !is_key && !self.is_new_start() {
                value = self.value();
            }
        }
        range.end = value.as_ref().map_or(range.end, |it| it.range().end);
        Some(Member {
            key: Some(key),
            colon,
            value,
            range,
        })
    }

    fn array(&mut self) -> Array {
        let mut range = self.range();
        let mut elements = Vec::new();
        let mut closed = false;
        self.next += 1;
        self.arrays += 1;
        loop {
            self.skip_comments();
            let behind = self.tokens.get(self.next + 1).map(|it| it.kind);
            match self.kind() {
                TokenKind::End => break,
                _ if self.is_new_start() => break,
                TokenKind::RightBracket => {
                    range.end = self.token().end;
                    self.next += 1;
                    closed = true;
                    break;
                }
                TokenKind::RightBrace if self.objects > 0 => break,
                // A key of the object around it.
                TokenKind::String(_) if self.objects > 0 && behind == Some(TokenKind::Colon) => {
                    break;
                }
                _ => match self.value() {
                    Some(node) => elements.push(node),
                    None => self.next += 1,
                },
            }
            range.end = range.end.max(self.tokens[self.next - 1].end);
        }
        self.arrays -= 1;
        Array {
            range,
            elements,
            closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Object {
        match items(text).into_iter().next() {
            Some(Item::Value(Node::Object(object))) => object,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn half_written_objects_are_objects() {
        for (text, keys, closed) in [
            ("{ 'struct': 'A', 'data': { 'x': 'int' } }\n", 2, true),
            ("{ 'struct': 'A', 'data': { 'x': 'int'\n", 2, false),
            ("{ 'struct': 'A', 'data': \n{ 'struct': 'B' }\n", 2, false),
            ("{ 'struct': 'A', 'dat\n##\n# @x:\n##\n", 2, false),
            ("{ 'enum': 'A', 'data': [ 'x', 'y' }\n", 2, true),
            ("{ 'enum': 'A', 'data': [ 'x', 'if': 'y' }\n", 3, true),
            ("{ 'enum':\n", 1, false),
        ] {
            let object = object(text);
            assert_eq!(
                (object.members.len(), object.closed),
                (keys, closed),
                "{text}"
            );
        }
    }

    #[test]
    fn deep_nesting_is_passed_over() {
        let deep = "[".repeat(100_000);
        assert_eq!(items(&deep).len(), 1);
    }

    #[test]
    fn blocks_of_documentation_end_at_their_mark() {
        let text = "# a\n##\n# b\n##\n##\n# c\n##\n{}\n";
        let lines = items(text).into_iter().map(|it| match it {
            Item::Comment(lines) => lines.len(),
            Item::Value(_) => 0,
        });
        assert_eq!(lines.collect::<Vec<_>>(), [1, 3, 3, 0]);
    }
}
