//! Completion: what can be written at a place.

use gen_lsp_types::{
    CompletionItem, CompletionItemDefaults, CompletionItemKind, CompletionItemTag,
    CompletionItemTextEdit, CompletionList, CompletionParams, CompletionResponse, Documentation,
    EditRange, InsertTextFormat, MarkupContent, MarkupKind, TextEdit,
};
use lsp_server::ResponseError;
use qapi_ide::{Completion, CompletionKind, Kind, Text};
use serde_json::json;

use super::convert;
use super::state::Server;
use super::uri;

impl Server {
    pub(super) fn completion(
        &mut self,
        params: &CompletionParams,
    ) -> Result<Option<CompletionResponse>, ResponseError> {
        let place = &params.text_document_position_params;
        let (path, text, offset) = self.place(place)?;
        let found = self.workspace.complete(&path, offset);
        let uri = &place.text_document.uri.0;
        let range = found.first().map(|it| it.range);
        let is_shared = |range| found.iter().all(|it| it.range == range);
        let shared = range.filter(|range| self.client.shares_items && is_shared(*range));
        let items = found.into_iter().enumerate();
        let mut items: Vec<_> = items
            .map(|(rank, it)| self.item(&text, uri, rank, it))
            .collect();
        if shared.is_some() {
            items.iter_mut().for_each(share);
        }
        let item_defaults = shared.map(|range| CompletionItemDefaults {
            edit_range: Some(EditRange::Range(convert::range(
                &text,
                range,
                self.encoding(),
            ))),
            data: Some(json!({ "uri": uri })),
            ..CompletionItemDefaults::default()
        });
        Ok(Some(CompletionResponse::CompletionList(CompletionList {
            is_incomplete: false,
            items,
            item_defaults,
            ..CompletionList::default()
        })))
    }

    fn item(&self, text: &Text, uri: &str, rank: usize, it: Completion) -> CompletionItem {
        let new_text = if it.is_snippet && !self.client.snippets {
            plain(&it.text)
        } else {
            it.text
        };
        let is_snippet = it.is_snippet && self.client.snippets;
        let documentation = it.documentation.map(|text| markdown(text.to_owned()));
        let has_page = matches!(it.kind, CompletionKind::Definition(_));
        CompletionItem {
            kind: Some(kind(it.kind)),
            tags: it.deprecated.then(|| vec![CompletionItemTag::Deprecated]),
            detail: (!it.detail.is_empty()).then_some(it.detail),
            documentation,
            sort_text: Some(format!("{rank:05}")),
            filter_text: None,
            insert_text_format: is_snippet.then_some(InsertTextFormat::Snippet),
            text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit {
                range: convert::range(text, it.range, self.encoding()),
                new_text,
            })),
            data: has_page.then(|| json!({ "uri": uri })),
            label: it.label,
            ..CompletionItem::default()
        }
    }

    /// Adds the text about a definition, which is made only for the one that is looked at.
    pub(super) fn resolve_completion(
        &mut self,
        item: &CompletionItem,
    ) -> Result<CompletionItem, ResponseError> {
        let mut item = item.clone();
        let data = item.data.clone().unwrap_or_default();
        if let Some(uri) = data["uri"].as_str()
            && item.kind.is_some_and(has_page)
        {
            let path = uri::path(&uri.to_owned().into());
            let page = self.workspace.describe(&path, &item.label);
            item.documentation = page.map(markdown);
        }
        Ok(item)
    }
}

/// Returns whether items of this kind are definitions, of which there is more to tell.
fn has_page(kind: CompletionItemKind) -> bool {
    matches!(
        kind,
        CompletionItemKind::Enum
            | CompletionItemKind::Struct
            | CompletionItemKind::Class
            | CompletionItemKind::Interface
            | CompletionItemKind::Function
            | CompletionItemKind::Event
    )
}

/// Leaves out of an item what is said once for all of them.
fn share(item: &mut CompletionItem) {
    item.data = None;
    if let Some(CompletionItemTextEdit::TextEdit(edit)) = item.text_edit.take() {
        item.text_edit_text = Some(edit.new_text).filter(|text| *text != item.label);
    }
}

fn markdown(value: String) -> Documentation {
    Documentation::MarkupContent(MarkupContent {
        kind: MarkupKind::Markdown,
        value,
    })
}

fn kind(kind: CompletionKind) -> CompletionItemKind {
    match kind {
        CompletionKind::Keyword => CompletionItemKind::Keyword,
        CompletionKind::Definition(Kind::Enum) => CompletionItemKind::Enum,
        CompletionKind::Definition(Kind::Struct) => CompletionItemKind::Struct,
        CompletionKind::Definition(Kind::Union) => CompletionItemKind::Class,
        CompletionKind::Definition(Kind::Alternate) => CompletionItemKind::Interface,
        CompletionKind::Definition(Kind::Command) => CompletionItemKind::Function,
        CompletionKind::Definition(Kind::Event) => CompletionItemKind::Event,
        CompletionKind::Builtin => CompletionItemKind::TypeParameter,
        CompletionKind::Member => CompletionItemKind::Field,
        CompletionKind::Value => CompletionItemKind::EnumMember,
        CompletionKind::Feature => CompletionItemKind::Property,
        CompletionKind::Symbol => CompletionItemKind::Constant,
        CompletionKind::File => CompletionItemKind::File,
        CompletionKind::Snippet => CompletionItemKind::Snippet,
    }
}

/// A snippet with its examples filled in, for editors that cannot jump between places.
fn plain(snippet: &str) -> String {
    let mut text = String::new();
    let mut rest = snippet;
    while let Some((before, behind)) = rest.split_once('$') {
        text.push_str(before);
        let Some(inner) = behind.strip_prefix('{') else {
            rest = behind.trim_start_matches(|it: char| it.is_ascii_digit());
            continue;
        };
        let inner = inner.split_once(':').map_or(inner, |(_, inner)| inner);
        let mut escaped = false;
        let end = inner.find(|it| {
            let is_end = it == '}' && !escaped;
            escaped = it == '\\';
            is_end
        });
        let (example, behind) = inner.split_at(end.unwrap_or(inner.len()));
        text.push_str(&example.replace('\\', ""));
        rest = behind.strip_prefix('}').unwrap_or(behind);
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_have_a_plain_form() {
        assert_eq!(plain("a ${1:b}c$0"), "a bc");
        assert_eq!(
            plain("-> ${1:{ \"a\": {\\} \\}}.\n$0"),
            "-> { \"a\": {} }.\n"
        );
        assert_eq!(plain("none"), "none");
    }
}
