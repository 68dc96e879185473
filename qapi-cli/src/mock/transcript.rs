//! The requests that clients sent, as a recording.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use qapi_runtime::message::Request;
use qapi_runtime::{EncodeMembers, ObjectWriter, Writer};

use crate::status::Failure;

/// A transcript that is being written.
pub(crate) struct Transcript(Mutex<Box<dyn Write + Send>>);

impl Transcript {
    /// A transcript in a file that only its owner can read, or on standard output if the path is `-`.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Ok(Self(Mutex::new(Box::new(io::stdout()))));
        }
        let file = open(path)
            .map_err(|error| Failure::new(format_args!("{}: {error}", path.display())))?;
        Ok(Self(Mutex::new(Box::new(BufWriter::new(file)))))
    }

    /// Notes a request.
    pub(super) fn note(&self, client: u64, request: &Request<'_>) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.unwrap_or_default();
        let mut out = Writer::new();
        out.object(|out| {
            out.member("client", &client);
            out.member("direction", &"to-server");
            out.member("message", &Message(request));
        });
        let line = out.into_string();
        let time = format!("{}.{:06}", now.as_secs(), now.subsec_micros());
        let line = format!("{{\"time\": {time}, {}\n", &line[1..]);
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The clients are served all the same.
        drop(file.write_all(line.as_bytes()));
    }

    /// Writes what is still in memory.
    pub(crate) fn finish(&self) -> io::Result<()> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.flush()
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A request as a message again.
struct Message<'r, 't>(&'r Request<'t>);

impl EncodeMembers for Message<'_, '_> {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        let request = self.0;
        let name = if request.out_of_band {
            "exec-oob"
        } else {
            "execute"
        };
        out.member(name, &request.name);
        let arguments = request.arguments.afresh().rest();
        if !arguments.is_empty() {
            out.member("arguments", &arguments);
        }
        if let Some(id) = &request.id {
            out.member("id", id);
        }
    }
}
