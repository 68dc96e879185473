//! The requests of the protocol by name.

use gen_lsp_types as lsp;
use lsp_server::{ErrorCode, Request, ResponseError};
use qapi_parser::diag::Code;
use qapi_parser::diag::explain::explain;
use serde::Serialize;
use serde_json::{Value, json};

use super::frame::{Answer, Written};
use super::state::{Server, error};

impl Server {
    /// Answers a request.
    pub(super) fn answer(&mut self, request: &Request) -> Answer {
        let params = &request.params;
        match request.method.as_str() {
            "textDocument/diagnostic" => written(&self.pull(&read(params)?)),
            "workspace/diagnostic" => written(&self.pull_all(&read(params)?)),
            "workspace/textDocumentContent" => explanation(params),
            "textDocument/hover" => self.on::<lsp::HoverRequest>(params, Self::hover),
            "textDocument/completion" => {
                self.on::<lsp::CompletionRequest>(params, Self::completion)
            }
            "completionItem/resolve" => {
                self.on::<lsp::CompletionResolveRequest>(params, Self::resolve_completion)
            }
            "textDocument/definition" => {
                self.on::<lsp::DefinitionRequest>(params, Self::definition)
            }
            "textDocument/typeDefinition" => {
                self.on::<lsp::TypeDefinitionRequest>(params, Self::type_definition)
            }
            "textDocument/references" => {
                self.on::<lsp::ReferencesRequest>(params, Self::references)
            }
            "textDocument/documentHighlight" => {
                self.on::<lsp::DocumentHighlightRequest>(params, Self::highlights)
            }
            "textDocument/documentSymbol" => {
                self.on::<lsp::DocumentSymbolRequest>(params, Self::document_symbols)
            }
            "workspace/symbol" => {
                self.on::<lsp::WorkspaceSymbolRequest>(params, Self::workspace_symbols)
            }
            _ => self.answer_more(request),
        }
    }

    /// Answers a request about changes or structure.
    fn answer_more(&mut self, request: &Request) -> Answer {
        let params = &request.params;
        match request.method.as_str() {
            "textDocument/prepareRename" => {
                self.on::<lsp::PrepareRenameRequest>(params, Self::prepare_rename)
            }
            "textDocument/rename" => self.on::<lsp::RenameRequest>(params, Self::rename),
            "textDocument/codeAction" => {
                self.on::<lsp::CodeActionRequest>(params, Self::code_actions)
            }
            "textDocument/formatting" => {
                self.on::<lsp::DocumentFormattingRequest>(params, Self::formatting)
            }
            "textDocument/rangeFormatting" => {
                self.on::<lsp::DocumentRangeFormattingRequest>(params, Self::range_formatting)
            }
            "textDocument/foldingRange" => {
                self.on::<lsp::FoldingRangeRequest>(params, Self::folding)
            }
            "textDocument/selectionRange" => {
                self.on::<lsp::SelectionRangeRequest>(params, Self::selection)
            }
            "textDocument/documentLink" => self.on::<lsp::DocumentLinkRequest>(params, Self::links),
            "textDocument/codeLens" => self.on::<lsp::CodeLensRequest>(params, Self::lenses),
            "codeLens/resolve" => {
                self.on::<lsp::CodeLensResolveRequest>(params, Self::resolve_lens)
            }
            "textDocument/inlayHint" => self.on::<lsp::InlayHintRequest>(params, Self::hints),
            "textDocument/semanticTokens/full" => {
                self.on::<lsp::SemanticTokensRequest>(params, Self::tokens)
            }
            "textDocument/semanticTokens/range" => {
                self.on::<lsp::SemanticTokensRangeRequest>(params, Self::tokens_of_range)
            }
            "textDocument/prepareCallHierarchy" => {
                self.on::<lsp::CallHierarchyPrepareRequest>(params, Self::prepare_calls)
            }
            "callHierarchy/incomingCalls" => {
                self.on::<lsp::CallHierarchyIncomingCallsRequest>(params, Self::incoming_calls)
            }
            "callHierarchy/outgoingCalls" => {
                self.on::<lsp::CallHierarchyOutgoingCallsRequest>(params, Self::outgoing_calls)
            }
            other => Err(error(
                ErrorCode::MethodNotFound,
                &format!("there is no request `{other}`"),
            )),
        }
    }

    /// Answers a request with one of the methods.
    fn on<R: lsp::Request>(
        &mut self,
        params: &Value,
        answer: fn(&mut Self, &R::Params) -> Result<R::Result, ResponseError>,
    ) -> Answer {
        written(&answer(self, &read(params)?)?)
    }
}

fn read<'p, T: serde::Deserialize<'p>>(params: &'p Value) -> Result<T, ResponseError> {
    T::deserialize(params).map_err(|reason| error(ErrorCode::InvalidParams, &reason.to_string()))
}

/// Writes the result of a request.
pub(super) fn written(result: &impl Serialize) -> Answer {
    match serde_json::to_string(result) {
        Ok(text) => Ok(Written(text)),
        Err(reason) => Err(error(ErrorCode::InternalError, &reason.to_string())),
    }
}

/// Returns the page about a code, for editors that open its address.
fn explanation(params: &Value) -> Answer {
    let uri = params["uri"].as_str().unwrap_or_default();
    let code = uri.rsplit('/').next().unwrap_or_default();
    let code = code.trim_end_matches(".md");
    let found = Code::ALL.iter().find(|(it, _)| it.as_str() == code);
    match found {
        Some((code, title)) => {
            let page = explain(*code);
            written(&json!({ "text": format!("# {code}: {title}\n\n{page}") }))
        }
        None => Err(error(
            ErrorCode::InvalidParams,
            &format!("there is no diagnostic `{code}`"),
        )),
    }
}
