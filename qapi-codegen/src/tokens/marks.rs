//! Marks: attributes in the tokens that stand for text and are replaced by it when the tokens are printed.
//!
//! Documentation is most of the output. As a literal, each text would be escaped, and parsed again character by
//! character, a quarter of all work. So tokens only mark its place.

use proc_macro2::{Ident, Span};

/// The accent at the end of the attributes' names. In a literal that is made of a text, it is escaped: there nothing is taken
/// for a mark, whatever a schema says.
const ACCENT: char = '\u{301}';

/// The beginning of the attributes' names, which a number follows.
#[derive(Debug)]
pub(crate) struct MarkName(String);

impl MarkName {
    /// Chooses a name that is in none of the texts, which become tokens as they are: those of the settings.
    pub(crate) fn apart_from<'t>(texts: &(impl Iterator<Item = &'t str> + Clone)) -> Self {
        let mut name = "kept".to_owned();
        loop {
            name.push(ACCENT);
            if !texts.clone().any(|text| text.contains(&name)) {
                return Self(name);
            }
        }
    }

    /// Returns the name of the attribute that stands for the text with this number.
    pub(crate) fn numbered(&self, number: usize) -> Ident {
        Ident::new(&format!("{}{number}", self.0), Span::call_site())
    }
}

/// The texts, by the numbers of their marks.
#[derive(Debug)]
pub(crate) struct TextMarks<'n> {
    name: &'n MarkName,
    texts: Vec<MarkedText>,
}

/// The text that replaces a mark.
#[derive(Debug)]
pub(crate) enum MarkedText {
    /// Documentation.
    Documentation(String),
    /// An attribute of the settings, as it was written.
    Attribute(String),
    /// An empty line instead of an attribute.
    BlankLine,
}

impl<'n> TextMarks<'n> {
    pub(crate) fn new(name: &'n MarkName) -> Self {
        let texts = Vec::new();
        Self { name, texts }
    }

    /// Keeps a text, and returns the number of its mark.
    pub(crate) fn keep(&mut self, text: MarkedText) -> usize {
        self.texts.push(text);
        self.texts.len() - 1
    }

    /// Keeps a text, and returns the name of its mark.
    pub(crate) fn mark(&mut self, text: MarkedText) -> Ident {
        let number = self.keep(text);
        self.name.numbered(number)
    }

    /// Takes the texts out.
    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new(self.name))
    }

    /// Returns the text of the mark at the beginning of `text`, and the rest of `text`.
    pub(crate) fn find<'t>(&self, text: &'t str) -> Option<(&MarkedText, &'t str)> {
        let text = text.strip_prefix(self.name.0.as_str())?;
        let mut rest = text.as_bytes();
        while let [b'0'..=b'9', behind @ ..] = rest {
            rest = behind;
        }
        let (number, rest) = text.split_at(text.len() - rest.len());
        let marked = self.texts.get(number.parse::<usize>().ok()?)?;
        Some((marked, rest))
    }
}

#[cfg(test)]
mod tests {
    use std::iter;

    use quote::quote;

    use super::{MarkName, MarkedText, TextMarks};

    #[test]
    fn no_text_in_a_literal_looks_like_a_mark() {
        let name = MarkName::apart_from(&iter::empty());
        let mut marks = TextMarks::new(&name);
        let mark = marks.mark(MarkedText::BlankLine);
        assert!(marks.find(&mark.to_string()).is_some());
        let attribute = quote! { #[#mark] }.to_string();
        let literal = quote! { #attribute }.to_string();
        assert!(!literal.contains(&mark.to_string()), "{literal}");
    }

    #[test]
    fn no_text_of_the_settings_looks_like_a_mark() {
        let mut texts = vec!["x".to_owned()];
        for _ in 0..3 {
            let name = MarkName::apart_from(&texts.iter().map(String::as_str));
            assert!(texts.iter().all(|text| !text.contains(&name.0)));
            texts.push(name.numbered(0).to_string());
        }
    }
}
