//! The subjects that rules look at.

use qapi_parser::ir::Schema;
use qapi_parser::source::SourceMap;

use crate::definition::Definition;
use crate::history::History;

/// The schema that rules look at.
pub(crate) struct Subject<'s> {
    pub(crate) schema: &'s Schema,
    pub(crate) sources: &'s SourceMap,
    /// The definitions that people wrote, in the order in which they did.
    pub(crate) definitions: Vec<Definition<'s>>,
    pub(crate) history: Option<&'s dyn History>,
}
