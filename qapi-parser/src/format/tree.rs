//! The text in the formatter's view: values with their comments, and the lines between them.

use crate::lex::{Token, TokenKind, is_white_space};

/// Columns that the punctuation around an entry takes: `{ `, `, ` and ` }`.
const PAD: usize = 2;

/// The default indentation of entries below their line.
const DEFAULT_OFFSET: usize = 4;

/// No blank before the colon, one after it.
const ONE_BEHIND: (usize, usize) = (0, 1);

/// A top-level item.
#[derive(Debug)]
pub(super) struct TreeItem<'t> {
    /// Its kind.
    pub(super) kind: ItemKind<'t>,
    /// An empty line comes before it.
    pub(super) blank_before: bool,
}

/// A line or value at top level.
#[derive(Debug)]
pub(super) enum ItemKind<'t> {
    /// A line of a comment or of a documentation block.
    Comment(&'t str),
    /// A value, and the comment after it on its last line.
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
    /// The brackets have no blanks inside.
    pub(super) tight: bool,
    /// If it must be broken, every entry gets its own line, below the opening bracket.
    pub(super) expanded: bool,
    /// Columns from the start of the line with the opening bracket to entries that start lines
    /// below it.
    pub(super) offset: usize,
    /// The column of a closing bracket that starts a line; none if it follows the last entry.
    pub(super) close: Option<CloseColumn>,
    /// The entries, in order.
    pub(super) entries: Vec<Entry<'t>>,
    /// The comment after the opening bracket, on its line.
    pub(super) opening: Option<&'t str>,
    /// Comments on lines of their own before the closing bracket.
    pub(super) closing: Vec<&'t str>,
    /// Columns on one line; none if there are comments or line breaks inside.
    pub(super) flat: Option<usize>,
    /// Columns of the widest line when every entry has a line of its own, with the entries
    /// aligned after the opening bracket, and columns of the last of these lines.
    pub(super) aligned: (usize, usize),
}

/// The column of a closing bracket at the start of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CloseColumn {
    /// That of the line with the opening bracket.
    Line,
    /// That of the opening bracket.
    Bracket,
    /// That of the entries.
    Entries,
}

/// A member of an object or an element of an array.
#[derive(Debug)]
pub(super) struct Entry<'t> {
    /// It starts a line, with its comments.
    pub(super) starts_line: bool,
    /// An empty line comes before it.
    pub(super) blank_before: bool,
    /// Blanks before and after the colon.
    pub(super) colon: (usize, usize),
    /// Columns from the key to a value that starts the next line; none if it follows the colon.
    pub(super) value_below: Option<usize>,
    /// Comments on lines of their own before it.
    pub(super) before: Vec<&'t str>,
    /// The key of a member, as written.
    pub(super) key: Option<&'t str>,
    /// The value.
    pub(super) value: Node<'t>,
    /// The comment after it on its last line, and lines that go on with this comment below it.
    pub(super) after: Vec<&'t str>,
}

/// The context of a value, for its layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LayoutContext {
    /// A definition or directive.
    Top,
    /// Settings and lists of exceptions.
    Pragma,
    /// Everything else.
    Other,
}

impl LayoutContext {
    /// Returns the context of the value of `key`.
    fn of(self, key: &str) -> Self {
        match (self, key) {
            (Self::Top, "'pragma'") | (Self::Pragma, _) => Self::Pragma,
            _ => Self::Other,
        }
    }
}

impl Node<'_> {
    /// Columns on one line; none if there are comments or line breaks inside.
    pub(super) fn flat(&self) -> Option<usize> {
        match self {
            Self::Scalar(text) => Some(columns(text)),
            Self::Group(group) => group.flat,
        }
    }

    /// Same as [`Group::aligned`].
    pub(super) fn aligned(&self) -> (usize, usize) {
        match self {
            Self::Scalar(text) => (columns(text), columns(text)),
            Self::Group(group) => group.aligned,
        }
    }
}

impl Entry<'_> {
    /// Columns of the key with colon and blanks.
    pub(super) fn key_columns(&self) -> usize {
        let (before, behind) = self.colon;
        self.key.map_or(0, |key| columns(key) + before + 1 + behind)
    }
}

impl Group<'_> {
    /// Columns of the opening bracket with the blank after it, or of the closing one with the
    /// blank before it.
    pub(super) fn bracket_columns(&self) -> usize {
        if self.tight { 1 } else { PAD }
    }

    /// Returns the entries start below the line with the opening bracket.
    pub(super) fn starts_below(&self) -> bool {
        self.entries.first().is_none_or(|entry| entry.starts_line)
    }

    /// Columns of what follows an entry on its line: a comma, or the closing brackets, of which
    /// those after this group take `follow`.
    pub(super) fn columns_behind(&self, index: usize, follow: usize) -> usize {
        let is_last = index + 1 == self.entries.len();
        let closes = self.close.is_none() && self.closing.is_empty();
        match is_last {
            false => 1,
            true if closes && self.entries[index].after.is_empty() => {
                self.bracket_columns() + follow
            }
            true => 0,
        }
    }

    fn measure(&mut self) {
        self.flat = self.flat_columns();
        let bracket = self.bracket_columns();
        // Then the entries stand below the line, wherever the bracket stands.
        if self.entries.is_empty() || self.expanded {
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
        if self.close.is_some() {
            return None;
        }
        let mut sum = 2 * self.bracket_columns() + PAD * (self.entries.len() - 1);
        for entry in &self.entries {
            if entry.starts_line || entry.value_below.is_some() || !entry.after.is_empty() {
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

/// Splits a text into the things at top level. The text has been parsed: its brackets are balanced, and at most commas
/// between entries are missing.
pub(super) fn items<'t>(text: &'t str, tokens: &[Token]) -> Vec<TreeItem<'t>> {
    let mut reader = TreeReader {
        text,
        tokens,
        next: 0,
    };
    let mut items: Vec<TreeItem<'t>> = Vec::new();
    while let Some(token) = reader.peek() {
        let blank_before = reader.lines_before() > 1;
        if is_comment(token) {
            // A second `#` makes it part of a documentation block, at any column.
            let behind = reader.lines_before() == 0 && token.kind == TokenKind::Comment;
            let comment = reader.comment();
            match items.last_mut() {
                Some(TreeItem {
                    kind: ItemKind::Value(_, after @ None),
                    ..
                }) if behind => *after = Some(comment),
                _ => items.push(TreeItem {
                    kind: ItemKind::Comment(comment),
                    blank_before,
                }),
            }
        } else if let Some(value) = reader.value(LayoutContext::Top, &mut Vec::new()) {
            items.push(TreeItem {
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

/// Comments read since the last entry, which belong to the next one.
#[derive(Debug, Default)]
struct Waiting<'t> {
    /// Comments on lines of their own.
    before: Vec<&'t str>,
    /// The most line feeds between two tokens.
    lines: usize,
    /// The first token of the next entry and its comments, and `lines` before it.
    starts_at: (usize, usize),
}

/// Reads the tokens into a tree.
struct TreeReader<'a, 't> {
    text: &'t str,
    tokens: &'a [Token],
    next: usize,
}

impl<'t> TreeReader<'_, 't> {
    /// Returns the next token, unless the text is at its end.
    fn peek(&self) -> Option<&Token> {
        let token = self.tokens.get(self.next)?;
        (token.kind != TokenKind::End).then_some(token)
    }

    /// Line feeds between the next token and the one before it.
    fn lines_before(&self) -> usize {
        self.lines_before_token(self.next)
    }

    fn lines_before_token(&self, index: usize) -> usize {
        let between = self.white_space_before(index);
        between.bytes().filter(|byte| *byte == b'\n').count()
    }

    fn white_space_before(&self, index: usize) -> &'t str {
        let start = index
            .checked_sub(1)
            .map_or(0, |before| self.tokens[before].end as usize);
        &self.text[start..self.tokens[index].start as usize]
    }

    /// Code points between the start of its line and a token.
    fn column(&self, index: usize) -> usize {
        let before = &self.text[..self.tokens[index].start as usize];
        columns(&before[before.rfind('\n').map_or(0, |at| at + 1)..])
    }

    /// Returns the next token, which is a comment, without the white space at its end.
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

    /// Parses a value; none at the end of the text. Comments before it go to `before`.
    fn value(&mut self, context: LayoutContext, before: &mut Vec<&'t str>) -> Option<Node<'t>> {
        self.comments(before);
        let token = *self.peek()?;
        self.next += 1;
        match token.kind {
            TokenKind::LeftBrace => Some(Node::Group(self.group(context, true))),
            TokenKind::LeftBracket => Some(Node::Group(self.group(context, false))),
            _ => Some(Node::Scalar(token.text(self.text))),
        }
    }

    /// Parses the rest of an object or array whose opening bracket has been read.
    fn group(&mut self, context: LayoutContext, object: bool) -> Group<'t> {
        let open = self.next - 1;
        let mut group = Group {
            object,
            tight: false,
            expanded: context == LayoutContext::Pragma,
            offset: DEFAULT_OFFSET,
            close: None,
            entries: Vec::new(),
            opening: None,
            closing: Vec::new(),
            flat: None,
            aligned: (0, 0),
        };
        let mut waiting = Waiting::default();
        let mut first = open;
        while let Some(&token) = self.peek() {
            waiting.lines = waiting.lines.max(self.lines_before());
            match token.kind {
                TokenKind::RightBrace | TokenKind::RightBracket => {
                    self.next += 1;
                    break;
                }
                TokenKind::Comma | TokenKind::Colon => self.next += 1,
                TokenKind::Comment | TokenKind::DocComment => {
                    self.comment_in(&mut group, &mut waiting);
                }
                _ => {
                    if waiting.before.is_empty() {
                        waiting.starts_at = (self.next, waiting.lines);
                    }
                    if group.entries.is_empty() {
                        first = waiting.starts_at.0;
                        self.note_offset(&mut group, open, waiting.starts_at);
                    }
                    let Some(entry) = self.entry(context, object, &mut waiting) else {
                        break;
                    };
                    group.entries.push(entry);
                }
            }
        }
        let close = self.next - 1;
        group.closing = waiting.before;
        group.tight = self.is_tight(open, close);
        if !group.entries.is_empty() && waiting.lines > 0 {
            group.close = Some(self.close_column(open, first, close));
        }
        keep_columns(&mut group.entries);
        group.measure();
        group
    }

    /// Places a comment between entries: it belongs to the one before it on the same line, or else to the one after
    /// it.
    fn comment_in(&mut self, group: &mut Group<'t>, waiting: &mut Waiting<'t>) {
        let index = self.next;
        let comment = self.comment();
        let same_line = self.lines_before_token(index) == 0;
        match group.entries.last_mut() {
            None if same_line && waiting.before.is_empty() => group.opening = Some(comment),
            Some(entry)
                if waiting.before.is_empty()
                    && (same_line && entry.after.is_empty() || self.goes_on(index, entry)) =>
            {
                entry.after.push(comment);
                waiting.lines = 0;
            }
            _ => {
                if waiting.before.is_empty() {
                    waiting.starts_at = (index, waiting.lines);
                }
                waiting.before.push(comment);
            }
        }
    }

    /// Returns whether the comment at `index` goes on with the one after `entry`: in the same column of
    /// the very next line, or after the comma on a later line. Only what always takes one line
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

    /// Finishes an entry, with the comments that wait for it.
    fn entry(
        &mut self,
        context: LayoutContext,
        object: bool,
        waiting: &mut Waiting<'t>,
    ) -> Option<Entry<'t>> {
        let Waiting {
            mut before,
            starts_at: (_, lines),
            ..
        } = std::mem::take(waiting);
        let mut entry = Entry {
            starts_line: lines > 0,
            blank_before: lines > 1,
            colon: ONE_BEHIND,
            value_below: None,
            before: Vec::new(),
            key: None,
            value: Node::Scalar(""),
            after: Vec::new(),
        };
        let mut inner = context;
        if object {
            let at = self.next;
            let key = self.peek()?.text(self.text);
            self.next += 1;
            self.comments(&mut before);
            if self.peek()?.kind == TokenKind::Colon {
                entry.colon = self.blanks_around(self.next);
                self.next += 1;
            }
            if self.next == at + 2 && self.lines_before() > 0 && !is_comment(self.peek()?) {
                entry.value_below = Some(self.columns_to_the_right(at));
                entry.colon = ONE_BEHIND;
            }
            entry.key = Some(key);
            inner = context.of(key);
        }
        entry.value = self.value(inner, &mut before)?;
        entry.starts_line |= !before.is_empty();
        entry.before = before;
        Some(entry)
    }

    /// Columns from the token at `index` to the next one, which starts a line.
    fn columns_to_the_right(&self, index: usize) -> usize {
        match self.column(self.next).checked_sub(self.column(index)) {
            None | Some(0) => DEFAULT_OFFSET,
            Some(columns) => columns,
        }
    }

    /// Blanks on the line before and after the colon at `index`.
    fn blanks_around(&self, index: usize) -> (usize, usize) {
        let blanks = |index: usize| {
            let between = self.white_space_before(index);
            (!between.contains('\n')).then(|| columns(between))
        };
        (
            blanks(index).unwrap_or(0),
            blanks(index + 1).filter(|blanks| *blanks > 0).unwrap_or(1),
        )
    }

    /// Returns whether the brackets at `open` and `close` have no blanks inside: the first
    /// decides, or the last where only this one has an entry beside it.
    fn is_tight(&self, open: usize, close: usize) -> bool {
        let decides =
            if self.lines_before_token(open + 1) == 0 && !is_comment(&self.tokens[open + 1]) {
                open + 1
            } else {
                close
            };
        self.white_space_before(decides).is_empty()
    }

    /// Notes how far entries that start lines stand from the line with the opening bracket. The
    /// first of them decides.
    fn note_offset(&self, group: &mut Group<'t>, open: usize, (index, lines): (usize, usize)) {
        if lines > 0 {
            let offset = self.column(index).saturating_sub(self.indent(open));
            if offset > 0 {
                group.offset = offset;
            }
        }
    }

    /// Returns the column of a closing bracket that starts a line.
    fn close_column(&self, open: usize, first: usize, close: usize) -> CloseColumn {
        let column = self.column(close);
        if column == self.indent(open) {
            CloseColumn::Line
        } else if column == self.column(open) {
            CloseColumn::Bracket
        } else if column == self.column(first) {
            CloseColumn::Entries
        } else {
            CloseColumn::Line
        }
    }

    /// Returns the column in which the line with a token starts.
    fn indent(&self, index: usize) -> usize {
        let before = &self.text[..self.tokens[index].start as usize];
        let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
        let code = line.trim_start_matches(is_white_space);
        columns(&line[..line.len() - code.len()])
    }
}

/// Takes the blanks around colons away, but for those that put the values of entries on
/// neighbouring lines into one column.
fn keep_columns(entries: &mut [Entry<'_>]) {
    // Entries that share a line do not count, because they may get lines of their own.
    for lines in entries.chunk_by_mut(|_, next| next.starts_line) {
        for column in lines.chunk_by_mut(|a, b| a.key_columns() == b.key_columns()) {
            if column.iter().all(|entry| entry.colon == column[0].colon) {
                for entry in column {
                    entry.colon = ONE_BEHIND;
                }
            }
        }
    }
}
