//! Promises of every schema, whatever it was made from (`qapi_parser::ir`, "order guarantees").

use std::collections::BTreeSet;

use qapi_parser::ir::{Condition, Entity, Schema, SectionRef, TypeId, TypeKind};
use qapi_parser::source::{SourceMap, Span};

/// Asserts all of it.
pub(crate) fn assert_invariants(schema: &Schema, sources: &SourceMap) {
    order(schema);
    modules(schema);
    names(schema);
    for id in (0..).map(TypeId).take(schema.types.len()) {
        ty(schema, id);
    }
    for command in &schema.commands {
        span(sources, command.span);
        if let Some(arguments) = command.arguments {
            object(schema, arguments);
        }
    }
    for event in &schema.events {
        span(sources, event.span);
        if let Some(arguments) = event.arguments {
            object(schema, arguments);
        }
    }
    for doc in &schema.docs {
        let parts = 1 + doc.members.len() + doc.features.len() + doc.sections.len();
        let distinct = doc
            .order
            .iter()
            .map(|part| match part {
                SectionRef::Body => (0, 0),
                SectionRef::Member(index) => (1, *index),
                SectionRef::Feature(index) => (2, *index),
                SectionRef::Section(index) => (3, *index),
            })
            .collect::<BTreeSet<_>>();
        assert_eq!(distinct.len(), parts, "{doc:#?}");
        assert_eq!(doc.order.len(), parts);
        span(sources, doc.span);
    }
}

/// Ids count up in entity order; what is implied stands before what implies it.
fn order(schema: &Schema) {
    let (mut types, mut commands, mut events, mut includes) = (0, 0, 0, 0);
    for entity in &schema.entities {
        let (id, counter) = match entity {
            Entity::Type(id) => (id.0, &mut types),
            Entity::Command(id) => (id.0, &mut commands),
            Entity::Event(id) => (id.0, &mut events),
            Entity::Include(id) => (id.0, &mut includes),
        };
        assert_eq!(id, *counter, "{entity:?}");
        *counter += 1;
    }
    assert_eq!(types as usize, schema.types.len());
    assert_eq!(commands as usize, schema.commands.len());
    assert_eq!(events as usize, schema.events.len());
    assert_eq!(includes as usize, schema.includes.len());
    let position = |entity: Entity| schema.entities.iter().position(|other| *other == entity);
    for (index, entity) in schema.entities.iter().enumerate() {
        let implied = match entity {
            Entity::Command(id) => schema.command(*id).arguments,
            Entity::Event(id) => schema.event(*id).arguments,
            Entity::Type(id) => match &schema.ty(*id).kind {
                TypeKind::Object(object) => object.base,
                _ => None,
            },
            Entity::Include(_) => None,
        };
        if let Some(implied) = implied.filter(|id| schema.ty(*id).implicit) {
            assert!(position(Entity::Type(implied)).is_some_and(|place| place < index));
        }
    }
}

fn modules(schema: &Schema) {
    assert_eq!(schema.modules[0].name, "./builtin");
    assert!(schema.modules[0].file.is_none());
    let mut seen = BTreeSet::new();
    for (index, module) in schema.modules.iter().enumerate() {
        assert_eq!(index == 0, module.file.is_none());
        let positions = module
            .entities
            .iter()
            .map(|entity| schema.entities.iter().position(|other| other == entity));
        assert!(positions.is_sorted(), "{}", module.name);
        for entity in &module.entities {
            assert_eq!(schema.module_of(*entity).index(), index);
            assert!(seen.insert(*entity));
        }
    }
    assert_eq!(seen.len(), schema.entities.len());
}

fn names(schema: &Schema) {
    for entity in &schema.entities {
        let name = match entity {
            Entity::Type(id) => &schema.ty(*id).name,
            Entity::Command(id) => &schema.command(*id).name,
            Entity::Event(id) => &schema.event(*id).name,
            Entity::Include(_) => continue,
        };
        assert_eq!(schema.lookup(name), Some(*entity), "{name}");
    }
}

fn object(schema: &Schema, id: TypeId) {
    assert!(
        matches!(schema.ty(id).kind, TypeKind::Object(_)),
        "{}",
        schema.ty(id).name
    );
}

fn ty(schema: &Schema, id: TypeId) {
    let ty = schema.ty(id);
    match &ty.kind {
        TypeKind::Builtin(_) => assert_eq!(ty.module.0, 0),
        TypeKind::Enum(_) => {}
        TypeKind::Array(array) => {
            let element = schema.ty(array.element);
            assert!(!matches!(element.kind, TypeKind::Array(_)));
            assert_eq!(ty.name, format!("{}List", element.name));
            assert_eq!(ty.condition, element.condition);
            assert_eq!(ty.module, element.module);
        }
        TypeKind::Object(_) => {
            let members = schema.flattened(id);
            let names = members
                .iter()
                .map(|(_, member)| &member.name)
                .collect::<BTreeSet<_>>();
            assert_eq!(names.len(), members.len(), "{}", ty.name);
            union_(schema, id);
        }
        TypeKind::Alternate(alternate) => assert!(!alternate.alternatives.is_empty()),
    }
    conditions(ty.condition.as_ref());
    let predefined = ty.module.0 == 0 && !matches!(ty.kind, TypeKind::Array(_));
    assert!(!predefined || ty.span.is_none());
}

fn union_(schema: &Schema, id: TypeId) {
    let TypeKind::Object(object_) = &schema.ty(id).kind else {
        return;
    };
    if let Some(base) = object_.base {
        object(schema, base);
    }
    let Some(union_) = &object_.union_ else {
        return;
    };
    let TypeKind::Enum(tag) = &schema.ty(union_.tag).kind else {
        panic!("the discriminator of {} is no enum", schema.ty(id).name);
    };
    let members = schema.flattened(id);
    let (_, member) = members
        .iter()
        .find(|(_, member)| member.name == union_.discriminator)
        .expect("the discriminator is a common member");
    assert_eq!(member.ty, union_.tag);
    let values = tag
        .values
        .iter()
        .map(|value| &value.name)
        .collect::<BTreeSet<_>>();
    let branches = union_
        .branches
        .iter()
        .map(|branch| &branch.name)
        .collect::<BTreeSet<_>>();
    assert_eq!(values, branches, "{}", schema.ty(id).name);
    assert_eq!(union_.branches.len(), tag.values.len());
    let implicit = union_.branches.iter().map(|branch| branch.span.is_none());
    assert!(implicit.is_sorted(), "explicit branches come first");
    for branch in &union_.branches {
        object(schema, branch.ty);
    }
}

fn conditions(condition: Option<&Condition>) {
    match condition {
        None | Some(Condition::Defined(_)) => {}
        Some(Condition::All(parts) | Condition::Any(parts)) => {
            assert!(!parts.is_empty());
            for part in parts {
                conditions(Some(part));
            }
        }
        Some(Condition::Not(part)) => conditions(Some(part)),
    }
}

/// A span lies in its file, at character boundaries.
pub(crate) fn span(sources: &SourceMap, span: Span) {
    let text = &sources.file(span.file).text;
    assert!(
        text.get(span.start as usize..span.end as usize).is_some(),
        "{span:?}"
    );
}
