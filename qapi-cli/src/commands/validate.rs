//! `qapi validate`: checks recorded messages against a schema.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use qapi_traffic::{Audit, Build, Severity, Validator};

use crate::console::Console;
use crate::report::traffic;
use crate::schema::{self, SchemaArgs, SymbolArgs};
use crate::standard_input::open_recording;
use crate::status::{Failure, Status};

/// Check recorded messages against a schema
///
/// A recording has one message per line, as `qapi record` writes it, or a plain request, reply, error or event. All
/// members and values are checked; replies are matched with their requests. Each problem is reported once, at the
/// first message that has it, with a count. Lines that cannot be read are reported and skipped.
///
/// Parts of the schema whose condition --define and --undefine do not decide are assumed to exist.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi validate qapi/qapi-schema.json session.jsonl
  qapi validate --message-format short -D CONFIG_KVM schema.json *.jsonl
  qapi validate qapi/qapi-schema.json --examples docs/*.rst
  zcat huge.jsonl.gz | qapi validate schema.json -

Exit status:
  0  every message fits (and nothing deprecated is used, with --deny-warnings)
  1  messages that do not fit, or errors in the schema
  2  wrong usage, or a file that cannot be read")]
pub(crate) struct ValidateOpts {
    /// Main file of the schema
    #[arg(value_name = "SCHEMA")]
    root: PathBuf,
    /// Recordings; `-` is standard input
    #[arg(required = true, value_name = "TRAFFIC")]
    recordings: Vec<PathBuf>,
    /// Treat the files as documentation, such as pages or comments of a schema: check the messages after `->` and
    /// `<-`. Messages abridged with `...` are skipped
    #[arg(long)]
    examples: bool,
    #[command(flatten)]
    schema: SchemaArgs,
}

pub(crate) fn run(opts: &ValidateOpts, console: &mut Console) -> Result<Status, Failure> {
    opts.schema.symbols.defined()?;
    let loading = schema::load(&opts.root, &opts.schema, console)?;
    let Some(schema) = loading.schema() else {
        return loading.finish(console);
    };
    let validator = Validator::new(schema, &build(&opts.schema.symbols));
    let mut audit = Audit::new(&validator);
    for path in &opts.recordings {
        let failure = |error: io::Error| Failure::cannot("read", path, &error);
        let mut recording = open_recording(path).map_err(failure)?;
        if opts.examples {
            audit.read_documentation(&documentation(&mut recording).map_err(failure)?);
        } else {
            audit.read(recording).map_err(failure)?;
        }
    }
    let options = traffic::Options {
        format: opts.schema.message_format,
        color: console.stdout.color,
        quiet: console.quiet,
        deny_warnings: opts.schema.deny_warnings,
    };
    let names: Vec<String> = opts.recordings.iter().map(|path| shown(path)).collect();
    traffic::write(&mut console.stdout, &audit, &names, options)?;
    Ok(match audit.worst() {
        Some(Severity::Error) => Status::Findings,
        Some(Severity::Warning) if opts.schema.deny_warnings => Status::Findings,
        _ => Status::Clean,
    })
}

/// Reads a file of documentation, which is never as large as recordings are.
fn documentation(file: &mut dyn Read) -> io::Result<String> {
    const MOST: u64 = 64 << 20;
    let mut bytes = Vec::new();
    if file.take(MOST + 1).read_to_end(&mut bytes)? as u64 > MOST {
        return Err(io::Error::other("documentation of more than 64 MiB"));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Returns the build that the options describe.
pub(crate) fn build(symbols: &SymbolArgs) -> Build {
    let set = |symbols: &[String]| symbols.iter().cloned().collect();
    Build::new(set(&symbols.define), set(&symbols.undefine))
}
