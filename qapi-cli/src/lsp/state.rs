//! The state of a session, and messages to the editor.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use gen_lsp_types::{Diagnostic, Uri};
use lsp_server::{ErrorCode, Message, Notification, Request, ResponseError};
use qapi_ide::{Defaults, Encoding, Workspace};
use serde_json::{Value, json};

use super::client::Client;
use super::outbox::Outbox;
use super::uri;

/// The state of a session.
pub(super) struct Server {
    pub(super) outbox: Outbox,
    pub(super) workspace: Workspace,
    pub(super) client: Client,
    /// Addresses of open files as the editor writes them, with the versions of their texts.
    pub(super) documents: BTreeMap<PathBuf, Document>,
    pub(super) published: Published,
    /// Files whose diagnostics the editor waits for.
    pub(super) changed: BTreeSet<PathBuf>,
    /// The fault of a file of settings.
    pub(super) problem: Rc<RefCell<Option<String>>>,
    pub(super) stage: Stage,
    /// Files with requested completions; items refer to them by index.
    pub(super) asked: Vec<PathBuf>,
    /// The number of requests sent.
    requests: i32,
}

/// An open file.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) uri: String,
    pub(super) version: i32,
}

/// The stage of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Started,
    Initialized,
    ShutDown,
    Exited,
}

/// The diagnostics that the editor has.
#[derive(Debug, Default)]
pub(super) struct Published {
    pub(super) by_file: BTreeMap<PathBuf, Vec<Diagnostic>>,
    /// The last complaint about settings.
    pub(super) problem: Option<String>,
}

impl Server {
    pub(super) fn new(outbox: Outbox) -> Self {
        Self {
            outbox,
            workspace: Workspace::new(Box::new(Defaults)),
            client: Client::default(),
            documents: BTreeMap::new(),
            published: Published::default(),
            changed: BTreeSet::new(),
            problem: Rc::default(),
            stage: Stage::Started,
            asked: Vec::new(),
            requests: 0,
        }
    }

    /// Writes a line to the editor's log.
    pub(super) fn log(&self, text: &str) {
        self.notify("window/logMessage", json!({ "type": 2, "message": text }));
    }

    pub(super) fn notify(&self, method: &str, params: Value) {
        let note = Notification {
            method: method.to_owned(),
            params,
        };
        self.outbox.send(&Message::Notification(note));
    }

    /// Asks the editor for something. Its responses are passed to [`Self::response`], which recognises them by the
    /// prefix of the id.
    pub(super) fn ask(&mut self, kind: &str, method: &str, params: Value) {
        self.requests += 1;
        let request = Request {
            id: format!("{kind}-{}", self.requests).into(),
            method: method.to_owned(),
            params,
        };
        self.outbox.send(&Message::Request(request));
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.client.encoding
    }

    /// Returns the address of a file, as the editor writes it if it is open.
    pub(super) fn uri(&self, path: &Path) -> Uri {
        match self.documents.get(path) {
            Some(document) => Uri(document.uri.clone()),
            None => uri::of(path),
        }
    }
}

pub(super) fn error(code: ErrorCode, message: &str) -> ResponseError {
    ResponseError {
        code: code as i32,
        message: message.to_owned(),
        data: None,
    }
}
