//! The text as the formatter sees it: values with their comments, and what stands between them.

use crate::lex::{Token, TokenKind, is_white_space};

/// Columns that the punctuation around an entry takes: `{ `, `, ` and ` }`.
const PAD: usize = 2;

/// Something at top level.
#[derive(Debug)]
pub(super) struct Item<'t> {
    /// Its kind.
    pub(super) kind: ItemKind<'t>,
    /// An empty line stands before it.
    pub(super) blank_before: bool,
}

/// A line or value at top level.
#[derive(Debug)]
pub(super) enum ItemKind<'t> {
    /// A line of a comment or of a documentation block.
    Comment(&'t str),
    /// A value, and the comment behind it on its last line.
    Value(Node<'t>, Option<&'t str>),
}

/// A value.
#[derive(Debug)]
pub(super) enum Node<'t> {
    /// A string or a word, as written.
    Scalar(&'t str),
    /// An object or array.
    Group(Group<'t>),
}

/// An object or array.
#[derive(Debug)]
pub(super) struct Group<'t> {
    /// It is an object.
    pub(super) object: bool,
    /// The brackets have no blanks inside when everything stands on one line.
    pub(super) tight: bool,
    /// When it takes several lines, every entry has one of its own, below the opening bracket.
    pub(super) expanded: bool,
    /// The entries, in order.
    pub(super) entries: Vec<Entry<'t>>,
    /// The comment behind the opening bracket, on its line.
    pub(super) opening: Option<&'t str>,
    /// Comments on lines of their own before the closing bracket.
    pub(super) closing: Vec<&'t str>,
    /// Columns on one line; none if there are comments inside.
    pub(super) flat: Option<usize>,
    /// Columns of the widest line when every entry has a line of its own, with the entries
    /// aligned behind the opening bracket, and columns of the last of these lines.
    pub(super) aligned: (usize, usize),
}

/// A member of an object or an element of an array.
#[derive(Debug)]
pub(super) struct Entry<'t> {
    /// Comments on lines of their own before it.
    pub(super) before: Vec<&'t str>,
    /// The key of a member, as written.
    pub(super) key: Option<&'t str>,
    /// The value.
    pub(super) value: Node<'t>,
    /// The comment behind it on its last line, and lines that go on with this comment below it.
    pub(super) after: Vec<&'t str>,
}

/// The context of a value, as far as it matters for its brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BracketContext {
    /// A definition or directive.
    Top,
    /// Members, branches or alternatives: their values are types.
    Members,
    /// A member in longhand.
    Longhand,
    /// A type, or part of a condition.
    Tight,
    /// A list: values of an enumeration, features.
    List,
    /// Settings and lists of exceptions.
    Pragma,
}

impl BracketContext {
    /// The place of the value of `key` in an object that stands at `self`.
    fn of(self, key: &str) -> Self {
        match (self, key.trim_matches('\'')) {
            (Self::Top, "data" | "base") => Self::Members,
            (Self::Top, "returns") | (Self::Top | Self::Longhand, "if") => Self::Tight,
            (Self::Top, "pragma") | (Self::Pragma, _) => Self::Pragma,
            (Self::Top | Self::List, _) | (Self::Longhand, "features") => Self::List,
            (Self::Members, _) => Self::Longhand,
            (Self::Longhand | Self::Tight, _) => Self::Tight,
        }
    }

    /// Returns whether an array here has no blanks inside its brackets.
    fn is_tight(self) -> bool {
        matches!(self, Self::Longhand | Self::Tight)
    }

    /// The place of an element of an array that stands at `self`.
    fn element(self) -> Self {
        match self {
            // Values of an enumeration and features in longhand.
            Self::Members | Self::List => Self::Longhand,
            other => other,
        }
    }
}

impl Node<'_> {
    /// Columns on one line; none if there are comments inside.
    pub(super) fn flat(&self) -> Option<usize> {
        match self {
            Self::Scalar(text) => Some(columns(text)),
            Self::Group(group) => group.flat,
        }
    }

    /// As [`Group::aligned`].
    pub(super) fn aligned(&self) -> (usize, usize) {
        match self {
            Self::Scalar(text) => (columns(text), columns(text)),
            Self::Group(group) => group.aligned,
        }
    }
}

impl Entry<'_> {
    /// Columns of the key with colon and blank.
    pub(super) fn key_columns(&self) -> usize {
        self.key.map_or(0, |key| columns(key) + PAD)
    }
}

impl Group<'_> {
    /// Columns of the opening bracket with the blank behind it, or of the closing one with the
    /// blank before it.
    pub(super) fn bracket_columns(&self) -> usize {
        if self.tight { 1 } else { PAD }
    }

    /// Its entries cannot start on the line of the opening bracket.
    pub(super) fn starts_with_comment(&self) -> bool {
        let first = self.entries.first();
        self.opening.is_some()
            || !first
                .map_or(&self.closing, |entry| &entry.before)
                .is_empty()
    }

    fn measure(&mut self) {
        self.flat = self.flat_columns();
        let bracket = self.bracket_columns();
        // Then the entries stand below the line, wherever the bracket stands.
        if self.entries.is_empty() || self.starts_with_comment() || self.expanded {
            self.aligned = (PAD, PAD);
            return;
        }
        let (mut widest, mut last) = (0, 0);
        for entry in &self.entries {
            let before = bracket + entry.key_columns();
            let (entry_widest, entry_last) = entry.value.aligned();
            last = before + entry_last + 1;
            widest = last.max(widest).max(before + entry_widest);
        }
        last = last - 1 + bracket;
        self.aligned = (widest.max(last), last);
    }

    fn flat_columns(&self) -> Option<usize> {
        if self.opening.is_some() || !self.closing.is_empty() {
            return None;
        }
        if self.entries.is_empty() {
            return Some(PAD);
        }
        let mut sum = 2 * self.bracket_columns() + PAD * (self.entries.len() - 1);
        for entry in &self.entries {
            if !entry.before.is_empty() || !entry.after.is_empty() {
                return None;
            }
            sum += entry.key_columns() + entry.value.flat()?;
        }
        Some(sum)
    }
}

/// Columns that a text takes on a line.
pub(super) fn columns(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.chars().count()
    }
}

/// Splits a text into the things at top level. The text has been parsed: its brackets are
/// balanced, and what is missing between entries is at most a comma.
pub(super) fn items<'t>(text: &'t str, tokens: &[Token]) -> Vec<Item<'t>> {
    let mut reader = Reader {
        text,
        tokens,
        next: 0,
    };
    let mut items: Vec<Item<'t>> = Vec::new();
    while let Some(token) = reader.peek() {
        let blank_before = reader.lines_before() > 1;
        if is_comment(token) {
            // A second `#` makes it part of a documentation block, wherever it stands.
            let behind = reader.lines_before() == 0 && token.kind == TokenKind::Comment;
            let comment = reader.comment();
            match items.last_mut() {
                Some(Item {
                    kind: ItemKind::Value(_, after @ None),
                    ..
                }) if behind => *after = Some(comment),
                _ => items.push(Item {
                    kind: ItemKind::Comment(comment),
                    blank_before,
                }),
            }
        } else if let Some(value) = reader.value(BracketContext::Top, &mut Vec::new()) {
            items.push(Item {
                kind: ItemKind::Value(value, None),
                blank_before,
            });
        }
    }
    items
}

fn is_comment(token: &Token) -> bool {
    matches!(token.kind, TokenKind::Comment | TokenKind::DocComment)
}

/// Goes through the tokens.
struct Reader<'a, 't> {
    text: &'t str,
    tokens: &'a [Token],
    next: usize,
}

impl<'t> Reader<'_, 't> {
    /// The next token, unless the text is at its end.
    fn peek(&self) -> Option<&Token> {
        let token = self.tokens.get(self.next)?;
        (token.kind != TokenKind::End).then_some(token)
    }

    /// Line feeds between the next token and the one before it.
    fn lines_before(&self) -> usize {
        self.lines_before_token(self.next)
    }

    fn lines_before_token(&self, index: usize) -> usize {
        let start = index
            .checked_sub(1)
            .map_or(0, |before| self.tokens[before].end as usize);
        let between = &self.text[start..self.tokens[index].start as usize];
        between.bytes().filter(|byte| *byte == b'\n').count()
    }

    /// Code points between the start of its line and a token.
    fn column(&self, index: usize) -> usize {
        let before = &self.text[..self.tokens[index].start as usize];
        columns(&before[before.rfind('\n').map_or(0, |at| at + 1)..])
    }

    /// The next token, which is a comment, without the white space at its end.
    fn comment(&mut self) -> &'t str {
        let comment = self.tokens[self.next].text(self.text);
        self.next += 1;
        comment.trim_end_matches(is_white_space)
    }

    /// Comments up to the next other token.
    fn comments(&mut self, into: &mut Vec<&'t str>) {
        while self.peek().is_some_and(is_comment) {
            let comment = self.comment();
            into.push(comment);
        }
    }

    /// A value; none at the end of the text. Comments before it go to `before`.
    fn value(&mut self, place: BracketContext, before: &mut Vec<&'t str>) -> Option<Node<'t>> {
        self.comments(before);
        let token = *self.peek()?;
        self.next += 1;
        match token.kind {
            TokenKind::LeftBrace => Some(Node::Group(self.group(place, true))),
            TokenKind::LeftBracket => Some(Node::Group(self.group(place, false))),
            _ => Some(Node::Scalar(token.text(self.text))),
        }
    }

    /// The rest of an object or array whose opening bracket has been read.
    fn group(&mut self, place: BracketContext, object: bool) -> Group<'t> {
        let mut group = Group {
            object,
            tight: !object && place.is_tight(),
            expanded: place == BracketContext::Pragma,
            entries: Vec::new(),
            opening: None,
            closing: Vec::new(),
            flat: None,
            aligned: (0, 0),
        };
        let mut before = Vec::new();
        while let Some(token) = self.peek() {
            match token.kind {
                TokenKind::RightBrace | TokenKind::RightBracket => {
                    self.next += 1;
                    break;
                }
                TokenKind::Comma | TokenKind::Colon => self.next += 1,
                TokenKind::Comment | TokenKind::DocComment => {
                    self.comment_in(&mut group, &mut before);
                }
                _ => {
                    let Some(entry) = self.entry(place, object, &mut before) else {
                        break;
                    };
                    group.entries.push(entry);
                }
            }
        }
        group.closing = before;
        group.measure();
        group
    }

    /// A comment between entries: it belongs to the one before it on the same line, or else to
    /// the one behind it.
    fn comment_in(&mut self, group: &mut Group<'t>, before: &mut Vec<&'t str>) {
        let index = self.next;
        let comment = self.comment();
        let same_line = self.lines_before_token(index) == 0;
        match group.entries.last_mut() {
            None if same_line && before.is_empty() => group.opening = Some(comment),
            Some(entry)
                if before.is_empty()
                    && (same_line && entry.after.is_empty() || self.goes_on(index, entry)) =>
            {
                entry.after.push(comment);
            }
            _ => before.push(comment),
        }
    }

    /// Returns whether the comment at `index` goes on with the one behind `entry`: in the same column of
    /// the very next line, or behind the comma on a later line. Only what always takes one line
    /// has such comments, so that their column is never that of an entry.
    fn goes_on(&self, index: usize, entry: &Entry<'t>) -> bool {
        let below = || {
            is_comment(&self.tokens[index - 1])
                && self.lines_before_token(index) == 1
                && self.column(index) == self.column(index - 1)
        };
        let behind = || self.lines_before_token(index) == 0;
        !entry.after.is_empty() && matches!(entry.value, Node::Scalar(_)) && (behind() || below())
    }

    fn entry(
        &mut self,
        place: BracketContext,
        object: bool,
        before: &mut Vec<&'t str>,
    ) -> Option<Entry<'t>> {
        let mut before = std::mem::take(before);
        let (key, place) = if object {
            let key = self.peek()?.text(self.text);
            self.next += 1;
            self.comments(&mut before);
            if self.peek()?.kind == TokenKind::Colon {
                self.next += 1;
            }
            (Some(key), place.of(key))
        } else {
            (None, place.element())
        };
        let value = self.value(place, &mut before)?;
        Some(Entry {
            before,
            key,
            value,
            after: Vec::new(),
        })
    }
}
