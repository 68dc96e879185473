//! Completion: what can be written at a place.

use std::path::Path;

use gen_lsp_types::{
    CompletionItem, CompletionItemDefaults, CompletionItemKind, CompletionItemTag,
    CompletionItemTextEdit, CompletionList, CompletionParams, CompletionResponse, Documentation,
    EditRange, InsertTextFormat, MarkupContent, MarkupKind, Range, TextEdit,
};
use lsp_server::ResponseError;
use qapi_ide::{Completion, CompletionKind, Kind};
use serde_json::Value;

use super::convert;
use super::state::Server;

impl Server {
    pub(super) fn completion(
        &mut self,
        params: &CompletionParams,
    ) -> Result<Option<CompletionResponse>, ResponseError> {
        let place = &params.text_document_position_params;
        let (path, text, offset) = self.place(place)?;
        let found = self.workspace.complete(&path, offset);
        let range = convert::range(&text, found.range, self.encoding());
        let data = self.asked_file(&path);
        let items = found.items.into_iter().enumerate();
        let items = items.map(|(rank, it)| self.item(range, data, rank, it));
        let item_defaults = self.client.shares_items.then(|| CompletionItemDefaults {
            edit_range: Some(EditRange::Range(range)),
            data: Some(data.into()),
            ..CompletionItemDefaults::default()
        });
        Ok(Some(CompletionResponse::CompletionList(CompletionList {
            is_incomplete: false,
            items: items.collect(),
            item_defaults,
            ..CompletionList::default()
        })))
    }

    /// Returns the number of a file in the data of items. An address would make a list half as long again.
    fn asked_file(&mut self, path: &Path) -> usize {
        let known = self.asked.iter().position(|it| it == path);
        known.unwrap_or_else(|| {
            self.asked.push(path.to_path_buf());
            self.asked.len() - 1
        })
    }

    fn item(&self, range: Range, data: usize, rank: usize, it: Completion) -> CompletionItem {
        let new_text = if it.is_snippet && !self.client.snippets {
            plain(&it.text)
        } else {
            it.text
        };
        let is_snippet = it.is_snippet && self.client.snippets;
        let mut item = CompletionItem {
            kind: Some(kind(it.kind)),
            tags: it.deprecated.then(|| vec![CompletionItemTag::Deprecated]),
            detail: (!it.detail.is_empty()).then_some(it.detail),
            documentation: it.documentation.map(|text| markdown(text.to_owned())),
            sort_text: Some(format!("{rank:05}")),
            insert_text_format: is_snippet.then_some(InsertTextFormat::Snippet),
            ..CompletionItem::default()
        };
        if self.client.shares_items {
            item.text_edit_text = (new_text != it.label).then_some(new_text);
        } else {
            let edit = TextEdit { range, new_text };
            item.text_edit = Some(CompletionItemTextEdit::TextEdit(edit));
            let has_page = matches!(it.kind, CompletionKind::Definition(_));
            item.data = has_page.then(|| data.into());
        }
        item.label = it.label;
        item
    }

    /// Adds the text about a definition, which is made only for the one that is looked at.
    pub(super) fn resolve_completion(
        &mut self,
        item: &CompletionItem,
    ) -> Result<CompletionItem, ResponseError> {
        let mut item = item.clone();
        let file = item.data.as_ref().and_then(Value::as_u64);
        let file = file.and_then(|it| self.asked.get(usize::try_from(it).ok()?));
        if let Some(path) = file
            && item.kind.is_some_and(has_page)
        {
            let page = self.workspace.describe(path, &item.label);
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

/// Returns a snippet with its examples filled in, for editors that cannot jump between places.
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
