//! A lexer for a client's messages, within the memory that all clients share.

use super::budget::Share;
use super::document::Document;
use super::lexer::{Lexer, Signal};

/// Bytes processed before the memory is counted again.
const STRIDE: usize = 16 << 10;

/// Same as [`STRIDE`], for a budget with less memory left.
const SHORT_STRIDE: usize = 1 << 10;

/// Memory that each client always has, so that clients with large requests do not block those with small ones.
const ALLOWANCE: usize = 64 << 10;

/// A lexer whose buffers are counted.
#[derive(Debug, Default)]
pub(crate) struct CountedLexer {
    lexer: Lexer,
    share: Share,
    /// Signals so far.
    signals: u64,
}

impl CountedLexer {
    /// Creates a lexer whose buffers come out of `share`.
    pub(crate) fn new(lexer: Lexer, share: Share) -> Self {
        Self {
            lexer,
            share,
            signals: 0,
        }
    }

    /// Consumes bytes from the front of `input` up to and including the next signal; `None` when the input is used up.
    /// A message for which there is no memory left is given up with an error, and its rest is skipped.
    pub(crate) fn next(&mut self, input: &mut &[u8]) -> Option<Signal> {
        self.lexer.release();
        let signal = if self.share.is_unlimited() {
            self.lexer.step(input)
        } else {
            self.next_within_share(input)
        };
        self.signals += u64::from(signal.is_some());
        signal
    }

    fn next_within_share(&mut self, input: &mut &[u8]) -> Option<Signal> {
        loop {
            let stride = match self.stride(input.len()) {
                Ok(stride) => stride,
                Err(signal) => return Some(signal),
            };
            let mut window = &input[..stride];
            let signal = self.lexer.step(&mut window);
            *input = &input[stride - window.len()..];
            if signal.is_some() {
                return signal;
            }
            if input.is_empty() {
                self.settle();
                return None;
            }
        }
    }

    /// Returns the number of bytes to look at next, or the error of a message that is given up.
    fn stride(&mut self, available: usize) -> Result<usize, Signal> {
        let stride = available.min(STRIDE);
        if self.share.grow(self.lexer.held_after(stride)) {
            return Ok(stride);
        }
        if self.lexer.held() > ALLOWANCE {
            if let Some(signal) = self.lexer.give_up() {
                self.share.set(self.lexer.held());
                return Err(signal);
            }
        }
        Ok(available.min(SHORT_STRIDE))
    }

    /// Counts what is in use, and gives back what is kept for the next message if others may need it.
    fn settle(&mut self) {
        if self.share.is_short() && self.lexer.is_idle() {
            self.lexer.give_back();
        }
        self.share.set(self.lexer.held());
    }

    /// Messages, errors and sentinels so far.
    pub(crate) fn signals(&self) -> u64 {
        self.signals
    }

    /// Returns the last document found.
    pub(crate) fn document(&self) -> &Document {
        self.lexer.document()
    }

    /// Hands the last document found over, to be kept, with the share it takes.
    pub(crate) fn take_document(&mut self) -> (Document, Share) {
        let document = self.lexer.take_document();
        if document.held() <= ALLOWANCE {
            return (document, Share::default());
        }
        let share = self.share.another(document.held());
        self.share.set(self.lexer.held());
        (document, share)
    }

    /// Gives up the last document found.
    pub(crate) fn release(&mut self) {
        self.lexer.release();
    }

    /// Takes a document back that is not needed any more, to use its buffers again.
    #[cfg(feature = "tokio")]
    pub(crate) fn give_back(&mut self, document: Document) {
        self.lexer.accept(document);
    }

    /// Returns whether it stands between messages.
    pub(crate) fn is_idle(&self) -> bool {
        self.lexer.is_idle()
    }

    /// Forgets everything half read: the peer has changed.
    pub(crate) fn reset(&mut self) {
        self.lexer.reset();
        self.share.set(self.lexer.held());
    }
}

#[cfg(test)]
mod tests {
    use super::super::budget::MemoryBudget;
    use super::super::error::WireError;
    use super::*;
    use crate::wire::Limits;

    const LIMIT: usize = 4 << 20;

    fn lexer(budget: &MemoryBudget) -> CountedLexer {
        CountedLexer::new(Lexer::new(Limits::default()), budget.share())
    }

    fn feed(lexer: &mut CountedLexer, text: &str) -> Option<Signal> {
        let mut input = text.as_bytes();
        let signal = lexer.next(&mut input);
        assert!(signal.is_some() || input.is_empty());
        signal
    }

    #[test]
    fn half_messages_together_stay_within_the_budget() {
        let budget = MemoryBudget::new(LIMIT);
        let forms = ["\"some text\",", "1,", "[[],{}],", "\"\\u00e9\","];
        let mut clients: Vec<_> = (0..16).map(|_| (lexer(&budget), 0)).collect();
        for (client, errors) in &mut clients {
            assert!(feed(client, "[").is_none());
            assert_eq!(*errors, 0);
        }
        for round in 0..400 {
            for (index, (client, errors)) in clients.iter_mut().enumerate() {
                let mut input = forms[index % forms.len()].repeat(1000);
                input.push_str(if round == 200 { "0]\n[" } else { "" });
                let mut input = input.as_bytes();
                while let Some(signal) = client.next(&mut input) {
                    match signal {
                        Signal::Error(error) => {
                            assert_eq!(error, WireError::MemoryLimit);
                            *errors += 1;
                        }
                        Signal::Document => {}
                        Signal::Sentinel => panic!("nobody sent one"),
                    }
                }
                assert!(budget.used() <= LIMIT + 16 * 4 * ALLOWANCE);
            }
        }
        assert!(clients.iter().any(|(_, errors)| *errors > 0));
        clients.clear();
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn a_client_without_memory_gets_one_error_and_continues() {
        let budget = MemoryBudget::new(8 << 20);
        let mut hog = budget.share();
        hog.set(8 << 20);
        let mut client = lexer(&budget);
        assert!(matches!(
            feed(&mut client, "{\"execute\": \"small\"}"),
            Some(Signal::Document)
        ));
        let large = format!("{{\"large\": \"{}", "x".repeat(1 << 20));
        let Some(Signal::Error(error)) = feed(&mut client, &large) else {
            panic!("there is no room for it");
        };
        assert_eq!(error, WireError::MemoryLimit);
        assert!(feed(&mut client, &"x".repeat(1 << 20)).is_none());
        assert!(feed(&mut client, "\", \"more\": [{}, {}]}").is_none());
        assert!(matches!(
            feed(&mut client, "{\"execute\": \"small\"}"),
            Some(Signal::Document)
        ));
        drop(hog);
        let whole = format!("{large}\"}}");
        let mut rest = whole.as_bytes();
        assert!(matches!(client.next(&mut rest), Some(Signal::Document)));
        let (document, share) = client.take_document();
        assert!(budget.used() >= document.held());
        drop(document);
        drop(share);
        assert!(client.next(&mut rest).is_none());
        assert!(budget.used() <= ALLOWANCE);
    }
}
