//! The command line: verbs, and the flags that several of them share.

use std::collections::BTreeSet;

use clap::{Args, Parser, Subcommand, ValueEnum};
use qapi_parser::{Dialect, Options};

use crate::commands::{
    call, check, completions, diff, docs, dump, explain, fmt, generate, introspect, man, matrix,
    shell,
};
use crate::status::Failure;

/// Reads QAPI schemas, tells what is wrong with them, and turns them into Rust
#[derive(Debug, Parser)]
#[command(
    name = "qapi",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
#[command(after_help = "\
Exit status:
  0  done, nothing to complain about
  1  done, with findings: errors in the schema, outdated files, an error reply
  2  not done: wrong usage, an unreadable file, no connection

Every verb tells more about itself with --help.")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) console: ConsoleArgs,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Check(check::Opts),
    Dump(dump::Opts),
    Introspect(introspect::Opts),
    Generate(generate::Opts),
    Docs(docs::Opts),
    Diff(diff::Opts),
    Matrix(matrix::Opts),
    Call(call::Opts),
    Shell(shell::Opts),
    Fmt(fmt::Opts),
    Explain(explain::Opts),
    Completions(completions::Opts),
    Man(man::Opts),
}

/// How to talk to the user.
#[derive(Debug, Args)]
pub(crate) struct ConsoleArgs {
    /// When to use colours; `auto`: on a terminal, unless `NO_COLOR` is set
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value_t,
        help_heading = "Output"
    )]
    pub(crate) color: ColorWhen,
    /// Print nothing but errors: no warnings, no summary
    #[arg(
        short,
        long,
        global = true,
        conflicts_with = "verbose",
        help_heading = "Output"
    )]
    pub(crate) quiet: bool,
    /// Tell on standard error what is being done
    #[arg(short, long, global = true, help_heading = "Output")]
    pub(crate) verbose: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ColorWhen {
    #[default]
    Auto,
    Always,
    Never,
}

/// How to read a schema and what to do about its diagnostics.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading the schema")]
pub(crate) struct SchemaArgs {
    /// Which forms of the language to accept
    #[arg(long, value_enum, value_name = "DIALECT", default_value_t)]
    pub(crate) dialect: DialectName,
    /// Warnings are findings, too: exit with status 1
    #[arg(long)]
    pub(crate) deny_warnings: bool,
    /// How to print diagnostics
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) message_format: MessageFormat,
    #[command(flatten)]
    pub(crate) symbols: SymbolArgs,
}

impl SchemaArgs {
    /// What the reader needs to know.
    pub(crate) fn options(&self) -> Options {
        let mut options = Options::default();
        options.dialect = self.dialect.into();
        options
    }
}

/// Which forms of the language are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum DialectName {
    /// Every form that a release of QEMU from 1.1 to 10.2 accepted; old ones with a warning
    #[default]
    Auto,
    /// What QEMU 10.2.2 accepts, and nothing else
    Strict,
}

impl From<DialectName> for Dialect {
    fn from(name: DialectName) -> Self {
        match name {
            DialectName::Auto => Self::Auto,
            DialectName::Strict => Self::Strict,
        }
    }
}

/// How diagnostics are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum MessageFormat {
    /// With the text in question, and a summary at the end
    #[default]
    Human,
    /// `FILE:LINE[:COLUMN]: error[CODE]: message`
    Short,
    /// One JSON object per line
    Json,
}

/// Which symbols of conditions (`if`) are defined.
#[derive(Debug, Args)]
pub(crate) struct SymbolArgs {
    /// Take SYMBOL as defined in conditions; may be repeated
    #[arg(short = 'D', long, value_name = "SYMBOL", value_parser = symbol)]
    pub(crate) define: Vec<String>,
    /// Take SYMBOL as not defined in conditions, which is the default; may be repeated
    #[arg(short = 'U', long, value_name = "SYMBOL", value_parser = symbol)]
    pub(crate) undefine: Vec<String>,
}

impl SymbolArgs {
    /// The defined symbols.
    pub(crate) fn defined(&self) -> Result<BTreeSet<&str>, Failure> {
        let defined: BTreeSet<&str> = self.define.iter().map(String::as_str).collect();
        match self
            .undefine
            .iter()
            .find(|symbol| defined.contains(symbol.as_str()))
        {
            Some(symbol) => Err(Failure::new(format_args!(
                "`{symbol}` is named by both --define and --undefine"
            ))),
            None => Ok(defined),
        }
    }
}

/// Accepts what can be a symbol of a condition; `NAME=VALUE` is a habit from C compilers.
fn symbol(text: &str) -> Result<String, String> {
    let mut bytes = text.bytes();
    let first = bytes
        .next()
        .is_some_and(|byte| byte == b'_' || byte.is_ascii_alphabetic());
    if first && bytes.all(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
        Ok(text.to_owned())
    } else {
        Err("a symbol is a letter or `_`, then letters, digits and `_`; it has no value".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn symbols_are_identifiers() {
        for good in ["CONFIG_LINUX", "A", "_x", "a1"] {
            assert_eq!(symbol(good).as_deref(), Ok(good));
        }
        for bad in ["", "1A", "A=1", "A B", "Ä", "defined(A)"] {
            assert!(symbol(bad).is_err(), "{bad:?}");
        }
    }
}
