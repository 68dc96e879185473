//! The language server as editors see it: messages in, messages out.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests, too")]
#![expect(
    clippy::needless_pass_by_value,
    reason = "messages are written where they are sent"
)]
#![expect(
    clippy::cast_possible_truncation,
    reason = "places in small texts are small numbers"
)]

#[path = "../../../qapi-parser/tests/support/broken.rs"]
mod broken;
mod changes;
mod client;
mod completion;
mod corpus;
mod editors;
mod navigation;
#[path = "../../../qapi-parser/tests/support/random.rs"]
mod random;
mod random_edits;
mod replay;
mod session;
