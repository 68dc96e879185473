//! Rules for every page of a site.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use html5ever::tendril::TendrilSink as _;
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use qapi_codegen::Output;

/// Faults of the pages of a site.
pub(crate) fn problems(output: &Output) -> Vec<String> {
    let files: Vec<_> = output.files().collect();
    problems_of_pages(&files)
}

/// Finds the faults of the pages among these files.
pub(crate) fn problems_of_pages(files: &[(&str, &str)]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut pages = BTreeMap::new();
    for (name, text) in files {
        let mut page = Page::default();
        if Path::new(name).extension().is_some_and(|it| it == "html") {
            page = read(text);
            problems.extend(page.problems.iter().map(|it| format!("{name}: {it}")));
        }
        pages.insert(*name, page);
    }
    for (name, page) in &pages {
        for link in &page.links {
            let (file, id) = link.split_once('#').unwrap_or((link, ""));
            let file = resolve(name, file);
            let leads = pages
                .get(file.as_str())
                .is_some_and(|target| id.is_empty() || target.ids.contains(id));
            if !leads {
                problems.push(format!("{name}: {link} leads nowhere"));
            }
        }
    }
    problems
}

/// Target of an address on a page, from the top of the site.
fn resolve(page: &str, address: &str) -> String {
    if address.is_empty() {
        return page.to_owned();
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in address.split('/') {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The text files in a folder and the folders in it, by their way from there.
pub(crate) fn files_in(folder: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![(folder.to_path_buf(), String::new())];
    while let Some((folder, way)) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            let name = path.file_name().expect("it has a name").to_string_lossy();
            let name = format!("{way}{name}");
            if path.is_dir() {
                folders.push((path, format!("{name}/")));
            } else {
                // The inventory is the only file that is not text.
                if !name.ends_with("objects.inv") {
                    let text = std::fs::read_to_string(&path).expect("files of a site are text");
                    files.insert(name, text);
                }
            }
        }
    }
    files
}

#[derive(Default)]
struct Page {
    ids: BTreeSet<String>,
    /// Addresses within the site.
    links: BTreeSet<String>,
    problems: Vec<String>,
    /// Level of the last heading.
    heading: usize,
    labelled: BTreeSet<String>,
    inputs: Vec<Option<String>>,
    elements: BTreeMap<String, usize>,
}

fn read(text: &str) -> Page {
    let options = ParseOpts {
        tree_builder: TreeBuilderOpts {
            exact_errors: true,
            ..TreeBuilderOpts::default()
        },
        ..ParseOpts::default()
    };
    let dom = parse_document(RcDom::default(), options).one(text);
    let mut page = Page::default();
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

impl Page {
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

/// The words of a page by the definition that they belong to, and under an empty name those of all its text.
pub(crate) fn words_by_definition(page: &str) -> BTreeMap<String, Words> {
    let dom = parse_document(RcDom::default(), ParseOpts::default()).one(page);
    let mut found = BTreeMap::new();
    find_definitions(&dom.document, &mut found);
    found
}

/// Frequency of each word.
pub(crate) type Words = BTreeMap<String, usize>;

/// Adds the words of a text: runs of letters and digits.
pub(crate) fn add_words(text: &str, words: &mut Words) {
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

/// Links of Markdown files that lead nowhere.
pub(crate) fn markdown_problems(output: &Output) -> Vec<String> {
    let mut problems = Vec::new();
    let files: BTreeMap<_, _> = output
        .files()
        .map(|(name, text)| (name, anchors(text)))
        .collect();
    for (name, text) in output.files() {
        for (at, _) in text.match_indices("](") {
            let rest = &text[at + 2..];
            let address = rest[..rest.find(')').unwrap_or(rest.len())].trim_matches(['<', '>']);
            if address.contains("://") {
                continue;
            }
            let (file, anchor) = address.split_once('#').unwrap_or((address, ""));
            let file = if file.is_empty() { name } else { file };
            let anchors = files.get(file);
            if !anchors.is_some_and(|anchors| anchor.is_empty() || anchors.contains(anchor)) {
                problems.push(format!("{name}: {address} leads nowhere"));
            }
        }
    }
    problems
}

/// GitHub's anchors of headings: lower case without punctuation, and a number from the second one on.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut is_code = false;
    for line in text.lines() {
        is_code ^= line.trim_start().starts_with("```");
        if let Some(id) = line.strip_prefix("<a id=\"") {
            anchors.insert(id.split('"').next().unwrap_or_default().to_owned());
        }
        if is_code || !line.starts_with('#') {
            continue;
        }
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        let base: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let mut anchor = base.clone();
        let mut number = 1;
        while !anchors.insert(anchor.clone()) {
            anchor = format!("{base}-{number}");
            number += 1;
        }
    }
    anchors
}
