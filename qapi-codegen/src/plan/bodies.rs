//! Types in use: references, branches and alternatives.

use qapi_parser::ir::{Builtin, Member, Schema, TypeDef, TypeId, TypeKind};

use super::items::{Payload, Ty};

/// The JSON kinds that a number of any sort has.
const NUMBERS: &[&str] = &["Integer", "Number"];

/// Returns true for the predefined object type without members.
pub(super) fn is_empty_object(schema: &Schema, id: TypeId) -> bool {
    let ty = schema.ty(id);
    ty.span.is_none() && matches!(ty.kind, TypeKind::Object(_))
}

/// Returns a reference to the type `id`.
pub(super) fn reference(schema: &Schema, id: TypeId) -> Ty {
    match &schema.ty(id).kind {
        TypeKind::Builtin(builtin) => Ty::Builtin(*builtin),
        TypeKind::Array(array) => Ty::Array(Box::new(reference(schema, array.element))),
        TypeKind::Object(_) if is_empty_object(schema, id) => Ty::Empty,
        TypeKind::Object(_) | TypeKind::Enum(_) | TypeKind::Alternate(_) => Ty::Named(id),
    }
}

/// Returns the addition of a branch of type `id`, and the type of what its variant holds.
pub(super) fn payload(schema: &Schema, id: TypeId) -> (Payload, TypeId) {
    let ty = schema.ty(id);
    if is_empty_object(schema, id) {
        return (Payload::Empty, id);
    }
    if let Some(member) = wrapped(ty) {
        let wire = member.name.clone();
        return (
            Payload::Member {
                wire,
                ty: reference(schema, member.ty),
            },
            member.ty,
        );
    }
    (Payload::Members(id), id)
}

/// Returns the only member of a wrapper, which puts the type of a branch into a member: the compiler makes it for a
/// simple union. QEMU's authors wrote such types when simple unions were removed from the language, so that messages
/// did not change.
pub(super) fn wrapped(ty: &TypeDef) -> Option<&Member> {
    let TypeKind::Object(object) = &ty.kind else {
        return None;
    };
    let (None, None, [member]) = (object.base, &object.union_, &object.members[..]) else {
        return None;
    };
    let is_wrapper = ty.implicit
        || (ty.name.ends_with("Wrapper")
            && member.name == "data"
            && ty.features.is_empty()
            && member.features.is_empty());
    (is_wrapper && !member.optional && member.condition.is_none()).then_some(member)
}

/// Returns the JSON kinds that select an alternative of type `id` (docs/reference/language.md §6.7).
pub(super) fn kinds(schema: &Schema, id: TypeId) -> &'static [&'static str] {
    match &schema.ty(id).kind {
        TypeKind::Builtin(Builtin::Bool) => &["Bool"],
        TypeKind::Builtin(Builtin::Null) => &["Null"],
        TypeKind::Builtin(Builtin::Str) | TypeKind::Enum(_) => &["String"],
        TypeKind::Builtin(_) => NUMBERS,
        TypeKind::Array(_) => &["Array"],
        TypeKind::Object(_) | TypeKind::Alternate(_) => &["Object"],
    }
}
