//! `qapi record`: records the messages between clients and a server.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::thread;
use std::time::Duration;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, ValueEnum};
use qapi_traffic::import::{self, Format};
use qapi_traffic::{Arrival, Masks, Recorder, Selector};

use crate::console::{Console, counted, one_line};
use crate::private_file::{self, OldContents};
use crate::private_socket::PrivateSocket;
use crate::proxy::{self, EventKind, ProxyEvent};
use crate::standard_input::open_recording;
use crate::status::{Failure, Status};

/// Record the messages between clients and a server
///
/// Clients connect to LISTEN, which only the user who runs this can do. Each gets its own connection to SERVER, a
/// Unix socket of QEMU, its storage daemon or a guest agent. Bytes and file descriptors are passed on unchanged. FILE
/// gets one JSON object per line, with time, client, direction and message; an existing FILE is appended to.
///
/// Passwords, keys and the contents of secret objects are masked, also in errors that repeat them.
///
/// With --import, the messages come from logs of other programs instead.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi record /run/vm1/qmp.sock /tmp/vm1.sock -o session.jsonl
  qapi record --mask guest-exec.arguments.env /run/vm1/qga.sock /tmp/qga.sock -o session.jsonl
  qapi record --import libvirt /var/log/libvirt/libvirtd.log -o session.jsonl

Exit status:
  0  recorded
  2  wrong usage, a socket or file that cannot be used, or a log without messages")]
pub(crate) struct RecordOpts {
    /// Socket of the server
    #[arg(value_name = "SERVER", required_unless_present = "import", value_parser = socket_path())]
    server: Option<PathBuf>,
    /// Socket to listen on; one that a program left behind is replaced
    #[arg(value_name = "LISTEN", required_unless_present = "import", value_parser = socket_path())]
    listen: Option<PathBuf>,
    /// File for the recording, readable by its owner only; `-` is standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// End when the first client disconnects
    #[arg(long)]
    once: bool,
    /// Also mask this place: COMMAND.arguments.MEMBER, COMMAND.return.MEMBER or EVENT.data.MEMBER; `*` in COMMAND
    /// stands for any text; may be repeated
    #[arg(long, value_name = "PLACE")]
    mask: Vec<Selector>,
    /// Read logs of this format instead of recording; `-` is standard input
    #[arg(long, value_enum, value_name = "FORMAT", num_args = 1, conflicts_with_all = ["once"])]
    import: Option<FormatName>,
}

/// Formats of logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// libvirt's log of the qemu driver (filter `1:qemu`)
    Libvirt,
    /// QEMU's trace of the events `monitor_qmp_*` and `handle_qmp_command`
    Qemu,
    /// Debug log of QEMU's Python library
    Python,
    /// `socat -v` between client and server
    Socat,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Libvirt => Self::Libvirt,
            FormatName::Qemu => Self::Qemu,
            FormatName::Python => Self::Python,
            FormatName::Socat => Self::Socat,
        }
    }
}

/// Parses the path of a socket, with or without `unix:` before it, as other commands do.
fn socket_path() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().map(|path| {
        let rest = path.to_str().and_then(|text| text.strip_prefix("unix:"));
        rest.map(PathBuf::from).unwrap_or(path)
    })
}

pub(crate) fn run(opts: &RecordOpts, console: &mut Console) -> Result<Status, Failure> {
    let mut masks = Masks::default();
    opts.mask.iter().cloned().for_each(|place| masks.add(place));
    if let Some(format) = opts.import {
        return import(format.into(), opts, masks, console);
    }
    let (Some(server), Some(listen)) = (&opts.server, &opts.listen) else {
        return Err(Failure::new(
            "a server and a socket to listen at are needed",
        ));
    };
    let listener = PrivateSocket::bind(listen).map_err(|error| not_listening(listen, &error))?;
    let recorder = Recorder::new(open(opts)?, masks);
    console.tell(|| format!("listening at {}", listen.display()))?;
    // Large enough to hide the disk's delays, small enough to slow down a flooding client.
    let (events, queue) = sync_channel(256);
    let server_name = server.display().to_string();
    // Messages may be deep.
    let builder = thread::Builder::new().stack_size(64 << 20);
    let writer = builder.spawn(move || write(recorder, &queue, &server_name));
    let writer = writer.map_err(Failure::new)?;
    let accepted = proxy::run(&listener, server, opts.once, &events);
    drop(events);
    let written = writer
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    accepted.map_err(|error| not_listening(listen, &error))?;
    let is_connected = written.map_err(|error| Failure::cannot("write", &opts.output, &error))?;
    if opts.once && !is_connected {
        return Err(Failure::new("nothing was recorded"));
    }
    Ok(Status::Clean)
}

/// Opens the recording, to be added to.
fn open(opts: &RecordOpts) -> Result<Box<dyn Write + Send>, Failure> {
    let output = private_file::open(&opts.output, OldContents::Kept);
    output.map_err(|error| Failure::cannot("write", &opts.output, &error))
}

fn not_listening(path: &Path, error: &io::Error) -> Failure {
    Failure::cannot("listen on", path, error)
}

/// Records until all senders are gone. After a failure of the output, clients and server go on without a recording.
/// Returns true if the server could be reached.
fn write(
    mut recorder: Recorder<impl Write>,
    queue: &Receiver<ProxyEvent>,
    server: &str,
) -> io::Result<bool> {
    /// The time to wait for further events before the thread sleeps, because waking it costs the clients time.
    const REST: Duration = Duration::from_millis(1);
    let mut failure = None;
    let mut is_connected = false;
    loop {
        let event = match queue.try_recv() {
            Ok(event) => Some(event),
            Err(TryRecvError::Disconnected) => None,
            Err(TryRecvError::Empty) => {
                note(&mut failure, recorder.flush());
                thread::sleep(REST);
                queue.recv().ok()
            }
        };
        let Some(event) = event else { break };
        if let EventKind::Refused(error) = &event.kind {
            // It may have no reader.
            let _ = writeln!(io::stderr(), "cannot connect to {server}: {error}");
        }
        is_connected |= matches!(event.kind, EventKind::Opened);
        if failure.is_none() {
            note(&mut failure, take(&mut recorder, event));
        }
    }
    if failure.is_none() {
        note(&mut failure, recorder.flush());
    }
    failure.map_or(Ok(is_connected), Err)
}

/// Keeps the first failure, and says so at once: the end may be far.
fn note(failure: &mut Option<io::Error>, result: io::Result<()>) {
    if let (None, Err(error)) = (&failure, result) {
        let _ = writeln!(io::stderr(), "the recording ends here: {error}");
        *failure = Some(error);
    }
}

fn take(recorder: &mut Recorder<impl Write>, event: ProxyEvent) -> io::Result<()> {
    let client = event.client;
    let arrival = |direction| Arrival {
        time: Some(event.time),
        client,
        direction,
    };
    match event.kind {
        EventKind::Opened => recorder.opened(Some(event.time), client),
        EventKind::Refused(_) => Ok(()),
        EventKind::Bytes(direction, bytes, descriptors) => {
            recorder.bytes(arrival(direction), &bytes, descriptors)
        }
        EventKind::Closed(direction, is_last) => recorder.closed(arrival(direction), is_last),
    }
}

fn import(
    format: Format,
    opts: &RecordOpts,
    masks: Masks,
    console: &mut Console,
) -> Result<Status, Failure> {
    let mut logs: Vec<&PathBuf> = opts.server.iter().chain(&opts.listen).collect();
    let standard = PathBuf::from("-");
    if logs.is_empty() {
        logs.push(&standard);
    }
    let mut inputs = Vec::new();
    for log in logs {
        let input = open_recording(log).map_err(|error| Failure::cannot("read", log, &error))?;
        inputs.push((log, input));
    }
    let is_new = opts.output != standard && !opts.output.exists();
    let mut recorder = Recorder::new(open(opts)?, masks);
    let mut total = 0;
    for (log, input) in inputs {
        let imported = import::read(format, input, &mut recorder);
        let imported = imported.map_err(|error| Failure::cannot("read", log, &error))?;
        if imported.unreadable > 0 && !console.quiet {
            let count = usize::try_from(imported.unreadable).unwrap_or(usize::MAX);
            let lines = counted(count, "line");
            let (name, first) = (log.display().to_string(), imported.first_unreadable);
            let name = one_line(&name);
            writeln!(
                console.stderr,
                "{name}:{first}: {lines} of messages cannot be read, of which this is the first"
            )?;
        }
        total += imported.messages;
    }
    recorder.flush().map_err(Failure::new)?;
    if total == 0 {
        if is_new {
            // It is empty.
            let _ = std::fs::remove_file(&opts.output);
        }
        return Err(Failure::new("the logs contain no message of this format"));
    }
    console.tell(|| {
        format!(
            "imported {}",
            counted(usize::try_from(total).unwrap_or(usize::MAX), "message")
        )
    })?;
    Ok(Status::Clean)
}
