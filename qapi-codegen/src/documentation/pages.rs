//! Names and titles of pages.

use std::collections::HashSet;

use qapi_parser::ir::Schema;

use super::headings;
use super::tree::{Page, PageItem};
use crate::markup::{self, Block, HeadingStyle};

/// Gives each page a title, a name of its own, also where capitals do not count, and ranks its headings. `whole` is the
/// title of the documentation.
pub(super) fn name(schema: &Schema, pages: &mut [Page<'_>], whole: &str, reserved: &[&str]) {
    let is_only = pages.len() == 1;
    let mut taken: HashSet<String> = reserved.iter().map(|name| (*name).to_owned()).collect();
    for page in pages {
        let wanted = stem(&schema.module(page.module).name);
        let mut stem = wanted.clone();
        let mut number = 2;
        while !taken.insert(stem.to_lowercase()) {
            stem = format!("{wanted}-{number}");
            number += 1;
        }
        page.stem = stem;
        let (style, title) = title(page).unzip();
        page.has_heading = style.is_some();
        page.title = match title.filter(|title| !title.is_empty()) {
            Some(title) => title,
            None if is_only => whole.to_owned(),
            None => page.stem.clone(),
        };
        headings::rank(page, style);
    }
}

/// Returns the file's name without folders and extension, of characters that mean nothing to shells, systems and browsers.
pub fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = name.strip_suffix(".json").unwrap_or(name);
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') {
            c
        } else {
            '-'
        }
    };
    let stem: String = stem.chars().map(plain).collect();
    let stem = stem.trim_matches(['.', '-']);
    let is_device = ["con", "prn", "aux", "nul"]
        .iter()
        .any(|device| stem.eq_ignore_ascii_case(device));
    if stem.is_empty() || is_device {
        return format!("module-{stem}").trim_end_matches('-').to_owned();
    }
    stem.to_owned()
}

/// Takes the heading before everything but comments out of the text: its words and how it is marked.
fn title(page: &mut Page<'_>) -> Option<(HeadingStyle, String)> {
    let Some(PageItem::Text(text)) = page.items.first_mut() else {
        return None;
    };
    let Some(Block::Heading(heading)) = text.blocks.first() else {
        return None;
    };
    let title = (heading.style, markup::plain(&heading.text));
    text.blocks.remove(0);
    if text.blocks.is_empty() {
        page.items.remove(0);
    }
    Some(title)
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn stems_can_be_file_names() {
        for (path, expected) in [
            ("a/block-core.json", "block-core"),
            ("2.5.json", "2.5"),
            ("..\\x y.json", "x-y"),
            ("-", "module"),
            (".json", "module"),
            ("aux.json", "module-aux"),
            ("naïve.qapi", "na-ve.qapi"),
        ] {
            assert_eq!(stem(path), expected);
        }
    }
}
