//! How deep headings are: that follows from the order in which their styles are used.

use crate::markup::HeadingStyle;

/// The headings that the text is under.
#[derive(Debug, Default)]
pub(crate) struct Levels {
    /// Styles in the order in which they were first used: the first one is the outermost.
    styles: Vec<HeadingStyle>,
    /// Ranks of the headings that the text is under, outermost first.
    open: Vec<usize>,
}

impl Levels {
    /// The headings of a page whose title is a heading of this style.
    pub(crate) fn new(title: Option<HeadingStyle>) -> Self {
        Self {
            styles: title.into_iter().collect(),
            open: Vec::new(),
        }
    }

    /// Begins the part of the text that is under a heading.
    pub(crate) fn enter(&mut self, style: HeadingStyle) {
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

    /// How deep the text is: 1 right under the title of the page.
    pub(crate) fn depth(&self) -> usize {
        self.open.len() + 1
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
        assert_eq!(depths, [2, 3, 2, 2, 3]);
        let mut levels = Levels::new(Some(HeadingStyle::Equals(1)));
        let depths = [2, 3, 2, 1].map(|level| {
            levels.enter(HeadingStyle::Equals(level));
            levels.depth()
        });
        assert_eq!(depths, [2, 3, 2, 2]);
    }
}
