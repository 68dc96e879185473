//! Rules for every page of a site.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use qapi_codegen::Output;
use qapi_test_pages::Page;

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
            page = Page::read(text);
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
