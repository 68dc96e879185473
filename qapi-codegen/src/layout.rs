//! From tokens to the text of files: every item formatted, the work spread over the processors.

mod imports;
mod lines;
mod plain;
mod rustfmt;
mod spacing;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use crate::parallel;
use crate::plan::Plan;
use crate::rust::{Cx, Imports, Piece, Place};

type Emit<'p> = dyn Fn(&Cx<'p>, usize) -> Piece + Sync + 'p;

/// A file that is to be printed.
pub(crate) struct Page<'p> {
    pub(crate) path: Cow<'static, str>,
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
        path: impl Into<Cow<'static, str>>,
        place: Place,
        count: usize,
        emit: impl Fn(&Cx<'p>, usize) -> Piece + Sync + 'p,
    ) -> Self {
        Self {
            path: path.into(),
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
struct Printed {
    text: String,
    imports: Imports,
}

/// How many pieces are printed in one go.
const BATCH: usize = 24;

/// The texts of the pages, in their order, each with the header on top.
///
/// # Errors
/// Brackets that do not match, which is a mistake of the emitters.
pub(crate) fn print<'p>(
    plan: &'p Plan,
    header: &str,
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
    let mut parts: Vec<_> = pages.iter().map(|_| Vec::new()).collect();
    // One job at a time, the last first: the last pages are of one large piece.
    let results = parallel::map(jobs.len(), 1, &|range| {
        print_job(plan, &jobs[range.start], format)
    });
    for (job, printed) in jobs.iter().zip(results) {
        parts[job.page].push(printed?);
    }
    let pages = pages.iter().zip(parts);
    Ok(pages
        .map(|(page, parts)| assemble(header, page, parts))
        .collect())
}

fn print_job<'p>(plan: &'p Plan, job: &Job<'_, 'p>, format: bool) -> Result<Printed, String> {
    let cx = Cx::new(plan, job.place);
    let pieces = job.pieces.clone();
    let tokens: Piece = pieces.map(|index| (job.emit)(&cx, index)).collect();
    let (docs, imports) = cx.finish();
    let text = if format {
        lines::print(&tokens, &docs)?
    } else {
        plain::print(&tokens, &docs)
    };
    Ok(Printed { text, imports })
}

/// The number that stands for documentation, if the token is that.
fn doc_number(token: &str) -> Option<usize> {
    token.strip_prefix("///")?.parse().ok()
}

/// The header, imports, the text in front, the pieces; a blank line between them.
fn assemble(header: &str, page: &Page<'_>, printed: Vec<Printed>) -> String {
    let length = printed.iter().map(|it| it.text.len()).sum::<usize>();
    let mut out = String::with_capacity(length + header.len() + page.text.len() + 1024);
    let mut imports = Imports::default();
    imports.runtime.extend(page.needs);
    let mut texts = Vec::new();
    for part in printed {
        imports.add(part.imports);
        texts.push(part.text);
    }
    out.push_str(header);
    for part in [&*imports::print(&imports), &*page.text] {
        let part = part.trim_matches('\n');
        if !part.is_empty() {
            let _ = writeln!(out, "\n{part}");
        }
    }
    texts.retain(|text| !text.is_empty());
    for (index, text) in texts.iter().enumerate() {
        if index == 0 {
            out.push('\n');
            out.push_str(text.trim_start_matches('\n'));
        } else {
            out.push_str(text);
        }
    }
    out
}
