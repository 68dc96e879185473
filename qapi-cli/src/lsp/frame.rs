//! Messages on a stream: a header with the length, an empty line, and JSON.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use lsp_server::{Message, RequestId, ResponseError};

/// An answer to a request.
pub(super) type Answer = Result<Written, ResponseError>;

/// The result of a request as JSON, written at once since lists of completions are long.
#[derive(Debug)]
pub(super) struct Written(pub(super) String);

/// Bytes of one message; a longer one is skipped.
const LONGEST: usize = 256 << 20;

/// Bytes of a line of a header.
const LONGEST_LINE: u64 = 8 << 10;

/// A piece of input.
#[derive(Debug)]
pub(super) enum Frame {
    /// A message.
    Message(Message),
    /// Something that is not a message, for this reason.
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
            // Other fields say nothing new, and what is not a header is passed over.
            _ => {}
        }
    }
}

/// Writes the answer to a request with its header.
pub(super) fn response(id: &RequestId, answer: &Answer) -> serde_json::Result<Vec<u8>> {
    let id = serde_json::to_string(id)?;
    let (key, value) = match answer {
        Ok(Written(result)) => ("result", Cow::from(result)),
        Err(error) => ("error", serde_json::to_string(error)?.into()),
    };
    let content = format!(r#"{{"jsonrpc":"2.0","id":{id},"{key}":{value}}}"#);
    Ok(format!("Content-Length: {}\r\n\r\n{content}", content.len()).into_bytes())
}

#[cfg(test)]
mod tests {
    use lsp_server::{ErrorCode, ResponseError};
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn answers_are_responses_of_the_protocol() {
        let failed = ResponseError {
            code: ErrorCode::InternalError as i32,
            message: "\"\n\u{e9}".to_owned(),
            data: None,
        };
        let error = json!({ "code": failed.code, "message": failed.message });
        let id = [RequestId::from(7), RequestId::from("\"7\u{e9}".to_owned())];
        let written = Written("[\"\u{e9}\"]".to_owned());
        for (id, answer, key, value) in [
            (&id[0], Ok(written), "result", json!(["\u{e9}"])),
            (&id[1], Err(failed), "error", error),
        ] {
            let bytes = response(id, &answer).unwrap();
            let whole = read(&mut &bytes[..]).unwrap();
            assert!(matches!(whole, Some(Frame::Message(Message::Response(it))) if it.id == *id));
            let start = bytes.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
            let content: Value = serde_json::from_slice(&bytes[start + 4..]).unwrap();
            let expected = json!({ "jsonrpc": "2.0", "id": id, key: value });
            assert_eq!(content, expected);
        }
    }

    fn all(mut bytes: &[u8]) -> Vec<bool> {
        let mut found = Vec::new();
        while let Some(frame) = read(&mut bytes).unwrap() {
            found.push(matches!(frame, Frame::Message(_)));
        }
        found
    }

    #[test]
    fn bytes_without_a_message_are_skipped() {
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
