//! The recording proxy, and socat in its place: round trips, and requests in a row.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::programs::{Folder, Listening, qapi};
use crate::{Goals, Subject};

/// The proxies take turns, and the best round of each counts.
const ROUNDS: usize = 15;

const ROUND_TRIPS: usize = 3_000;

/// Requests in a row: to QEMU, which is slow, and to a server that does nothing.
const IN_A_ROW: [usize; 2] = [5_000, 100_000];

const REQUEST: &str = "{\"execute\": \"query-status\"}\n";

pub(crate) fn measure(_: &Subject, goals: &mut Goals) {
    let has_socat = Command::new("socat").arg("-V").output().is_ok();
    if !has_socat {
        println!("  no socat: nothing to compare with (apt-get install socat)");
        return;
    }
    let folder = Folder::new();
    let socket = folder.file("qemu");
    let mut qemu = Command::new("qemu-system-x86_64");
    qemu.args(["-M", "none", "-nodefaults", "-display", "none", "-qmp"]);
    qemu.arg(format!("unix:{},server=on,wait=off", socket.display()));
    if Command::new("qemu-system-x86_64")
        .arg("--version")
        .output()
        .is_ok()
    {
        let _qemu = Listening::start(&mut qemu, socket.clone());
        let mut both = Both::new(&folder, &socket);
        both.compare("QEMU", IN_A_ROW[0], goals);
    } else {
        println!("  no qemu-system-x86_64: only a server that does nothing");
    }
    let idle = folder.file("idle");
    serve(&idle);
    Both::new(&folder, &idle).compare("a server that does nothing", IN_A_ROW[1], goals);
}

/// Serves clients one after the other: greets, and answers each line.
fn serve(path: &Path) {
    let listener = UnixListener::bind(path).expect("the folder is writable");
    thread::spawn(move || {
        for client in listener.incoming() {
            // The client has gone, if it fails.
            drop(client.and_then(|client| answer(&client)));
        }
    });
}

fn answer(mut client: &UnixStream) -> std::io::Result<()> {
    client.write_all(b"{\"QMP\": {}}\r\n")?;
    let mut requests = BufReader::with_capacity(1 << 16, client);
    let mut replies = Vec::new();
    loop {
        let available = requests.fill_buf()?;
        if available.is_empty() {
            return Ok(());
        }
        let count = available.iter().filter(|it| **it == b'\n').count();
        let length = available.len();
        requests.consume(length);
        replies.clear();
        for _ in 0..count {
            let reply = b"{\"return\": {\"running\": true, \"singlestep\": false, \"status\": \"running\"}}\r\n";
            replies.extend_from_slice(reply);
        }
        client.write_all(&replies)?;
    }
}

/// A client's time with each proxy.
struct Both<'f> {
    folder: &'f Folder,
    server: &'f Path,
    started: usize,
}

impl<'f> Both<'f> {
    fn new(folder: &'f Folder, server: &'f Path) -> Self {
        Self {
            folder,
            server,
            started: 0,
        }
    }

    fn compare(&mut self, name: &str, in_a_row: usize, goals: &mut Goals) {
        let mut best = [[Duration::MAX; 2]; 2];
        for _ in 0..ROUNDS {
            for (index, best) in best.iter_mut().enumerate() {
                let proxy = self.start(index == 1);
                let mut client = Client::new(proxy.connect());
                best[0] = best[0].min(client.round_trips(ROUND_TRIPS));
                best[1] = best[1].min(client.in_a_row(in_a_row));
            }
        }
        let [ours, theirs] = best;
        let kinds = ["round trips", "in a row"];
        for (index, (kind, count)) in kinds.iter().zip([ROUND_TRIPS, in_a_row]).enumerate() {
            let count = u32::try_from(count).expect("it is small");
            let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(count);
            let (ours, theirs) = (ours[index], theirs[index]);
            println!(
                "  {name}, {kind}: {:.2} µs each, socat {:.2} µs; {}",
                each(ours),
                each(theirs),
                goals.check(ours <= theirs, "no slower than socat")
            );
        }
    }

    /// Starts a proxy for one client.
    fn start(&mut self, is_socat: bool) -> Listening {
        self.started += 1;
        let listen = self.folder.file(&format!("l{}-{is_socat}", self.started));
        drop(std::fs::remove_file(&listen));
        let mut command = Command::new(if is_socat { Path::new("socat") } else { qapi() });
        if is_socat {
            command.arg(format!("UNIX-LISTEN:{}", listen.display()));
            command.arg(format!("UNIX-CONNECT:{}", self.server.display()));
        } else {
            command.args(["-q", "record", "--once", "-o"]);
            command
                .arg(self.folder.file("recording"))
                .arg(self.server)
                .arg(&listen);
        }
        Listening::start(&mut command, listen)
    }
}

/// A client that has negotiated.
struct Client {
    stream: UnixStream,
    replies: BufReader<UnixStream>,
}

impl Client {
    fn new(stream: UnixStream) -> Self {
        let replies = stream.try_clone().expect("a descriptor is left");
        let mut client = Self {
            stream,
            replies: BufReader::with_capacity(1 << 16, replies),
        };
        client.read(1);
        client
            .stream
            .write_all(b"{\"execute\": \"qmp_capabilities\"}\n")
            .expect("it reads");
        client.read(1);
        client
    }

    fn read(&mut self, count: usize) {
        let mut line = Vec::new();
        for _ in 0..count {
            line.clear();
            let length = self.replies.read_until(b'\n', &mut line);
            assert!(length.is_ok_and(|it| it > 0), "the connection has ended");
        }
    }

    fn round_trips(&mut self, count: usize) -> Duration {
        let start = Instant::now();
        for _ in 0..count {
            self.stream.write_all(REQUEST.as_bytes()).expect("it reads");
            self.read(1);
        }
        start.elapsed()
    }

    fn in_a_row(&mut self, count: usize) -> Duration {
        let start = Instant::now();
        let mut requests = self.stream.try_clone().expect("a descriptor is left");
        thread::scope(|scope| {
            scope.spawn(move || {
                let many = REQUEST.repeat(100);
                for _ in 0..count / 100 {
                    requests.write_all(many.as_bytes()).expect("it reads");
                }
            });
            self.read(count);
        });
        start.elapsed()
    }
}
