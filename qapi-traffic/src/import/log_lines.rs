//! Lines of a log, in bounded memory.

use std::io::{self, BufRead};

/// The rest of a longer line is passed over.
const MOST_BYTES: usize = 256 << 20;

/// Reads lines as bytes.
pub(super) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            number: 0,
        }
    }

    /// Returns the next line with its end, and its number.
    pub(super) fn next(&mut self) -> io::Result<Option<(u64, &[u8])>> {
        self.buffer.clear();
        let mut is_empty = true;
        loop {
            let available = match self.input.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let end = available.iter().position(|&byte| byte == b'\n');
            let taken = end.map_or(available.len(), |end| end + 1);
            let room = MOST_BYTES - self.buffer.len();
            self.buffer.extend_from_slice(&available[..taken.min(room)]);
            self.input.consume(taken);
            is_empty &= taken == 0;
            if end.is_some() || taken == 0 {
                break;
            }
        }
        if is_empty {
            return Ok(None);
        }
        self.number += 1;
        Ok(Some((self.number, &self.buffer)))
    }
}
