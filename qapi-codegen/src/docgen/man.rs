//! The reference as one manual page of section 7, in the macros of man(7).

use std::fmt::Write as _;

use qapi_parser::ir::{DocId, Entity, Module, ModuleId};

use super::format::Format;
use super::wire::Examples;
use crate::documentation::{Documentation, Kind, PageItem, stem, summary};
use crate::{Backend, Context, Output, OutputError, drive};

mod definition;
mod roff;

use roff::Roff;

/// Returns the page, in a file named like the schema.
pub(super) fn page(cx: &Context<'_>) -> Result<Output, OutputError> {
    let documentation = cx.documentation();
    let manual = Manual {
        documentation,
        examples: Examples::new(cx.schema()),
        name: stem(&documentation.title),
        page: None,
        out: Roff::new(Format::Man.mark()),
    };
    drive(cx, manual)
}

/// The page so far.
struct Manual<'l, 's> {
    documentation: &'l Documentation<'s>,
    examples: Examples<'s>,
    /// The name of the page.
    name: String,
    /// The position of the module's page in the documentation; none for a module that has none.
    page: Option<usize>,
    out: Roff,
}

impl Backend for Manual<'_, '_> {
    type Error = OutputError;

    fn begin(&mut self, _: &Context<'_>) -> Result<(), OutputError> {
        self.name_section();
        self.contents();
        Ok(())
    }

    fn begin_module(
        &mut self,
        _: &Context<'_>,
        id: ModuleId,
        _: &Module,
    ) -> Result<(), OutputError> {
        self.page = self.documentation.page_of_module(id);
        if let Some(page) = self.page {
            let title = self.documentation.pages[page].title.to_uppercase();
            self.out.request("SH", &[&title]);
        }
        Ok(())
    }

    fn text(&mut self, _: &Context<'_>, id: DocId) -> Result<(), OutputError> {
        let page = self.page.map(|page| &self.documentation.pages[page]);
        if let Some(blocks) = page.and_then(|page| page.text(id)) {
            self.out.blocks(blocks);
        }
        Ok(())
    }

    fn definition(&mut self, _: &Context<'_>, entity: Entity) -> Result<(), OutputError> {
        if let Some(definition) = self.documentation.of(entity) {
            self.print(definition);
        }
        Ok(())
    }

    fn finish(self, _: &Context<'_>) -> Result<Output, OutputError> {
        let mut output = Output::default();
        output.insert(format!("{}.7", self.name), self.out.finish())?;
        Ok(output)
    }
}

impl Manual<'_, '_> {
    fn name_section(&mut self) {
        let documentation = self.documentation;
        let out = &mut self.out;
        out.request("TH", &[&self.name, "7", "", "qapi", &documentation.title]);
        // Names broken at the end of a line cannot be found or copied, and justified lines of names have gaps.
        out.request("nh", &[]);
        // This is not a macro: its argument has no quotes.
        out.request("ad l", &[]);
        out.request("SH", &["NAME"]);
        let first = documentation.pages.first().and_then(|it| it.items.first());
        let about = match first {
            Some(PageItem::Text(text)) => summary(&text.blocks),
            _ => String::new(),
        };
        let about = if about.is_empty() {
            documentation.title.clone()
        } else {
            about
        };
        out.line(&format!(
            "{} \\- {}",
            roff::escaped(&self.name),
            roff::escaped(&about)
        ));
    }

    /// Writes the names of the definitions that follow, by kind.
    fn contents(&mut self) {
        let out = &mut self.out;
        out.request("SH", &["CONTENTS"]);
        for kind in Kind::ALL {
            let definitions = self.documentation.definitions();
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
