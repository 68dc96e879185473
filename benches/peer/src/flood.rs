//! Peers that send nothing but noise.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// The bytes they send.
pub(crate) const NOISES: [(&str, u8); 3] = [("0xFF", 0xFF), ("NUL", 0), ("blank", b' ')];

/// Bytes of a write.
const CHUNK: usize = 64 << 10;

/// Threads that flood, until this is dropped.
pub(crate) struct Flood {
    folder: PathBuf,
    paths: Vec<PathBuf>,
    is_over: Arc<AtomicBool>,
}

impl Flood {
    fn new(paths: usize) -> io::Result<Self> {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("qapi-flood-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir(&folder)?;
        let paths = (0..paths).map(|path| folder.join(path.to_string()));
        Ok(Self {
            paths: paths.collect(),
            folder,
            is_over: Arc::default(),
        })
    }

    /// QMP servers that flood their clients as soon as these have negotiated, each with so many bytes at most.
    pub(crate) fn by_servers(count: usize, byte: u8, most: usize) -> io::Result<Self> {
        let flood = Self::new(count)?;
        for path in &flood.paths {
            let listener = UnixListener::bind(path)?;
            let is_over = Arc::clone(&flood.is_over);
            thread::spawn(move || {
                while let (false, Ok((stream, _))) =
                    (is_over.load(Ordering::Relaxed), listener.accept())
                {
                    // It ends when the client disconnects.
                    drop(greet(&stream).and_then(|()| send(&stream, byte, most, &is_over)));
                }
            });
        }
        Ok(flood)
    }

    /// Clients that flood the server at the only path, and connect again when they have been disconnected.
    pub(crate) fn by_clients(count: usize, byte: u8) -> io::Result<Self> {
        let flood = Self::new(1)?;
        for _ in 0..count {
            let (path, is_over) = (flood.paths[0].clone(), Arc::clone(&flood.is_over));
            thread::spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let flooded = UnixStream::connect(&path)
                        .and_then(|stream| send(&stream, byte, usize::MAX, &is_over));
                    if flooded.is_err() {
                        thread::sleep(Duration::from_millis(1));
                    }
                }
            });
        }
        Ok(flood)
    }

    /// Returns the sockets.
    pub(crate) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        for path in &self.paths {
            wake(path);
        }
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// Makes a listener check if it is to end.
fn wake(path: &Path) {
    drop(UnixStream::connect(path));
}

/// Greets a client and answers its negotiation.
fn greet(mut stream: &UnixStream) -> io::Result<()> {
    stream.write_all(b"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 0, \"minor\": 1, \"major\": 9}, \"package\": \"\"}, \"capabilities\": []}}\n")?;
    let mut request = String::new();
    BufReader::new(stream).read_line(&mut request)?;
    let id = request
        .split_once("\"id\":")
        .map(|(_, rest)| rest.trim().trim_end_matches('}').to_owned());
    let id = id.map_or(String::new(), |id| format!(", \"id\": {id}"));
    stream.write_all(format!("{{\"return\": {{}}{id}}}\n").as_bytes())
}

/// Sends noise until the other side disconnects or everything is to end.
fn send(mut stream: &UnixStream, byte: u8, most: usize, is_over: &AtomicBool) -> io::Result<()> {
    stream.set_write_timeout(Some(Duration::from_millis(100)))?;
    let (noise, mut sent) = ([byte; CHUNK], 0);
    while !is_over.load(Ordering::Relaxed) {
        if sent >= most {
            thread::sleep(Duration::from_millis(100));
            continue;
        }
        match stream.write(&noise) {
            Ok(length) => sent += length,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
