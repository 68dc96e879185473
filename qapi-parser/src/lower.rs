//! Lowers checked entities to the IR. Runs only if there was no error, so every reference has a target.

use std::sync::Arc;

use crate::check::Facts;
use crate::declare::{Declaration, DeclarationKind, Entities, Id, Variants};
use crate::definition::{Context, Flags, RawMember, Variant};
use crate::ir::{
    self, Alternate, Alternative, Array, Branch, Command, CommandId, Condition, Doc, Enum,
    EnumValue, Event, EventId, Include, IncludeId, Module, ModuleId, Object, Pragmas, Schema,
    TypeDef, TypeId, TypeKind, Union,
};
use crate::name_map::{self, NameMap, NameSet};
use crate::source::Span;
use crate::syntax::{self, SpannedCondition, module_id};

/// Makes the IR.
pub(crate) fn schema(entities: Entities<'_>, facts: Vec<Facts>) -> Schema {
    let ids = ids(&entities);
    let mut lower = Lower {
        uncovered: uncovered(&entities, &facts, &ids),
        homes: homes(&entities, &facts),
        conditions: array_conditions(&entities, &facts),
        ids,
        schema: Schema::default(),
        facts,
    };
    lower.reserve();
    lower.schema.names = name_map::with_capacity(entities.list.len());
    for (id, entity) in entities.list.into_iter().enumerate() {
        lower.entity(id, entity);
    }
    lower.schema
}

/// Puts modules and pragmas around the entities.
pub(crate) fn frame(
    mut schema: Schema,
    modules: Vec<syntax::SchemaFile>,
    pragmas: Pragmas,
) -> Schema {
    schema.modules = std::iter::once(Module {
        name: "./builtin".to_owned(),
        file: None,
        entities: Vec::new(),
    })
    .chain(modules.into_iter().map(|module| Module {
        name: module.name,
        file: Some(module.file),
        entities: Vec::new(),
    }))
    .collect();
    for index in 0..schema.entities.len() {
        let entity = schema.entities[index];
        let module = schema.module_of(entity);
        schema.modules[module.index()].entities.push(entity);
    }
    schema.pragmas = pragmas;
    schema.find_origins();
    schema
}

/// Adds the documentation.
pub(crate) fn add_docs(mut schema: Schema, docs: Vec<Arc<Doc>>) -> Schema {
    let docs = docs.into_iter().map(Arc::unwrap_or_clone);
    schema.docs = docs.collect();
    schema
}

/// Returns the id of every entity in the IR: entity order, counted by kind.
fn ids(entities: &Entities<'_>) -> Vec<ir::Entity> {
    let (mut types, mut commands, mut events, mut includes) = (0, 0, 0, 0);
    let next = |counter: &mut u32| {
        *counter += 1;
        *counter - 1
    };
    entities
        .list
        .iter()
        .map(|entity| match entity.kind {
            DeclarationKind::Command { .. } => ir::Entity::Command(CommandId(next(&mut commands))),
            DeclarationKind::Event { .. } => ir::Entity::Event(EventId(next(&mut events))),
            DeclarationKind::Include { .. } => ir::Entity::Include(IncludeId(next(&mut includes))),
            _ => ir::Entity::Type(TypeId(next(&mut types))),
        })
        .collect()
}

/// Returns the module of every entity; an array has its element's.
fn homes(entities: &Entities<'_>, facts: &[Facts]) -> Vec<ModuleId> {
    let own = |entity: &Declaration<'_>| match &entity.kind {
        DeclarationKind::Include { module, .. } => module_id(*module),
        _ => entity
            .context
            .map_or(ModuleId(0), |context| module_id(context.module)),
    };
    entities
        .list
        .iter()
        .zip(facts)
        .map(|(entity, facts)| own(facts.element.map_or(entity, |id| &entities.list[id])))
        .collect()
}

/// Returns the condition of each array's element, for those that have one.
fn array_conditions(entities: &Entities<'_>, facts: &[Facts]) -> NameMap<Id, Condition> {
    facts
        .iter()
        .enumerate()
        .filter_map(|(id, facts)| {
            let element = &entities.list[facts.element?];
            Some((id, element.condition.as_ref()?.condition.clone()))
        })
        .collect()
}

/// Returns the branches that unions have without saying so, for the values of the discriminator that
/// are left over.
fn uncovered(
    entities: &Entities<'_>,
    facts: &[Facts],
    ids: &[ir::Entity],
) -> NameMap<Id, Vec<Branch>> {
    let Some(ir::Entity::Type(empty)) = entities.named("q_empty").map(|id| ids[id]) else {
        return NameMap::default();
    };
    let branch = |value: &EnumValue| Branch {
        name: value.name.clone(),
        ty: empty,
        condition: value.condition.clone(),
        span: None,
    };
    let unions = entities.list.iter().enumerate();
    let branches = unions.filter_map(|(id, union)| {
        let tag = facts[id].tag?;
        let (
            DeclarationKind::Object {
                variants: Some(variants),
                ..
            },
            DeclarationKind::Enum { values, .. },
        ) = (&union.kind, &entities.list[tag].kind)
        else {
            return None;
        };
        let covered: NameSet<_> = variants.branches.iter().map(|it| &*it.name).collect();
        let dropped: NameSet<_> = facts[tag].dropped.iter().collect();
        let left_over = values
            .iter()
            .enumerate()
            .filter(|(index, value)| !covered.contains(&*value.name) && !dropped.contains(index));
        Some((id, left_over.map(|(_, value)| branch(value)).collect()))
    });
    branches.collect()
}

struct Lower {
    uncovered: NameMap<Id, Vec<Branch>>,
    ids: Vec<ir::Entity>,
    homes: Vec<ModuleId>,
    conditions: NameMap<Id, Condition>,
    facts: Vec<Facts>,
    schema: Schema,
}

impl Lower {
    fn reserve(&mut self) {
        let count =
            |is_one: fn(&ir::Entity) -> bool| self.ids.iter().filter(|id| is_one(id)).count();
        let schema = &mut self.schema;
        schema.entities.reserve_exact(self.ids.len());
        schema
            .types
            .reserve_exact(count(|id| matches!(id, ir::Entity::Type(_))));
        schema
            .commands
            .reserve_exact(count(|id| matches!(id, ir::Entity::Command(_))));
        schema
            .events
            .reserve_exact(count(|id| matches!(id, ir::Entity::Event(_))));
    }

    fn ty(&self, id: Id) -> TypeId {
        match self.ids[id] {
            ir::Entity::Type(id) => id,
            _ => unreachable!("only types are resolved to"),
        }
    }

    fn entity(&mut self, id: Id, entity: Declaration<'_>) {
        let facts = std::mem::take(&mut self.facts[id]);
        let array = matches!(entity.kind, DeclarationKind::Array { .. });
        let name = match &entity.kind {
            DeclarationKind::Array { element } => format!("{}List", element.name),
            _ => entity.name.to_string(),
        };
        self.name(id, &name, array);
        self.schema.entities.push(self.ids[id]);
        match entity.kind {
            DeclarationKind::Include {
                module,
                target,
                span,
            } => self.schema.includes.push(Include {
                module: module_id(module),
                target: module_id(target),
                span,
            }),
            DeclarationKind::Command { flags, .. } => self.command(id, name, entity, flags, &facts),
            DeclarationKind::Event { boxed, .. } => self.event(id, name, entity, boxed, &facts),
            kind => {
                let documented = !entity.implicit && !array;
                let condition = plain(entity.condition).or_else(|| self.conditions.remove(&id));
                let ty = TypeDef {
                    name,
                    kind: self.kind(id, kind, &facts),
                    implicit: entity.implicit,
                    origin: None,
                    condition,
                    features: entity.features,
                    module: self.homes[id],
                    span: entity.context.map(|context| context.span),
                    doc: entity
                        .context
                        .filter(|_| documented)
                        .and_then(|context| context.doc),
                };
                self.schema.types.push(ty);
            }
        }
    }

    /// Makes the entity known by its name, if it has one. A definition with the name of an
    /// array, which only old rules allow, comes first.
    fn name(&mut self, id: Id, name: &str, array: bool) {
        let entity = self.ids[id];
        if array {
            self.schema.names.entry(name.into()).or_insert(entity);
        } else if !name.is_empty() {
            self.schema.names.insert(name.into(), entity);
        }
    }

    fn command(
        &mut self,
        id: Id,
        name: String,
        entity: Declaration<'_>,
        flags: Flags,
        facts: &Facts,
    ) {
        let command = Command {
            name,
            arguments: facts.base.map(|id| self.ty(id)),
            returns: facts.returns.map(|id| self.ty(id)),
            boxed: flags.boxed || facts.boxed,
            gen_: flags.gen_,
            success_response: flags.success_response,
            allow_oob: flags.allow_oob,
            allow_preconfig: flags.allow_preconfig,
            coroutine: flags.coroutine,
            condition: plain(entity.condition),
            features: entity.features,
            module: self.homes[id],
            span: written(entity.context.as_ref()),
            doc: entity.context.and_then(|context| context.doc),
        };
        self.schema.commands.push(command);
    }

    fn event(&mut self, id: Id, name: String, entity: Declaration<'_>, boxed: bool, facts: &Facts) {
        let event = Event {
            name,
            arguments: facts.base.map(|id| self.ty(id)),
            boxed: boxed || facts.boxed,
            condition: plain(entity.condition),
            features: entity.features,
            module: self.homes[id],
            span: written(entity.context.as_ref()),
            doc: entity.context.and_then(|context| context.doc),
        };
        self.schema.events.push(event);
    }

    fn kind(&mut self, id: Id, kind: DeclarationKind<'_>, facts: &Facts) -> TypeKind {
        match kind {
            DeclarationKind::Builtin(builtin) => TypeKind::Builtin(builtin),
            DeclarationKind::Array { .. } => TypeKind::Array(Array {
                element: self.ty(facts
                    .element
                    .expect("the element of a checked array is known")),
            }),
            DeclarationKind::Enum { prefix, values } => TypeKind::Enum(Enum {
                prefix,
                values: keep(values, &facts.dropped),
            }),
            DeclarationKind::Object {
                members, variants, ..
            } => TypeKind::Object(Object {
                base: facts.base.map(|id| self.ty(id)),
                members: self.members(members, &facts.members),
                union_: variants.map(|variants| self.union_(id, variants, facts)),
            }),
            DeclarationKind::Alternate { alternatives } => TypeKind::Alternate(Alternate {
                alternatives: self.alternatives(alternatives, &facts.members),
            }),
            DeclarationKind::Command { .. }
            | DeclarationKind::Event { .. }
            | DeclarationKind::Include { .. } => {
                unreachable!("these are no types")
            }
        }
    }

    /// Members without a type were dropped with a warning.
    fn members(&self, members: Vec<RawMember<'_>>, types: &[Option<Id>]) -> Vec<ir::Member> {
        members
            .into_iter()
            .zip(types)
            .filter_map(|(member, ty)| {
                Some(ir::Member {
                    name: member.name,
                    ty: self.ty((*ty)?),
                    optional: member.optional,
                    condition: plain(member.condition),
                    features: member.features,
                    span: member.span,
                })
            })
            .collect()
    }

    fn alternatives(
        &self,
        alternatives: Vec<Variant<'_>>,
        types: &[Option<Id>],
    ) -> Vec<Alternative> {
        alternatives
            .into_iter()
            .zip(types)
            .filter_map(|(alternative, ty)| {
                Some(Alternative {
                    name: alternative.name,
                    ty: self.ty((*ty)?),
                    condition: plain(alternative.condition),
                    span: alternative.span,
                })
            })
            .collect()
    }

    fn union_(&mut self, id: Id, variants: Variants<'_>, facts: &Facts) -> Union {
        let discriminator = variants
            .discriminator
            .expect("a checked union has a discriminator");
        let explicit = variants
            .branches
            .into_iter()
            .zip(&facts.branches)
            .filter_map(|(branch, ty)| {
                Some(Branch {
                    name: branch.name,
                    ty: self.ty((*ty)?),
                    condition: plain(branch.condition),
                    span: Some(branch.span),
                })
            });
        let mut branches = explicit.collect::<Vec<_>>();
        branches.extend(self.uncovered.remove(&id).unwrap_or_default());
        Union {
            discriminator: discriminator.name.to_owned(),
            tag: self.ty(facts
                .tag
                .expect("the discriminator of a checked union is an enum")),
            branches,
        }
    }
}

fn plain(condition: Option<SpannedCondition>) -> Option<Condition> {
    condition.map(|spanned| spanned.condition)
}

/// Returns the values that were not dropped.
fn keep(values: Vec<EnumValue>, dropped: &[usize]) -> Vec<EnumValue> {
    if dropped.is_empty() {
        return values;
    }
    values
        .into_iter()
        .enumerate()
        .filter(|(index, _)| !dropped.contains(index))
        .map(|(_, value)| value)
        .collect()
}

/// Returns the source of a command or event; both always have one.
fn written(context: Option<&Context<'_>>) -> Span {
    context.expect("commands and events have a definition").span
}
