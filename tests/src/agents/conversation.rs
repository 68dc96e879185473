//! Asking an agent, and knowing where its answer ends.

use std::time::Duration;

use super::template::canonical;
use crate::raw::{Agent, Connection};

/// Between pieces of a request, so that they arrive apart.
const PAUSE: Duration = Duration::from_micros(500);

/// A connection that finds out which lines answer a request, sound or not.
#[derive(Debug)]
pub struct Conversation {
    connection: Connection,
    /// It complains about the byte that resets its parser.
    complains: bool,
    turns: u32,
}

impl Conversation {
    /// Connects to an agent.
    pub fn new(agent: &Agent) -> Self {
        let mut conversation = Self {
            connection: agent.connect(),
            complains: false,
            turns: 0,
        };
        conversation.complains = !conversation.synchronise().is_empty();
        conversation
    }

    /// Sends pieces, each in a write of its own, and returns all lines that come of them. The parser
    /// is reset then, whatever it had half read.
    ///
    /// # Panics
    /// If the agent hangs up, or does not complain about the reset as it did before.
    pub fn ask(&mut self, pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        self.send(pieces);
        let mut lines = self.synchronise();
        if self.complains {
            let complaint = lines.pop().expect("a complaint about the reset");
            let shown = canonical(&complaint);
            assert!(
                shown.contains("stray '") && shown.contains("\\uFFFD'"),
                "{shown}"
            );
        }
        lines
    }

    /// Sends pieces, and returns so many lines, leaving the parser as it is.
    pub fn ask_for(&mut self, pieces: &[&[u8]], lines: usize) -> Vec<Vec<u8>> {
        self.send(pieces);
        (0..lines).map(|_| self.connection.line()).collect()
    }

    /// Returns the bytes that come within this time, in which none should.
    pub fn rest(&mut self, quiet: Duration) -> Vec<u8> {
        self.connection.drain(quiet)
    }

    fn send(&mut self, pieces: &[&[u8]]) {
        for (index, piece) in pieces.iter().enumerate() {
            if index > 0 {
                std::thread::sleep(PAUSE);
            }
            self.connection.send(piece);
        }
    }

    /// Resets the parser. Returns the lines before the answer to a further command, which has to wait for its turn.
    ///
    /// The command is not `guest-sync`: our agent answers that before slow commands, and drops the answers to earlier
    /// requests.
    fn synchronise(&mut self) -> Vec<Vec<u8>> {
        self.turns += 1;
        let id = format!("\"id\": \"turn {}\"", self.turns);
        let request = format!("\n{{\"execute\":\"guest-get-time\",{id}}}\n");
        self.connection
            .send(&[b"\xFF", request.as_bytes()].concat());
        let mut lines = Vec::new();
        loop {
            let line = self.connection.line();
            if canonical(&line).contains(&id) {
                return lines;
            }
            lines.push(line);
        }
    }
}
