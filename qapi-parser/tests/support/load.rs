//! Short ways to load a schema and to read what is said about it.

use std::path::Path;

use qapi_parser::diag::{Anchor, Diagnostic, Severity};
use qapi_parser::era::Era;
use qapi_parser::ir::Schema;
use qapi_parser::source::{Memory, SourceMap};
use qapi_parser::{Dialect, Loaded, Options, load};

/// Loads one file held in memory.
pub(crate) fn load_text(text: &str, dialect: Dialect) -> Loaded {
    load_files(&[("schema.json", text)], dialect)
}

/// Loads files held in memory; the first is the root.
pub(crate) fn load_files(files: &[(&str, &str)], dialect: Dialect) -> Loaded {
    let memory = files.iter().fold(Memory::new(), |memory, (path, text)| {
        memory.with(path, *text)
    });
    load(Path::new(files[0].0), &memory, &options(dialect))
}

/// Options with this dialect.
pub(crate) fn options(dialect: Dialect) -> Options {
    let mut options = Options::default();
    options.dialect = dialect;
    options
}

/// A diagnostic as `CODE line[:column] meta name`.
pub(crate) fn brief(sources: &SourceMap, diagnostic: &Diagnostic) -> String {
    let place = match &diagnostic.anchor {
        Anchor::Point(span) => {
            let position = sources.position(*span);
            format!("{}:{}", position.line, position.column)
        }
        Anchor::Line(span) => sources.position(*span).line.to_string(),
        Anchor::File(path) => path.clone(),
    };
    let entity = diagnostic
        .entity
        .as_ref()
        .map(|entity| format!(" {} {}", entity.meta.as_str(), entity.name))
        .unwrap_or_default();
    format!("{} {place}{entity}", diagnostic.code)
}

/// All errors of a schema in the strict dialect.
pub(crate) fn errors(text: &str) -> Vec<String> {
    let loaded = load_text(text, Dialect::Strict);
    assert_eq!(
        loaded.schema.is_some(),
        loaded.diagnostics.is_empty(),
        "{:#?}",
        loaded.diagnostics
    );
    loaded
        .diagnostics
        .iter()
        .map(|diagnostic| brief(&loaded.sources, diagnostic))
        .collect()
}

/// The one diagnostic of a schema in the strict dialect.
pub(crate) fn only(text: &str) -> Diagnostic {
    let mut loaded = load_text(text, Dialect::Strict);
    assert_eq!(loaded.diagnostics.len(), 1, "{:#?}", loaded.diagnostics);
    loaded.diagnostics.remove(0)
}

/// The schema of a text that is fine in both dialects.
pub(crate) fn accepted(text: &str) -> Schema {
    let auto = load_text(text, Dialect::Auto);
    assert_eq!(auto.diagnostics, [], "no warnings about a good schema");
    let strict = load_text(text, Dialect::Strict);
    assert_eq!(strict.diagnostics, []);
    strict.schema.expect("the schema has no errors")
}

/// Loads a text as the newest release that accepts it does, its comments aside where they had no syntax; as the
/// dialect `auto` does if none accepts it.
pub(crate) fn load_old(text: &str) -> Loaded {
    let eras = Era::ALL.iter().rev().map(|era| Dialect::Era(*era));
    let dialects = std::iter::once(Dialect::Auto).chain(eras);
    let mut loaded = dialects.map(|dialect| load_text(text, dialect));
    loaded
        .find(|loaded| loaded.schema.is_some())
        .unwrap_or_else(|| load_text(text, Dialect::Auto))
}

/// The schema of a text that some release accepted, with the codes of the warnings.
pub(crate) fn tolerated(text: &str) -> (Schema, Vec<String>) {
    let loaded = load_old(text);
    let codes = loaded
        .diagnostics
        .iter()
        .map(|diagnostic| {
            assert_eq!(diagnostic.severity, Severity::Warning, "{diagnostic:#?}");
            diagnostic.code.as_str().to_owned()
        })
        .collect();
    (loaded.schema.expect("the schema has no errors"), codes)
}
