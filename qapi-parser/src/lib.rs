//! Front end for QAPI schemas: text in, checked IR and diagnostics out.

mod check;
mod condition;
mod declare;
mod definition;
pub mod diag;
mod dialect;
mod doc;
mod exceptions;
pub mod format;
mod include;
pub mod ir;
mod lex;
pub mod limits;
mod lower;
mod name_rules;
mod parse;
mod phases;
mod pragma;
mod read;
pub mod source;
mod subject;
pub mod suggest;
mod syntax;

use std::path::Path;

use diag::Diagnostic;
pub use dialect::{Dialect, Options};
use ir::Schema;
use phases::Phases;
use source::{Files, SourceMap};

/// The result of reading a schema.
#[derive(Debug)]
#[non_exhaustive]
pub struct Loaded {
    /// The checked schema; none if there was an error.
    pub schema: Option<Schema>,
    /// Every file that was opened.
    pub sources: SourceMap,
    /// All findings. The first error is the one that the rule order of language.md §9
    /// names; the others follow in the order phase, file, position.
    pub diagnostics: Vec<Diagnostic>,
}

/// Loads a schema and everything it includes. Never fails: what is wrong is in the diagnostics,
/// and there is a schema if none of them is an error.
///
/// The phases are those of language.md §9. Each works on what the earlier ones understood; an
/// item at fault is left out of the later ones, so that nothing is reported twice.
pub fn load(root: &Path, files: &dyn Files, options: &Options) -> Loaded {
    load_beside(SourceMap::default(), root, files, options)
}

/// Like [`load`], with files that are already open: places in them and in this schema can be told apart. For programs that
/// speak of several schemas at once, such as the revisions of one.
pub fn load_beside(
    mut sources: SourceMap,
    root: &Path,
    files: &dyn Files,
    options: &Options,
) -> Loaded {
    let dialect = options.dialect;
    let mut phases = Phases::default();

    let mut tree = phases.run(|out| read::schema(out, &mut sources, root, files, options));
    let mut docs = std::mem::take(&mut tree.docs);
    let definitions = phases.run(|out| definition::all(out, dialect, &tree, &mut docs));
    let entities = phases.run(|out| declare::all(out, dialect, &tree, definitions));
    let checked = phases.run(|out| check::all(out, dialect, &entities, &mut docs));
    phases.run(|out| check::wrap_up(out, dialect, &entities, &docs, checked.bogus));

    let schema = (!phases.failed()).then(|| lower::schema(entities, checked.facts));
    let schema = schema.map(|schema| lower::frame(schema, tree.modules, docs, tree.pragmas));
    Loaded {
        schema,
        sources,
        diagnostics: phases.finish(),
    }
}
