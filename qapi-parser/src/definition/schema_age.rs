//! The age of a schema, as far as it matters for accepted forms.
//!
//! QEMU checked little until 2.3: unknown keys, redefinitions and clashes were accepted. A schema with newer forms was
//! never read by such a release, so its mistakes are errors in every dialect.

use crate::dialect::Dialect;
use crate::era::Era;
use crate::new_forms::Uses;
use crate::syntax::{Item, ObjectValue, Tree, Value};

/// The last release that checked little.
const UNCHECKED: Era = Era::new(2, 3);

/// The age of a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SchemaAge {
    /// It has forms that no release after 2.3 accepts, and no newer ones.
    Old,
    /// It may be of any age.
    Unknown,
    /// It has forms from after 2.3, or is read as if it had.
    Modern,
}

impl SchemaAge {
    /// Finds it.
    pub(crate) fn of(tree: &Tree, uses: &Uses, dialect: Dialect) -> Self {
        if let Some(era) = dialect.era() {
            return if era > UNCHECKED {
                Self::Modern
            } else {
                Self::Old
            };
        }
        if uses
            .newest()
            .is_some_and(|(newest, _)| newest.since > UNCHECKED)
        {
            return Self::Modern;
        }
        let old = tree.items.iter().any(|item| match item {
            Item::Definition(definition) => is_old(&definition.object),
            Item::Include { .. } => false,
        });
        if old { Self::Old } else { Self::Unknown }
    }

    /// Returns whether a release that checks little can have read the schema.
    pub(crate) fn unchecked(self) -> bool {
        self != Self::Modern
    }
}

fn is_old(object: &ObjectValue) -> bool {
    object.members.iter().any(|member| match &member.value {
        Value::String(text) => {
            text.value == "no" || (member.key.value == "type" && object.get("data").is_some())
        }
        Value::Object(value) => {
            (member.key.value == "discriminator" && value.members.is_empty())
                || value.members.iter().any(
                    |member| matches!(&member.value, Value::String(text) if text.value == "**"),
                )
        }
        _ => false,
    })
}
