//! The reference as a static site.
//!
//! Pages are written by functions rather than templates: every element is closed and every text escaped by construction,
//! and the bulk of a page is a tree that only code can walk. Style and script are files of their own.

use std::collections::BTreeMap;

use super::links::{Destination, Links, slug};
use super::revisions::Revision;
use super::tree::{Page, PagePart};
use super::wire::Examples;
use super::{Format, OLDER_MARK};

mod changes;
mod definition;
mod editions;
mod frame;
mod index;
mod module;
mod overview;
mod parts;
mod search;
mod text;
mod wire;
mod writer;

use editions::{Edition, Editions};
use writer::Html;

/// Names of files that pages must not have.
pub(super) const TAKEN: &[&str] = &["index", "all", "changes"];

const STYLE: &str = include_str!("html/assets/style.css");
const SCRIPT: &str = include_str!("html/assets/site.js");

/// The site's files.
pub(super) fn site(links: &Links<'_, '_>) -> BTreeMap<String, String> {
    let site = Site {
        links,
        examples: Examples::new(links.tree.schema),
        edition: None,
    };
    let mut files = assets();
    site.files("", &mut files);
    files
}

/// The files of a site of several revisions, whose links these are.
pub(super) fn sites(
    revisions: &[Revision<'_>],
    links: &[Links<'_, '_>],
) -> BTreeMap<String, String> {
    let editions = Editions::new(revisions, links);
    let mut files = assets();
    for (number, links) in links.iter().enumerate() {
        let site = Site {
            links,
            examples: Examples::new(links.tree.schema),
            edition: Some(Edition {
                all: &editions,
                number,
            }),
        };
        site.files(editions.folder(number), &mut files);
    }
    files
}

/// What all pages share.
fn assets() -> BTreeMap<String, String> {
    let mark = Format::Html.mark();
    BTreeMap::from([
        ("style.css".to_owned(), format!("/* {mark} */\n{STYLE}")),
        ("site.js".to_owned(), format!("// {mark}\n{SCRIPT}")),
    ])
}

/// What the pages are made from.
struct Site<'l, 't, 's> {
    links: &'l Links<'t, 's>,
    examples: Examples<'s>,
    /// Its place among several revisions, if there are several.
    edition: Option<Edition<'l, 't, 's>>,
}

/// The page of the schema's main file, if that says anything.
fn root_page(links: &Links<'_, '_>) -> Option<usize> {
    let mut modules = links.tree.schema.modules.iter();
    let root = modules.position(|it| it.file.is_some())?;
    let mut pages = links.tree.pages.iter();
    pages.position(|page| page.module.index() == root)
}

/// Whether the page has nothing but the introduction, which the overview shows.
fn is_front(links: &Links<'_, '_>, page: usize) -> bool {
    let has_definitions = links.tree.pages[page].definitions().next().is_some();
    root_page(links) == Some(page) && !has_definitions
}

/// The name of the file that shows a page.
fn file(links: &Links<'_, '_>, page: usize) -> String {
    if is_front(links, page) {
        return "index.html".to_owned();
    }
    format!("{}.html", links.tree.pages[page].stem)
}

/// The address of a destination, for links on a page of the same revision.
fn address(links: &Links<'_, '_>, from: Option<usize>, to: Destination<'_>) -> String {
    let (page, anchor) = match to {
        Destination::Index => return "all.html".to_owned(),
        Destination::Definition { page, name } => (page, name.to_owned()),
        Destination::Part {
            page,
            definition,
            part,
        } => (page, part_id(definition, part)),
        Destination::Feature {
            page,
            definition,
            feature,
        } => (page, feature_id(definition, feature)),
        Destination::Label { page, label } => (page, label_id(label)),
    };
    if from == Some(page) {
        format!("#{anchor}")
    } else {
        format!("{}#{anchor}", file(links, page))
    }
}

impl<'s> Site<'_, '_, 's> {
    /// Adds its files, in this folder: empty, or ending with `/`.
    fn files(&self, folder: &str, files: &mut BTreeMap<String, String>) {
        let mut add = |name: &str, text: String| files.insert(format!("{folder}{name}"), text);
        add("index.html", self.overview());
        add("all.html", self.index());
        add("search.js", self.search_index());
        if let Some(edition) = self.edition.filter(|edition| edition.number > 0) {
            add("changes.html", self.changes(edition));
        }
        for (index, page) in self.links.tree.pages.iter().enumerate() {
            if !self.is_front(index) {
                add(&self.file(index), self.module(index, page));
            }
        }
    }

    /// What tells its files from others.
    fn mark(&self) -> &'static str {
        match self.edition {
            Some(edition) if edition.is_older() => OLDER_MARK,
            _ => Format::Html.mark(),
        }
    }

    fn pages(&self) -> &[Page<'s>] {
        &self.links.tree.pages
    }

    fn is_front(&self, page: usize) -> bool {
        is_front(self.links, page)
    }

    fn file(&self, page: usize) -> String {
        file(self.links, page)
    }

    /// The address of a destination, for links on a page.
    fn address(&self, from: Option<usize>, to: Destination<'_>) -> String {
        address(self.links, from, to)
    }

    /// Text and definitions of the page that introduces the schema, up to the first definition.
    fn introduction(&self) -> Option<(usize, Vec<&PagePart<'s>>)> {
        let page = root_page(self.links)?;
        let parts = self.pages()[page].parts.iter();
        let parts = parts.take_while(|part| matches!(part, PagePart::Text(_)));
        Some((page, parts.collect()))
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
