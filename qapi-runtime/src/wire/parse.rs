//! A whole text as one document.

use super::document::Document;
use super::error::WireError;
use super::lexer::{Event, Lexer};
use super::limits::Limits;

impl Document {
    /// Parses a text that holds exactly one value, white space around it allowed, under the default limits.
    ///
    /// # Errors
    /// Those of a [`Lexer`], [`WireError::PrematureEnd`] for an unfinished value and
    /// [`WireError::TrailingData`] for anything after it.
    pub fn parse(text: &[u8]) -> Result<Self, WireError> {
        Self::read(Lexer::new(Limits::default()), text)
    }

    /// Parses again what a [`Writer`](crate::write::Writer) wrote.
    pub(crate) fn reread(text: &[u8]) -> Result<Self, WireError> {
        Self::read(Lexer::for_own_text(), text)
    }

    fn read(mut lexer: Lexer, text: &[u8]) -> Result<Self, WireError> {
        let mut input = text;
        let mut flush = b"\n".as_slice();
        let document = loop {
            let source = if input.is_empty() {
                &mut flush
            } else {
                &mut input
            };
            match lexer.feed(source) {
                Some(Event::Document(document)) => break document.clone(),
                Some(Event::Error(error)) => return Err(error),
                Some(Event::Sentinel) => return Err(WireError::Stray("\u{FFFD}".into())),
                None if flush.is_empty() => return Err(WireError::PrematureEnd),
                None => {}
            }
        };
        if input
            .iter()
            .all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
        {
            Ok(document)
        } else {
            Err(WireError::TrailingData)
        }
    }
}
