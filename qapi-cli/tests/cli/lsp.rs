//! The language server as editors see it: messages in, messages out.

#![expect(
    clippy::needless_pass_by_value,
    reason = "messages are written where they are sent"
)]
#![expect(
    clippy::cast_possible_truncation,
    reason = "places in small texts are small numbers"
)]

mod changes;
mod client;
mod completion;
mod corpus;
mod editors;
mod navigation;
mod random_edits;
mod replay;
mod session;
