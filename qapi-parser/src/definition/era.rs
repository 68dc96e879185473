//! The age of a schema, as far as it shows.
//!
//! QEMU checked little until 2.3: unknown keys, redefinitions and clashes were let through. A
//! schema that uses what came later was never read by such a release, so that no such release
//! can have accepted it, and its slips are errors in every dialect.

use crate::dialect::Dialect;
use crate::syntax::{Item, Object, Tree, Value};

/// The releases that can have read a schema, as far as it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Era {
    /// It has forms that no release after 2.3 reads, and none that came later.
    Old,
    /// Nothing tells.
    Unknown,
    /// It has forms that came after 2.3, or the dialect is strict.
    Modern,
}

impl Era {
    /// Looks at every definition, and at the pragmas.
    pub(crate) fn of(tree: &Tree, dialect: Dialect) -> Self {
        if dialect == Dialect::Strict || tree.pragmas != crate::ir::Pragmas::default() {
            return Self::Modern;
        }
        let mut era = Self::Unknown;
        for item in &tree.items {
            let Item::Definition(definition) = item else {
                continue;
            };
            if is_modern(&definition.object) {
                return Self::Modern;
            }
            if is_old(&definition.object) {
                era = Self::Old;
            }
        }
        era
    }

    /// Returns whether a release that checks little can have read the schema.
    pub(crate) fn unchecked(self) -> bool {
        self != Self::Modern
    }
}

fn is_modern(object: &Object) -> bool {
    object.members.iter().any(|member| {
        matches!(
            member.key.value.as_str(),
            "struct"
                | "alternate"
                | "if"
                | "features"
                | "boxed"
                | "allow-oob"
                | "allow-preconfig"
                | "coroutine"
                | "prefix"
        ) || matches!(member.value, Value::Bool(..))
            || (member.key.value == "base" && matches!(member.value, Value::Object(_)))
    })
}

fn is_old(object: &Object) -> bool {
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
