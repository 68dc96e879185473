//! One line of a documentation block.

use crate::lex::is_white_space;
use crate::source::Span;

/// A line of text.
#[derive(Clone, Copy)]
pub(super) struct DocLine<'a> {
    /// The text after the `#` and a blank, without white space at the end.
    pub(super) text: &'a str,
    /// The line from the `#` on.
    pub(super) span: Span,
}

impl DocLine<'_> {
    pub(super) fn is_blank(self) -> bool {
        self.text.is_empty()
    }

    /// Counts the white space that it starts with.
    pub(super) fn indentation(self) -> usize {
        let mut rest = self.text.as_bytes();
        while let [b' ', behind @ ..] = rest {
            rest = behind;
        }
        if rest.first().is_none_or(u8::is_ascii_graphic) {
            return self.text.len() - rest.len();
        }
        let is_space = |character: &char| is_white_space(*character);
        self.text.chars().take_while(is_space).count()
    }

    /// Returns the empty place after its text; white space may follow.
    pub(super) fn behind(self) -> Span {
        Span::new(self.span.file, self.span.end, self.span.end)
    }
}
