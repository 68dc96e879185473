//! Schemas as the verbs read them: the options that say how, and the report about what was read.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use qapi_parser::ir::{Schema, TypeDef, TypeKind};
use qapi_parser::source::SourceMap;
use qapi_parser::{Dialect, Loaded, Options, load_beside};

use crate::console::{Console, counted, one_line};
use crate::diagnostics::{Lints, MessageFormat, Report};
use crate::standard_input::Input;
use crate::status::{Failure, Status};

/// Options of reading a schema.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Reading the schema")]
pub(crate) struct SchemaArgs {
    /// Accepted forms of the language [default: auto]
    #[arg(long, value_enum, value_name = "DIALECT")]
    pub(crate) dialect: Option<DialectName>,
    /// Exit with status 1 on warnings, too
    #[arg(long)]
    pub(crate) deny_warnings: bool,
    /// Format of diagnostics
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) message_format: MessageFormat,
    #[command(flatten)]
    pub(crate) symbols: SymbolArgs,
    /// Treatments of warnings, which a file has.
    #[arg(skip)]
    pub(crate) lints: Lints,
}

impl SchemaArgs {
    /// Options for the parser.
    pub(crate) fn options(&self) -> Options {
        let mut options = Options::default();
        options.dialect = self.dialect.unwrap_or_default().into();
        options
    }

    /// A report about the schema, with nothing printed yet.
    pub(crate) fn report(&self, quiet: bool, color: bool) -> Report {
        Report::new(self.message_format, self.deny_warnings, quiet, color).with_lints(&self.lints)
    }
}

/// Accepted forms of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum DialectName {
    /// Every form that a release of QEMU from 1.1 to 10.2 accepted; old ones with a warning
    #[default]
    Auto,
    /// Exactly the forms that QEMU 10.2.2 accepts
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

impl From<Dialect> for DialectName {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Auto => Self::Auto,
            Dialect::Strict => Self::Strict,
        }
    }
}

/// Values of the symbols in conditions (`if`).
#[derive(Debug, Clone, Args)]
pub(crate) struct SymbolArgs {
    /// Treat SYMBOL as defined in conditions; may be repeated
    #[arg(short = 'D', long, value_name = "SYMBOL", value_parser = symbol)]
    pub(crate) define: Vec<String>,
    /// Treat SYMBOL as undefined in conditions, which is the default; may be repeated
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

/// Parses a symbol. `NAME=VALUE`, a habit from C compilers, is refused.
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

/// A loaded schema, with the report about it on standard error.
pub(crate) struct Loading {
    pub(crate) loaded: Loaded,
    report: Report,
}

/// Loads a schema and prints its diagnostics.
pub(crate) fn load(
    root: &Path,
    args: &SchemaArgs,
    console: &mut Console,
) -> Result<Loading, Failure> {
    args.symbols.defined()?;
    let loaded = qapi_parser::load(root, &Input::default(), &args.options());
    let mut report = args.report(console.quiet, console.stderr.color);
    report.print(&mut console.stderr, &loaded.sources, &loaded.diagnostics)?;
    tell_loaded(&loaded, console)?;
    Ok(Loading { loaded, report })
}

/// Loads revisions of a schema into one map of sources and prints their diagnostics.
pub(crate) fn load_revisions(
    roots: &[PathBuf],
    args: &SchemaArgs,
    console: &mut Console,
) -> Result<(Vec<Schema>, SourceMap, Report), Failure> {
    args.symbols.defined()?;
    let input = Input::default();
    let mut report = args.report(console.quiet, console.stderr.color);
    let (mut schemas, mut sources) = (Vec::new(), SourceMap::default());
    for root in roots {
        let loaded = load_beside(sources, root, &input, &args.options());
        report.print(&mut console.stderr, &loaded.sources, &loaded.diagnostics)?;
        tell_loaded(&loaded, console)?;
        sources = loaded.sources;
        schemas.extend(loaded.schema);
    }
    Ok((schemas, sources, report))
}

impl Loading {
    /// The schema, unless it has errors or denied warnings.
    pub(crate) fn schema(&self) -> Option<&Schema> {
        let schema = self.loaded.schema.as_ref();
        schema.filter(|_| self.report.status() == Status::Clean)
    }

    /// Ends the report.
    pub(crate) fn finish(&self, console: &mut Console) -> Result<Status, Failure> {
        self.report.finish(&mut console.stderr)?;
        Ok(self.report.status())
    }
}

/// Reports the files read, in verbose mode.
pub(crate) fn tell_loaded(loaded: &Loaded, console: &mut Console) -> Result<(), Failure> {
    for (_, file) in loaded.sources.files() {
        let lines = || counted(file.text.lines().count(), "line");
        console.tell(|| format!("read {} ({})", one_line(&file.path), lines()))?;
    }
    if let Some(schema) = &loaded.schema {
        console.tell(|| contents(schema))?;
    }
    Ok(())
}

/// `found 12 types, 3 commands, 1 event`: the schema's own definitions.
fn contents(schema: &Schema) -> String {
    let array = |ty: &TypeDef| matches!(ty.kind, TypeKind::Array(_));
    let defined = |ty: &&TypeDef| ty.span.is_some() && !ty.implicit && !array(ty);
    format!(
        "found {}, {}, {}",
        counted(schema.types.iter().filter(defined).count(), "type"),
        counted(schema.commands.len(), "command"),
        counted(schema.events.len(), "event")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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
