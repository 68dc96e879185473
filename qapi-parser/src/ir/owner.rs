//! The definitions that types which nobody wrote were made for.

use super::{CommandId, Entity, EventId, Origin, Schema, TypeId, TypeKind};

impl Schema {
    /// The definition that an implicit type was made for; none for arrays and for types that somebody wrote.
    pub fn owner(&self, id: TypeId) -> Option<Entity> {
        match self.ty(id).origin? {
            Origin::Array => None,
            Origin::Arguments(command) => Some(Entity::Command(command)),
            Origin::Data(event) => Some(Entity::Event(event)),
            Origin::Base(ty) | Origin::Tag(ty) | Origin::Branch(ty) | Origin::Member(ty) => {
                Some(Entity::Type(ty))
            }
        }
    }

    /// Fills [`TypeDef::origin`](super::TypeDef::origin) from the uses of the types.
    pub(crate) fn find_origins(&mut self) {
        let mut found: Vec<(TypeId, Origin)> = Vec::new();
        for (id, command) in (0..).map(CommandId).zip(&self.commands) {
            found.extend(command.arguments.map(|ty| (ty, Origin::Arguments(id))));
            found.extend(command.returns.map(|ty| (ty, Origin::Arguments(id))));
        }
        for (id, event) in (0..).map(EventId).zip(&self.events) {
            found.extend(event.arguments.map(|ty| (ty, Origin::Data(id))));
        }
        for (id, ty) in (0..).map(TypeId).zip(&self.types) {
            let TypeKind::Object(object) = &ty.kind else {
                continue;
            };
            found.extend(object.base.map(|base| (base, Origin::Base(id))));
            if let Some(union) = &object.union_ {
                found.push((union.tag, Origin::Tag(id)));
                let branches = union.branches.iter();
                found.extend(branches.map(|branch| (branch.ty, Origin::Branch(id))));
            }
            let members = object.members.iter();
            found.extend(members.map(|member| (member.ty, Origin::Member(id))));
        }
        for ty in &mut self.types {
            ty.origin = matches!(ty.kind, TypeKind::Array(_)).then_some(Origin::Array);
        }
        for (id, origin) in found {
            let element = match &self.ty(id).kind {
                TypeKind::Array(array) => array.element,
                _ => id,
            };
            let ty = &mut self.types[element.index()];
            if ty.implicit && ty.origin.is_none() {
                ty.origin = Some(origin);
            }
        }
    }
}
