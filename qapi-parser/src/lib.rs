//! Front end for QAPI schemas: text in, checked IR and diagnostics out.

mod check;
mod condition;
mod declare;
mod definition;
pub mod diag;
mod dialect;
mod doc;
mod earlier_docs;
pub mod era;
mod exceptions;
pub mod format;
mod include;
pub mod ir;
pub mod lex;
pub mod limits;
mod lower;
mod name_rules;
pub mod old_forms;
mod parse;
mod phases;
mod pragma;
mod read;
pub mod roots;
mod settle;
pub mod source;
mod subject;
pub mod suggest;
mod syntax;
mod uses;

use std::path::Path;

use definition::Age;
use diag::Diagnostic;
use dialect::Reading;
pub use dialect::{Dialect, Options};
use era::Era;
use ir::Schema;
use phases::Phases;
use settle::{DocStyle, Verdict};
use source::{Files, SourceMap};
use uses::Uses;

/// The result of reading a schema.
#[derive(Debug)]
#[non_exhaustive]
pub struct Loaded {
    /// The checked schema; none if there was an error.
    pub schema: Option<Schema>,
    /// The release whose rules the schema was read by: the newest one that accepts all of it, unless another was asked for.
    pub era: Era,
    /// Every file that was opened.
    pub sources: SourceMap,
    /// All findings. The first error is the one that the rule order of docs/reference/language.md §9
    /// names; the others follow in the order phase, file, position.
    pub diagnostics: Vec<Diagnostic>,
}

/// Loads a schema and everything it includes. Never fails: what is wrong is in the diagnostics,
/// and there is a schema if none of them is an error.
///
/// The phases are those of docs/reference/language.md §9. Each works on what the earlier ones understood; an
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
    let before = sources.len();
    let dialect = options.dialect;
    let mut first = read_once(&mut sources, root, files, dialect, dialect.reading());
    if dialect.reading() == Reading::Strict {
        return first.loaded(sources, Era::NEWEST);
    }
    let verdict = first.settle(&sources, dialect);
    let mut era = verdict.era;
    let tolerant = (dialect == Dialect::Auto).then(|| first.diagnostics.clone());
    let mut failed = settle::judge(&mut first.diagnostics, verdict) || !verdict.accepts_style;
    if dialect != Dialect::Auto {
        let known = first.diagnostics.len();
        first
            .diagnostics
            .extend(settle::later_forms(&first.uses, era));
        first.diagnostics.extend(settle::heading(first.style, era));
        if !failed && era == settle::JUDGED_DOCS {
            let schema = first.schema.as_ref();
            let line = schema.and_then(|schema| earlier_docs::rejected(schema, &sources));
            first.diagnostics.extend(line.map(settle::later_docs));
        }
        failed |= first.diagnostics.len() > known;
    }
    if let Some(tolerant) = tolerant.filter(|_| failed && !settle::is_old(&first.diagnostics)) {
        // The newest release words what it rejects.
        sources.truncate(before);
        let mut strict = read_once(&mut sources, root, files, dialect, Reading::Strict);
        strict
            .diagnostics
            .retain(|error| !verdict.accepts_style || !settle::is_style(error));
        settle::note_older(&mut strict.diagnostics, &tolerant, &first.uses);
        failed = !strict.diagnostics.is_empty();
        first.diagnostics = strict.diagnostics;
        first.schema = strict.schema;
        era = Era::NEWEST;
    }
    if failed {
        first.schema = None;
    }
    first.loaded(sources, era)
}

/// A schema as it was read in one way.
struct Pass {
    schema: Option<Schema>,
    diagnostics: Vec<Diagnostic>,
    uses: Uses,
    style: DocStyle,
}

impl Pass {
    /// The release to judge it by: the one that is asked for, the newest that accepts it all, or else the one that
    /// rejects least.
    fn settle(&self, sources: &SourceMap, dialect: Dialect) -> Verdict {
        let earlier = || {
            let schema = self.schema.as_ref();
            schema.is_some_and(|schema| earlier_docs::rejected(schema, sources).is_none())
        };
        match dialect.era() {
            Some(era) => Verdict::of(era, earlier),
            None => settle::newest(&self.diagnostics, &self.uses, self.style, earlier),
        }
    }

    fn loaded(self, sources: SourceMap, era: Era) -> Loaded {
        Loaded {
            schema: self.schema,
            era,
            sources,
            diagnostics: self.diagnostics,
        }
    }
}

fn read_once(
    sources: &mut SourceMap,
    root: &Path,
    files: &dyn Files,
    dialect: Dialect,
    reading: Reading,
) -> Pass {
    let mut phases = Phases::default();
    let mut tree = phases.run(|out| read::schema(out, sources, root, files, reading));
    let uses = match reading {
        Reading::Tolerant => Uses::of(&tree),
        Reading::Strict => Uses::default(),
    };
    let age = match reading {
        Reading::Tolerant => Age::of(&tree, &uses, dialect),
        Reading::Strict => Age::Modern,
    };
    let style = DocStyle {
        is_free: tree.breaks_style,
        headings: tree.headings,
    };
    let mut docs = std::mem::take(&mut tree.docs);
    let definitions = phases.run(|out| definition::all(out, reading, age, &tree, &mut docs));
    let entities = phases.run(|out| declare::all(out, reading, &tree, definitions));
    let checked = phases.run(|out| check::all(out, reading, &entities, &mut docs));
    phases.run(|out| check::wrap_up(out, reading, &entities, &docs, checked.bogus));

    let schema = (!phases.failed()).then(|| lower::schema(entities, checked.facts));
    let schema = schema.map(|schema| lower::frame(schema, tree.modules, docs, tree.pragmas));
    Pass {
        schema,
        diagnostics: phases.finish(),
        uses,
        style,
    }
}
