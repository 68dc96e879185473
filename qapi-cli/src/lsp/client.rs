//! The editor at the other end.

use std::path::PathBuf;

use gen_lsp_types::Uri;
use qapi_ide::Encoding;
use serde_json::{Value, json};

use super::uri;

/// Facts about the editor.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are abilities that the protocol has as flags"
)]
pub(super) struct Client {
    pub(super) encoding: Encoding,
    /// It requests diagnostics; otherwise they are sent to it.
    pub(super) pulls: bool,
    /// It can be told to request diagnostics again.
    pub(super) can_refresh: bool,
    /// It answers requests for settings.
    pub(super) has_configuration: bool,
    /// It reports files that change on the disk, on request.
    pub(super) watches: bool,
    /// It fills in the places of snippets.
    pub(super) snippets: bool,
    /// It supports common defaults for the items of a completion.
    pub(super) shares_items: bool,
    pub(super) folders: Vec<PathBuf>,
}

impl Client {
    pub(super) fn new(params: &Value) -> Self {
        let can = |pointer: &str| {
            let capabilities = &params["capabilities"];
            capabilities
                .pointer(pointer)
                .is_some_and(|it| *it == json!(true))
        };
        let capabilities = &params["capabilities"];
        Self {
            encoding: encoding(capabilities),
            pulls: capabilities.pointer("/textDocument/diagnostic").is_some(),
            can_refresh: can("/workspace/diagnostics/refreshSupport")
                || can("/workspace/diagnostic/refreshSupport"),
            has_configuration: can("/workspace/configuration"),
            watches: can("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            snippets: can("/textDocument/completion/completionItem/snippetSupport"),
            shares_items: shares_items(capabilities),
            folders: folders(params),
        }
    }
}

/// Returns the unit of columns: bytes if the editor can count them, or else the unit that every editor knows.
fn encoding(capabilities: &Value) -> Encoding {
    let offered = capabilities.pointer("/general/positionEncodings");
    let offered = offered.and_then(Value::as_array);
    let has = |name: &str| offered.is_some_and(|all| all.iter().any(|it| it == name));
    if has("utf-8") {
        Encoding::Utf8
    } else if has("utf-32") && !has("utf-16") {
        Encoding::Utf32
    } else {
        Encoding::Utf16
    }
}

fn shares_items(capabilities: &Value) -> bool {
    let shared = "/textDocument/completion/completionList/itemDefaults";
    let shared = capabilities.pointer(shared).and_then(Value::as_array);
    let has = |name: &str| shared.is_some_and(|all| all.iter().any(|it| it == name));
    has("editRange") && has("data")
}

fn folders(params: &Value) -> Vec<PathBuf> {
    let of_uri = |uri: &Value| Some(uri::path(&Uri(uri.as_str()?.to_owned())));
    let folders = params["workspaceFolders"].as_array();
    let folders = folders.into_iter().flatten();
    let mut found: Vec<_> = folders.filter_map(|it| of_uri(&it["uri"])).collect();
    if found.is_empty() {
        found.extend(of_uri(&params["rootUri"]));
    }
    found
}
