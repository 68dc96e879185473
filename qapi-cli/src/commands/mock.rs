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

/// Serve a schema to clients under test, without the program behind it
///
/// Requests are judged by the schema, with the errors of QEMU. Replies are made up: they fit the schema, and are the same for
/// the same --seed. What the machine does after `stop` and `cont` is remembered. A script says what is answered otherwise,
/// and which events come; docs/mock.md describes its format.
///
/// The server ends when it is killed, or after --clients have been served. Only its owner can connect to its socket.
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
  1  errors in the schema, or the clients asked something else than --expect has; the difference is printed
  2  wrong usage, or a file or socket that cannot be used")]
pub(crate) struct MockOpts {
    /// Main file of the schema; `-` is standard input
    #[arg(value_name = "SCHEMA")]
    root: PathBuf,
    /// Path of a unix socket, or `tcp:HOST:PORT`
    #[arg(value_name = "SOCKET")]
    socket: String,
    /// Speak QMP: greet, and let clients negotiate. It is the default if the schema has the command `qmp_capabilities`
    #[arg(long, conflicts_with = "guest")]
    qmp: bool,
    /// Speak as a guest agent
    #[arg(long)]
    guest: bool,
    /// Answer as this script says
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Answer as the server of this recording did
    #[arg(long, value_name = "TRAFFIC", conflicts_with = "script")]
    replay: Option<PathBuf>,
    /// Choose among the replies that fit the schema
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
    /// Leave this place out of transcript and comparison, too, besides passwords and keys: as `qapi record --mask`; may be
    /// repeated
    #[arg(long, value_name = "PLACE")]
    mask: Vec<Selector>,
    /// End when so many clients have been served; 1 with --expect
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
            let title = "the clients asked something else than was expected (- expected, + asked):";
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
