//! Notifications from the editor: opened, changed and closed files, and settings.

use gen_lsp_types::{
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    TextDocumentContentChangeEvent, Uri,
};
use lsp_server::{Notification, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::convert;
use super::state::{Document, Server};
use super::uri;

impl Server {
    /// Takes note of a message that wants no answer.
    pub(super) fn notice(&mut self, note: Notification) -> Result<(), String> {
        match note.method.as_str() {
            "initialized" => self.initialized(),
            "textDocument/didOpen" => self.opened(read(note.params)?),
            "textDocument/didChange" => self.changed(read(note.params)?),
            "textDocument/didClose" => self.closed(&read(note.params)?),
            "textDocument/didSave"
            | "workspace/didChangeWatchedFiles"
            | "workspace/didCreateFiles"
            | "workspace/didRenameFiles"
            | "workspace/didDeleteFiles" => self.workspace.forget(),
            "workspace/didChangeConfiguration" => self.settings_changed(&note.params),
            "workspace/didChangeWorkspaceFolders" => self.folders_changed(&note.params["event"]),
            // Others may be ignored.
            _ => {}
        }
        Ok(())
    }

    fn opened(&mut self, params: DidOpenTextDocumentParams) {
        let opened = params.text_document;
        let path = uri::path(&opened.uri);
        let document = Document {
            uri: opened.uri.0,
            version: opened.version,
        };
        self.workspace.open(&path, opened.text);
        self.documents.insert(path.clone(), document);
        self.changed.insert(path);
    }

    fn changed(&mut self, params: DidChangeTextDocumentParams) {
        let path = uri::path(&params.text_document.text_document_identifier.uri);
        let Some(document) = self.documents.get_mut(&path) else {
            self.log("a file was changed that is not open");
            return;
        };
        document.version = params.text_document.version;
        let encoding = self.encoding();
        for change in params.content_changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(it) => {
                    let from = convert::from_position(it.range.start);
                    let to = convert::from_position(it.range.end);
                    let place = Some((from, to));
                    self.workspace.change(&path, place, &it.text, encoding);
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(it) => {
                    self.workspace.change(&path, None, &it.text, encoding);
                }
            }
        }
        self.changed.insert(path);
    }

    fn closed(&mut self, params: &DidCloseTextDocumentParams) {
        let path = uri::path(&params.text_document.uri);
        self.workspace.close(&path);
        self.documents.remove(&path);
        self.changed.insert(path);
    }

    /// Settings come with the message, or have to be asked for.
    fn settings_changed(&mut self, params: &Value) {
        if self.client.has_configuration {
            self.ask_for_settings();
        } else if let Some(settings) = params.pointer("/settings/qapi") {
            self.configure(settings);
        }
    }

    fn folders_changed(&mut self, event: &Value) {
        let paths = |list: &Value| {
            let folders = list.as_array().into_iter().flatten();
            let uris = folders.filter_map(|it| it["uri"].as_str());
            let paths = uris.map(|uri| uri::path(&Uri(uri.to_owned())));
            paths.collect::<Vec<_>>()
        };
        let removed = paths(&event["removed"]);
        let folders = &mut self.client.folders;
        folders.retain(|folder| !removed.contains(folder));
        folders.extend(paths(&event["added"]));
        let folders = folders.clone();
        self.workspace.set_folders(folders);
    }

    /// Takes the answer to a question of [`Server::ask`].
    pub(super) fn response(&mut self, response: &Response) {
        let is_settings = response.id.to_string().starts_with("\"settings-");
        if let Ok(Value::Array(sections)) = &response.response_result
            && is_settings
            && let Some(settings) = sections.first().filter(|it| !it.is_null())
        {
            self.configure(settings);
        }
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, String> {
    serde_json::from_value(params).map_err(|error| error.to_string())
}
