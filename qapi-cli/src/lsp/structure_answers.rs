//! Answers about the structure of a file: folding, selection, links, colours, hints, hierarchies of uses.

use gen_lsp_types::{
    CallHierarchyIncomingCall, CallHierarchyIncomingCallsParams, CallHierarchyItem,
    CallHierarchyOutgoingCall, CallHierarchyOutgoingCallsParams, CallHierarchyPrepareParams,
    DocumentLink, DocumentLinkParams, FoldingRange, FoldingRangeKind, FoldingRangeParams,
    InlayHint, InlayHintParams, Label, SelectionRange, SelectionRangeParams, SemanticToken,
    SemanticTokens, SemanticTokensParams, SemanticTokensRangeParams,
};
use lsp_server::ResponseError;
use qapi_ide::{Caller, Kind, OutlineKind, Position, Range, Text, Token, TokenKind};

use super::convert;
use super::state::Server;

/// The names of roles, in the order of [`role`].
pub(super) const ROLES: [&str; 12] = [
    "keyword",
    "enum",
    "struct",
    "class",
    "interface",
    "function",
    "event",
    "type",
    "property",
    "enumMember",
    "decorator",
    "macro",
];

/// The names of further properties, a bit each.
pub(super) const MODIFIERS: [&str; 3] = ["declaration", "documentation", "deprecated"];

impl Server {
    pub(super) fn folding(
        &mut self,
        params: &FoldingRangeParams,
    ) -> Result<Option<Vec<FoldingRange>>, ResponseError> {
        let (path, text) = self.text(&params.text_document.uri)?;
        let folds = self.workspace.folds(&path).into_iter();
        let folds = folds.map(|fold| {
            let range = convert::range(&text, fold.range, self.encoding());
            FoldingRange {
                start_line: range.start.line,
                start_character: None,
                end_line: range.end.line,
                end_character: None,
                kind: fold.is_comment.then_some(FoldingRangeKind::Comment),
                collapsed_text: None,
            }
        });
        Ok(Some(folds.collect()))
    }

    pub(super) fn selection(
        &mut self,
        params: &SelectionRangeParams,
    ) -> Result<Option<Vec<SelectionRange>>, ResponseError> {
        let (path, text) = self.text(&params.text_document.uri)?;
        let mut answers = Vec::new();
        for position in &params.positions {
            let offset = text.offset(convert::from_position(*position), self.encoding());
            let mut outer = None;
            for range in self.workspace.selection(&path, offset).into_iter().rev() {
                outer = Some(SelectionRange {
                    range: convert::range(&text, range, self.encoding()),
                    parent: outer.map(Box::new),
                });
            }
            answers.push(outer.unwrap_or_default());
        }
        Ok(Some(answers))
    }

    pub(super) fn links(
        &mut self,
        params: &DocumentLinkParams,
    ) -> Result<Option<Vec<DocumentLink>>, ResponseError> {
        let (path, text) = self.text(&params.text_document.uri)?;
        let links = self.workspace.links(&path).into_iter();
        let links = links.map(|(range, target)| DocumentLink {
            range: convert::range(&text, range, self.encoding()),
            target: Some(self.uri(&target)),
            ..DocumentLink::default()
        });
        Ok(Some(links.collect()))
    }

    pub(super) fn hints(
        &mut self,
        params: &InlayHintParams,
    ) -> Result<Option<Vec<InlayHint>>, ResponseError> {
        let (path, text) = self.text(&params.text_document.uri)?;
        let range = self.range(&text, &params.range);
        let hints = self.workspace.hints(&path, range).into_iter();
        let hints = hints.map(|hint| InlayHint {
            position: convert::range(&text, Range::new(hint.offset, hint.offset), self.encoding())
                .start,
            label: Label::String(hint.text),
            kind: None,
            text_edits: None,
            tooltip: None,
            padding_left: None,
            padding_right: None,
            data: None,
        });
        Ok(Some(hints.collect()))
    }

    fn range(&self, text: &Text, range: &gen_lsp_types::Range) -> Range {
        let offset = |at| text.offset(convert::from_position(at), self.encoding());
        Range::new(offset(range.start), offset(range.end))
    }

    pub(super) fn tokens(
        &mut self,
        params: &SemanticTokensParams,
    ) -> Result<Option<SemanticTokens>, ResponseError> {
        let (path, text) = self.text(&params.text_document.uri)?;
        let tokens = self.workspace.tokens(&path, Range::new(0, u32::MAX));
        Ok(Some(self.coloured(&text, &tokens)))
    }

    pub(super) fn tokens_of_range(
        &mut self,
        params: &SemanticTokensRangeParams,
    ) -> Result<Option<SemanticTokens>, ResponseError> {
        let (path, text) = self.text(&params.text_document.uri)?;
        let range = self.range(&text, &params.range);
        let tokens = self.workspace.tokens(&path, range);
        Ok(Some(self.coloured(&text, &tokens)))
    }

    /// Roles as the protocol packs them: each place counts from the one before.
    fn coloured(&self, text: &Text, tokens: &[Token]) -> SemanticTokens {
        let mut before = Position::default();
        let mut data = Vec::new();
        for token in tokens {
            let start = text.position(token.range.start, self.encoding());
            let end = text.position(token.range.end, self.encoding());
            let is_same_line = start.line == before.line;
            let column = if is_same_line { before.column } else { 0 };
            data.push(SemanticToken {
                delta_line: start.line - before.line,
                delta_start: start.column - column,
                length: end.column - start.column,
                token_type: role(token.kind),
                token_modifiers_bitset: u32::from(token.is_definition)
                    | u32::from(token.in_documentation) << 1
                    | u32::from(token.deprecated) << 2,
            });
            before = start;
        }
        SemanticTokens {
            result_id: None,
            data,
        }
    }

    pub(super) fn prepare_calls(
        &mut self,
        params: &CallHierarchyPrepareParams,
    ) -> Result<Option<Vec<CallHierarchyItem>>, ResponseError> {
        let (path, _, offset) = self.place(&params.text_document_position_params)?;
        let found = self.workspace.caller(&path, offset);
        Ok(found.map(|it| vec![self.call_item(&it)]))
    }

    fn call_item(&self, it: &Caller) -> CallHierarchyItem {
        let whole = qapi_ide::Location {
            path: it.location.path.clone(),
            range: it.range,
        };
        let name = self.location(&it.location);
        CallHierarchyItem {
            name: it.name.clone(),
            kind: convert::symbol_kind(OutlineKind::Definition(it.kind)),
            tags: None,
            detail: Some(it.kind.word().to_owned()),
            range: self.location(&whole).range,
            selection_range: name.range,
            uri: name.uri,
            data: None,
        }
    }

    /// Returns the names that use something, in a file.
    fn use_ranges(&self, path: &std::path::Path, uses: &[Range]) -> Vec<gen_lsp_types::Range> {
        let text = self.workspace.text(path);
        let text = text.iter();
        let ranges = text.flat_map(|text| {
            let ranges = uses.iter();
            ranges.map(|it| convert::range(text, *it, self.encoding()))
        });
        ranges.collect()
    }

    pub(super) fn incoming_calls(
        &mut self,
        params: &CallHierarchyIncomingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyIncomingCall>>, ResponseError> {
        let (path, _) = self.text(&params.item.uri)?;
        let callers = self.workspace.callers(&path, &params.item.name);
        let calls = callers.iter().map(|it| CallHierarchyIncomingCall {
            from: self.call_item(it),
            from_ranges: self.use_ranges(&it.location.path, &it.uses),
        });
        Ok(Some(calls.collect()))
    }

    pub(super) fn outgoing_calls(
        &mut self,
        params: &CallHierarchyOutgoingCallsParams,
    ) -> Result<Option<Vec<CallHierarchyOutgoingCall>>, ResponseError> {
        let (path, _) = self.text(&params.item.uri)?;
        let callees = self.workspace.callees(&path, &params.item.name);
        let calls = callees.iter().map(|it| CallHierarchyOutgoingCall {
            to: self.call_item(it),
            from_ranges: self.use_ranges(&path, &it.uses),
        });
        Ok(Some(calls.collect()))
    }
}

/// Returns the number of a role in [`ROLES`].
fn role(kind: TokenKind) -> u32 {
    match kind {
        TokenKind::Keyword => 0,
        TokenKind::Definition(Kind::Enum) => 1,
        TokenKind::Definition(Kind::Struct) => 2,
        TokenKind::Definition(Kind::Union) => 3,
        TokenKind::Definition(Kind::Alternate) => 4,
        TokenKind::Definition(Kind::Command) => 5,
        TokenKind::Definition(Kind::Event) => 6,
        TokenKind::Type => 7,
        TokenKind::Member => 8,
        TokenKind::Value => 9,
        TokenKind::Feature => 10,
        TokenKind::Symbol => 11,
    }
}
