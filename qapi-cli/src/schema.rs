//! Loading of schemas for all verbs: options and reports.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use qapi_parser::diag::{Diagnostic, Severity};
use qapi_parser::era::Era;
use qapi_parser::ir::{Schema, TypeDef, TypeKind};
use qapi_parser::source::{Files, SourceMap};
use qapi_parser::{Dialect, Loaded, Options, load_beside};

use crate::console::{Console, counted, one_line};
use crate::diagnostics::{Lints, MessageFormat, Report};
use crate::standard_input::Input;
use crate::status::{Failure, Status};

/// Options of reading a schema.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Reading the schema")]
pub(crate) struct SchemaArgs {
    #[command(flatten)]
    pub(crate) dialect: DialectArgs,
    /// Exit with status 1 also on warnings
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
        options.dialect = self.dialect.dialect.unwrap_or_default();
        options
    }

    /// Returns a report about the schema, with nothing printed yet.
    pub(crate) fn report(&self, quiet: bool, color: bool) -> Report {
        Report::new(self.message_format, self.deny_warnings, quiet, color).with_lints(&self.lints)
    }
}

/// Option of the forms that are accepted.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct DialectArgs {
    /// Version of the schema language: `auto`, the default (that of the newest release of QEMU that accepts the whole
    /// schema), `strict` (exactly that of QEMU 10.2.2), or a release from `1.1` to `10.2`
    #[arg(long, value_name = "DIALECT", value_parser = DialectParser, hide_possible_values = true)]
    pub(crate) dialect: Option<Dialect>,
}

/// Parses a dialect, and knows all of them for completions.
#[derive(Clone)]
struct DialectParser;

impl TypedValueParser for DialectParser {
    type Value = Dialect;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Dialect, clap::Error> {
        let parse = |text: String| {
            let unknown = |error| format!("neither `auto` nor `strict`, and {error}");
            text.parse::<Dialect>().map_err(unknown)
        };
        StringValueParser::new()
            .try_map(parse)
            .parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let names = ["auto", "strict"].map(str::to_owned).into_iter();
        let eras = Era::ALL.iter().rev().map(ToString::to_string);
        Some(Box::new(names.chain(eras).map(PossibleValue::new)))
    }
}

/// Values of the symbols in conditions (`if`).
#[derive(Debug, Clone, Args)]
pub(crate) struct SymbolArgs {
    /// Treat SYMBOL as defined in conditions; may be repeated
    #[arg(short = 'D', long, value_name = "SYMBOL", value_parser = symbol)]
    pub(crate) define: Vec<String>,
    /// Treat SYMBOL as undefined in conditions; may be repeated
    #[arg(short = 'U', long, value_name = "SYMBOL", value_parser = symbol)]
    pub(crate) undefine: Vec<String>,
}

impl SymbolArgs {
    /// Returns the defined symbols.
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

/// Parses a symbol. `NAME=VALUE`, as for C compilers, is an error.
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
    let loaded = read(root, &Input::default(), &args.options())?;
    let mut report = args.report(console.quiet, console.stderr.color);
    report.print_schema(&mut console.stderr, root, &loaded, console.verbose)?;
    tell_loaded(&loaded, console)?;
    Ok(Loading { loaded, report })
}

/// Loads a schema for a verb that can do nothing with errors in it.
pub(crate) fn load_usable(
    root: &Path,
    args: &SchemaArgs,
    console: &mut Console,
) -> Result<Schema, Failure> {
    let loading = load(root, args, console)?;
    if loading.schema().is_none() {
        loading.finish(console)?;
        return Err(unusable(root));
    }
    loading.loaded.schema.ok_or_else(|| unusable(root))
}

fn unusable(root: &Path) -> Failure {
    Failure::new(format_args!(
        "{}: there are errors in the schema",
        root.display()
    ))
}

/// Reads a schema, even with errors.
///
/// # Errors
/// It is an introspection reply, for which thousands of syntax errors would be useless.
pub(crate) fn read(root: &Path, files: &dyn Files, options: &Options) -> Result<Loaded, Failure> {
    let loaded = qapi_parser::load(root, files, options);
    refuse_introspection(root, &loaded)?;
    Ok(loaded)
}

/// Like [`read`], for its diagnostics only: no schema is made.
pub(crate) fn check(root: &Path, files: &dyn Files, options: &Options) -> Result<Loaded, Failure> {
    let loaded = qapi_parser::check(root, files, options);
    refuse_introspection(root, &loaded)?;
    Ok(loaded)
}

/// Returns true if a document can be meant as an introspection reply: schemas do not begin like this.
pub(crate) fn is_introspection(document: &[u8]) -> bool {
    let mut text = document.iter().filter(|byte| !byte.is_ascii_whitespace());
    match text.next() {
        Some(b'[') => true,
        Some(b'{') => text.take(9).eq(br#""return":"#),
        _ => false,
    }
}

fn refuse_introspection(root: &Path, loaded: &Loaded) -> Result<(), Failure> {
    let mut files = loaded.sources.files();
    let file = files.find(|(_, file)| Path::new(&file.path) == root);
    // Entries name their meta-type; other arrays are mistakes that have a code.
    let is_described = file.is_some_and(|(_, file)| {
        is_introspection(file.text.as_bytes()) && file.text.contains("\"meta-type\"")
    });
    let is_error = |it: &Diagnostic| it.severity == Severity::Error;
    if !is_described || !loaded.diagnostics.iter().any(is_error) {
        return Ok(());
    }
    Err(Failure::new(format_args!(
        "{}: this is not a schema, but a server's introspection (the reply to `query-qmp-schema`); `qapi diff` and `qapi \
         matrix` compare it with other revisions",
        root.display()
    )))
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
        refuse_introspection(root, &loaded)?;
        report.print_schema(&mut console.stderr, root, &loaded, console.verbose)?;
        tell_loaded(&loaded, console)?;
        sources = loaded.sources;
        schemas.extend(loaded.schema);
    }
    Ok((schemas, sources, report))
}

impl Loading {
    /// Returns the schema, unless it has errors or denied warnings.
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
