//! The input of rules.

use qapi_parser::ir::Schema;
use qapi_parser::source::SourceMap;

use crate::definition::Definition;
use crate::history::History;

/// The schema in the form for rules.
pub(crate) struct LintInput<'s> {
    pub(crate) schema: &'s Schema,
    pub(crate) sources: &'s SourceMap,
    /// The written definitions, in source order.
    pub(crate) definitions: Vec<Definition<'s>>,
    pub(crate) history: Option<&'s dyn History>,
}
