//! The frame of every page around its text: head, bar with search, list of modules, footer.

use super::site::Site;
use super::writer::Html;
use crate::documentation::Page;

/// The page that is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Current {
    Overview,
    Index,
    Changes,
    Module(usize),
}

impl Site<'_, '_> {
    /// Returns a page with this title and text.
    pub(super) fn frame(
        &self,
        title: &str,
        current: Current,
        content: impl FnOnce(&mut Html),
    ) -> String {
        let mut html = Html::page(self.mark());
        html.element("html", &[("lang", "en")], |html| {
            self.head(html, title, current);
            html.line().element("body", &[], |html| {
                html.leaf(
                    "a",
                    &[("class", "skip"), ("href", "#:text")],
                    "Skip to the text",
                );
                self.bar(html, current);
                html.line().element("div", &[("class", "columns")], |html| {
                    self.navigation(html, current);
                    html.line()
                        .element("main", &[("id", ":text"), ("tabindex", "-1")], content);
                });
                html.line().element("footer", &[], |html| {
                    let schema = self.documentation.schema;
                    let root = schema.modules.iter().find(|it| it.file.is_some());
                    let name = root.map_or("", |root| root.name.as_str());
                    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
                    html.text("Made with qapi from ");
                    html.leaf("code", &[], name);
                });
            });
        });
        html.finish()
    }

    fn head(&self, html: &mut Html, title: &str, current: Current) {
        let site = match self.interface {
            Some(view) => format!("{} · {}", self.documentation.title, view.all.title),
            None => self.documentation.title.clone(),
        };
        let title = match current {
            Current::Overview => site,
            _ => format!("{title} · {site}"),
        };
        let title = match self.revision {
            Some(revision) => format!("{title} {}", revision.name()),
            None => title,
        };
        head(html, &title, self.top());
    }

    fn bar(&self, html: &mut Html, current: Current) {
        html.line().element("header", &[("class", "bar")], |html| {
            let menu = [
                ("type", "button"),
                ("class", "menu scripted"),
                ("aria-expanded", "false"),
                ("aria-controls", ":modules"),
            ];
            html.leaf("button", &menu, "Menu");
            if let Some(view) = self.interface {
                self.interface_switch(html, view);
            } else {
                let title = &self.documentation.title;
                html.leaf("a", &[("class", "home"), ("href", "index.html")], title);
            }
            if let Some(revision) = self.revision {
                self.switch(html, revision, current);
            }
            html.element(
                "form",
                &[("class", "search scripted"), ("role", "search")],
                |html| {
                    html.leaf(
                        "label",
                        &[("class", "unseen"), ("for", ":search")],
                        "Search names and text",
                    );
                    html.empty(
                        "input",
                        &[
                            ("id", ":search"),
                            ("type", "text"),
                            ("enterkeyhint", "search"),
                            ("placeholder", "Search  ( / )"),
                            ("autocomplete", "off"),
                            ("spellcheck", "false"),
                            ("role", "combobox"),
                            ("aria-expanded", "false"),
                            ("aria-autocomplete", "list"),
                            ("aria-controls", ":results"),
                        ],
                    );
                    html.element(
                        "ul",
                        &[
                            ("id", ":results"),
                            ("role", "listbox"),
                            ("aria-label", "Search results"),
                            ("hidden", ""),
                        ],
                        |_| {},
                    );
                    html.leaf(
                        "p",
                        &[("id", ":found"), ("class", "unseen"), ("role", "status")],
                        "",
                    );
                },
            );
            html.leaf("a", &[("href", "all.html")], "Index");
            theme_button(html);
        });
    }

    fn navigation(&self, html: &mut Html, current: Current) {
        html.element(
            "nav",
            &[("id", ":modules"), ("aria-label", "Modules")],
            |html| {
                html.element("ul", &[], |html| {
                    navigation_item(html, "index.html", "Overview", current == Current::Overview);
                    navigation_item(html, "all.html", "Index", current == Current::Index);
                    if let Some(revision) = self.revision.filter(|revision| revision.number > 0) {
                        let title = format!("Changes in {}", revision.name());
                        let is_current = current == Current::Changes;
                        navigation_item(html, "changes.html", &title, is_current);
                    }
                });
                html.element("ul", &[], |html| {
                    for (index, page) in self.pages().iter().enumerate() {
                        if self.is_front(index) {
                            continue;
                        }
                        html.line();
                        let is_current = current == Current::Module(index);
                        navigation_item(html, &self.file(index), &page.title, is_current);
                        if is_current {
                            contents(html, page);
                        }
                    }
                });
            },
        );
    }
}

/// Writes the switch between dark and light.
pub(super) fn theme_button(html: &mut Html) {
    let theme = [
        ("type", "button"),
        ("class", "theme scripted"),
        ("aria-label", "Switch between dark and light"),
        ("title", "Switch between dark and light"),
    ];
    html.leaf("button", &theme, "\u{25d0}");
}

/// Writes the head of a page. `top` is the path from the page to the top of the site.
pub(super) fn head(html: &mut Html, title: &str, top: &str) {
    html.element("head", &[], |html| {
        html.empty("meta", &[("charset", "utf-8")]).line();
        let viewport = "width=device-width, initial-scale=1";
        html.empty("meta", &[("name", "viewport"), ("content", viewport)]);
        html.empty(
            "meta",
            &[("name", "color-scheme"), ("content", "light dark")],
        );
        html.line().leaf("title", &[], title).line();
        html.empty("link", &[("rel", "icon"), ("href", "data:,")]);
        let style = format!("{top}style.css");
        html.empty("link", &[("rel", "stylesheet"), ("href", &style)]);
        let script = format!("{top}site.js");
        html.element("script", &[("src", &script)], |_| {});
    });
}

/// Lists the definitions of the current page, below its entry: commands and events first.
fn contents(html: &mut Html, page: &Page<'_>) {
    let (messages, types): (Vec<_>, Vec<_>) =
        page.definitions().partition(|it| it.kind.is_message());
    html.element("li", &[("class", "contents")], |html| {
        html.element("ul", &[("aria-label", "On this page")], |html| {
            for definition in messages.into_iter().chain(types) {
                let address = format!("#{}", definition.name);
                let class = definition.kind.word();
                html.line().element("li", &[("class", class)], |html| {
                    html.leaf("a", &[("href", &address)], definition.name);
                });
            }
        });
    });
}

fn navigation_item(html: &mut Html, address: &str, title: &str, is_current: bool) {
    html.element("li", &[], |html| {
        let mut attributes = vec![("href", address)];
        if is_current {
            attributes.push(("aria-current", "page"));
        }
        html.leaf("a", &attributes, title);
    });
}
