//! The command line: the list of verbs, which is the only place that knows all of them.

use clap::{CommandFactory, Parser, Subcommand};

#[cfg(feature = "lsp")]
use crate::commands::lsp;
use crate::commands::{
    call, check, completions, diff, docs, dump, explain, fmt, generate, introspect, man, matrix,
    mock, reconstruct, record, shell, validate, vendor,
};
use crate::console::{Console, ConsoleArgs};
use crate::status::{Failure, Status};

/// Check QAPI schemas, compare them, document them, and generate Rust from them
#[derive(Debug, Parser)]
#[command(
    name = "qapi",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
#[command(after_help = "\
Exit status:
  0  success
  1  findings: errors in the schema, outdated files, an error reply
  2  failure: wrong usage, an unreadable file, no connection

`qapi COMMAND --help` describes a command in full.")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) console: ConsoleArgs,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Check(check::CheckOpts),
    Dump(dump::DumpOpts),
    Introspect(introspect::IntrospectOpts),
    Generate(generate::GenerateOpts),
    Docs(docs::DocsOpts),
    Diff(diff::DiffOpts),
    Matrix(matrix::MatrixOpts),
    Mock(mock::MockOpts),
    Reconstruct(reconstruct::ReconstructOpts),
    Record(record::RecordOpts),
    Validate(validate::ValidateOpts),
    Call(call::CallOpts),
    Shell(shell::ShellOpts),
    Vendor(vendor::VendorOpts),
    Fmt(fmt::FmtOpts),
    #[cfg(feature = "lsp")]
    Lsp(lsp::LspOpts),
    Explain(explain::ExplainOpts),
    Completions(completions::CompletionsOpts),
    Man(man::ManOpts),
}

impl Verb {
    pub(crate) fn run(self, console: &mut Console) -> Result<Status, Failure> {
        match self {
            Self::Check(opts) => check::run(&opts, console),
            Self::Dump(opts) => dump::run(&opts, console),
            Self::Introspect(opts) => introspect::run(&opts, console),
            Self::Generate(opts) => generate::run(&opts, console),
            Self::Docs(opts) => docs::run(&opts, console),
            Self::Diff(opts) => diff::run(&opts, console),
            Self::Matrix(opts) => matrix::run(&opts, console),
            Self::Mock(opts) => mock::run(&opts, console),
            Self::Reconstruct(opts) => reconstruct::run(&opts, console),
            Self::Record(opts) => record::run(&opts, console),
            Self::Validate(opts) => validate::run(&opts, console),
            Self::Call(opts) => call::run(&opts, console),
            Self::Shell(opts) => shell::run(&opts, console),
            Self::Vendor(opts) => vendor::run(&opts, console),
            Self::Fmt(opts) => fmt::run(&opts, console),
            #[cfg(feature = "lsp")]
            Self::Lsp(opts) => lsp::run(&opts, console),
            Self::Explain(opts) => explain::run(&opts, console),
            Self::Completions(opts) => completions::run(&opts, Cli::command(), console),
            Self::Man(opts) => man::run(&opts, Cli::command(), console),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
