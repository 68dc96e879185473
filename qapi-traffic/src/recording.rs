//! Recordings: one JSON object a line, see `docs/recording.md` of the command.

use std::fmt::Write as _;
use std::io::{self, BufRead};

use qapi_runtime::wire::{Event, Lexer, Limits, SENTINEL, WireError};
use qapi_runtime::{Members, Value};

use crate::remark::Problem;

/// The text in place of a secret.
pub const MASKED: &str = "(masked)";

/// Longer lines are passed over: no message of a server is as long (agent-behaviour.md §3.4), however it is escaped.
const MOST_BYTES: usize = 256 << 20;

/// The direction of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From a client to the server.
    ToServer,
    /// From the server to a client.
    ToClient,
}

impl Direction {
    /// Returns `to-server` or `to-client`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ToServer => "to-server",
            Self::ToClient => "to-client",
        }
    }

    /// Returns the direction in which this message can only have gone; none for what is not a message.
    fn of(message: &Members<'_>) -> Option<Self> {
        let has = |name: &&str| message.peek(name).is_some();
        if ["execute", "exec-oob"].iter().any(has) {
            Some(Self::ToServer)
        } else if ["return", "error", "event", "QMP"].iter().any(has) {
            Some(Self::ToClient)
        } else {
            None
        }
    }
}

/// One line of a recording.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Entry<'d> {
    /// Seconds since 1970, if the time is known.
    pub time: Option<f64>,
    /// Number of the connection, from 1.
    pub client: u64,
    /// Its direction.
    pub direction: Direction,
    /// The recorded event.
    pub content: Content<'d>,
    /// The byte 0xFF stood before it.
    pub sentinel: bool,
    /// Number of file descriptors that came with it.
    pub descriptors: u64,
    /// Number of values in it that are not shown: strings that are [`MASKED`], numbers that are 0.
    pub masked: u64,
}

/// The recorded event.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Content<'d> {
    /// A message.
    Message(Value<'d>),
    /// A number of bytes that are not a message.
    Unreadable(u64),
    /// A client connected.
    Opened,
    /// One side closed the connection.
    Closed,
}

/// The result of reading a line.
#[derive(Debug)]
pub enum Line<'d> {
    /// An entry.
    Entry(Entry<'d>),
    /// An unreadable line, with the reason.
    Fault(Problem, String),
}

/// Reads a recording line by line, in memory that does not grow with it.
///
/// Lines with a bare message are read, too, if its direction is clear: a message as sent over the wire, with or without
/// a leading `->` or `<-`.
#[derive(Debug)]
pub struct Reader<R> {
    input: R,
    lexer: Lexer,
    buffer: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Reader<R> {
    /// Reads from the start of `input`.
    pub fn new(input: R) -> Self {
        let limits = Limits {
            token_bytes: MOST_BYTES,
            tokens: 8 << 20,
            nesting: Limits::MAX_NESTING,
        };
        Self {
            input,
            lexer: Lexer::new(limits),
            buffer: Vec::new(),
            number: 0,
        }
    }

    /// Reads the next line that is not blank, with its number.
    ///
    /// # Errors
    /// The input cannot be read.
    pub fn next_line(&mut self) -> io::Result<Option<(u64, Line<'_>)>> {
        let size = loop {
            self.buffer.clear();
            let size = read_line(&mut self.input, &mut self.buffer)?;
            if size == 0 {
                return Ok(None);
            }
            self.number += 1;
            if self.buffer.iter().any(|byte| !byte.is_ascii_whitespace()) {
                break size;
            }
        };
        if size > MOST_BYTES {
            let text = format!("the line is longer than {} MiB", MOST_BYTES >> 20);
            return Ok(Some((self.number, Line::Fault(Problem::TooLong, text))));
        }
        let is_whole = self.buffer.last() == Some(&b'\n');
        if !is_whole {
            self.buffer.push(b'\n');
        }
        let line = parse(&mut self.lexer, &self.buffer, is_whole);
        Ok(Some((self.number, line)))
    }
}

/// Reads a line into `buffer`, as much of it as may be; returns the whole length.
fn read_line(input: &mut impl BufRead, buffer: &mut Vec<u8>) -> io::Result<usize> {
    let mut size = 0;
    loop {
        let available = match input.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = available.iter().position(|&byte| byte == b'\n');
        let taken = end.map_or(available.len(), |end| end + 1);
        if size + taken <= MOST_BYTES {
            buffer.extend_from_slice(&available[..taken]);
        }
        input.consume(taken);
        size += taken;
        if end.is_some() || taken == 0 {
            return Ok(size);
        }
    }
}

fn parse<'l>(lexer: &'l mut Lexer, line: &[u8], is_whole: bool) -> Line<'l> {
    lexer.reset();
    let (direction, mut text) = arrow(line);
    let sentinel = text.first() == Some(&SENTINEL);
    while let Some((&SENTINEL, rest)) = text.split_first() {
        text = rest;
    }
    let fault = |error: String| {
        if is_whole {
            Line::Fault(Problem::NoJson, error)
        } else {
            let text = "the last line is cut off".to_owned();
            Line::Fault(Problem::CutLine, text)
        }
    };
    let result = lexer.feed(&mut text);
    let document = match result {
        Some(Event::Document(document)) => document,
        Some(Event::Error(error)) => return fault(without_contents(&error)),
        Some(Event::Sentinel) => return fault("a byte 0xFF".to_owned()),
        None => return fault("the value does not end".to_owned()),
    };
    if !text.iter().all(u8::is_ascii_whitespace) {
        return fault("more than one value in a line".to_owned());
    }
    match entry(document.lenient(), direction, sentinel) {
        Ok(entry) => Line::Entry(entry),
        Err(text) => Line::Fault(Problem::OtherProtocol, text),
    }
}

/// Returns the direction that an arrow tells, and the text after it.
fn arrow(line: &[u8]) -> (Option<Direction>, &[u8]) {
    let line = line.trim_ascii_start();
    match line {
        [b'-', b'>', rest @ ..] => (Some(Direction::ToServer), rest.trim_ascii_start()),
        [b'<', b'-', rest @ ..] => (Some(Direction::ToClient), rest.trim_ascii_start()),
        _ => (None, line),
    }
}

/// Returns the reason why bytes are no value, without any of them: they may be secret.
pub(crate) fn without_contents(error: &WireError) -> String {
    match error {
        WireError::Stray(_) => "a byte that starts no token".to_owned(),
        WireError::InvalidKeyword(_) => "a word that is not a value".to_owned(),
        WireError::InvalidCharacter(_) => "an escape that is not a character".to_owned(),
        WireError::NumberOutOfRange(_) => "a number out of range".to_owned(),
        other => {
            let text = other.to_string();
            let text = text.strip_prefix("JSON parse error, ").unwrap_or(&text);
            text.to_owned()
        }
    }
}

fn entry(
    value: Value<'_>,
    direction: Option<Direction>,
    mut sentinel: bool,
) -> Result<Entry<'_>, String> {
    let Ok(members) = value.object() else {
        return Err(format!(
            "{} is not a message",
            crate::check::described(value)
        ));
    };
    let mut entry = |direction, content| {
        let number = |name: &str| members.peek(name)?.unsigned().ok();
        let flag = members.peek("sentinel").and_then(|it| it.boolean().ok());
        sentinel |= flag.unwrap_or_default();
        Entry {
            time: members.peek("time").and_then(|it| it.number().ok()),
            client: number("client").unwrap_or(1),
            direction,
            content,
            sentinel,
            descriptors: number("descriptors").unwrap_or_default(),
            masked: number("masked").unwrap_or_default(),
        }
    };
    let told = members.peek("direction").and_then(|it| it.str().ok());
    let told = match told {
        Some("to-server") => Direction::ToServer,
        Some("to-client") => Direction::ToClient,
        Some(other) => {
            return Err(format!("unknown direction {}", crate::check::quoted(other)));
        }
        None => {
            let direction = direction.or_else(|| Direction::of(&members));
            let direction =
                direction.ok_or("the object is not a message of QMP or a guest agent")?;
            let mut bare = entry(direction, Content::Message(value));
            // Members of a message are not those of an entry.
            (bare.time, bare.client) = (None, 1);
            (bare.descriptors, bare.masked) = (0, 0);
            return Ok(bare);
        }
    };
    if let Some(message) = members.peek("message") {
        return Ok(entry(told, Content::Message(message)));
    }
    if let Some(unreadable) = members.peek("unreadable") {
        let bytes = unreadable.object().ok().and_then(|it| it.peek("bytes"));
        let bytes = bytes.and_then(|it| it.unsigned().ok()).unwrap_or_default();
        return Ok(entry(told, Content::Unreadable(bytes)));
    }
    match members.peek("connection").and_then(|it| it.str().ok()) {
        Some("opened") => Ok(entry(told, Content::Opened)),
        Some("closed") => Ok(entry(told, Content::Closed)),
        _ => Err("the entry has no `message`, `unreadable` or `connection`".to_owned()),
    }
}

/// The parts of an entry that a writer puts around a message.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Envelope {
    /// Microseconds since 1970, if the time is known.
    pub time: Option<u64>,
    /// Number of the connection, from 1.
    pub client: u64,
    /// The direction of the message.
    pub direction: Direction,
    /// The byte 0xFF stood before it.
    pub sentinel: bool,
    /// Number of file descriptors that came with it.
    pub descriptors: usize,
}

impl Envelope {
    /// Returns the envelope of a message without anything special.
    pub fn new(time: Option<u64>, client: u64, direction: Direction) -> Self {
        Self {
            time,
            client,
            direction,
            sentinel: false,
            descriptors: 0,
        }
    }

    /// Returns the line up to the content.
    fn start(&self) -> String {
        let mut line = String::from("{");
        if let Some(time) = self.time {
            let (seconds, rest) = (time / 1_000_000, time % 1_000_000);
            write!(line, "\"time\": {seconds}.{rest:06}, ")
                .expect("writing to a string cannot fail");
        }
        let direction = self.direction.as_str();
        let client = self.client;
        write!(line, "\"client\": {client}, \"direction\": \"{direction}\"")
            .expect("writing to a string cannot fail");
        if self.sentinel {
            line.push_str(", \"sentinel\": true");
        }
        if self.descriptors > 0 {
            write!(line, ", \"descriptors\": {}", self.descriptors)
                .expect("writing to a string cannot fail");
        }
        line
    }

    /// Returns the line of a message, which is JSON text without line ends, `masked` of its values being masked.
    pub fn message(&self, message: &str, masked: usize) -> String {
        let mut line = self.start();
        if masked > 0 {
            write!(line, ", \"masked\": {masked}").expect("writing to a string cannot fail");
        }
        line.push_str(", \"message\": ");
        line.push_str(message);
        line.push_str("}\n");
        line
    }

    /// Returns the line of bytes that are no message.
    pub fn unreadable(&self, bytes: u64, error: &WireError) -> String {
        let problem = without_contents(error);
        let start = self.start();
        format!("{start}, \"unreadable\": {{\"bytes\": {bytes}, \"problem\": \"{problem}\"}}}}\n")
    }

    /// Returns the line of a client that connects.
    pub fn opened(&self) -> String {
        format!("{}, \"connection\": \"opened\"}}\n", self.start())
    }

    /// Returns the line of a side that closes the connection.
    pub fn closed(&self) -> String {
        format!("{}, \"connection\": \"closed\"}}\n", self.start())
    }
}
