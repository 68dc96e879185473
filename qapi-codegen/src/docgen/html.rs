//! The reference as a static site.
//!
//! Pages are written by functions rather than templates: every element is closed and every text escaped by construction,
//! and the bulk of a page is a tree that only code can walk. Style and script are files of their own.

use super::revisions::Revision;
use super::wire::Examples;
use super::{Format, OLDER_MARK};
use crate::documentation::{Documentation, Page, PageItem, Target, slug};
use crate::{Context, Output, OutputError, drive};

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
mod text;
mod wire;
mod writer;

use editions::{Edition, Editions};
use pages::Pages;
use writer::Html;
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

/// A site: the printers of its pages are methods of it.
struct Site<'l, 's> {
    documentation: &'l Documentation<'s>,
    examples: Examples<'s>,
    /// Its place among several revisions, if there are several.
    edition: Option<Edition<'l, 's>>,
}

/// The page of the schema's main file, if that says anything.
fn root_page(documentation: &Documentation<'_>) -> Option<usize> {
    let mut modules = documentation.schema.modules.iter();
    let root = modules.position(|it| it.file.is_some())?;
    let mut pages = documentation.pages.iter();
    pages.position(|page| page.module.index() == root)
}

/// True for a page that has nothing but the introduction, which the overview shows.
fn is_front(documentation: &Documentation<'_>, page: usize) -> bool {
    let has_definitions = documentation.pages[page].definitions().next().is_some();
    root_page(documentation) == Some(page) && !has_definitions
}

/// The name of the file that shows a page.
fn file(documentation: &Documentation<'_>, page: usize) -> String {
    if is_front(documentation, page) {
        return "index.html".to_owned();
    }
    format!("{}.html", documentation.pages[page].stem)
}

/// The address of a target, for links on a page of the same revision.
fn address(documentation: &Documentation<'_>, from: Option<usize>, to: &Target) -> String {
    let anchor = match to {
        Target::Index => return "all.html".to_owned(),
        Target::Definition(name) => name.clone(),
        Target::Member { definition, member } => part_id(definition, member),
        Target::Feature {
            definition,
            feature,
        } => feature_id(definition, feature),
        Target::Label(label) => label_id(label),
    };
    match documentation.page_of(to) {
        Some(page) if from != Some(page) => format!("{}#{anchor}", file(documentation, page)),
        _ => format!("#{anchor}"),
    }
}

impl<'l, 's> Site<'l, 's> {
    fn new(documentation: &'l Documentation<'s>, edition: Option<Edition<'l, 's>>) -> Self {
        Self {
            documentation,
            examples: Examples::new(documentation.schema),
            edition,
        }
    }

    /// The text that tells its files from others.
    fn mark(&self) -> &'static str {
        match self.edition {
            Some(edition) if edition.is_older() => OLDER_MARK,
            _ => Format::Html.mark(),
        }
    }

    fn pages(&self) -> &[Page<'s>] {
        &self.documentation.pages
    }

    fn is_front(&self, page: usize) -> bool {
        is_front(self.documentation, page)
    }

    fn file(&self, page: usize) -> String {
        file(self.documentation, page)
    }

    /// The address of a target, for links on a page.
    fn address(&self, from: Option<usize>, to: &Target) -> String {
        address(self.documentation, from, to)
    }

    /// Text and definitions of the page that introduces the schema, up to the first definition.
    fn introduction(&self) -> Option<(usize, Vec<&PageItem<'s>>)> {
        let page = root_page(self.documentation)?;
        let items = self.pages()[page].items.iter();
        let items = items.take_while(|item| matches!(item, PageItem::Text(_)));
        Some((page, items.collect()))
    }
}

// Names have no colons (language.md §2.6), so that no two of these can be the same.

fn part_id(definition: &str, part: &str) -> String {
    format!("{definition}:{part}")
}

fn feature_id(definition: &str, feature: &str) -> String {
    format!("{definition}:feature:{feature}")
}

/// The id of a place that the text marks.
fn label_id(label: &str) -> String {
    format!(":label-{}", slug(label))
}
