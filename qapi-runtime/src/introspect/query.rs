//! Asking a server for its schema.

use super::model::Introspection;
use crate::command::Command;
use crate::write::{EncodeMembers, ObjectWriter};

/// The command `query-qmp-schema`, which returns the wire part of the server's schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct QuerySchema;

impl Command for QuerySchema {
    const NAME: &'static str = "query-qmp-schema";
    type Reply = Introspection;
}

impl EncodeMembers for QuerySchema {
    fn encode_members(&self, _: &mut ObjectWriter<'_>) {}
}
