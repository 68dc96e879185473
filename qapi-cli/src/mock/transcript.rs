//! The requests that clients sent, as a recording.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use qapi_traffic::recording::{Direction, Envelope};

use super::asked::Asked;
use crate::private_file::{self, OldContents};
use crate::status::Failure;

/// A transcript that is being written.
pub(crate) struct Transcript(Mutex<Box<dyn Write + Send>>);

impl Transcript {
    /// Returns a transcript in a file that only its owner can read, or on standard output if the path is `-`.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let file = private_file::open(path, OldContents::Removed);
        let file = file.map_err(|error| Failure::cannot("write", path, &error))?;
        Ok(Self(Mutex::new(file)))
    }

    /// Notes a request.
    pub(super) fn note(&self, client: u64, asked: &Asked) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let time = now.map_or(0, |now| u64::try_from(now.as_micros()).unwrap_or(u64::MAX));
        let envelope = Envelope::new(Some(time), client, Direction::ToServer);
        let line = envelope.message(&asked.message.to_string(), asked.masked);
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The clients are served nevertheless.
        drop(file.write_all(line.as_bytes()));
    }

    /// Writes what is still in memory.
    pub(crate) fn finish(&self) -> io::Result<()> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.flush()
    }
}
