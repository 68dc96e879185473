//! The definitions for which implicit types were made.

use super::{CommandId, Entity, EventId, Origin, Schema, TypeId, TypeKind};

impl Origin {
    /// Returns the definition that the type was made for; none for arrays.
    pub fn definition(self) -> Option<Entity> {
        match self {
            Self::Array => None,
            Self::Arguments(id) => Some(Entity::Command(id)),
            Self::Data(id) => Some(Entity::Event(id)),
            Self::Base(id) | Self::Tag(id) | Self::Branch(id) | Self::Member(id) => {
                Some(Entity::Type(id))
            }
        }
    }
}

impl Schema {
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
