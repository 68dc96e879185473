//! Phase 1 of docs/reference/language.md §9, reading: from the root file to the syntax tree of all files.

use std::path::{Path, PathBuf};

use crate::diag::{Anchor, Code, Diagnostic, Diagnostics, Meta};
use crate::dialect::Reading;
use crate::doc;
use crate::include::{self, Unreadable};
use crate::limits;
use crate::parse::{NextItem, Parser};
use crate::pragma;
use crate::source::{FileId, Files, SourceMap, Span};
use crate::syntax::{Item, ObjectValue, SchemaFile, Text, Tree, Value, WrittenDefinition};

#[cfg(test)]
mod tests;

/// Reads the schema file `root` and everything it includes. Never fails: what could not be
/// read is missing from the tree and has been reported, in reading order.
pub(crate) fn schema(
    cx: &mut Diagnostics,
    sources: &mut SourceMap,
    root: &Path,
    files: &dyn Files,
    reading: Reading,
) -> Tree {
    let mut reader = SchemaReader {
        sources,
        files,
        reading,
        modules: include::Modules::new(&files.absolute(root)),
        open: Vec::new(),
        tree: Tree::default(),
    };
    match reader.open(
        root.to_path_buf(),
        root.to_string_lossy().into_owned(),
        None,
    ) {
        Ok(file) => reader.open.push(file),
        Err(unreadable) => cx.report(unreadable.as_root(&root.to_string_lossy())),
    }
    while let Some(mut file) = reader.open.pop() {
        let flow = reader.item(&mut file);
        for report in file.parser.reports.take() {
            cx.report(report);
        }
        match flow {
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

/// A file that is being read. Those in which it is included wait below it on a stack of
/// our own: a chain of includes is no recursion.
struct OpenFile {
    parser: Parser,
    /// Its index in [`Tree::modules`].
    module: usize,
    /// The path it was opened by.
    path: PathBuf,
    /// The same as messages show it.
    shown: String,
    /// A documentation block that waits for its definition.
    pending: Option<doc::Pending>,
}

struct SchemaReader<'a> {
    sources: &'a mut SourceMap,
    files: &'a dyn Files,
    reading: Reading,
    modules: include::Modules,
    /// Files that wait for the one being read, outermost first.
    open: Vec<OpenFile>,
    tree: Tree,
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
        shown: String,
        directive: Option<Span>,
    ) -> Result<OpenFile, Unreadable> {
        let text = include::text(self.files, &path)?;
        let file = self.sources.add(shown.clone(), text.clone(), directive);
        Ok(OpenFile {
            parser: Parser::new(file, text, self.reading),
            module: self.enter(&path, file),
            path,
            shown,
            pending: None,
        })
    }

    fn enter(&mut self, path: &Path, file: FileId) -> usize {
        let module = self.tree.modules.len();
        let name = self.modules.add(&self.files.absolute(path), module);
        self.tree.modules.push(SchemaFile { name, file });
        module
    }

    /// Reads one top-level item.
    fn item(&mut self, file: &mut OpenFile) -> Flow {
        match file.parser.next() {
            NextItem::End => {
                self.orphan(file);
                self.tree.incomplete |= file.parser.reports.exhausted();
                self.tree.breaks_style |= file.parser.breaks_style;
                self.tree.headings.add(file.parser.headings);
                Flow::End
            }
            NextItem::Doc => {
                self.orphan(file);
                file.pending = doc::read(&mut file.parser, &mut self.tree.docs);
                Flow::Next
            }
            NextItem::Value => self.expression(file),
        }
    }

    fn expression(&mut self, file: &mut OpenFile) -> Flow {
        let expression = file.parser.expression();
        match expression.value {
            Some(Value::Object(object)) => return self.object(file, object),
            Some(value) => {
                file.parser
                    .reports
                    .report(not_an_object(&value, expression.start));
                file.parser.skip_junk();
            }
            None => match expression.name {
                Some(name) => self.tree.damaged_names.push(name),
                None => self.tree.incomplete |= expression.is_object,
            },
        }
        file.pending = None;
        Flow::Next
    }

    fn object(&mut self, file: &mut OpenFile, object: ObjectValue) -> Flow {
        if object.get("include").is_some() {
            self.orphan(file);
            return self.include(file, &object);
        }
        if object.get("pragma").is_some() {
            self.orphan(file);
            if let Some(Value::Object(settings)) = object.get("pragma").map(|it| &it.value) {
                let names = settings.members.iter().map(|it| &it.key);
                let names = names.map(|name| (name.value.clone(), name.span));
                self.tree.pragma_names.extend(names);
            }
            let reports = &mut file.parser.reports;
            pragma::directive(&object, self.reading, &mut self.tree.pragmas, reports);
            return Flow::Next;
        }
        let pending = file.pending.take();
        let doc = pending.as_ref().and_then(|pending| {
            let name = definition_name(&object, self.reading);
            doc::attach(&mut file.parser, &mut self.tree.docs, pending, name)
        });
        self.tree.items.push(Item::Definition(WrittenDefinition {
            object,
            module: file.module,
            doc,
            misdocumented: pending.is_some() && doc.is_none(),
        }));
        Flow::Next
    }

    /// Whatever comes next is not the definition that a pending block documents.
    fn orphan(&mut self, file: &mut OpenFile) {
        if let Some(pending) = file.pending.take() {
            doc::orphan(&mut file.parser, &mut self.tree.docs, &pending);
        }
    }

    fn include(&mut self, file: &mut OpenFile, object: &ObjectValue) -> Flow {
        let flow = include::target(object).and_then(|target| self.target(file, object, target));
        flow.unwrap_or_else(|error| {
            file.parser.reports.report(*error);
            self.tree.incomplete = true;
            Flow::Next
        })
    }

    /// Acts on an include directive of the right form.
    fn target(
        &mut self,
        file: &OpenFile,
        directive: &ObjectValue,
        target: &Text,
    ) -> Result<Flow, Box<Diagnostic>> {
        let (path, shown) = include::join(&file.path, &file.shown, &target.value);
        let known = self.modules.find(&self.files.absolute(&path));
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
                .open(path, shown.clone(), Some(directive.span))
                .map_err(|unreadable| unreadable.as_include(&shown, directive, target))?;
            (opened.module, Flow::Into(Box::new(opened)))
        };
        self.tree.items.push(Item::Include {
            module: file.module,
            target,
            span: directive.span,
        });
        Ok(flow)
    }

    fn looping(&self, known: usize, directive: &ObjectValue, target: &Text) -> Diagnostic {
        let first = self.tree.modules[known].file;
        let mut error = Diagnostic::error(
            Code::INC_LOOP,
            Anchor::Line(directive.span),
            format!("file `{}` includes itself", target.value),
        )
        .primary(target.span, "this file is being read already");
        let chain = self.sources.include_chain(directive.span.file);
        for include in chain.iter().filter(|span| span.file >= first) {
            error = error.label(*include, "reached from here");
        }
        error.help("remove one of the include directives")
    }

    fn check_limits(&self, directive: &ObjectValue, target: &Text) -> Result<(), Box<Diagnostic>> {
        let message = if self.open.len() + 1 >= limits::INCLUDE_DEPTH {
            let limit = limits::INCLUDE_DEPTH;
            format!("more than {limit} files are open at one time")
        } else if self.tree.modules.len() >= limits::FILES {
            format!("the schema has more than {} files", limits::FILES)
        } else {
            return Ok(());
        };
        let error = Diagnostic::error(Code::LIMIT_INCLUDES, Anchor::Line(directive.span), message)
            .primary(target.span, "one too many");
        Err(error.into())
    }
}

/// The name that an object would have as a definition.
fn definition_name(object: &ObjectValue, reading: Reading) -> Option<&str> {
    let old = (reading == Reading::Tolerant).then_some("type");
    let keys = Meta::ALL.iter().map(|meta| meta.as_str()).chain(old);
    keys.filter_map(|key| object.get(key))
        .find_map(|member| match &member.value {
            Value::String(name) => Some(name.value.as_str()),
            _ => None,
        })
}

/// The report about something else than an object at top level.
pub(crate) fn not_an_object(value: &Value, start: Span) -> Diagnostic {
    Diagnostic::error(
        Code::TOP_NOT_OBJECT,
        Anchor::Line(start),
        format!("expected an object, found {}", kind(value)),
    )
    .primary(value.span(), "not an object")
    .help("definitions and directives are written `{ … }`")
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "an object",
        Value::Array(_) => "an array",
        Value::String(_) => "a string",
        Value::Bool(..) => "a boolean",
        Value::Null(_) => "`null`",
    }
}
