//! The anchors that GitHub gives to headings.

use std::collections::HashMap;

use crate::documentation::{Block, Page, PageItem, plain};

/// The anchors of the definitions of a page.
pub(super) struct Anchors<'s>(HashMap<&'s str, String>);

impl<'s> Anchors<'s> {
    pub(super) fn new(page: &Page<'s>) -> Self {
        let mut seen = HashMap::new();
        let mut anchors = HashMap::new();
        anchor(&page.title, &mut seen);
        for item in &page.items {
            match item {
                PageItem::Text(text) => {
                    for block in &text.blocks {
                        if let Block::Heading(heading) = block {
                            anchor(&plain(&heading.text), &mut seen);
                        }
                    }
                }
                PageItem::Definition(definition) => {
                    anchors.insert(definition.name, anchor(definition.name, &mut seen));
                }
            }
        }
        Self(anchors)
    }

    /// Returns the anchor of a definition's heading.
    pub(super) fn definition(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// Returns the anchor of the next heading: lower case, without punctuation, with a number if there was one like it.
fn anchor(title: &str, seen: &mut HashMap<String, usize>) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let base: String = title
        .to_lowercase()
        .chars()
        .filter(kept)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect();
    let mut anchor = base.clone();
    while seen.contains_key(&anchor) {
        let count = seen.entry(base.clone()).or_default();
        *count += 1;
        anchor = format!("{base}-{count}");
    }
    seen.insert(anchor.clone(), 0);
    anchor
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_those_of_github() {
        let mut seen = HashMap::new();
        for (title, expected) in [
            ("Block devices (QMP)", "block-devices-qmp"),
            ("STOP", "stop"),
            ("stop", "stop-1"),
            ("stop-1", "stop-1-1"),
            ("x_y", "x_y"),
            ("stop", "stop-2"),
        ] {
            assert_eq!(anchor(title, &mut seen), expected);
        }
    }
}
