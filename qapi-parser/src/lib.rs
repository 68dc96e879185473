//! Front end for QAPI schemas: text in, checked IR and diagnostics out.

pub mod diag;
mod doc;
mod include;
pub mod ir;
mod lex;
pub mod limits;
mod parse;
mod pragma;
mod read;
pub mod source;
pub mod syntax;

use std::path::Path;

use diag::{Diagnostic, Diagnostics};
use ir::Schema;
use source::{Files, SourceMap};

/// Which forms of the language are accepted (design: "Dialects").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// Every form that any QEMU release from 1.1 to 10.2 accepted, with a warning for each
    /// form that the current one does not; documentation style is never an error.
    #[default]
    Auto,
    /// Exactly what QEMU 10.2.2 accepts.
    Strict,
}

/// How to read a schema.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Options {
    /// The dialect.
    pub dialect: Dialect,
}

/// What came of reading a schema.
#[derive(Debug)]
pub struct Loaded {
    /// The checked schema; none if there was an error.
    pub schema: Option<Schema>,
    /// Every file that was opened.
    pub sources: SourceMap,
    /// What there is to say. The first error is the one that the rule order of language.md §9
    /// names; the others follow in the order phase, file, position.
    pub diagnostics: Vec<Diagnostic>,
}

/// Loads a schema and everything it includes.
pub fn load(root: &Path, files: &dyn Files, options: &Options) -> Loaded {
    let mut cx = Diagnostics::default();
    let mut sources = SourceMap::default();
    let _tree = read::schema(&mut cx, &mut sources, root, files, options);
    Loaded {
        schema: None,
        sources,
        diagnostics: cx.finish(),
    }
}
