//! Types as written: names and arrays of names (docs/reference/language.md §2.4, §2.5).

use std::borrow::Cow;

use super::model::{Reference, TypeRef};
use super::reader::{DefinitionReader, kind_of};
use crate::diag::Code;
use crate::subject::Subject;
use crate::syntax::{Text, Value};

impl<'t> DefinitionReader<'_, 't> {
    /// Reads a type name; nothing else is allowed. `subject` is its owner in messages.
    pub(super) fn type_name(
        &mut self,
        value: &'t Value,
        subject: Subject<'_>,
    ) -> Option<TypeRef<'t>> {
        match value {
            Value::String(name) => Some(self.named(name, false)),
            other => {
                let message = format!(
                    "{subject} must be the name of a type, found {}",
                    kind_of(other)
                );
                self.error(Code::TYPE_NAME, other.span(), message);
                None
            }
        }
    }

    /// Reads a type name or an array of one.
    pub(super) fn type_or_array(
        &mut self,
        value: &'t Value,
        subject: Subject<'_>,
    ) -> Option<TypeRef<'t>> {
        match value {
            Value::String(name) => Some(self.named(name, false)),
            Value::Array(array) => {
                if let [Value::String(name)] = &array.elements[..] {
                    return Some(self.named(name, true));
                }
                let found = match &array.elements[..] {
                    [] => "nothing in it".to_owned(),
                    [one] => format!("{} in it", kind_of(one)),
                    several => format!("{} elements", several.len()),
                };
                let message = format!(
                    "the array type of {subject} must hold exactly one type name, found {found}"
                );
                self.error(Code::TYPE_ARRAY_ONE, array.span, message);
                None
            }
            other => {
                let message = format!(
                    "{subject} must be the name of a type or an array of one, found {}",
                    kind_of(other)
                );
                self.error(Code::TYPE_NAME_OR_ARRAY, other.span(), message);
                None
            }
        }
    }

    /// Reads a type name where the empty string is taken for absent (docs/reference/language.md §6.1).
    pub(super) fn optional_name(
        &mut self,
        value: Option<&'t Value>,
        subject: Subject<'_>,
    ) -> Reference<'t> {
        match value {
            None => Reference::None,
            Some(value) => match self.type_name(value, subject) {
                None => Reference::Broken,
                Some(ty) if ty.name.is_empty() => Reference::None,
                Some(ty) => Reference::Named(ty),
            },
        }
    }

    fn named(&mut self, name: &'t Text, array: bool) -> TypeRef<'t> {
        let old = self.tolerant() && name.value == "**";
        if old {
            let warning = self
                .context
                .warning(
                    Code::OLD_ANYTHING,
                    name.span,
                    "the pseudo-type `**` stands for any value",
                )
                .suggest(name.span, "'any'", "write `any`");
            self.out.report(warning);
        }
        TypeRef {
            name: Cow::Borrowed(if old { "any" } else { &name.value }),
            array,
            span: name.span,
        }
    }
}
