//! Which types are `Eq` and `Hash`: those of which every part is.

use qapi_parser::ir::{Builtin, Schema, TypeId, TypeKind};

use super::conditions::Policy;

/// Whether a type is `Eq` and `Hash`, by [`TypeId`]. An open union is not: it keeps unlisted branches, and with them values
/// that are not. Nothing is known of the user's own types.
pub(super) fn comparable(
    schema: &Schema,
    policy: &Policy<'_>,
    open: &[bool],
    externs: &[Option<&str>],
) -> Vec<bool> {
    let mut users = vec![Vec::new(); schema.types.len()];
    let mut work = Vec::new();
    for (id, ty) in (0u32..).map(TypeId).zip(&schema.types) {
        if externs[id.index()].is_some() {
            work.push(id);
            continue;
        }
        match &ty.kind {
            TypeKind::Builtin(Builtin::Number | Builtin::Any) => work.push(id),
            TypeKind::Builtin(_) | TypeKind::Enum(_) => {}
            TypeKind::Array(array) => users[array.element.index()].push(id),
            TypeKind::Alternate(alternate) => {
                for alternative in &alternate.alternatives {
                    if policy.keeps(alternative.condition.as_ref()) {
                        users[alternative.ty.index()].push(id);
                    }
                }
            }
            TypeKind::Object(object) => {
                users_of_object(schema, policy, id, &mut users);
                if object.union_.is_some() && open[id.index()] {
                    work.push(id);
                }
            }
        }
    }
    let mut comparable = vec![true; schema.types.len()];
    while let Some(id) = work.pop() {
        if std::mem::replace(&mut comparable[id.index()], false) {
            work.extend(&users[id.index()]);
        }
    }
    comparable
}

fn users_of_object(schema: &Schema, policy: &Policy<'_>, id: TypeId, users: &mut [Vec<TypeId>]) {
    let TypeKind::Object(object) = &schema.ty(id).kind else {
        return;
    };
    if let Some(base) = object.base {
        users[base.index()].push(id);
    }
    for member in &object.members {
        if policy.keeps(member.condition.as_ref()) {
            users[member.ty.index()].push(id);
        }
    }
    for branch in object.union_.iter().flat_map(|union_| &union_.branches) {
        if policy.keeps(branch.condition.as_ref()) {
            users[branch.ty.index()].push(id);
        }
    }
}
