//! `qapi introspect`: the introspection data of a server built from the schema.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use qapi_codegen::introspect::{TypeNames, describe};
use qapi_parser::ir::Condition;

use crate::console::Console;
use crate::schema::{self, SchemaArgs};
use crate::status::{Failure, Status};

/// Print the reply to `query-qmp-schema` of a server that is built from the schema
///
/// The reply is a JSON array of `SchemaInfo` objects, in the server's order. Conditions are evaluated: a symbol is
/// true if --define names it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi introspect schema.json
  qapi introspect -D CONFIG_LINUX -D CONFIG_KVM schema.json
  qapi introspect --all-conditions --unmask schema.json

Exit status:
  0  printed
  1  errors in the schema; nothing is printed on standard output
  2  wrong usage, or the schema cannot be read")]
pub(crate) struct IntrospectOpts {
    /// Main file of the schema; `-` is standard input
    #[arg(value_name = "SCHEMA")]
    root: PathBuf,
    /// Show names of types instead of numbers
    #[arg(long)]
    unmask: bool,
    /// Treat all conditions as true
    #[arg(long, conflicts_with_all = ["define", "undefine"])]
    all_conditions: bool,
    #[command(flatten)]
    schema: SchemaArgs,
}

pub(crate) fn run(opts: &IntrospectOpts, console: &mut Console) -> Result<Status, Failure> {
    let defined = opts.schema.symbols.defined()?;
    let loading = schema::load(&opts.root, &opts.schema, console)?;
    if let Some(schema) = loading.schema() {
        let names = if opts.unmask {
            TypeNames::Real
        } else {
            TypeNames::Masked
        };
        let holds = |condition: &Condition| {
            opts.all_conditions || condition.holds(&|symbol| defined.contains(symbol))
        };
        let json = describe(schema, names, &holds).to_json();
        console.stdout.write_all(json.as_bytes())?;
    }
    loading.finish(console)
}
