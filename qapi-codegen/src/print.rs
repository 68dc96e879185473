//! From templates to the text of files: every item parsed and printed, the work spread over the processors.

mod attributes;
mod pretty;
pub(crate) mod rustfmt;

use std::borrow::Cow;
use std::ops::Range;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use self::attributes::put_back_unformatted;
use crate::config::Formatter;
use crate::parallel;
use crate::plan::Plan;
use crate::tokens::{FileContext, FileScope, Imports, MarkName};

type Emit<'p> = dyn Fn(&FileContext<'p>, usize) -> TokenStream + Sync + 'p;

/// A file that is to be printed.
pub(crate) struct PrintedFile<'p> {
    pub(crate) path: Cow<'static, str>,
    scope: FileScope,
    /// The number of its constructs.
    count: usize,
    /// Makes the items of a construct.
    emit: Box<Emit<'p>>,
}

impl<'p> PrintedFile<'p> {
    pub(crate) fn new(
        path: impl Into<Cow<'static, str>>,
        scope: FileScope,
        count: usize,
        emit: impl Fn(&FileContext<'p>, usize) -> TokenStream + Sync + 'p,
    ) -> Self {
        Self {
            path: path.into(),
            scope,
            count,
            emit: Box::new(emit),
        }
    }

    /// Returns true if the file has attributes of its own. Those of a module of types are at the module `types`.
    fn has_attributes(&self) -> bool {
        !self.is_root() && !matches!(self.scope, FileScope::Module(_))
    }

    /// Returns true for the root module. It may be included, where inner attributes are not allowed, so each of its
    /// items tells rustfmt to leave it alone. The blank lines between them are ours: this file is always formatted.
    fn is_root(&self) -> bool {
        self.path == "mod.rs"
    }
}

/// Some constructs of a page.
struct Job<'a, 'p> {
    page: &'a PrintedFile<'p>,
    constructs: Range<usize>,
}

/// The text of some constructs and its imports.
struct PrintedConstructs {
    text: String,
    imports: Imports,
}

/// The number of constructs that are printed in one go.
const BATCH: usize = 48;

/// Returns the texts of the pages, in their order, each with the header on top, and files with the attributes below it.
///
/// # Errors
/// Tokens that are not Rust items, which is a fault of the templates; the text names the file and the item.
pub(crate) fn print<'p>(
    plan: &'p Plan,
    mark_name: &'p MarkName,
    header: &str,
    attributes: TokenStream,
    pages: &[PrintedFile<'p>],
    formatter: Formatter,
) -> Result<Vec<String>, String> {
    let attributes = pretty::declarations(attributes).map_err(|error| error.to_string())?;
    let mut jobs = Vec::new();
    for page in pages {
        for start in (0..page.count).step_by(BATCH) {
            let constructs = start..page.count.min(start + BATCH);
            jobs.push(Job { page, constructs });
        }
    }
    // One job at a time, the last first, because the last files consist of one large construct.
    let results = parallel::map(jobs.len(), 1, &|range| {
        print_job(plan, mark_name, &jobs[range.start], formatter)
    });
    let mut results = jobs.iter().zip(results).peekable();
    pages
        .iter()
        .map(|page| {
            let mut parts = Vec::new();
            while let Some((_, printed)) = results.next_if(|(job, _)| std::ptr::eq(job.page, page))
            {
                parts.push(printed?);
            }
            assemble(header, &attributes, page, parts, formatter)
        })
        .collect()
}

fn print_job<'p>(
    plan: &'p Plan,
    mark_name: &'p MarkName,
    job: &Job<'_, 'p>,
    formatter: Formatter,
) -> Result<PrintedConstructs, String> {
    let file = FileContext::new(plan, job.page.scope, mark_name);
    let mut text = String::new();
    for index in job.constructs.clone() {
        let tokens = (job.page.emit)(&file, index);
        if tokens.is_empty() {
            continue;
        }
        let marks = file.take_marks();
        let printed = if formatter == Formatter::None && !job.page.is_root() {
            put_back_unformatted(&marks, &format!("{tokens}\n"))
        } else {
            pretty::items(tokens, marks).map_err(|error| {
                let tokens = (job.page.emit)(&file, index);
                let (path, item) = (&job.page.path, heading(&tokens));
                format!("{error} in `{item}` of `{path}`: {tokens}")
            })?
        };
        if !text.is_empty() && formatter != Formatter::None {
            text.push('\n');
        }
        text.push_str(&printed);
    }
    Ok(PrintedConstructs {
        text,
        imports: file.into_imports(),
    })
}

/// Returns an item up to its brackets, without its attributes: enough to identify it.
fn heading(tokens: &TokenStream) -> String {
    let mut tokens = tokens.clone().into_iter().peekable();
    while tokens
        .next_if(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == '#'))
        .is_some()
    {
        tokens.next();
    }
    let is_bracket = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() != Delimiter::None);
    let heading = tokens.take_while(|token| !is_bracket(token));
    heading.collect::<TokenStream>().to_string()
}

/// Joins header, attributes, imports and constructs, with blank lines between them.
fn assemble(
    header: &str,
    attributes: &str,
    page: &PrintedFile<'_>,
    printed: Vec<PrintedConstructs>,
    formatter: Formatter,
) -> Result<String, String> {
    let length = printed.iter().map(|it| it.text.len()).sum::<usize>();
    let mut out = String::with_capacity(length + header.len() + 1024);
    let mut imports = Imports::default();
    let mut texts = Vec::new();
    for part in printed {
        imports.add(part.imports);
        texts.push(part.text);
    }
    out.push_str(header);
    if formatter != Formatter::Rustfmt && !page.is_root() {
        out.push_str("#![cfg_attr(rustfmt, rustfmt_skip)]\n");
    }
    if page.has_attributes() {
        out.push_str(attributes);
    }
    for group in imports.declarations() {
        if !group.is_empty() {
            let text = pretty::declarations(group).map_err(|error| error.to_string())?;
            out.push('\n');
            out.push_str(&text);
        }
    }
    for text in texts.iter().filter(|text| !text.is_empty()) {
        out.push('\n');
        out.push_str(text);
    }
    Ok(out)
}
