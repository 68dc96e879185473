//! The reference as one manual page of section 7, in the macros of man(7).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Format;
use super::levels::Levels;
use super::links::{Links, summary};
use super::tree::{Kind, PagePart};
use super::wire::Examples;
use crate::markup::Block;

mod definition;
mod roff;

use roff::Roff;

/// The page, in a file named like the schema.
pub(super) fn page(links: &Links<'_, '_>) -> BTreeMap<String, String> {
    let tree = links.tree;
    let stem = super::tree::stem(&tree.title);
    let manual = Manual {
        links,
        examples: Examples::new(tree.schema),
    };
    BTreeMap::from([(format!("{stem}.7"), manual.page(&stem))])
}

/// What the page is made from.
struct Manual<'l, 't, 's> {
    links: &'l Links<'t, 's>,
    examples: Examples<'s>,
}

impl Manual<'_, '_, '_> {
    fn page(&self, name: &str) -> String {
        let tree = self.links.tree;
        let mut out = Roff::new(Format::Man.mark());
        out.request("TH", &[name, "7", "", "qapi", &tree.title]);
        // Names that are broken at the end of a line cannot be found or copied, and full lines of them have gaps.
        out.request("nh", &[]);
        // This is no macro: its argument has no quotes.
        out.request("ad l", &[]);
        out.request("SH", &["NAME"]);
        let intro = tree.pages.first().and_then(|page| page.parts.first());
        let about = match intro {
            Some(PagePart::Text(blocks)) => summary(blocks),
            _ => String::new(),
        };
        let about = if about.is_empty() {
            tree.title.clone()
        } else {
            about
        };
        out.line(&format!(
            "{} \\- {}",
            roff::escaped(name),
            roff::escaped(&about)
        ));
        self.contents(&mut out);
        for page in &tree.pages {
            out.request("SH", &[&page.title.to_uppercase()]);
            let mut levels = Levels::new(page.title_style);
            for part in &page.parts {
                match part {
                    PagePart::Text(blocks) => {
                        for block in blocks {
                            if let Block::Heading(style, _) = block {
                                levels.enter(*style);
                            }
                        }
                        out.blocks(blocks);
                    }
                    PagePart::Definition(definition) => self.definition(&mut out, definition),
                }
            }
        }
        out.finish()
    }

    /// The names of what follows, by kind.
    fn contents(&self, out: &mut Roff) {
        out.request("SH", &["CONTENTS"]);
        for kind in Kind::ALL {
            let definitions = self.links.tree.definitions();
            let mut names: Vec<_> = definitions
                .filter(|(_, it)| it.kind == kind)
                .map(|(_, it)| it.name)
                .collect();
            names.sort_unstable();
            if !names.is_empty() {
                out.request("TP", &[]);
                out.line(&roff::bold(kind.plural()));
                let mut text = String::new();
                for (index, name) in names.iter().enumerate() {
                    let _ = write!(text, "{}{name}", if index == 0 { "" } else { ", " });
                }
                out.text(&text);
            }
        }
    }
}
