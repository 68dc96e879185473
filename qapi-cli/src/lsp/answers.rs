//! Answers to requests about places and names.

use std::path::PathBuf;
use std::sync::Arc;

use gen_lsp_types::{
    BaseSymbolInformation, Contents, Definition, DefinitionParams, DefinitionResponse,
    DocumentHighlight, DocumentHighlightKind, DocumentHighlightParams, DocumentSymbolParams,
    DocumentSymbolResponse, Hover, HoverParams, Location, MarkupContent, MarkupKind,
    ReferenceParams, TextDocumentPositionParams, TypeDefinitionParams, TypeDefinitionResponse,
    WorkspaceSymbol, WorkspaceSymbolLocation, WorkspaceSymbolParams, WorkspaceSymbolResponse,
};
use lsp_server::{ErrorCode, ResponseError};
use qapi_ide::{Access, Text};

use super::convert;
use super::state::{Server, error};
use super::uri;

/// The largest number of listed symbols of a workspace.
const SYMBOLS: usize = 500;

impl Server {
    /// Returns the text of a file that a request is about.
    pub(super) fn text(
        &self,
        uri: &gen_lsp_types::Uri,
    ) -> Result<(PathBuf, Arc<Text>), ResponseError> {
        let path = uri::path(uri);
        match self.workspace.text(&path) {
            Some(text) => Ok((path, text)),
            None => Err(error(
                ErrorCode::InvalidParams,
                &format!("cannot read `{}`", path.display()),
            )),
        }
    }

    /// Returns the place that a request is about.
    pub(super) fn place(
        &self,
        at: &TextDocumentPositionParams,
    ) -> Result<(PathBuf, Arc<Text>, u32), ResponseError> {
        let (path, text) = self.text(&at.text_document.uri)?;
        let offset = text.offset(convert::from_position(at.position), self.encoding());
        Ok((path, text, offset))
    }

    pub(super) fn hover(&mut self, params: &HoverParams) -> Result<Option<Hover>, ResponseError> {
        let (path, text, offset) = self.place(&params.text_document_position_params)?;
        let hover = self.workspace.hover(&path, offset);
        Ok(hover.map(|hover| Hover {
            contents: Contents::MarkupContent(MarkupContent {
                kind: MarkupKind::Markdown,
                value: hover.markdown,
            }),
            range: Some(convert::range(&text, hover.range, self.encoding())),
        }))
    }

    pub(super) fn definition(
        &mut self,
        params: &DefinitionParams,
    ) -> Result<Option<DefinitionResponse>, ResponseError> {
        let (path, _, offset) = self.place(&params.text_document_position_params)?;
        let found = self.workspace.definition(&path, offset);
        let found = Definition::LocationList(self.locations(&found));
        Ok(Some(DefinitionResponse::Definition(found)))
    }

    pub(super) fn type_definition(
        &mut self,
        params: &TypeDefinitionParams,
    ) -> Result<Option<TypeDefinitionResponse>, ResponseError> {
        let (path, _, offset) = self.place(&params.text_document_position_params)?;
        let found = self.workspace.type_definition(&path, offset);
        let found = Definition::LocationList(self.locations(&found));
        Ok(Some(TypeDefinitionResponse::Definition(found)))
    }

    pub(super) fn references(
        &mut self,
        params: &ReferenceParams,
    ) -> Result<Option<Vec<Location>>, ResponseError> {
        let (path, _, offset) = self.place(&params.text_document_position_params)?;
        let with_definition = params.context.include_declaration;
        let found = self.workspace.references(&path, offset, with_definition);
        Ok(Some(self.locations(&found)))
    }

    pub(super) fn highlights(
        &mut self,
        params: &DocumentHighlightParams,
    ) -> Result<Option<Vec<DocumentHighlight>>, ResponseError> {
        let (path, text, offset) = self.place(&params.text_document_position_params)?;
        let found = self.workspace.highlights(&path, offset).into_iter();
        let found = found.map(|it| DocumentHighlight {
            range: convert::range(&text, it.range, self.encoding()),
            kind: Some(match it.access {
                Access::Definition => DocumentHighlightKind::Write,
                Access::Use => DocumentHighlightKind::Read,
                Access::Mention => DocumentHighlightKind::Text,
            }),
        });
        Ok(Some(found.collect()))
    }

    pub(super) fn document_symbols(
        &mut self,
        params: &DocumentSymbolParams,
    ) -> Result<Option<DocumentSymbolResponse>, ResponseError> {
        let (path, text) = self.text(&params.text_document.uri)?;
        let outline = self.workspace.outline(&path);
        let symbols = outline
            .iter()
            .map(|it| convert::symbol(&text, it, self.encoding()));
        Ok(Some(DocumentSymbolResponse::DocumentSymbolList(
            symbols.collect(),
        )))
    }

    pub(super) fn workspace_symbols(
        &mut self,
        params: &WorkspaceSymbolParams,
    ) -> Result<Option<WorkspaceSymbolResponse>, ResponseError> {
        let found = self.workspace.symbols(&params.query, SYMBOLS);
        let symbols = found.iter().map(|(outline, location)| {
            let file = location.path.file_name().unwrap_or_default();
            WorkspaceSymbol {
                location: WorkspaceSymbolLocation::Location(self.location(location)),
                data: None,
                base_symbol_information: BaseSymbolInformation {
                    name: outline.name.clone(),
                    kind: convert::symbol_kind(outline.kind),
                    tags: convert::symbol_tags(outline),
                    container_name: Some(file.to_string_lossy().into_owned()),
                },
            }
        });
        Ok(Some(WorkspaceSymbolResponse::WorkspaceSymbolList(
            symbols.collect(),
        )))
    }
}
