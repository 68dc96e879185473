//! The requests of the protocol by name.

use gen_lsp_types as lsp;
use lsp_server::{ErrorCode, Request, ResponseError};
use serde_json::{Value, json};

use super::state::{Server, error};

type Answer = Result<Value, ResponseError>;

impl Server {
    /// Answers a request.
    pub(super) fn answer(&mut self, request: &Request) -> Answer {
        let params = &request.params;
        match request.method.as_str() {
            "textDocument/diagnostic" => Ok(self.pull(&read(params)?)),
            "workspace/diagnostic" => Ok(self.pull_all(&read(params)?)),
            "textDocument/hover" => self.on::<lsp::HoverRequest>(params, Self::hover),
            "textDocument/definition" => {
                self.on::<lsp::DefinitionRequest>(params, Self::definition)
            }
            "textDocument/completion" => {
                self.on::<lsp::CompletionRequest>(params, Self::completion)
            }
            "completionItem/resolve" => {
                self.on::<lsp::CompletionResolveRequest>(params, Self::resolve_completion)
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
        let result = answer(self, &read(params)?)?;
        Ok(json!(result))
    }
}

fn read<T: serde::de::DeserializeOwned>(params: &Value) -> Result<T, ResponseError> {
    let read = serde_json::from_value(params.clone());
    read.map_err(|reason| error(ErrorCode::InvalidParams, &reason.to_string()))
}
