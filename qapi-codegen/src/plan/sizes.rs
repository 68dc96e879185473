//! Rough sizes of values in memory: Clippy wants a box where one variant of an enum is much larger than the
//! others, but we do not box by size, because a box that appears or disappears with a member would break callers.

use qapi_parser::ir::{Builtin, Schema, TypeId, TypeKind};

use super::bodies::payload;
use super::boxing::Components;
use super::conditions::Policy;
use super::items::Payload;

/// From this size on, an enum states that its variants differ on purpose. Clippy's limit is a difference of 200 bytes.
pub(super) const LARGE: u64 = 180;

const WORD: u64 = 8;

/// Returns an upper bound for the size of a value of each type in bytes, by [`TypeId`].
/// The user's own types may be large.
pub(super) fn sizes(
    schema: &Schema,
    policy: &Policy<'_>,
    components: &Components,
    externs: &[Option<&str>],
) -> Vec<u64> {
    let mut sizes = vec![0; schema.types.len()];
    for id in components.bottom_up() {
        sizes[id.index()] = match externs[id.index()] {
            Some(_) => LARGE,
            None => size(schema, policy, components, id, &sizes),
        };
    }
    sizes
}

fn size(
    schema: &Schema,
    policy: &Policy<'_>,
    components: &Components,
    id: TypeId,
    sizes: &[u64],
) -> u64 {
    let inner = |part: TypeId| match &schema.ty(part).kind {
        TypeKind::Builtin(builtin) => builtin_size(*builtin),
        TypeKind::Array(_) => 3 * WORD,
        TypeKind::Enum(_) => 2 * WORD,
        _ if components.boxes(id, part) => WORD,
        _ => sizes[part.index()],
    };
    match &schema.ty(id).kind {
        TypeKind::Builtin(builtin) => builtin_size(*builtin),
        TypeKind::Array(_) => 3 * WORD,
        TypeKind::Enum(_) => 2 * WORD,
        TypeKind::Alternate(alternate) => {
            let parts = alternate.alternatives.iter().map(|it| inner(it.ty));
            WORD + parts.max().unwrap_or(0)
        }
        TypeKind::Object(object) => {
            let members = schema.flattened(id).into_iter();
            let kept = members.filter(|(_, member)| policy.keeps(member.condition.as_ref()));
            let common: u64 = kept
                .map(|(_, member)| inner(member.ty) + if member.optional { WORD } else { 0 })
                .sum();
            let branches = object.union_.iter().flat_map(|union_| &union_.branches);
            let largest = branches
                .map(|branch| match payload(schema, branch.ty) {
                    (Payload::Empty, _) => 0,
                    (_, held) => inner(held),
                })
                .max();
            common + largest.map_or(0, |largest| WORD + largest.max(6 * WORD))
        }
    }
}

fn builtin_size(builtin: Builtin) -> u64 {
    match builtin {
        Builtin::Str => 3 * WORD,
        Builtin::Any => 4 * WORD,
        _ => WORD,
    }
}
