//! `qapi mock`: a server for the tests of clients.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use qapi_codegen::introspect::{TypeNames, describe};
use qapi_parser::ir::{Condition, Schema};
use qapi_runtime::server::{EventSender, Greeting};
use qapi_runtime::testing::MockServer;
use qapi_runtime::wire::Document;
use qapi_runtime::{Any, Decode, Object};
use qapi_traffic::{Build, Masks, Selector, ServerModel, Validator};

use crate::console::{Console, one_line};
use crate::mock::{Actor, Bound, Expected, MockSettings, ScriptFile, Transcript, replayed};
use crate::schema::{self, SchemaArgs};
use crate::status::{Failure, Status};

/// Serve a schema to clients under test, in place of the real server
///
/// Requests are checked against the schema, with QEMU's errors. Replies are made up to fit the schema, and are the
/// same for the same --seed. The machine's state after `stop` and `cont` is kept. A script sets other replies, and
/// events; docs/mock.md describes its format.
///
/// The server runs until it is killed, or has served --clients. Only the user who runs it can connect to its Unix
/// socket.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi mock qapi/qapi-schema.json qmp.sock
  qapi mock qapi/qapi-schema.json qmp.sock --script script.json
  qapi mock qga/qapi-schema.json tcp:127.0.0.1:4444 --guest
  qapi mock qapi/qapi-schema.json qmp.sock --transcript asked.jsonl --clients 1
  qapi mock qapi/qapi-schema.json qmp.sock --expect asked.jsonl

Exit status:
  0  ended after --clients
  1  errors in the schema, or requests that differ from --expect; the difference is printed
  2  wrong usage, or a file or socket that cannot be used")]
pub(crate) struct MockOpts {
    /// Main file of the schema; `-` is standard input
    #[arg(value_name = "SCHEMA")]
    root: PathBuf,
    /// Path of a Unix socket, or `tcp:HOST:PORT`
    #[arg(value_name = "SOCKET")]
    socket: String,
    /// Speak QMP, with greeting and negotiation; the default if the schema has the command `qmp_capabilities`
    #[arg(long, conflicts_with = "guest")]
    qmp: bool,
    /// Speak the guest agent's protocol
    #[arg(long)]
    guest: bool,
    /// Reply as this script says
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Reply as the server in this recording did
    #[arg(long, value_name = "TRAFFIC", conflicts_with = "script")]
    replay: Option<PathBuf>,
    /// Seed of the made-up replies
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// QEMU's version in the greeting
    #[arg(long, value_name = "VERSION", default_value = "10.2.2", value_parser = version)]
    qemu_version: (u32, u32, u32),
    /// Write the requests to this file, as a recording; `-` is standard output
    #[arg(long, value_name = "FILE")]
    transcript: Option<PathBuf>,
    /// Compare the requests with those of this recording
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,
    /// Also mask this place in the transcript and the comparison, besides passwords and keys, as `qapi record --mask`
    /// does; may be repeated
    #[arg(long, value_name = "PLACE")]
    mask: Vec<Selector>,
    /// End after serving this many clients; 1 with --expect
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    clients: Option<u64>,
    #[command(flatten)]
    schema: SchemaArgs,
}

/// Reads `MAJOR.MINOR.MICRO`.
fn version(text: &str) -> Result<(u32, u32, u32), String> {
    let parts: Option<Vec<u32>> = text.split('.').map(|part| part.parse().ok()).collect();
    match parts.as_deref() {
        Some([major, minor, micro]) => Ok((*major, *minor, *micro)),
        _ => Err("expected three numbers, such as 10.2.2".to_owned()),
    }
}

pub(crate) fn run(opts: &MockOpts, console: &mut Console) -> Result<Status, Failure> {
    let defined = opts.schema.symbols.defined()?;
    let loading = schema::load(&opts.root, &opts.schema, console)?;
    let Some(schema) = loading.schema() else {
        return loading.finish(console);
    };
    let owned = |symbols: &mut dyn Iterator<Item = &str>| -> BTreeSet<String> {
        symbols.map(str::to_owned).collect()
    };
    let undefined = &mut opts.schema.symbols.undefine.iter().map(String::as_str);
    let build = Build::new(owned(&mut defined.iter().copied()), owned(undefined));
    let expectations = match (&opts.script, &opts.replay) {
        (Some(script), _) => {
            ScriptFile::read(script)?.expectations(&Validator::new(schema, &build))?
        }
        (None, Some(traffic)) => (replayed(traffic, console)?, false),
        (None, None) => (Vec::new(), false),
    };
    let mut masks = Masks::default();
    opts.mask.iter().cloned().for_each(|place| masks.add(place));
    let expected = match &opts.expect {
        Some(path) => Some(Arc::new(Expected::read(path, &masks, console)?)),
        None => None,
    };
    let transcript = opts
        .transcript
        .as_deref()
        .map(Transcript::create)
        .transpose()?;
    let transcript = transcript.map(Arc::new);
    let model = ServerModel::new(schema, &build, opts.seed);
    let is_guest = opts.guest || !(opts.qmp || model.commands().contains(&"qmp_capabilities"));
    let settings = MockSettings {
        expected: expected.clone(),
        transcript: transcript.clone(),
        masks,
        known: known(schema, &build, opts.qemu_version)?,
    };
    let events = EventSender::new();
    let script = Actor::script(model, is_guest, expectations, settings, &events);
    let server = if is_guest {
        MockServer::guest(script)
    } else {
        MockServer::of_qmp(script, Greeting::new(opts.qemu_version), &events)
    };
    let name = &opts.socket;
    let failed = |error| Failure::new(format_args!("cannot listen on {name}: {error}"));
    let socket = Bound::bind(name).map_err(failed)?;
    if !console.quiet {
        let address = socket.address().map_err(failed)?;
        let protocol = if is_guest { "guest agent" } else { "QMP" };
        writeln!(console.stderr, "mock {protocol} at {}", one_line(&address))?;
    }
    let clients = opts.clients.or(expected.as_ref().map(|_| 1));
    socket.serve(&server, clients).map_err(failed)?;
    if let Some(transcript) = &transcript {
        transcript.finish()?;
    }
    match expected.and_then(|expected| expected.difference()) {
        None => loading.finish(console),
        Some(difference) => {
            let title = "the requests differ from those expected (- expected, + received):";
            writeln!(console.stdout, "{title}")?;
            write!(console.stdout, "{difference}")?;
            Ok(Status::Findings)
        }
    }
}

/// Replies about the server itself, which clients act on.
fn known(
    schema: &Schema,
    build: &Build,
    (major, minor, micro): (u32, u32, u32),
) -> Result<Vec<(&'static str, Any)>, Failure> {
    let holds = |condition: &Condition| build.has(condition);
    let json = describe(schema, TypeNames::Masked, &holds).to_json();
    let document = Document::parse(json.as_bytes()).map_err(Failure::new)?;
    let described = Any::decode(document.lenient()).map_err(Failure::new)?;
    let triple = Object::from([
        ("major", Any::from(major)),
        ("minor", Any::from(minor)),
        ("micro", Any::from(micro)),
    ]);
    let version = Object::from([("qemu", Any::Object(triple)), ("package", Any::from(""))]);
    let empty = Any::Object(Object::new());
    Ok(vec![
        ("query-qmp-schema", described),
        ("query-version", Any::Object(version)),
        ("qmp_capabilities", empty),
    ])
}
