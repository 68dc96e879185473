//! The verbs, a file each: `Opts` is what the command line says, `run` does it.

use std::path::Path;

use qapi_parser::Loaded;
use qapi_parser::diag::Diagnostic;
use qapi_parser::ir::{Schema, TypeDef, TypeKind};

use crate::cli::{SchemaArgs, Verb};
use crate::console::Console;
use crate::input::Input;
use crate::report::{Report, number, one_line};
use crate::status::{Failure, Status};

pub(crate) mod call;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod docs;
pub(crate) mod dump;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod generate;
pub(crate) mod introspect;
pub(crate) mod man;
pub(crate) mod matrix;
pub(crate) mod shell;

/// Runs a verb.
pub(crate) fn run(verb: Verb, console: &mut Console) -> Result<Status, Failure> {
    match verb {
        Verb::Check(opts) => check::run(&opts, console),
        Verb::Dump(opts) => dump::run(&opts, console),
        Verb::Introspect(opts) => introspect::run(&opts, console),
        Verb::Generate(opts) => generate::run(&opts, console),
        Verb::Docs(opts) => docs::run(&opts, console),
        Verb::Call(opts) => call::run(&opts, console),
        Verb::Shell(opts) => shell::run(&opts, console),
        Verb::Diff(opts) => diff::run(&opts, console),
        Verb::Matrix(opts) => matrix::run(&opts, console),
        Verb::Fmt(opts) => fmt::run(&opts, console),
        Verb::Explain(opts) => explain::run(&opts, console),
        Verb::Completions(opts) => completions::run(&opts, console),
        Verb::Man(opts) => man::run(&opts, console),
    }
}

/// A schema that is loaded for something else than checking it, and the report about it, which
/// goes to standard error.
struct Loading {
    loaded: Loaded,
    report: Report,
}

/// Loads a schema and prints its diagnostics.
fn load_schema(root: &Path, args: &SchemaArgs, console: &mut Console) -> Result<Loading, Failure> {
    args.symbols.defined()?;
    let loaded = qapi_parser::load(root, &Input::default(), &args.options());
    let mut report = Report::new(args, console.quiet, console.stderr.color);
    report.print(&mut console.stderr, &loaded.sources, &loaded.diagnostics)?;
    tell_loaded(&loaded, console)?;
    Ok(Loading { loaded, report })
}

impl Loading {
    /// The schema, if there is nothing against using it: denied warnings are.
    fn schema(&self) -> Option<&Schema> {
        let schema = self.loaded.schema.as_ref();
        schema.filter(|_| self.report.status() == Status::Clean)
    }

    /// Prints what a back end has to say about the schema.
    fn report(&mut self, diagnostics: &[Diagnostic], console: &mut Console) -> Result<(), Failure> {
        let sources = &self.loaded.sources;
        Ok(self
            .report
            .print(&mut console.stderr, sources, diagnostics)?)
    }

    /// Ends the report.
    fn finish(&self, console: &mut Console) -> Result<Status, Failure> {
        self.report.finish(&mut console.stderr)?;
        Ok(self.report.status())
    }
}

/// In verbose mode, says what was read.
pub(crate) fn tell_loaded(loaded: &Loaded, console: &mut Console) -> Result<(), Failure> {
    for (_, file) in loaded.sources.files() {
        let lines = || number(file.text.lines().count(), "line");
        console.tell(|| format!("read {} ({})", one_line(&file.path), lines()))?;
    }
    if let Some(schema) = &loaded.schema {
        console.tell(|| contents(schema))?;
    }
    Ok(())
}

/// `found 12 types, 3 commands, 1 event`: what the schema defines itself.
fn contents(schema: &Schema) -> String {
    let array = |ty: &TypeDef| matches!(ty.kind, TypeKind::Array(_));
    let defined = |ty: &&TypeDef| ty.span.is_some() && !ty.implicit && !array(ty);
    format!(
        "found {}, {}, {}",
        number(schema.types.iter().filter(defined).count(), "type"),
        number(schema.commands.len(), "command"),
        number(schema.events.len(), "event")
    )
}
