//! Marks: attributes in the tokens that stand for text, which takes their place when the tokens are printed.
//!
//! Documentation is most of the output. As a literal each text would be escaped, and read again by the parser, character by
//! character: a quarter of all work. So tokens only say where it goes.

use proc_macro2::{Ident, Span};

/// The beginning of the attributes' names, which a number follows. In a literal that is made of a text, the accent is escaped:
/// there nothing is taken for a mark, whatever a schema says.
const NAME: &str = "kept\u{301}";

/// The texts, by the numbers of their marks.
#[derive(Debug, Default)]
pub(crate) struct TextMarks(Vec<MarkedText>);

/// The text that takes the place of a mark.
#[derive(Debug)]
pub(crate) enum MarkedText {
    /// Documentation, its lines as they follow the slashes.
    Documentation(String),
    /// An attribute of the settings, as it was written.
    Attribute(String),
    /// No attribute, but a line without anything.
    BlankLine,
}

impl TextMarks {
    /// Keeps a text, and gives the number of its mark.
    pub(crate) fn keep(&mut self, text: MarkedText) -> usize {
        self.0.push(text);
        self.0.len() - 1
    }

    /// Returns the name of the attribute that stands for the text with this number.
    pub(crate) fn name(number: usize) -> Ident {
        Ident::new(&format!("{NAME}{number}"), Span::call_site())
    }

    /// Returns the text of the mark at the beginning of `text`, and the rest of `text`.
    pub(crate) fn find<'t>(&self, text: &'t str) -> Option<(&MarkedText, &'t str)> {
        let text = text.strip_prefix(NAME)?;
        let end = text.bytes().position(|byte| !byte.is_ascii_digit());
        let (number, rest) = text.split_at(end.unwrap_or(text.len()));
        let marked = self.0.get(number.parse::<usize>().ok()?)?;
        Some((marked, rest))
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::{MarkedText, TextMarks};

    #[test]
    fn no_text_in_a_literal_looks_like_a_mark() {
        let mut marks = TextMarks::default();
        let mark = TextMarks::name(marks.keep(MarkedText::BlankLine));
        assert!(marks.find(&mark.to_string()).is_some());
        let attribute = quote! { #[#mark] }.to_string();
        let literal = quote! { #attribute }.to_string();
        assert!(!literal.contains(&mark.to_string()), "{literal}");
    }
}
