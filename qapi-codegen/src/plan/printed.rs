//! The types to print, and their names.

use qapi_parser::ir::{TypeDef, TypeId, TypeKind};

use super::bodies::{is_empty_object, payload};
use super::build::PlanBuilder;
use super::direction::Reach;
use super::items::Payload;
use crate::rust_names;

impl PlanBuilder<'_> {
    /// Which types are printed: the types that the schema defines, and all others to which they refer.
    pub(super) fn printed(&self) -> Vec<bool> {
        let mut mentions = Vec::new();
        for (id, ty) in (0u32..).map(TypeId).zip(&self.schema.types) {
            let is_own = ty.span.is_some() && !ty.implicit;
            if is_own && self.policy.keeps(ty.condition.as_ref()) {
                mentions.push(id);
            }
        }
        for command in &self.schema.commands {
            if self.policy.keeps(command.condition.as_ref()) {
                mentions.extend(command.returns);
                mentions.extend(command.arguments);
            }
        }
        for event in &self.schema.events {
            if self.policy.keeps(event.condition.as_ref()) {
                mentions.extend(event.arguments);
            }
        }
        let mut reach = Reach::new(self.schema, &self.policy);
        reach.add(mentions);
        let mut printed = reach.finish();
        let only_parts = self.only_parts();
        for (id, ty) in (0u32..).map(TypeId).zip(&self.schema.types) {
            let has_item = match ty.kind {
                TypeKind::Builtin(_) | TypeKind::Array(_) => false,
                TypeKind::Object(_) => !is_empty_object(self.schema, id),
                TypeKind::Enum(_) | TypeKind::Alternate(_) => true,
            };
            let is_ours = self.analysis.externs[id.index()].is_none();
            printed[id.index()] &= has_item && is_ours && !only_parts[id.index()];
        }
        printed
    }

    /// Objects of which only the members are used: implicit arguments, bases, and wrappers of branches.
    fn only_parts(&self) -> Vec<bool> {
        let types = &self.schema.types;
        let mut named = vec![false; types.len()];
        let mut wraps = vec![false; types.len()];
        let mut name = |id: TypeId| named[id.index()] = true;
        for ty in types {
            match &ty.kind {
                TypeKind::Array(array) => name(array.element),
                TypeKind::Alternate(alternate) => {
                    alternate.alternatives.iter().for_each(|it| name(it.ty));
                }
                TypeKind::Object(object) => {
                    object.members.iter().for_each(|member| name(member.ty));
                    for branch in object.union_.iter().flat_map(|union_| &union_.branches) {
                        match payload(self.schema, branch.ty).0 {
                            Payload::Members(id) => name(id),
                            Payload::Member { .. } => wraps[branch.ty.index()] = true,
                            Payload::Empty => {}
                        }
                    }
                }
                TypeKind::Builtin(_) | TypeKind::Enum(_) => {}
            }
        }
        self.schema
            .commands
            .iter()
            .filter_map(|command| command.returns)
            .for_each(&mut name);
        let wholes = self
            .schema
            .commands
            .iter()
            .map(|it| (it.arguments, it.boxed));
        let wholes = wholes.chain(self.schema.events.iter().map(|it| (it.arguments, it.boxed)));
        for (id, boxed) in wholes {
            if let Some(id) = id.filter(|id| boxed || self.is_union(*id)) {
                name(id);
            }
        }
        let is_part = |id: TypeId, ty: &TypeDef| {
            let is_object = matches!(ty.kind, TypeKind::Object(_)) && !named[id.index()];
            is_object && (ty.implicit || wraps[id.index()])
        };
        (0u32..)
            .map(TypeId)
            .zip(types)
            .map(|(id, ty)| is_part(id, ty))
            .collect()
    }

    pub(super) fn type_names(&self, printed: &[bool]) -> Vec<String> {
        let types = self.schema.types.iter().zip(printed);
        types
            .zip(&self.analysis.externs)
            .map(|((ty, printed), path)| match (printed, path) {
                (_, Some(path)) => (*path).to_owned(),
                (true, None) => rust_names::type_name(self.source_name(&ty.name, &ty.name)),
                (false, None) => String::new(),
            })
            .collect()
    }
}
