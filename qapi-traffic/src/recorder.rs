//! Records streams of bytes.

use std::collections::HashMap;
use std::io::{self, Write};

use qapi_runtime::wire::{Event, Lexer, WireError};
use qapi_runtime::{Any, Value};

use crate::conversation::Conversations;
use crate::mask::{Masks, MessagePart, Secrets};
use crate::recording::{Direction, Envelope};

/// The number of bytes without a message that are searched for in later messages; more than are remembered of a text.
const KEPT: usize = 65 << 10;

/// Splits the streams of clients and server into messages, masks secrets, and writes a line for each message.
///
/// Memory is bounded by the limits of messages, whatever the sides send.
#[derive(Debug)]
pub struct Recorder<W> {
    out: W,
    clients: HashMap<u64, Client>,
    known: Known,
}

/// Knowledge that the messages of all clients share.
#[derive(Debug)]
struct Known {
    masks: Masks,
    /// Shared by all connections, because a secret that one client sets may be sent to others.
    secrets: Secrets,
    conversations: Conversations,
}

/// The state of one connection.
#[derive(Debug, Default)]
struct Client {
    requests: Stream,
    answers: Stream,
    /// The number of unanswered commands with secrets, whose errors may repeat them.
    telling: u32,
    /// The client sent bytes that are not a message, which the error may repeat.
    garbled: bool,
}

/// One direction of a connection.
#[derive(Debug, Default)]
struct Stream {
    lexer: Lexer,
    /// Bytes since the last message.
    pending: u64,
    /// Some of them are not white space.
    has_text: bool,
    sentinel: bool,
    descriptors: usize,
    /// The start of those bytes, of a client's.
    unread: Vec<u8>,
    /// The last item was not a message, so bytes before the next message were skipped.
    passes_over: bool,
}

/// The time and place of bytes.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// Microseconds since 1970, if the time is known.
    pub time: Option<u64>,
    /// Number of the connection, from 1.
    pub client: u64,
    /// The way that they take.
    pub direction: Direction,
}

impl<W: Write> Recorder<W> {
    /// Writes to `out`, a line at a time.
    pub fn new(out: W, masks: Masks) -> Self {
        Self {
            out,
            clients: HashMap::new(),
            known: Known {
                masks,
                secrets: Secrets::default(),
                conversations: Conversations::default(),
            },
        }
    }

    /// Hands out all that is buffered.
    ///
    /// # Errors
    /// Those of the output.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Returns the output.
    pub fn into_inner(self) -> W {
        self.out
    }

    /// Notes that a client connected.
    ///
    /// # Errors
    /// Those of the output.
    pub fn opened(&mut self, time: Option<u64>, client: u64) -> io::Result<()> {
        self.clients.insert(client, Client::default());
        self.known.conversations.begin(client);
        let line = Envelope::new(time, client, Direction::ToServer).opened();
        self.out.write_all(line.as_bytes())
    }

    /// Notes that the side from which `arrival` comes closed the connection. The last note of a connection forgets it.
    ///
    /// # Errors
    /// Those of the output.
    pub fn closed(&mut self, arrival: Arrival, is_last: bool) -> io::Result<()> {
        let envelope = Envelope::new(arrival.time, arrival.client, arrival.direction);
        if let Some(client) = self.clients.get_mut(&arrival.client) {
            let stream = client.stream(arrival.direction);
            if stream.has_text {
                self.known.secrets.garbled(&stream.unread);
                let line = envelope.unreadable(stream.pending, &WireError::PrematureEnd);
                self.out.write_all(line.as_bytes())?;
            }
            *stream = Stream::default();
        }
        if is_last {
            self.clients.remove(&arrival.client);
            self.known.conversations.begin(arrival.client);
        }
        self.out.write_all(envelope.closed().as_bytes())
    }

    /// Takes bytes in the order in which they were sent, and the number of descriptors that came with them.
    ///
    /// # Errors
    /// Those of the output.
    pub fn bytes(&mut self, arrival: Arrival, bytes: &[u8], descriptors: usize) -> io::Result<()> {
        let client = self.clients.entry(arrival.client).or_default();
        client.stream(arrival.direction).descriptors += descriptors;
        let mut input = bytes;
        loop {
            let client = self.clients.entry(arrival.client).or_default();
            let stream = client.stream(arrival.direction);
            let before = input;
            let event = stream.lexer.feed(&mut input);
            let taken = &before[..before.len() - input.len()];
            stream.pending += taken.len() as u64;
            if arrival.direction == Direction::ToServer {
                let room = KEPT.saturating_sub(stream.unread.len());
                stream.unread.extend(taken.iter().take(room));
            }
            let Some(event) = event else {
                stream.has_text |= taken.iter().any(|byte| !byte.is_ascii_whitespace());
                if !stream.has_text {
                    stream.pending = 0;
                    stream.unread.clear();
                }
                return Ok(());
            };
            let mut envelope = Envelope::new(arrival.time, arrival.client, arrival.direction);
            let line = match event {
                Event::Sentinel => {
                    // The reader discards the unfinished message, too.
                    let is_text = |byte: &u8| !byte.is_ascii_whitespace();
                    let has_text = stream.has_text || taken[..taken.len() - 1].iter().any(is_text);
                    let line = has_text.then(|| {
                        self.known.secrets.garbled(&stream.unread);
                        let count = stream.pending - 1;
                        envelope.unreadable(count, &WireError::PrematureEnd)
                    });
                    stream.restart();
                    stream.sentinel = true;
                    line
                }
                Event::Error(error) => {
                    let line = envelope.unreadable(stream.pending, &error);
                    self.known.secrets.garbled(&stream.unread);
                    stream.restart();
                    stream.passes_over = true;
                    client.garbled |= arrival.direction == Direction::ToServer;
                    Some(line)
                }
                Event::Document(document) => {
                    let message = Any::from(document.strict());
                    envelope.sentinel = stream.sentinel;
                    envelope.descriptors = stream.descriptors;
                    if stream.passes_over {
                        let mut parts = stream.unread.split(|byte| matches!(byte, b'{' | b'['));
                        self.known.secrets.garbled(parts.next().unwrap_or_default());
                    }
                    stream.restart();
                    Some(client.message(&mut self.known, &envelope, message))
                }
            };
            if let Some(line) = line {
                self.out.write_all(line.as_bytes())?;
            }
        }
    }

    /// Takes a whole message.
    ///
    /// # Errors
    /// Those of the output.
    pub fn message(&mut self, arrival: Arrival, message: Value<'_>) -> io::Result<()> {
        let client = self.clients.entry(arrival.client).or_default();
        let envelope = Envelope::new(arrival.time, arrival.client, arrival.direction);
        let line = client.message(&mut self.known, &envelope, Any::from(message));
        self.out.write_all(line.as_bytes())
    }
}

impl Stream {
    fn restart(&mut self) {
        self.pending = 0;
        self.has_text = false;
        self.sentinel = false;
        self.descriptors = 0;
        self.unread.clear();
        self.passes_over = false;
    }
}

impl Client {
    fn stream(&mut self, direction: Direction) -> &mut Stream {
        match direction {
            Direction::ToServer => &mut self.requests,
            Direction::ToClient => &mut self.answers,
        }
    }

    /// Returns the line of a message.
    fn message(&mut self, known: &mut Known, envelope: &Envelope, message: Any) -> String {
        let (message, masked) = match envelope.direction {
            Direction::ToServer => self.request(known, envelope, message),
            Direction::ToClient => self.answer(known, envelope, message),
        };
        envelope.message(&message.to_string(), masked)
    }

    fn request(&mut self, known: &mut Known, envelope: &Envelope, message: Any) -> (Any, usize) {
        let name = ["execute", "exec-oob"]
            .iter()
            .find_map(|key| message.get(key)?.as_str());
        match name {
            Some(name) => {
                let id = message.get("id");
                known.conversations.note(envelope.client, name, id, false);
            }
            None => self.garbled = true,
        }
        let (message, masked) = known.secrets.request(&known.masks, message);
        if masked > 0 {
            self.telling = self.telling.saturating_add(1);
        }
        (message, masked)
    }

    fn answer(&mut self, known: &mut Known, envelope: &Envelope, message: Any) -> (Any, usize) {
        let is_error = message.get("error").is_some();
        let is_reply = is_error || message.get("return").is_some();
        let command = is_reply.then(|| {
            let id = message.get("id");
            known
                .conversations
                .answer(envelope.client, id, is_error, envelope.sentinel)
        });
        let command = command.flatten().map(|answered| answered.command);
        let may_tell = |command: &str| known.masks.concern(command, MessagePart::Arguments);
        let tells = is_error
            && (self.garbled || self.telling > 0 && command.as_deref().is_none_or(may_tell));
        self.garbled &= !is_error;
        if is_reply && command.as_deref().is_some_and(may_tell) {
            self.telling = self.telling.saturating_sub(1);
        }
        known
            .secrets
            .message(&known.masks, command.as_deref(), tells, message)
    }
}
