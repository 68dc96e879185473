//! Diagnostics: sent whenever they change, or on request.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use gen_lsp_types::{Diagnostic, DocumentDiagnosticParams, WorkspaceDiagnosticParams};
use lsp_server::Notification;
use qapi_ide::Finding;
use serde_json::{Value, json};

use super::state::Server;
use super::uri;

impl Server {
    /// Checks what changed, and tells the editor.
    pub(super) fn publish(&mut self) {
        self.workspace.check();
        self.tell_problem();
        let mut findings = self.workspace.findings();
        let told: BTreeSet<PathBuf> = self.published.by_file.keys().cloned().collect();
        let changed = std::mem::take(&mut self.changed);
        let mut files: BTreeSet<PathBuf> = findings.keys().cloned().collect();
        files.extend(told);
        files.extend(changed.iter().cloned());
        let mut is_new = false;
        for path in files {
            let found = findings.remove(&path).unwrap_or_default();
            let diagnostics = self.diagnostics(&path, &found);
            let before = self.published.by_file.get(&path);
            if before == Some(&diagnostics) && !changed.contains(&path) {
                continue;
            }
            is_new |= before != Some(&diagnostics);
            if !self.client.pulls {
                self.send(&path, &diagnostics);
            }
            if diagnostics.is_empty() {
                self.published.by_file.remove(&path);
            } else {
                self.published.by_file.insert(path, diagnostics);
            }
        }
        if is_new && self.client.pulls && self.client.can_refresh {
            self.ask("refresh", "workspace/diagnostic/refresh", Value::Null);
        }
    }

    /// Tells the author once what is wrong with a file of settings.
    fn tell_problem(&mut self) {
        let problem = self.problem.borrow_mut().take();
        if problem == self.published.problem {
            return;
        }
        if let Some(problem) = &problem {
            self.show(problem);
        }
        self.published.problem = problem;
    }

    fn send(&self, path: &Path, diagnostics: &[Diagnostic]) {
        let document = self.documents.get(path);
        let uri = self.uri(path);
        let mut params = json!({ "uri": uri, "diagnostics": diagnostics });
        if let Some(document) = document {
            params["version"] = document.version.into();
        }
        let note = Notification {
            method: "textDocument/publishDiagnostics".to_owned(),
            params,
        };
        self.outbox.publish(&uri.0, note);
    }

    fn diagnostics(&self, path: &Path, findings: &[Finding]) -> Vec<Diagnostic> {
        findings
            .iter()
            .map(|it| self.diagnostic(path, it))
            .collect()
    }

    /// Returns the answer to `textDocument/diagnostic`.
    pub(super) fn pull(&mut self, params: &DocumentDiagnosticParams) -> Value {
        self.workspace.check();
        let path = uri::path(&params.text_document.uri);
        let found = self.workspace.findings().remove(&path).unwrap_or_default();
        let diagnostics = self.diagnostics(&path, &found);
        report(&diagnostics, params.previous_result_id.as_deref())
    }

    /// Returns the answer to `workspace/diagnostic`.
    pub(super) fn pull_all(&mut self, params: &WorkspaceDiagnosticParams) -> Value {
        self.workspace.check();
        let known: BTreeMap<_, _> = params
            .previous_result_ids
            .iter()
            .map(|it| (uri::path(&it.uri), it.value.as_str()))
            .collect();
        let findings = self.workspace.findings();
        let files: BTreeSet<_> = findings.keys().chain(known.keys()).collect();
        let items = files.into_iter().map(|path| {
            let found = findings.get(path).map_or(&[][..], Vec::as_slice);
            let diagnostics = self.diagnostics(path, found);
            let mut item = report(&diagnostics, known.get(path).copied());
            item["uri"] = json!(self.uri(path));
            let version = self.documents.get(path).map(|it| it.version);
            item["version"] = json!(version);
            item
        });
        json!({ "items": items.collect::<Vec<_>>() })
    }
}

/// Diagnostics, or the word that they are those that the editor has.
fn report(diagnostics: &[Diagnostic], known: Option<&str>) -> Value {
    let mut hasher = DefaultHasher::new();
    json!(diagnostics).to_string().hash(&mut hasher);
    let id = format!("{:016x}", hasher.finish());
    if known == Some(&id) {
        return json!({ "kind": "unchanged", "resultId": id });
    }
    json!({ "kind": "full", "resultId": id, "items": diagnostics })
}
