//! Recorded conversations: the facts of docs/reference/agent-behaviour.md part 9 and what else both agents agree
//! on, in files that the heads of `data/agent` describe.

use std::path::Path;

use qapi_test_support::unescape;

/// One step of a conversation.
#[derive(Debug)]
pub struct Row {
    /// The number in docs/reference/agent-behaviour.md part 9, if it is from there, and words.
    pub name: String,
    /// The action.
    pub action: Action,
    /// The lines that come of it, for QEMU 10.2.
    pub reply: Vec<Vec<u8>>,
    /// Those of QEMU 7.2, where they differ.
    pub reply_of_7: Option<Vec<Vec<u8>>>,
    /// The parser is in the middle of something, and must stay there.
    pub continued: bool,
}

/// Action of a row, before the agent's reply.
#[derive(Debug)]
pub enum Action {
    /// Bytes are sent.
    Send(Vec<u8>),
    /// A request is repeated until the program that it asks for has ended.
    Poll(Vec<u8>),
    /// Something is looked at from outside: what, and the file.
    Look(String, String),
    /// Something is prepared, which has no reply.
    Prepare(String),
}

impl Row {
    /// Returns the number in docs/reference/agent-behaviour.md part 9, if it is from there.
    pub fn number(&self) -> Option<&str> {
        let word = self.name.split(' ').next()?;
        let (letter, digits) = word.split_at_checked(1)?;
        let is_number = matches!(letter, "P" | "C" | "V")
            && digits.len() == 3
            && digits.bytes().all(|digit| digit.is_ascii_digit());
        is_number.then_some(word)
    }

    /// Expected behaviour of an agent.
    pub fn reply_of(&self, seven: bool) -> &[Vec<u8>] {
        match &self.reply_of_7 {
            Some(reply) if seven => reply,
            _ => &self.reply,
        }
    }
}

/// Reads a file of rows.
///
/// # Panics
/// If it cannot be read, or is not as its head says.
pub fn read(path: &Path) -> Vec<Row> {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    // The first group describes the file.
    let groups = text.split("\n\n").skip(1).map(str::trim);
    groups
        .filter(|group| !group.is_empty())
        .map(parse)
        .collect()
}

fn parse(group: &str) -> Row {
    let mut row = Row {
        name: String::new(),
        action: Action::Prepare(String::new()),
        reply: Vec::new(),
        reply_of_7: None,
        continued: false,
    };
    for line in group.lines() {
        let (mark, text) = line.split_once(' ').unwrap_or((line, ""));
        match mark {
            "#" => {
                text.clone_into(&mut row.name);
                row.continued = text.ends_with("(continued)");
            }
            ">" => row.action = Action::Send(unescape(text)),
            ">>" => row.action = Action::Poll(unescape(text)),
            "?" => {
                let (what, file) = text.split_once(' ').unwrap_or((text, ""));
                row.action = Action::Look(what.to_owned(), file.to_owned());
            }
            "!" => row.action = Action::Prepare(text.to_owned()),
            "<" => row.reply = lines(&unescape(text)),
            "7" => row.reply_of_7 = Some(lines(&unescape(text))),
            _ => panic!("unknown mark `{mark}` in:\n{group}"),
        }
    }
    assert!(!row.name.is_empty(), "no name:\n{group}");
    row
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    if bytes.is_empty() {
        return Vec::new();
    }
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let count = line
            .strip_prefix(b" *")
            .and_then(|digits| std::str::from_utf8(digits).ok());
        match (
            count.and_then(|digits| digits.parse::<usize>().ok()),
            lines.last(),
        ) {
            (Some(count), Some(last)) => {
                let more = std::iter::repeat_n(last.clone(), count - 1);
                lines.extend(more.collect::<Vec<_>>());
            }
            _ => lines.push(line.to_vec()),
        }
    }
    lines
}
