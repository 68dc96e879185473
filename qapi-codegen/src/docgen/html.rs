//! The reference as a static site.
//!
//! Pages are written by functions rather than templates: every element is closed and every text escaped by construction,
//! and the bulk of a page is a tree that only code can walk. Style and script are files of their own.

use super::format::Format;
use super::revisions::Revision;
use crate::{Context, Output, OutputError, drive};

mod addresses;
mod changes;
mod definition;
mod editions;
mod frame;
mod index;
mod members;
mod module;
mod overview;
mod pages;
mod search;
mod site;
mod switch;
mod text;
mod wire;
mod writer;

use editions::{Edition, Editions};
use pages::Pages;
use site::Site;
pub use writer::html_escaped;

/// Names of files that pages must not have.
pub(super) const TAKEN: &[&str] = &["index", "all", "changes"];

const STYLE: &str = include_str!("html/assets/style.css");
const SCRIPT: &str = include_str!("html/assets/site.js");

/// The site of a schema.
pub(super) fn site(cx: &Context<'_>) -> Result<Output, OutputError> {
    let mut output = Output::default();
    assets(&mut output)?;
    let site = Site::new(cx.documentation(), None);
    drive(cx, Pages::new(site, "", output))
}

/// The site of several revisions.
pub(super) fn sites(
    revisions: &[Revision<'_>],
    contexts: &[Context<'_>],
) -> Result<Output, OutputError> {
    let editions = Editions::new(revisions, contexts);
    let mut output = Output::default();
    assets(&mut output)?;
    for (number, cx) in contexts.iter().enumerate() {
        let edition = Edition {
            all: &editions,
            number,
        };
        let site = Site::new(cx.documentation(), Some(edition));
        output = drive(cx, Pages::new(site, editions.folder(number), output))?;
    }
    Ok(output)
}

/// Adds the files that all pages share.
fn assets(output: &mut Output) -> Result<(), OutputError> {
    let mark = Format::Html.mark();
    output.insert("style.css", format!("/* {mark} */\n{STYLE}"))?;
    output.insert("site.js", format!("// {mark}\n{SCRIPT}"))
}
