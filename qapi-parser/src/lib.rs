//! The front end for QAPI schemas: parses and checks them, and returns an IR and diagnostics. [`load`] reads a schema
//! with its includes; [`Loaded`] has the result.

mod check;
mod condition;
mod declare;
mod definition;
pub mod diag;
mod dialect;
mod doc;
mod earlier_docs;
pub mod era;
mod era_choice;
pub mod era_rules;
mod exceptions;
pub mod format;
mod include;
pub mod ir;
pub mod lex;
pub mod limits;
mod lower;
mod name_map;
mod name_rules;
mod new_forms;
mod parse;
mod phases;
mod pragma;
mod read;
pub mod roots;
pub mod source;
mod subject;
pub mod suggest;
mod syntax;

use std::cell::OnceCell;
use std::path::Path;
use std::sync::Arc;

use definition::SchemaAge;
use diag::Diagnostic;
use dialect::Reading;
pub use dialect::{Dialect, Options};
use era::Era;
use era_choice::{DocStyle, Verdict};
use ir::{Doc, Schema};
use new_forms::Uses;
use phases::Phases;
pub use read::ParseCache;
use source::{Files, SourceMap, Span};

/// The result of reading a schema.
#[derive(Debug)]
#[non_exhaustive]
pub struct Loaded {
    /// The checked schema; none if there was an error.
    pub schema: Option<Schema>,
    /// The release whose rules were applied: the newest one that accepts the whole schema, unless another was
    /// requested.
    pub era: Era,
    /// Every file that was opened.
    pub sources: SourceMap,
    /// All findings. The first error is the one that the rule order of docs/reference/language.md §9
    /// names; the others follow in the order phase, file, position.
    pub diagnostics: Vec<Diagnostic>,
}

/// Loads a schema and everything it includes. Never fails: faults are in the diagnostics, and there is a schema if none
/// of them is an error.
///
/// The phases are those of docs/reference/language.md §9. Each works on the results of the earlier ones. An invalid
/// item is left out of later phases, so that nothing is reported twice.
pub fn load(root: &Path, files: &dyn Files, options: &Options) -> Loaded {
    load_beside(SourceMap::default(), root, files, options)
}

/// Same as [`load`], but adds to files that are already open, so that places in them and in this schema differ. This is
/// for programs that report on several schemas, such as the revisions of one.
pub fn load_beside(
    sources: SourceMap,
    root: &Path,
    files: &dyn Files,
    options: &Options,
) -> Loaded {
    Loader {
        sources,
        ..Loader::new(root, files, options)
    }
    .load()
}

/// Finds out what is wrong with a schema, like [`load`], but makes none: [`Loaded::schema`] is always empty.
pub fn check(root: &Path, files: &dyn Files, options: &Options) -> Loaded {
    Loader {
        is_schema_wanted: false,
        ..Loader::new(root, files, options)
    }
    .load()
}

/// Same as [`check()`], but files that have not changed since `cache` was last used are not parsed again.
pub fn check_again(
    cache: &mut ParseCache,
    root: &Path,
    files: &dyn Files,
    options: &Options,
) -> Loaded {
    let loader = Loader {
        cache: Some(&mut *cache),
        is_schema_wanted: false,
        ..Loader::new(root, files, options)
    };
    let loaded = loader.load();
    cache.truncate(loaded.sources.len());
    loaded
}

struct Loader<'a> {
    sources: SourceMap,
    root: &'a Path,
    files: &'a dyn Files,
    dialect: Dialect,
    cache: Option<&'a mut ParseCache>,
    is_schema_wanted: bool,
}

/// The result of one reading of a schema.
struct Pass {
    /// The schema without its documentation; none if there was an error, or if it is not needed.
    schema: Option<Schema>,
    /// No error was found.
    is_accepted: bool,
    docs: Vec<Arc<Doc>>,
    diagnostics: Vec<Diagnostic>,
    uses: Uses,
    style: DocStyle,
    /// The result of [`earlier_docs`], computed on first use: to choose a release, and to report what it rejects.
    rejected_docs: OnceCell<Option<Span>>,
}

impl Pass {
    /// Returns the line of documentation that QEMU 7.2 did not read.
    fn rejected_docs(&self, sources: &SourceMap) -> Option<Span> {
        *self
            .rejected_docs
            .get_or_init(|| earlier_docs::rejected(&self.docs, sources))
    }
}

impl<'a> Loader<'a> {
    fn new(root: &'a Path, files: &'a dyn Files, options: &Options) -> Self {
        Self {
            sources: SourceMap::default(),
            root,
            files,
            dialect: options.dialect,
            cache: None,
            is_schema_wanted: true,
        }
    }

    fn load(mut self) -> Loaded {
        let dialect = self.dialect;
        let before = self.sources.len();
        let mut first = self.read(dialect.reading());
        if dialect.reading() == Reading::Strict {
            return self.loaded(first, Era::NEWEST);
        }
        let verdict = self.settle(&first);
        let mut era = verdict.era;
        let tolerant = era_choice::has_current_rules(dialect).then(|| first.diagnostics.clone());
        let mut failed =
            era_choice::judge(&mut first.diagnostics, verdict) || !verdict.accepts_style;
        failed |= self.judge_newcomers(&mut first, era, failed);
        if let Some(tolerant) =
            tolerant.filter(|_| failed && !era_choice::is_old(&first.diagnostics))
        {
            // Errors of the newest release have their own wording.
            self.sources.truncate(before);
            let mut strict = self.read(Reading::Strict);
            strict
                .diagnostics
                .retain(|error| !verdict.accepts_style || !era_choice::is_style(error));
            era = dialect.era().unwrap_or(Era::NEWEST);
            era_choice::note_older(&mut strict.diagnostics, &tolerant, &first.uses, era);
            (strict.uses, strict.style) = (first.uses, first.style);
            self.judge_newcomers(&mut strict, era, true);
            failed = !strict.diagnostics.is_empty();
            first = strict;
        }
        if failed {
            first.schema = None;
        }
        self.loaded(first, era)
    }

    fn read(&mut self, reading: Reading) -> Pass {
        let mut phases = Phases::default();
        let mut tree = phases.run(|out| {
            let cache = self.cache.as_deref_mut();
            read::schema(
                out,
                &mut self.sources,
                self.root,
                self.files,
                reading,
                cache,
            )
        });
        let uses = match reading {
            Reading::Tolerant => Uses::of(&tree),
            Reading::Strict => Uses::default(),
        };
        let age = match reading {
            Reading::Tolerant => SchemaAge::of(&tree, &uses, self.dialect),
            Reading::Strict => SchemaAge::Modern,
        };
        let style = DocStyle {
            is_free: tree.breaks_style,
            headings: tree.headings,
        };
        let mut docs = std::mem::take(&mut tree.docs);
        let definitions = phases.run(|out| definition::all(out, reading, age, &tree, &mut docs));
        let entities = phases.run(|out| declare::all(out, reading, &tree, definitions));
        let checked = phases.run(|out| check::all(out, reading, &entities, &mut docs));
        phases.run(|out| {
            check::wrap_up(
                out,
                reading,
                &entities,
                &docs,
                &checked.facts,
                checked.bogus,
            );
        });

        let is_accepted = !phases.failed();
        let schema = (is_accepted && self.is_schema_wanted)
            .then(|| lower::schema(entities, checked.facts))
            .map(|schema| lower::frame(schema, tree.modules, tree.pragmas));
        Pass {
            schema,
            is_accepted,
            docs,
            diagnostics: phases.finish(),
            uses,
            style,
            rejected_docs: OnceCell::new(),
        }
    }

    /// Returns the release to judge a schema by: the one that is asked for, the newest that accepts it all, or else the one
    /// that rejects least.
    fn settle(&self, pass: &Pass) -> Verdict {
        let earlier = || pass.is_accepted && pass.rejected_docs(&self.sources).is_none();
        match self.dialect.era() {
            Some(era) => Verdict::of(era, earlier),
            None => era_choice::newest(&pass.diagnostics, &pass.uses, pass.style, earlier),
        }
    }

    /// Reports what the release that the schema is judged by did not know yet. Returns whether there is something.
    fn judge_newcomers(&self, pass: &mut Pass, era: Era, failed: bool) -> bool {
        let known = pass.diagnostics.len();
        pass.diagnostics
            .extend(era_choice::later_forms(&pass.uses, era));
        pass.diagnostics
            .extend(era_choice::heading(pass.style, era));
        if !failed && era == era_choice::JUDGED_DOCS && pass.is_accepted {
            let line = pass.rejected_docs(&self.sources);
            pass.diagnostics.extend(line.map(era_choice::later_docs));
        }
        pass.diagnostics.len() > known
    }

    fn loaded(self, pass: Pass, era: Era) -> Loaded {
        let docs = pass.docs;
        Loaded {
            schema: pass.schema.map(|schema| lower::add_docs(schema, docs)),
            era,
            sources: self.sources,
            diagnostics: pass.diagnostics,
        }
    }
}
