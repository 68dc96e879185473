//! The start of a session: the capabilities of editor and server.

use serde_json::{Value, json};

use super::client::Client;
use super::configuration::{EditorConfiguration, EditorSettings};
use super::convert;
use super::state::Server;
use super::structure_answers;

impl Server {
    pub(super) fn initialize(&mut self, params: &Value) -> Value {
        self.client = Client::new(params);
        self.workspace.set_folders(self.client.folders.clone());
        let options = &params["initializationOptions"];
        self.configure(options.get("qapi").unwrap_or(options));
        let mut capabilities = json!({
            "positionEncoding": convert::encoding(self.client.encoding),
            "textDocumentSync": { "openClose": true, "change": 2, "save": true },
            "completionProvider": {
                "triggerCharacters": ["'", "@", "`"],
                "resolveProvider": true,
            },
            "hoverProvider": true,
            "definitionProvider": true,
            "typeDefinitionProvider": true,
            "referencesProvider": true,
            "documentHighlightProvider": true,
            "documentSymbolProvider": true,
            "workspaceSymbolProvider": true,
            "renameProvider": { "prepareProvider": true },
            "codeActionProvider": {
                "codeActionKinds": ["quickfix", "source.fixAll", "refactor.rewrite"],
            },
            "documentFormattingProvider": true,
            "documentRangeFormattingProvider": true,
            "foldingRangeProvider": true,
            "selectionRangeProvider": true,
            "documentLinkProvider": {},
            "inlayHintProvider": true,
            "codeLensProvider": { "resolveProvider": true },
            "callHierarchyProvider": true,
            "semanticTokensProvider": {
                "legend": { "tokenTypes": structure_answers::ROLES, "tokenModifiers": structure_answers::MODIFIERS },
                "full": true,
                "range": true,
            },
            "workspace": {
                "textDocumentContent": { "schemes": ["qapi-explain"] },
                "workspaceFolders": { "supported": true, "changeNotifications": true },
            },
        });
        if self.client.pulls {
            capabilities["diagnosticProvider"] = json!({
                "interFileDependencies": true,
                "workspaceDiagnostics": true,
            });
        }
        json!({
            "capabilities": capabilities,
            "serverInfo": { "name": "qapi", "version": env!("CARGO_PKG_VERSION") },
        })
    }

    /// Takes on the settings of the editor. Invalid settings are reported and ignored.
    pub(super) fn configure(&mut self, settings: &Value) {
        let settings = if settings.is_null() {
            EditorSettings::default()
        } else {
            match serde_json::from_value(settings.clone()) {
                Ok(settings) => settings,
                Err(error) => {
                    self.show(&format!("settings of qapi: {error}"));
                    EditorSettings::default()
                }
            }
        };
        let folder = self.client.folders.first().cloned().unwrap_or_default();
        let configuration = EditorConfiguration::new(settings, folder, self.problem.clone());
        self.workspace.set_configuration(Box::new(configuration));
        let open = self.documents.keys().cloned();
        self.changed.extend(open);
    }

    /// Shows a message to the author.
    pub(super) fn show(&self, text: &str) {
        self.notify("window/showMessage", json!({ "type": 2, "message": text }));
    }

    /// Sends the requests for which the editor must be ready.
    pub(super) fn initialized(&mut self) {
        if self.client.watches {
            let watchers =
                json!([{ "globPattern": "**/*.json" }, { "globPattern": "**/qapi.toml" }]);
            let registration = json!({
                "id": "files",
                "method": "workspace/didChangeWatchedFiles",
                "registerOptions": { "watchers": watchers },
            });
            let params = json!({ "registrations": [registration] });
            self.ask("register", "client/registerCapability", params);
        }
        self.ask_for_settings();
    }

    pub(super) fn ask_for_settings(&mut self) {
        if self.client.has_configuration {
            let params = json!({ "items": [{ "section": "qapi" }] });
            self.ask("settings", "workspace/configuration", params);
        }
    }
}
