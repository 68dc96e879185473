//! Our guest agent schemas say the same as the originals, in our own words.

use std::path::Path;

use qapi_parser::ir::{Condition, Entity, Feature, Member, Schema, TypeId, TypeKind};
use qapi_parser::source::Disk;
use qapi_tests::corpus;

fn load(path: &Path) -> Schema {
    let loaded = qapi_parser::load(path, &Disk, &qapi_parser::Options::default());
    loaded
        .schema
        .unwrap_or_else(|| panic!("{}: {:#?}", path.display(), loaded.diagnostics))
}

/// Everything about an entity that is not documentation, as text, so that a difference shows.
fn describe(schema: &Schema, entity: Entity) -> String {
    match entity {
        Entity::Type(id) => describe_type(schema, id),
        Entity::Command(id) => {
            let command = schema.command(id);
            format!(
                "command {} arguments={:?} returns={:?} boxed={} gen={} success-response={} oob={} preconfig={} coroutine={} if={:?} features={:?}",
                command.name,
                command.arguments.map(|ty| &schema.ty(ty).name),
                command.returns.map(|ty| &schema.ty(ty).name),
                command.boxed,
                command.gen_,
                command.success_response,
                command.allow_oob,
                command.allow_preconfig,
                command.coroutine,
                command.condition,
                features(&command.features),
            )
        }
        Entity::Event(id) => {
            let event = schema.event(id);
            let arguments = event.arguments.map(|ty| &schema.ty(ty).name);
            format!(
                "event {} arguments={arguments:?} boxed={} if={:?}",
                event.name, event.boxed, event.condition
            )
        }
        Entity::Include(id) => format!("include {}", schema.includes[id.index()].target.index()),
    }
}

fn describe_type(schema: &Schema, id: TypeId) -> String {
    let ty = schema.ty(id);
    let body = match &ty.kind {
        TypeKind::Builtin(builtin) => format!("builtin {}", builtin.json_type()),
        TypeKind::Array(array) => format!("array of {}", schema.ty(array.element).name),
        TypeKind::Enum(enum_) => {
            let values: Vec<_> = enum_
                .values
                .iter()
                .map(|value| (&value.name, &value.condition, features(&value.features)))
                .collect();
            format!("enum prefix={:?} {values:?}", enum_.prefix)
        }
        TypeKind::Object(object) => {
            let base = object.base.map(|base| &schema.ty(base).name);
            let branches: Vec<_> = object
                .union_
                .iter()
                .flat_map(|union| &union.branches)
                .map(|branch| (&branch.name, &schema.ty(branch.ty).name))
                .collect();
            let tag = object.union_.as_ref().map(|union| &union.discriminator);
            let members: Vec<_> = object
                .members
                .iter()
                .map(|member| describe_member(schema, member))
                .collect();
            format!("object base={base:?} tag={tag:?} {members:?} {branches:?}")
        }
        TypeKind::Alternate(alternate) => {
            let alternatives: Vec<_> = alternate
                .alternatives
                .iter()
                .map(|alternative| (&alternative.name, &schema.ty(alternative.ty).name))
                .collect();
            format!("alternate {alternatives:?}")
        }
    };
    format!(
        "{} implicit={} if={:?} features={:?}: {body}",
        ty.name,
        ty.implicit,
        ty.condition,
        features(&ty.features)
    )
}

fn describe_member<'s>(
    schema: &'s Schema,
    member: &'s Member,
) -> (&'s str, &'s str, bool, &'s Option<Condition>) {
    (
        &member.name,
        &schema.ty(member.ty).name,
        member.optional,
        &member.condition,
    )
}

fn features(features: &[Feature]) -> Vec<&str> {
    features
        .iter()
        .map(|feature| feature.name.as_str())
        .collect()
}

fn description(schema: &Schema) -> Vec<String> {
    schema
        .entities
        .iter()
        .map(|entity| describe(schema, *entity))
        .collect()
}

#[test]
fn each_revision_equals_the_original_entity_by_entity() {
    let Some(corpus) = corpus::root() else { return };
    for revision in corpus::GUEST_AGENT_REVISIONS {
        let ours = description(&load(&corpus::guest_agent(revision)));
        let original = description(&load(&corpus.join(format!("seeds/qga-{revision}.json"))));
        for (ours, original) in ours.iter().zip(&original) {
            assert_eq!(ours, original, "revision {revision}");
        }
        assert_eq!(ours.len(), original.len(), "revision {revision}");
    }
}

#[test]
fn every_definition_and_member_of_ours_is_documented() {
    for revision in corpus::GUEST_AGENT_REVISIONS {
        let schema = load(&corpus::guest_agent(revision));
        let blocks = schema.docs.iter().filter(|doc| doc.symbol.is_some());
        let mut count = 0;
        for doc in blocks {
            count += 1;
            let texts = doc
                .members
                .iter()
                .map(|member| (&member.name, &member.text));
            for (name, text) in
                texts.chain(doc.symbol.as_ref().map(|symbol| (symbol, &doc.body.text)))
            {
                assert!(
                    !text.is_empty(),
                    "revision {revision}: {name} of {:?}",
                    doc.symbol
                );
            }
        }
        let definitions = schema
            .types
            .iter()
            .filter(|ty| {
                ty.span.is_some() && !ty.implicit && !matches!(ty.kind, TypeKind::Array(_))
            })
            .count();
        assert_eq!(
            count,
            definitions + schema.commands.len() + schema.events.len(),
            "revision {revision}"
        );
    }
}
