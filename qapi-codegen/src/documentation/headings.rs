//! Ranks headings: the level of a heading follows from the order in which styles are used.

use super::tree::{Page, PageItem};
use crate::markup::{Block, HeadingStyle};

/// Gives the headings of a page their levels; `title` is how the heading before the page is marked.
pub(super) fn rank(page: &mut Page<'_>, title: Option<HeadingStyle>) {
    let mut levels = Levels::new(title);
    for item in &mut page.items {
        if let PageItem::Text(text) = item {
            for block in &mut text.blocks {
                if let Block::Heading(heading) = block {
                    levels.enter(heading.style);
                    heading.level = levels.depth();
                }
            }
        }
    }
}

/// The headings that the text is under.
#[derive(Debug, Default)]
struct Levels {
    /// Styles in the order in which they were first used: the first one is the outermost.
    styles: Vec<HeadingStyle>,
    /// Ranks of the headings that the text is under, outermost first.
    open: Vec<usize>,
}

impl Levels {
    /// Returns the headings of a page whose title is a heading of this style.
    fn new(title: Option<HeadingStyle>) -> Self {
        Self {
            styles: title.into_iter().collect(),
            open: Vec::new(),
        }
    }

    /// Begins the part of the text that is under a heading.
    fn enter(&mut self, style: HeadingStyle) {
        let rank = match style {
            HeadingStyle::Equals(level) => usize::from(level),
            HeadingStyle::Adorned { .. } => {
                let known = self.styles.iter().position(|known| *known == style);
                known.unwrap_or_else(|| {
                    self.styles.push(style);
                    self.styles.len() - 1
                })
            }
        };
        self.open.retain(|open| *open < rank);
        self.open.push(rank);
    }

    /// Returns the level of the last heading: 1 right under the title of the page.
    fn depth(&self) -> usize {
        self.open.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_style_is_the_outermost() {
        let over = |mark| HeadingStyle::Adorned { mark, over: true };
        let mut levels = Levels::new(Some(over('*')));
        let depths = ['=', '-', '=', '*', '-'].map(|mark| {
            levels.enter(over(mark));
            levels.depth()
        });
        assert_eq!(depths, [1, 2, 1, 1, 2]);
        let mut levels = Levels::new(Some(HeadingStyle::Equals(1)));
        let depths = [2, 3, 2, 1].map(|level| {
            levels.enter(HeadingStyle::Equals(level));
            levels.depth()
        });
        assert_eq!(depths, [1, 2, 1, 1]);
    }
}
