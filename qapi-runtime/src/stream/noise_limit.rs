//! Peers that send nothing but noise.

use std::io::{self, ErrorKind};

/// Counts bytes and mistakes since the last message.
#[derive(Debug)]
pub(crate) struct NoiseLimit {
    bytes: usize,
    mistakes: usize,
    most_bytes: usize,
    most_mistakes: usize,
}

impl NoiseLimit {
    /// Creates a limit of bytes and mistakes that a peer may send between two messages.
    pub(crate) fn new(most_bytes: usize, most_mistakes: usize) -> Self {
        Self {
            bytes: 0,
            mistakes: 0,
            most_bytes,
            most_mistakes,
        }
    }

    /// Starts the count again, because a message has come.
    pub(crate) fn end(&mut self) {
        (self.bytes, self.mistakes) = (0, 0);
    }

    /// These bytes were no message, and perhaps a mistake.
    pub(crate) fn add(&mut self, bytes: usize, is_mistake: bool) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.mistakes += usize::from(is_mistake);
    }

    /// # Errors
    /// That is too much.
    pub(crate) fn check(&self) -> io::Result<()> {
        if self.bytes <= self.most_bytes && self.mistakes <= self.most_mistakes {
            return Ok(());
        }
        let text = format!(
            "{} bytes in a row are not a message: the peer does not speak this protocol",
            self.bytes
        );
        Err(io::Error::new(ErrorKind::InvalidData, text))
    }
}
