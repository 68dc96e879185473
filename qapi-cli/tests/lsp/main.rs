//! The language server as editors see it: messages in, messages out.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests, too")]

mod client;
mod completion;
mod navigation;
mod session;
