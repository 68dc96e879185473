//! Phase 1 of docs/reference/language.md §9, reading the root file and its includes into one syntax tree.
//!
//! Each file is parsed separately ([`mod@file`]) and put in its place here.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diag::{Anchor, Code, Diagnostic, Diagnostics};
use crate::dialect::Reading;
use crate::include::{self, Unreadable};
use crate::ir::DocId;
use crate::lex::Token;
use crate::limits;
use crate::parse::Reports;
use crate::pragma;
use crate::source::{FileId, Files, SourceMap, Span};
use crate::syntax::{Item, ObjectValue, SchemaFile, Text, Tree, Value, WrittenDefinition};

mod cache;
mod file;
#[cfg(test)]
mod tests;

pub use cache::ParseCache;
#[cfg(test)]
use file::definition_name;
pub(crate) use file::not_an_object;
use file::{ItemContent, ParsedFile};

/// Reads the schema file `root` and everything it includes. Never fails: what could not be
/// read is missing from the tree and has been reported, in reading order.
pub(crate) fn schema(
    cx: &mut Diagnostics,
    sources: &mut SourceMap,
    root: &Path,
    files: &dyn Files,
    reading: Reading,
    cache: Option<&mut ParseCache>,
) -> Tree {
    let normal = include::normal(&files.absolute(root));
    let mut reader = SchemaReader {
        cx,
        sources,
        files,
        reading,
        cache,
        modules: include::Modules::new(&normal),
        buffers: FileBuffers::default(),
        open: Vec::new(),
        tree: Tree::default(),
    };
    match reader.open(
        root.to_path_buf(),
        normal,
        root.to_string_lossy().into_owned(),
        None,
    ) {
        Ok(file) => reader.open.push(file),
        Err(unreadable) => reader
            .cx
            .report(unreadable.as_root(&root.to_string_lossy())),
    }
    while let Some(mut file) = reader.open.pop() {
        match reader.item(&mut file) {
            Flow::Next => reader.open.push(file),
            Flow::Into(included) => reader.open.extend([file, *included]),
            Flow::End => {}
        }
    }
    let mut tree = reader.tree;
    tree.damaged_names.sort_unstable();
    tree.damaged_names.dedup();
    tree
}

/// A file that is being put in its place. The files that include it wait below it on an explicit stack, so a chain of
/// includes causes no recursion.
struct OpenFile {
    parsed: Arc<ParsedFile>,
    /// The items, findings and documentation blocks that were taken from it.
    taken: Taken,
    /// Its index in [`Tree::modules`].
    module: usize,
    /// The path it was opened by.
    path: PathBuf,
    /// The path as shown in messages.
    shown: String,
    /// Mistakes in its include directives, up to the limit of a file.
    includes: Reports,
}

#[derive(Default)]
struct Taken {
    items: usize,
    reports: usize,
    docs: usize,
}

struct SchemaReader<'a> {
    cx: &'a mut Diagnostics,
    sources: &'a mut SourceMap,
    files: &'a dyn Files,
    reading: Reading,
    cache: Option<&'a mut ParseCache>,
    modules: include::Modules,
    buffers: FileBuffers,
    /// Files that wait for the one being read, outermost first.
    open: Vec<OpenFile>,
    tree: Tree,
}

/// Memory that one file after the other uses.
#[derive(Default)]
struct FileBuffers {
    bytes: Vec<u8>,
    tokens: Vec<Token>,
}

/// The next step after an item.
enum Flow {
    /// With the next item of the file.
    Next,
    /// With another file, then with the next item.
    Into(Box<OpenFile>),
    /// Not in this file.
    End,
}

impl SchemaReader<'_> {
    /// Opens a file that was not read before.
    fn open(
        &mut self,
        path: PathBuf,
        normal: PathBuf,
        shown: String,
        directive: Option<Span>,
    ) -> Result<OpenFile, Unreadable> {
        let text = include::text(self.files, &path, &mut self.buffers.bytes)?;
        let file = self.sources.add(shown.clone(), text.clone(), directive);
        let parsed = match &mut self.cache {
            Some(cache) => cache.parse(file, text, self.reading, &mut self.buffers.tokens),
            None => Arc::new(file::parse(
                file,
                text,
                self.reading,
                &mut self.buffers.tokens,
            )),
        };
        Ok(OpenFile {
            parsed,
            taken: Taken::default(),
            module: self.enter(normal, file),
            path,
            shown,
            includes: Reports::default(),
        })
    }

    fn enter(&mut self, normal: PathBuf, file: FileId) -> usize {
        let module = self.tree.modules.len();
        let name = self.modules.add(normal, module);
        self.tree.modules.push(SchemaFile { name, file });
        module
    }

    /// Takes one top-level item.
    fn item(&mut self, file: &mut OpenFile) -> Flow {
        let parsed = file.parsed.clone();
        let next = parsed.items.get(file.taken.items);
        let Some(item) = next.filter(|_| !file.includes.exhausted()) else {
            return self.end(file, &parsed);
        };
        file.taken.items += 1;
        self.take(&mut file.taken, &parsed, item.reports, item.docs);
        match &item.content {
            ItemContent::Definition {
                object,
                doc,
                misdocumented,
            } => self.tree.items.push(Item::Definition(WrittenDefinition {
                object: object.clone(),
                module: file.module,
                doc: doc.map(|doc| self.doc_id(doc, item.docs)),
                misdocumented: *misdocumented,
            })),
            ItemContent::Pragma(object) => self.pragma(object),
            ItemContent::Include { directive, target } => {
                return self.include(file, *directive, target);
            }
        }
        Flow::Next
    }

    fn end(&mut self, file: &mut OpenFile, parsed: &ParsedFile) -> Flow {
        let (reports, docs) = (parsed.reports.len(), parsed.docs.len());
        self.take(&mut file.taken, parsed, reports, docs);
        let names = parsed.damaged_names.iter().cloned();
        self.tree.damaged_names.extend(names);
        self.tree.incomplete |= parsed.incomplete || file.includes.exhausted();
        self.tree.breaks_style |= parsed.breaks_style;
        self.tree.headings.add(parsed.headings);
        Flow::End
    }

    /// Takes over findings and documentation of a file, up to these numbers.
    fn take(&mut self, taken: &mut Taken, parsed: &ParsedFile, reports: usize, docs: usize) {
        for report in &parsed.reports[taken.reports..reports] {
            self.cx.report(report.clone());
        }
        let new = parsed.docs[taken.docs..docs].iter().cloned();
        self.tree.docs.extend(new);
        (taken.reports, taken.docs) = (reports, docs);
    }

    /// Returns the number in the schema of a documentation block of a file, the first `docs` of which have just been taken
    /// over.
    fn doc_id(&self, doc: DocId, docs: usize) -> DocId {
        let behind = docs - doc.index();
        let index = self.tree.docs.len() - behind;
        DocId(u32::try_from(index).expect("fewer blocks than bytes"))
    }

    fn pragma(&mut self, directive: &ObjectValue) {
        if let Some(Value::Object(settings)) = directive.get("pragma").map(|it| &it.value) {
            let names = settings.members.iter().map(|it| &it.key);
            let names = names.map(|name| (name.value.as_str().to_owned(), name.span));
            self.tree.pragma_names.extend(names);
        }
        // Its mistakes were found when the file was parsed.
        let mut known = Reports::default();
        let pragmas = &mut self.tree.pragmas;
        pragma::directive(directive, self.reading, pragmas, &mut known);
    }

    fn include(&mut self, file: &mut OpenFile, directive: Span, target: &Text) -> Flow {
        let flow = self.target(file, directive, target);
        flow.unwrap_or_else(|error| {
            file.includes.report(*error);
            for report in file.includes.take() {
                self.cx.report(report);
            }
            self.tree.incomplete = true;
            Flow::Next
        })
    }

    /// Acts on an include directive of the right form.
    fn target(
        &mut self,
        file: &OpenFile,
        directive: Span,
        target: &Text,
    ) -> Result<Flow, Box<Diagnostic>> {
        let (path, shown) = include::join(&file.path, &file.shown, &target.value);
        let normal = include::normal(&self.files.absolute(&path));
        let known = self.modules.find(&normal);
        if let Some(known) = known
            && self
                .open
                .iter()
                .chain([file])
                .any(|open| open.module == known)
        {
            return Err(self.looping(known, directive, target).into());
        }
        let (target, flow) = if let Some(module) = known {
            (module, Flow::Next)
        } else {
            self.check_limits(directive, target)?;
            let opened = self
                .open(path, normal, shown.clone(), Some(directive))
                .map_err(|unreadable| unreadable.as_include(&shown, directive, target))?;
            (opened.module, Flow::Into(Box::new(opened)))
        };
        self.tree.items.push(Item::Include {
            module: file.module,
            target,
            span: directive,
        });
        Ok(flow)
    }

    fn looping(&self, known: usize, directive: Span, target: &Text) -> Diagnostic {
        let first = self.tree.modules[known].file;
        let mut error = Diagnostic::error(
            Code::INC_LOOP,
            Anchor::Line(directive),
            format!("file `{}` includes itself", target.value),
        )
        .primary(target.span, "this file is being read already");
        let chain = self.sources.include_chain(directive.file);
        for include in chain.iter().filter(|span| span.file >= first) {
            error = error.label(*include, "reached from here");
        }
        error.help("remove one of the include directives")
    }

    fn check_limits(&self, directive: Span, target: &Text) -> Result<(), Box<Diagnostic>> {
        let message = if self.open.len() + 1 >= limits::INCLUDE_DEPTH {
            let limit = limits::INCLUDE_DEPTH;
            format!("more than {limit} files are open at one time")
        } else if self.tree.modules.len() >= limits::FILES {
            format!("the schema has more than {} files", limits::FILES)
        } else {
            return Ok(());
        };
        let error = Diagnostic::error(Code::LIMIT_INCLUDES, Anchor::Line(directive), message)
            .primary(target.span, "this bracket exceeds the limit");
        Err(error.into())
    }
}
