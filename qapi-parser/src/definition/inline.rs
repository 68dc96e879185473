//! Inline structs instead of type names, a form until QEMU 2.3 (docs/reference/language.md §10.2 row 9).

use std::borrow::Cow;

use super::members::{MEMBER, MemberListRole};
use super::model::{Body, Definition, DefinitionOrigin, Reference, TypeRef};
use super::reader::DefinitionReader;
use super::schema_age::SchemaAge;
use crate::diag::Code;
use crate::syntax::{ObjectValue, Text, Value};

impl<'t> DefinitionReader<'_, 't> {
    /// Returns whether an object in the place of a type is an inline struct rather than the longhand
    /// of today. If both are possible, the rest of the schema decides.
    pub(super) fn is_inline(&self, object: &ObjectValue) -> bool {
        if !self.tolerant() || !self.age.unchecked() {
            return false;
        }
        let longhand = object
            .get("type")
            .is_some_and(|ty| matches!(ty.value, Value::String(_) | Value::Array(_)))
            && object.members.iter().all(|member| {
                let key = member.key.value.as_str();
                MEMBER.required.contains(&key) || MEMBER.optional.contains(&key)
            });
        !longhand || self.age == SchemaAge::Old
    }

    /// Makes the object a struct of its own, named after its owner and the member.
    pub(super) fn inline_struct(
        &mut self,
        object: &'t ObjectValue,
        key: &Text,
        member: &str,
        role: MemberListRole<'_>,
    ) -> TypeRef<'t> {
        self.warn(
            Code::OLD_INLINE_STRUCT,
            object.span,
            format!(
                "the type of {} `{member}` is defined inline; today it needs a struct with a name",
                role.word
            ),
        );
        self.implied_struct(
            object,
            format!("{}.{member}", role.owner.concat()),
            key.span,
            role,
        )
    }

    /// Adds an implied struct with the members of `object`.
    pub(super) fn implied_struct(
        &mut self,
        object: &'t ObjectValue,
        name: String,
        span: crate::source::Span,
        role: MemberListRole<'_>,
    ) -> TypeRef<'t> {
        let members = self.members(
            object,
            MemberListRole {
                owner: [&name, "", ""],
                word: "member",
                ..role
            },
        );
        self.implied.push(Definition {
            context: self.context,
            name: Cow::Owned(name.clone()),
            origin: DefinitionOrigin::Implied,
            complete: true,
            features_complete: true,
            condition: None,
            features: Vec::new(),
            body: Body::Struct {
                base: Reference::None,
                members,
            },
        });
        TypeRef {
            name: Cow::Owned(name),
            array: false,
            span,
        }
    }
}
