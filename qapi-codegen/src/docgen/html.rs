//! The reference as a static site.
//!
//! Pages are written by functions rather than templates: every element is closed and every text escaped by construction,
//! and the bulk of a page is a tree that only code can walk. Style and script are files of their own.

use super::format::Format;
use super::revisions::{Interface, Revision, folders};
use crate::{Context, Output, OutputError, drive};

mod addresses;
mod changes;
mod definition;
mod frame;
mod index_page;
mod interfaces;
mod interfaces_page;
mod members;
mod module;
mod objects_inv;
mod overview;
mod pages;
mod running_text;
mod search_index;
mod site;
mod site_revisions;
mod switch;
mod wire;
mod writer;

use interfaces::{InterfaceView, Interfaces};
use interfaces_page::front;
use pages::SitePages;
use site::Site;
use site_revisions::{SiteRevision, SiteRevisions};
pub use writer::html_escaped;

/// Names of files that pages must not have.
pub(super) const TAKEN: &[&str] = &["index", "all", "changes"];

const STYLE: &str = include_str!("html/assets/style.css");
const SCRIPT: &str = include_str!("html/assets/site.js");

/// Returns the site of a schema.
pub(super) fn site(cx: &Context<'_>) -> Result<Output, OutputError> {
    let mut output = Output::default();
    assets(&mut output)?;
    let site = Site::new(cx.documentation(), None, None);
    drive(cx, SitePages::new(site, "", output))
}

/// Returns the site of several revisions.
pub(super) fn sites(
    revisions: &[Revision<'_>],
    contexts: &[Context<'_>],
) -> Result<Output, OutputError> {
    let mut output = Output::default();
    assets(&mut output)?;
    add_revisions(revisions, contexts, None, output)
}

/// Returns the site of several interfaces: each in a folder of its own, with its revisions.
pub(super) fn interfaces(
    title: &str,
    interfaces: &[Interface<'_>],
    contexts: &[Vec<Context<'_>>],
) -> Result<Output, OutputError> {
    let names: Vec<_> = interfaces.iter().map(|interface| interface.name).collect();
    let mut folders = folders(&names);
    for folder in &mut folders {
        folder.push('/');
    }
    let all = Interfaces {
        title,
        names,
        folders,
    };
    let newest = contexts.iter().filter_map(|contexts| contexts.last());
    let newest: Vec<_> = newest.map(Context::documentation).collect();
    let mut output = Output::default();
    assets(&mut output)?;
    output.insert("index.html", front(&all, &newest))?;
    for (number, (interface, contexts)) in interfaces.iter().zip(contexts).enumerate() {
        let view = InterfaceView { all: &all, number };
        output = add_revisions(&interface.revisions, contexts, Some(view), output)?;
    }
    Ok(output)
}

/// Adds the pages of the revisions of an interface.
fn add_revisions(
    revisions: &[Revision<'_>],
    contexts: &[Context<'_>],
    interface: Option<InterfaceView<'_>>,
    mut output: Output,
) -> Result<Output, OutputError> {
    let revisions_of_site = SiteRevisions::new(revisions, contexts);
    let above = interface.map_or("", |view| &view.all.folders[view.number]);
    for (number, cx) in contexts.iter().enumerate() {
        let revision = SiteRevision {
            all: &revisions_of_site,
            number,
        };
        // One revision has no others to switch to.
        let revision = Some(revision).filter(|_| contexts.len() > 1);
        let site = Site::new(cx.documentation(), revision, interface);
        let folder = format!("{above}{}", revisions_of_site.folder(number));
        output = drive(cx, SitePages::new(site, &folder, output))?;
    }
    Ok(output)
}

/// Adds the files that all pages share.
fn assets(output: &mut Output) -> Result<(), OutputError> {
    let mark = Format::Html.mark();
    output.insert("style.css", format!("/* {mark} */\n{STYLE}"))?;
    output.insert("site.js", format!("// {mark}\n{SCRIPT}"))
}
