//! Messages in documentation: `->` marks those of a client, `<-` those of the server.

use qapi_runtime::wire::{Document, WireError};

use crate::recording::Direction;
use crate::remark::Remark;
use crate::validator::Validator;

/// A message of an example.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Example {
    /// Its direction.
    pub direction: Direction,
    /// Its JSON, line breaks kept.
    pub text: String,
    /// The index of its first line.
    pub line: usize,
}

/// Returns the messages in lines of documentation. A message continues in lines with the same indentation, until its
/// brackets are closed.
pub fn examples<'l>(lines: impl IntoIterator<Item = &'l str>) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut rest = lines.into_iter().enumerate().peekable();
    while let Some((index, line)) = rest.next() {
        let Some((direction, first)) = marked(line) else {
            continue;
        };
        let margin = indent(line);
        let mut text = first.to_owned();
        let mut state = Balance::default();
        state.take(first);
        while let Some((_, line)) = rest.peek() {
            let is_blank = line.trim().is_empty();
            let ends = if is_blank {
                state.is_complete()
            } else {
                let column = indent(line);
                marked(line).is_some() || column < margin || column == margin && state.is_complete()
            };
            if ends {
                break;
            }
            text.push('\n');
            text.push_str(line);
            state.take(line);
            rest.next();
        }
        examples.push(Example {
            direction,
            text,
            line: index,
        });
    }
    examples
}

/// Returns the direction of a line that starts a message, and what follows the mark.
fn marked(text: &str) -> Option<(Direction, &str)> {
    let text = text.trim_start();
    let marks = [("->", Direction::ToServer), ("<-", Direction::ToClient)];
    marks.into_iter().find_map(|(mark, direction)| {
        let message = text.strip_prefix(mark)?;
        message
            .trim_start()
            .starts_with('{')
            .then_some((direction, message))
    })
}

fn indent(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// Counts brackets outside of strings.
#[derive(Default)]
struct Balance {
    depth: i32,
    in_string: bool,
    escaped: bool,
}

impl Balance {
    fn take(&mut self, line: &str) {
        for byte in line.bytes() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                b'{' | b'[' if !self.in_string => self.depth += 1,
                b'}' | b']' if !self.in_string => self.depth -= 1,
                _ => {}
            }
        }
        // No string continues in the next line.
        self.in_string = false;
        self.escaped = false;
    }

    fn is_complete(&self) -> bool {
        self.depth <= 0
    }
}

impl Example {
    /// Returns whether the message leaves something out, as `...`.
    pub fn is_abridged(&self) -> bool {
        let mut in_string = false;
        let mut escaped = false;
        let mut dots = 0;
        for byte in self.text.bytes() {
            dots = if byte == b'.' && !in_string {
                dots + 1
            } else {
                0
            };
            match byte {
                _ if dots == 3 => return true,
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                _ => {}
            }
        }
        false
    }

    /// Judges the message. `command` is the one whose reply comes next, if it is known: a request sets it.
    ///
    /// # Errors
    /// The message is not JSON.
    pub fn judge(
        &self,
        validator: &Validator,
        command: &mut Option<String>,
    ) -> Result<Vec<Remark>, WireError> {
        let document = Document::parse(self.text.as_bytes())?;
        Ok(match self.direction {
            Direction::ToServer => {
                let value = document.strict();
                let members = value.object().ok();
                let name = members
                    .as_ref()
                    .and_then(|it| it.peek("execute").or_else(|| it.peek("exec-oob")));
                *command = name.and_then(|it| it.str().ok()).map(str::to_owned);
                validator.request(value)
            }
            Direction::ToClient => {
                let value = document.lenient();
                let has = |name: &str| value.object().is_ok_and(|it| it.peek(name).is_some());
                match command {
                    _ if has("QMP") => Vec::new(),
                    _ if has("event") => validator.event(value),
                    _ if has("error") => validator.error(value),
                    Some(command) if validator.has_command(command) => {
                        validator.reply(command, value)
                    }
                    // An unknown command has been remarked on.
                    Some(_) | None => Vec::new(),
                }
            }
        })
    }
}

/// Returns a line of documentation, without the leading comment sign.
pub(crate) fn without_comment(line: &str) -> &str {
    let start = line.trim_start();
    let signs = ["///", "//!", "//", "#", "*"];
    let rest = signs.iter().find_map(|sign| start.strip_prefix(sign));
    rest.map_or(line, |rest| rest.strip_prefix(' ').unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &str) -> Vec<(usize, String)> {
        let all = examples(lines.lines().map(without_comment));
        all.into_iter()
            .map(|it| (it.line, it.text.split_whitespace().collect()))
            .collect()
    }

    #[test]
    fn messages_are_found_in_comments_and_code_blocks() {
        let text = "
# Example:
#
# -> { \"execute\": \"a\",
#      \"arguments\": {} }
# <- { \"return\": {} }
words

    -> {\"execute\": \"b\"}
    and more words
-> no message
";
        let found = texts(text);
        assert_eq!(
            found[0],
            (3, r#"{"execute":"a","arguments":{}}"#.to_owned())
        );
        assert_eq!(found[1], (5, r#"{"return":{}}"#.to_owned()));
        assert_eq!(found[2], (8, r#"{"execute":"b"}"#.to_owned()));
        assert_eq!(found.len(), 3);
    }
}
