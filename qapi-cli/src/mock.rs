//! A server that a schema describes, for the tests of clients.

mod actor;
mod asked;
mod expected;
mod machine;
mod recording;
mod script_check;
mod script_file;
mod socket;
mod step;
mod transcript;

pub(crate) use self::actor::{Actor, MockSettings};
pub(crate) use self::expected::Expected;
pub(crate) use self::recording::replayed;
pub(crate) use self::script_file::ScriptFile;
pub(crate) use self::socket::Bound;
pub(crate) use self::transcript::Transcript;
