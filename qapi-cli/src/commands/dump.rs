//! `qapi dump`: the checked schema as JSON.

use std::path::PathBuf;

use clap::Args;

use crate::console::Console;
use crate::dump;
use crate::schema::{self, SchemaArgs};
use crate::status::{Failure, Status};

/// Print the checked schema as JSON
///
/// The dump has everything that back ends see: modules and their definitions in order, implicit object and array types, own and
/// inherited members, branches, conditions, features, documentation. The format is described in
/// qapi-cli/docs/dump-format.md; its version is the number under the key `format`. Conditions are kept,
/// whatever --define and --undefine say.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi dump schema.json | jq '.modules[].entities[] | select(.kind == \"command\").name'
  qapi dump --compact schema.json > schema.dump.json

Exit status:
  0  printed
  1  errors in the schema; nothing is printed on standard output
  2  wrong usage, or the schema cannot be read")]
pub(crate) struct DumpOpts {
    /// Main file of the schema; `-` is standard input
    #[arg(value_name = "SCHEMA")]
    root: PathBuf,
    /// Print everything on one line
    #[arg(long)]
    compact: bool,
    #[command(flatten)]
    schema: SchemaArgs,
}

pub(crate) fn run(opts: &DumpOpts, console: &mut Console) -> Result<Status, Failure> {
    let loading = schema::load(&opts.root, &opts.schema, console)?;
    if let Some(schema) = loading.schema() {
        let sources = &loading.loaded.sources;
        dump::write(&mut console.stdout, schema, sources, opts.compact)?;
    }
    loading.finish(console)
}
