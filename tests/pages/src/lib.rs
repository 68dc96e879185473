//! Pages of the reference, read as browsers do.
//!
//! A crate of its own because that takes long without optimization: the reader is generic, so it is compiled with the code
//! that calls it.

use std::collections::{BTreeMap, BTreeSet};

use html5ever::tendril::TendrilSink as _;
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

/// A page, as far as others depend on it.
#[derive(Debug, Default)]
pub struct Page {
    /// The names that links lead to.
    pub ids: BTreeSet<String>,
    /// Addresses within the site.
    pub links: BTreeSet<String>,
    /// Its faults, a text each.
    pub problems: Vec<String>,
    /// Level of the last heading.
    heading: usize,
    labelled: BTreeSet<String>,
    inputs: Vec<Option<String>>,
    elements: BTreeMap<String, usize>,
}

impl Page {
    /// Reads a page and finds its faults.
    pub fn read(text: &str) -> Self {
        let options = ParseOpts {
            tree_builder: TreeBuilderOpts {
                exact_errors: true,
                ..TreeBuilderOpts::default()
            },
            ..ParseOpts::default()
        };
        let dom = parse_document(RcDom::default(), options).one(text);
        let mut page = Self::default();
        for error in dom.errors.borrow().iter() {
            page.problems.push(format!("not well-formed: {error}"));
        }
        page.element(&dom.document);
        for input in std::mem::take(&mut page.inputs) {
            if !input.is_some_and(|id| page.labelled.contains(&id)) {
                page.problems.push("an input has no label".to_owned());
            }
        }
        for name in ["h1", "main", "title"] {
            let count = page.elements.get(name).copied().unwrap_or(0);
            if count != 1 {
                page.problems.push(format!("there are {count} {name}"));
            }
        }
        page
    }

    fn element(&mut self, node: &Handle) {
        if let NodeData::Element { name, attrs, .. } = &node.data {
            let attributes: BTreeMap<String, String> = attrs
                .borrow()
                .iter()
                .map(|it| (it.name.local.to_string(), it.value.to_string()))
                .collect();
            let tag = name.local.to_string();
            *self.elements.entry(tag.clone()).or_default() += 1;
            self.attributes(&tag, &attributes);
            self.names(&tag, &attributes, node);
        }
        for child in node.children.borrow().iter() {
            self.element(child);
        }
    }

    fn attributes(&mut self, tag: &str, attributes: &BTreeMap<String, String>) {
        if let Some(id) = attributes.get("id")
            && !self.ids.insert(id.clone())
        {
            self.problems.push(format!("two elements have the id {id}"));
        }
        if let Some(id) = attributes.get("for") {
            self.labelled.insert(id.clone());
        }
        for address in [attributes.get("href"), attributes.get("src")]
            .into_iter()
            .flatten()
        {
            let is_link_out =
                tag == "a" && attributes.get("rel").is_some_and(|rel| rel == "external");
            if is_link_out || address.starts_with("data:") {
                continue;
            }
            if address.contains(':') && !address.contains('#') {
                self.problems
                    .push(format!("{address} is not part of the site"));
            } else {
                self.links.insert(address.clone());
            }
        }
        if attributes.keys().any(|name| name.starts_with("on")) || attributes.contains_key("style")
        {
            self.problems
                .push(format!("{tag} has a script or style of its own"));
        }
    }

    fn names(&mut self, tag: &str, attributes: &BTreeMap<String, String>, node: &Handle) {
        match tag {
            "html" if !attributes.contains_key("lang") => {
                self.problems.push("the page has no language".to_owned());
            }
            "input" => self.inputs.push(attributes.get("id").cloned()),
            "button" | "a" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6"
                if text(node).trim().is_empty() && !attributes.contains_key("aria-label") =>
            {
                self.problems.push(format!("a {tag} has no name"));
            }
            _ => {}
        }
        let level = tag.strip_prefix('h').and_then(|level| level.parse().ok());
        if let Some(level) = level {
            if level > self.heading + 1 {
                let before = self.heading;
                self.problems.push(format!("{tag} follows h{before}"));
            }
            self.heading = level;
        }
    }
}

fn text(node: &Handle) -> String {
    let mut out = String::new();
    if let NodeData::Text { contents } = &node.data {
        out.push_str(&contents.borrow());
    }
    for child in node.children.borrow().iter() {
        out.push_str(&text(child));
    }
    out
}

/// Returns the words of a page by the definition that they belong to, and under an empty name those of all its text.
pub fn words_by_definition(page: &str) -> BTreeMap<String, Words> {
    let dom = parse_document(RcDom::default(), ParseOpts::default()).one(page);
    let mut found = BTreeMap::new();
    find_definitions(&dom.document, &mut found);
    found
}

/// Frequency of each word.
pub type Words = BTreeMap<String, usize>;

/// Adds the words of a text: runs of letters and digits.
pub fn add_words(text: &str, words: &mut Words) {
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        if !word.is_empty() {
            *words.entry(word.to_lowercase()).or_default() += 1;
        }
    }
}

fn find_definitions(node: &Handle, found: &mut BTreeMap<String, Words>) {
    if let NodeData::Element { name, attrs, .. } = &node.data {
        let attributes = attrs.borrow();
        let value = |wanted: &str| {
            let mut attributes = attributes.iter();
            let found = attributes.find(|it| *it.name.local == *wanted);
            found.map(|it| it.value.to_string())
        };
        let id = match &*name.local {
            "main" => Some(String::new()),
            "section" if value("class").as_deref() == Some("definition") => value("id"),
            _ => None,
        };
        if let Some(id) = id {
            add_words_of(node, found.entry(id).or_default());
        }
    }
    for child in node.children.borrow().iter() {
        find_definitions(child, found);
    }
}

fn add_words_of(node: &Handle, words: &mut Words) {
    if let NodeData::Text { contents } = &node.data {
        add_words(&contents.borrow(), words);
    }
    for child in node.children.borrow().iter() {
        add_words_of(child, words);
    }
}
