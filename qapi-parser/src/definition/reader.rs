//! The state of reading one definition, and access to its keys.

use super::model::{Context, Definition};
use super::schema_age::SchemaAge;
use crate::diag::{Code, Diagnostics};
use crate::dialect::Reading;
use crate::exceptions::Exceptions;
use crate::source::Span;
use crate::subject::Subject;
use crate::syntax::{ObjectValue, Value};

/// Reads the parts of one definition.
pub(super) struct DefinitionReader<'r, 't> {
    pub(super) out: &'r mut Diagnostics,
    pub(super) reading: Reading,
    pub(super) age: SchemaAge,
    pub(super) doc_required: bool,
    pub(super) exceptions: &'r Exceptions<'t>,
    pub(super) context: Context<'t>,
    pub(super) complete: bool,
    pub(super) features_complete: bool,
    /// Definitions that old forms imply.
    pub(super) implied: Vec<Definition<'t>>,
}

impl<'t> DefinitionReader<'_, 't> {
    pub(super) fn tolerant(&self) -> bool {
        self.reading == Reading::Tolerant
    }

    pub(super) fn error(&mut self, code: Code, span: Span, message: impl Into<String>) {
        let diagnostic = self.context.error(code, span, message);
        self.out.report(diagnostic);
    }

    pub(super) fn warn(&mut self, code: Code, span: Span, message: impl Into<String>) {
        let diagnostic = self.context.warning(code, span, message);
        self.out.report(diagnostic);
    }

    /// Returns the definition itself.
    pub(super) fn subject(&self) -> Subject<'t> {
        Subject::named(self.context.meta.as_str(), self.context.name)
    }
}

/// Returns the value of a key; `null` stands for an absent key (docs/reference/language.md §10.2 row 23).
pub(super) fn get<'t>(object: &'t ObjectValue, key: &str) -> Option<&'t Value> {
    object
        .get(key)
        .map(|member| &member.value)
        .filter(|value| !matches!(value, Value::Null(_)))
}

/// Names the kind of a value, for "found …".
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "an object",
        Value::Array(_) => "an array",
        Value::String(_) => "a string",
        Value::Bool(true, _) => "`true`",
        Value::Bool(false, _) => "`false`",
        Value::Null(_) => "`null`",
    }
}
