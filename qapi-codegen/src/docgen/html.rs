//! The reference as a static site.
//!
//! Pages are written by functions rather than templates: every element is closed and every text escaped by construction,
//! and the bulk of a page is a tree that only code can walk. Style and script are files of their own.

use std::collections::BTreeMap;

use qapi_parser::ir::ModuleId;

use super::Format;
use super::links::{Destination, Links, slug};
use super::tree::{Page, PagePart};
use super::wire::Examples;

mod definition;
mod frame;
mod index;
mod module;
mod overview;
mod parts;
mod search;
mod text;
mod wire;
mod writer;

use writer::Html;

/// Names of files that pages must not have.
pub(super) const TAKEN: &[&str] = &["index", "all"];

const STYLE: &str = include_str!("html/assets/style.css");
const SCRIPT: &str = include_str!("html/assets/site.js");

/// The site's files.
pub(super) fn site(links: &Links<'_, '_>) -> BTreeMap<String, String> {
    let site = Site {
        links,
        examples: Examples::new(links.tree.schema),
    };
    let mark = Format::Html.mark();
    let mut files = BTreeMap::from([
        ("index.html".to_owned(), site.overview()),
        ("all.html".to_owned(), site.index()),
        ("search.js".to_owned(), site.search_index()),
        ("style.css".to_owned(), format!("/* {mark} */\n{STYLE}")),
        ("site.js".to_owned(), format!("// {mark}\n{SCRIPT}")),
    ]);
    for (index, page) in links.tree.pages.iter().enumerate() {
        if !site.is_front(index) {
            files.insert(format!("{}.html", page.stem), site.module(index, page));
        }
    }
    files
}

/// What the pages are made from.
struct Site<'l, 't, 's> {
    links: &'l Links<'t, 's>,
    examples: Examples<'s>,
}

impl<'s> Site<'_, '_, 's> {
    fn pages(&self) -> &[Page<'s>] {
        &self.links.tree.pages
    }

    /// Whether the page has nothing but the introduction, which the overview shows.
    fn is_front(&self, page: usize) -> bool {
        let page = &self.pages()[page];
        let schema = self.links.tree.schema;
        let root = schema.modules.iter().position(|it| it.file.is_some());
        let is_root =
            root.is_some_and(|root| ModuleId(u32::try_from(root).unwrap_or(0)) == page.module);
        is_root && page.definitions().next().is_none()
    }

    fn file(&self, page: usize) -> String {
        if self.is_front(page) {
            return "index.html".to_owned();
        }
        format!("{}.html", self.pages()[page].stem)
    }

    /// The address of a destination, for links on a page.
    fn address(&self, from: Option<usize>, to: Destination<'_>) -> String {
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
            format!("{}#{anchor}", self.file(page))
        }
    }

    /// Text and definitions of the page that introduces the schema, up to the first definition.
    fn introduction(&self) -> Option<(usize, Vec<&PagePart<'s>>)> {
        let schema = self.links.tree.schema;
        let root = schema.modules.iter().position(|it| it.file.is_some())?;
        let mut pages = self.pages().iter();
        let page = pages.position(|page| page.module.index() == root)?;
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
