//! From tokens to the text of files: every item formatted, the work spread over the processors.

mod imports;
mod lines;
mod rustfmt;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use proc_macro2::TokenStream;

use crate::plan::Plan;
use crate::rust::{Cx, Imports, Place};

type Emit<'p> = dyn Fn(&Cx<'p>, usize) -> TokenStream + Sync + 'p;

/// A file that is to be printed.
pub(crate) struct Page<'p> {
    pub(crate) path: &'static str,
    place: Place,
    /// How many pieces it has.
    count: usize,
    /// Makes the items of a piece.
    emit: Box<Emit<'p>>,
    /// Text in front of the pieces, and the names of the runtime that it needs.
    text: String,
    needs: &'static [&'static str],
}

impl<'p> Page<'p> {
    pub(crate) fn new(
        path: &'static str,
        place: Place,
        count: usize,
        emit: impl Fn(&Cx<'p>, usize) -> TokenStream + Sync + 'p,
    ) -> Self {
        Self {
            path,
            place,
            count,
            emit: Box::new(emit),
            text: String::new(),
            needs: &[],
        }
    }

    /// Puts text in front, as it is; `needs` are the names of the runtime that it uses.
    pub(crate) fn with_text(mut self, text: String, needs: &'static [&'static str]) -> Self {
        if !text.is_empty() {
            self.text = text;
            self.needs = needs;
        }
        self
    }
}

/// Some pieces of a page.
struct Job<'a, 'p> {
    page: usize,
    emit: &'a Emit<'p>,
    place: Place,
    pieces: Range<usize>,
}

/// Text of some pieces, and what it needs.
#[derive(Default)]
struct Printed {
    text: String,
    imports: Imports,
}

/// How many pieces are printed in one go.
const BATCH: usize = 24;

/// The texts of the pages, in their order.
///
/// # Errors
/// Tokens that are no Rust, which is a mistake of the emitters.
pub(crate) fn print<'p>(
    plan: &'p Plan,
    pages: &[Page<'p>],
    format: bool,
) -> Result<Vec<String>, String> {
    let mut jobs = Vec::new();
    for (page, it) in pages.iter().enumerate() {
        for start in (0..it.count).step_by(BATCH) {
            let pieces = start..it.count.min(start + BATCH);
            jobs.push(Job {
                page,
                emit: &*it.emit,
                place: it.place,
                pieces,
            });
        }
    }
    let mut whole: Vec<_> = pages.iter().map(|_| Printed::default()).collect();
    for (job, printed) in jobs.iter().zip(run(plan, &jobs, format)) {
        let printed = printed?;
        whole[job.page].text.push_str(&printed.text);
        whole[job.page].imports.add(printed.imports);
    }
    let pages = pages.iter().zip(whole);
    Ok(pages
        .map(|(page, printed)| assemble(page, printed))
        .collect())
}

type Outcome = Result<Printed, String>;

/// Runs all jobs; the results are in the order of the jobs.
fn run<'p>(plan: &'p Plan, jobs: &[Job<'_, 'p>], format: bool) -> Vec<Outcome> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = threads.min(jobs.len().div_ceil(4)).max(1);
    if threads == 1 {
        return jobs
            .iter()
            .map(|job| print_job(plan, job, format))
            .collect();
    }
    let taken = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(jobs.len()));
    let work = || {
        let mut own = Vec::new();
        // From the end: the last pages are of one large piece, which should not be what all wait for.
        while let Some(index) = jobs
            .len()
            .checked_sub(1 + taken.fetch_add(1, Ordering::Relaxed))
        {
            own.push((index, print_job(plan, &jobs[index], format)));
        }
        done.lock()
            .expect("no thread panics while it holds the lock")
            .extend(own);
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let mut done = done
        .into_inner()
        .expect("no thread panics while it holds the lock");
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

fn print_job<'p>(plan: &'p Plan, job: &Job<'_, 'p>, format: bool) -> Outcome {
    let cx = Cx::new(plan, job.place, format);
    let pieces = job.pieces.clone();
    let tokens: TokenStream = pieces.map(|index| (job.emit)(&cx, index)).collect();
    let (docs, imports) = cx.finish();
    let text = if format {
        formatted(&tokens, &docs)?
    } else {
        plain(&tokens)
    };
    Ok(Printed { text, imports })
}

fn plain(tokens: &TokenStream) -> String {
    if tokens.is_empty() {
        String::new()
    } else {
        format!("{tokens}\n")
    }
}

fn formatted(tokens: &TokenStream, docs: &[Cow<'_, str>]) -> Result<String, String> {
    let file: syn::File =
        syn::parse2(tokens.clone()).map_err(|error| format!("{error}, in `{tokens}`"))?;
    let mut out = String::new();
    for item in file.items {
        out.push('\n');
        let text = prettyplease::unparse(&syn::File {
            items: vec![item],
            ..empty()
        });
        lines::arrange(&text, docs, &mut out);
    }
    Ok(out)
}

fn empty() -> syn::File {
    syn::File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items: Vec::new(),
    }
}

/// Imports, the text in front, the pieces; a blank line between them.
fn assemble(page: &Page<'_>, printed: Printed) -> String {
    let mut imports = printed.imports;
    imports.runtime.extend(page.needs);
    let mut out = imports::print(&imports);
    for part in [
        page.text.trim_matches('\n'),
        printed.text.trim_matches('\n'),
    ] {
        if part.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "{part}");
    }
    out
}
