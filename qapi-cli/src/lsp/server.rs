//! The loop: one message after the other, diagnostics when none waits.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use lsp_server::{ErrorCode, Message, Notification, Request};
use serde_json::Value;

use super::frame::{Answer, Frame};
use super::inbox::Inbox;
use super::requests::written;
use super::state::{Server, Stage, error};

impl Server {
    /// Serves until the editor is gone. Returns whether it had said `shutdown` before.
    pub(super) fn run(&mut self, mut inbox: Inbox) -> bool {
        let mut was_shut_down = false;
        while let Some(frame) = inbox.next() {
            was_shut_down = self.stage == Stage::ShutDown;
            match frame {
                Frame::Message(Message::Request(request)) => {
                    let answer = if inbox.is_cancelled(&request.id) {
                        Err(error(ErrorCode::RequestCanceled, "it was taken back"))
                    } else {
                        self.request(&request)
                    };
                    self.outbox.respond(&request.id, &answer);
                }
                Frame::Message(Message::Notification(note)) => self.notification(note),
                Frame::Message(Message::Response(response)) => self.response(&response),
                Frame::Bad(reason) => self.log(&format!("a message cannot be read: {reason}")),
            }
            if self.stage == Stage::Exited || self.outbox.is_closed() {
                break;
            }
            if inbox.is_empty() && self.stage == Stage::Initialized {
                self.idle(&mut inbox);
            }
        }
        was_shut_down
    }

    /// Makes diagnostics; then, if there is time, looks for more schemas.
    fn idle(&mut self, inbox: &mut Inbox) {
        self.guarded("diagnostics", Self::publish);
        if inbox.is_empty() && !self.documents.is_empty() && self.workspace.search() {
            self.guarded("diagnostics", Self::publish);
        }
    }

    fn guarded(&mut self, subject: &str, work: fn(&mut Self)) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(self))) {
            self.log(&format!("{subject} failed: {}", panic_text(&*panic)));
        }
    }

    fn request(&mut self, request: &Request) -> Answer {
        match (self.stage, request.method.as_str()) {
            (Stage::Started, "initialize") => {
                self.stage = Stage::Initialized;
                written(&self.initialize(&request.params))
            }
            (Stage::Started, _) => Err(error(
                ErrorCode::ServerNotInitialized,
                "the first request has to be `initialize`",
            )),
            (Stage::Initialized, "shutdown") => {
                self.stage = Stage::ShutDown;
                written(&Value::Null)
            }
            (Stage::Initialized, "initialize") => Err(error(
                ErrorCode::InvalidRequest,
                "it is initialized already",
            )),
            (Stage::Initialized, _) => isolated(|| self.answer(request)),
            (Stage::ShutDown | Stage::Exited, _) => Err(error(
                ErrorCode::InvalidRequest,
                "nothing is answered after `shutdown`",
            )),
        }
    }

    fn notification(&mut self, note: Notification) {
        if note.method == "exit" {
            self.stage = Stage::Exited;
            return;
        }
        if self.stage != Stage::Initialized {
            return;
        }
        let method = note.method.clone();
        let done = catch_unwind(AssertUnwindSafe(|| self.notice(note)));
        match done {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => self.log(&format!("`{method}` is not understood: {reason}")),
            Err(panic) => self.log(&format!("`{method}` failed: {}", panic_text(&*panic))),
        }
    }
}

/// Answers a request. A panic in it ends this request only.
fn isolated(work: impl FnOnce() -> Answer) -> Answer {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(answer) => answer,
        Err(panic) => Err(error(ErrorCode::InternalError, &panic_text(&*panic))),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("internal error: {}", text.unwrap_or("no reason is known"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_the_answer_to_one_request() {
        let answer = isolated(|| panic!("on {}", "purpose"));
        let error = answer.expect_err("it panicked");
        assert_eq!(error.code, ErrorCode::InternalError as i32);
        assert_eq!(error.message, "internal error: on purpose");
        let answer = isolated(|| written(&Value::Null));
        assert_eq!(answer.expect("it is one").0, "null");
    }
}
