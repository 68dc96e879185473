//! Messages on a stream: a header with the length, an empty line, and JSON.

use std::io::{self, BufRead, Read};

use lsp_server::Message;

/// Bytes of one message; a longer one is passed over.
const LONGEST: usize = 256 << 20;

/// Bytes of a line of a header.
const LONGEST_LINE: u64 = 8 << 10;

/// A piece of input.
#[derive(Debug)]
pub(super) enum Frame {
    /// A message.
    Message(Message),
    /// Something that is no message, for this reason.
    Bad(String),
}

/// Reads the next message; none at the end of the stream.
pub(super) fn read(input: &mut impl BufRead) -> io::Result<Option<Frame>> {
    let Some(length) = header(input)? else {
        return Ok(None);
    };
    if length > LONGEST {
        io::copy(&mut input.take(length as u64), &mut io::sink())?;
        return Ok(Some(Frame::Bad(format!(
            "a message of {length} bytes, of at most {LONGEST}"
        ))));
    }
    let mut content = Vec::new();
    input.take(length as u64).read_to_end(&mut content)?;
    if content.len() < length {
        return Ok(None);
    }
    Ok(Some(match serde_json::from_slice(&content) {
        Ok(message) => Frame::Message(message),
        Err(error) => Frame::Bad(error.to_string()),
    }))
}

/// Reads a header up to its empty line: the length of the content.
fn header(input: &mut impl BufRead) -> io::Result<Option<usize>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        input.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok();
            }
            None if line.is_empty() && length.is_some() => return Ok(length),
            // Other fields say nothing new, and what is no header is passed over.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut bytes: &[u8]) -> Vec<bool> {
        let mut found = Vec::new();
        while let Some(frame) = read(&mut bytes).unwrap() {
            found.push(matches!(frame, Frame::Message(_)));
        }
        found
    }

    #[test]
    fn what_is_no_message_is_passed_over() {
        let message = r#"{"jsonrpc":"2.0","method":"x"}"#;
        let good = format!("Content-Length: {}\r\n\r\n{message}", message.len());
        let other = good.replace("Content-Length", "content-type: a\r\nCONTENT-LENGTH");
        assert_eq!(all(good.as_bytes()), [true]);
        assert_eq!(all(other.as_bytes()), [true]);
        assert_eq!(all(format!("noise\r\n\r\n{good}").as_bytes()), [true]);
        assert_eq!(
            all(format!("Content-Length: 2\r\n\r\n{{]{good}").as_bytes()),
            [false, true]
        );
        assert_eq!(all(&good.as_bytes()[..good.len() - 1]), [] as [bool; 0]);
        let huge = format!("Content-Length: 99999999999\r\n\r\n{good}");
        assert_eq!(all(huge.as_bytes()), [false]);
        assert_eq!(all(b""), [] as [bool; 0]);
    }
}
