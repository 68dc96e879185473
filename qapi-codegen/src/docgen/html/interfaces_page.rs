//! The front page of several interfaces.

use super::super::format::Format;
use super::frame::{head, theme_button};
use super::interfaces::Interfaces;
use super::writer::Html;
use crate::documentation::{Documentation, Kind, PageItem, summary};

/// Returns the front page of all interfaces.
pub(super) fn front(all: &Interfaces<'_>, documentations: &[&Documentation<'_>]) -> String {
    let mut html = Html::page(Format::Html.mark());
    html.element("html", &[("lang", "en")], |html| {
        head(html, all.title, "");
        html.line().element("body", &[], |html| {
            html.element("header", &[("class", "bar")], |html| {
                html.leaf("a", &[("class", "home"), ("href", "index.html")], all.title);
                theme_button(html);
            });
            html.line().element("main", &[("id", ":text")], |html| {
                html.leaf("h1", &[], all.title).line();
                for ((name, folder), documentation) in
                    all.names.iter().zip(&all.folders).zip(documentations)
                {
                    card(html, name, &format!("{folder}index.html"), documentation);
                }
            });
        });
    });
    html.finish()
}

/// Writes the card of an interface: its summary and size.
fn card(html: &mut Html, name: &str, address: &str, documentation: &Documentation<'_>) {
    html.element("section", &[("class", "card")], |html| {
        html.element("h2", &[], |html| {
            html.leaf("a", &[("href", address)], name);
        });
        let items = documentation.pages.iter().flat_map(|page| &page.items);
        let text = items.filter_map(|item| match item {
            PageItem::Text(text) => Some(summary(&text.blocks)),
            PageItem::Definition(_) => None,
        });
        if let Some(text) = text.into_iter().find(|text| !text.is_empty()) {
            html.leaf("p", &[], &text);
        }
        let counts = Kind::ALL.iter().filter_map(|kind| {
            let definitions = documentation.definitions();
            match definitions.filter(|(_, it)| it.kind == *kind).count() {
                0 => None,
                1 => Some(format!("1 {}", kind.word())),
                count => Some(format!("{count} {}", kind.plural().to_lowercase())),
            }
        });
        let counts = counts.collect::<Vec<_>>().join(", ");
        html.leaf("p", &[("class", "faint")], &counts);
    });
    html.line();
}
