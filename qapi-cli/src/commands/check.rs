//! `qapi check`: diagnostics, and nothing else.

use std::path::PathBuf;

use clap::Args;

use crate::console::Console;
use crate::project::ProjectArgs;
use crate::schema::{SchemaArgs, tell_loaded};
use crate::standard_input::Input;
use crate::status::{Failure, Status};

/// Report all errors and warnings in schemas
///
/// Each SCHEMA is checked on its own, with the files that it includes. Diagnostics go to standard output. All branches
/// of conditions are checked, so --define and --undefine make no difference.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi check schema.json
  qapi check --dialect strict --message-format short qapi/*.json
  git show HEAD:schema.json | qapi check -

Exit status:
  0  no errors (and no warnings, with --deny-warnings)
  1  errors
  2  wrong usage, or a SCHEMA that cannot be read")]
pub(crate) struct Opts {
    /// Main file of the schema; `-` is standard input
    #[arg(value_name = "SCHEMA")]
    schemas: Vec<PathBuf>,
    #[command(flatten)]
    schema: SchemaArgs,
    #[command(flatten)]
    project: ProjectArgs,
}

pub(crate) fn run(opts: &Opts, console: &mut Console) -> Result<Status, Failure> {
    opts.schema.symbols.defined()?;
    let project = opts.project.load(&opts.schemas)?;
    let targets = project.targets(&opts.schemas, &opts.schema)?;
    let input = Input::default();
    let args = project.merged(&opts.schema, None);
    let mut report = args.report(console.quiet, console.stdout.color);
    for target in &targets {
        for root in &target.roots {
            let loaded = qapi_parser::load(root, &input, &target.args.options());
            report.print_schema(&mut console.stdout, root, &loaded, console.verbose)?;
            tell_loaded(&loaded, console)?;
        }
    }
    report.finish(&mut console.stdout)?;
    Ok(report.status())
}
