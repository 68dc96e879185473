//! Asking an agent, and knowing where its answer ends.

use std::time::Duration;

use super::template::canonical;
use crate::raw::{Agent, Connection};

/// Between pieces of a request, so that they arrive apart.
const PAUSE: Duration = Duration::from_micros(500);

/// A connection on which requests, sound or not, are told apart by synchronisation.
#[derive(Debug)]
pub struct Conversation {
    connection: Connection,
    /// It complains about the byte that resets its parser.
    complains: bool,
    syncs: u32,
}

impl Conversation {
    /// Connects to an agent.
    pub fn new(agent: &Agent) -> Self {
        let mut conversation = Self {
            connection: agent.connect(),
            complains: false,
            syncs: 0,
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

    /// Whatever comes within a time in which nothing should.
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

    /// The lines before the answer to a synchronisation.
    ///
    /// Our agent answers late what takes long, and not at all behind a synchronisation. So a command goes
    /// first that has to wait for its turn.
    fn synchronise(&mut self) -> Vec<Vec<u8>> {
        self.syncs += 1;
        let number = self.syncs;
        let in_turn = format!("{{\"execute\":\"guest-get-time\",\"id\":\"turn {number}\"}}");
        let synchronise =
            format!("{{\"execute\":\"guest-sync-delimited\",\"arguments\":{{\"id\":{number}}}}}");
        let request = format!("\n{in_turn}\n{synchronise}\n");
        self.connection
            .send(&[b"\xFF", request.as_bytes()].concat());
        let end = [b"\xFF", format!("{{\"return\": {number}}}").as_bytes()].concat();
        let mut lines = Vec::new();
        loop {
            let line = self.connection.line();
            if line == end {
                break;
            }
            lines.push(line);
        }
        let turn = lines.pop().map(|line| canonical(&line)).unwrap_or_default();
        assert!(
            turn.contains(&format!("\"id\": \"turn {number}\"")),
            "{turn}"
        );
        lines
    }
}
