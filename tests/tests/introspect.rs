//! Promises of introspection (docs/reference/language.md §8), on real schemas.

use std::collections::BTreeSet;
use std::path::Path;

use qapi_codegen::introspect::{TypeNames, describe};
use qapi_codegen::{Config, Formatter};
use qapi_parser::Options;
use qapi_parser::ir::{Condition, Entity, Schema};
use qapi_parser::source::Disk;
use qapi_runtime::introspect::{Introspection, JsonType, MetaType, MissingKind, SchemaInfo};
use qapi_tests::{corpus, golden};

fn load(root: &Path) -> Schema {
    let loaded = qapi_parser::load(root, &Disk, &Options::default());
    loaded
        .schema
        .unwrap_or_else(|| panic!("{}: {:#?}", root.display(), loaded.diagnostics))
}

/// The description with everything that exists under any condition.
fn introspect(root: &Path, names: TypeNames) -> Introspection {
    describe(&load(root), names, &|_| true)
}

fn is_type(entry: &SchemaInfo) -> bool {
    entry.meta_type.is_type()
}

/// Names in the order in which they must appear: first commands and events refer to types, then
/// types in that order to further ones; an array comes right before its element.
fn order_of_reference(introspection: &Introspection) -> Vec<String> {
    let mut order: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for entry in introspection.entries() {
        for name in entry.meta_type.references() {
            let element = name.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
            for name in [Some(name), element].into_iter().flatten() {
                if seen.insert(name.to_owned()) {
                    order.push(name.to_owned());
                }
            }
        }
    }
    order
}

fn check(introspection: &Introspection, root: &Path) {
    let (types, others): (Vec<_>, Vec<_>) =
        introspection.entries().iter().partition(|it| is_type(it));
    let names: Vec<&str> = types.iter().map(|it| &*it.name).collect();
    assert!(
        introspection.entries()[..others.len()]
            .iter()
            .all(|it| !is_type(it)),
        "{}: a type stands before a command or event",
        root.display()
    );
    // Once each, all that are referred to and no other, in this order: one comparison.
    assert_eq!(
        names,
        order_of_reference(introspection),
        "{}",
        root.display()
    );
    let all: BTreeSet<&str> = introspection.entries().iter().map(|it| &*it.name).collect();
    assert_eq!(
        all.len(),
        introspection.entries().len(),
        "{}: a name stands twice",
        root.display()
    );
    let integers: Vec<_> = introspection
        .entries()
        .iter()
        .filter(|it| matches!(it.meta_type, MetaType::Builtin(JsonType::Int)))
        .map(|it| &*it.name)
        .collect();
    assert!(
        integers.is_empty() || integers == ["int"],
        "{}: {integers:?}",
        root.display()
    );
}

#[test]
fn real_schemas_describe_exactly_what_is_referred_to_in_order() {
    let Some(corpus) = corpus::root() else { return };
    let mut entries = 0;
    for version in ["7.2", "10.0", "10.2"] {
        for root in corpus::roots(&corpus, version) {
            for names in [TypeNames::Masked, TypeNames::Real] {
                let introspection = introspect(&root, names);
                check(&introspection, &root);
                entries += introspection.entries().len();
            }
        }
    }
    assert!(entries > 5000, "{entries} entries");
}

#[test]
fn masked_names_are_numbers_in_order() {
    let Some(corpus) = corpus::root() else { return };
    for root in corpus::roots(&corpus, "10.2") {
        let introspection = introspect(&root, TypeNames::Masked);
        let mut numbers: Vec<usize> = introspection
            .entries()
            .iter()
            .filter_map(|it| it.name.parse().ok())
            .collect();
        numbers.sort_unstable();
        assert!(
            numbers.iter().copied().eq(0..numbers.len()),
            "{}",
            root.display()
        );
    }
}

#[test]
fn masked_and_unmasked_entries_correspond() {
    let Some(corpus) = corpus::root() else { return };
    for root in corpus::roots(&corpus, "10.2") {
        let masked = introspect(&root, TypeNames::Masked);
        let real = introspect(&root, TypeNames::Real);
        assert_eq!(masked.entries().len(), real.entries().len());
        for (masked, real) in masked.entries().iter().zip(real.entries()) {
            assert_eq!(
                std::mem::discriminant(&masked.meta_type),
                std::mem::discriminant(&real.meta_type)
            );
            assert_eq!(
                masked.meta_type.references().len(),
                real.meta_type.references().len()
            );
            if !is_type(masked) || matches!(masked.meta_type, MetaType::Builtin(_)) {
                assert_eq!(masked.name, real.name);
            }
        }
    }
}

#[test]
fn a_build_has_just_the_definitions_whose_conditions_hold() {
    let Some(corpus) = corpus::root() else { return };
    for root in corpus::roots(&corpus, "10.2") {
        let schema = load(&root);
        let all = describe(&schema, TypeNames::Real, &|_| true);
        for answer in [true, false] {
            let holds = |condition: &Condition| condition.holds(&|_| answer);
            let build = describe(&schema, TypeNames::Real, &holds);
            for entry in all.entries() {
                let condition = match schema.lookup(&entry.name) {
                    Some(Entity::Command(id)) => schema.command(id).condition.as_ref(),
                    Some(Entity::Event(id)) => schema.event(id).condition.as_ref(),
                    Some(Entity::Type(id)) => schema.ty(id).condition.as_ref(),
                    // Arrays have names of their own here.
                    _ => continue,
                };
                let kept = build.find(&entry.name).is_some();
                assert_eq!(kept, condition.is_none_or(holds), "{}", entry.name);
            }
        }
    }
}

#[test]
fn descriptions_are_read_as_they_are_printed() {
    let Some(corpus) = corpus::root() else { return };
    for root in corpus::roots(&corpus, "10.2") {
        let printed = introspect(&root, TypeNames::Masked);
        let read: Introspection = printed.to_json().parse().expect("it is a schema");
        assert!(read == printed, "{}", root.display());
    }
}

#[test]
fn our_guest_agent_schemas_can_be_introspected() {
    for revision in corpus::GUEST_AGENT_REVISIONS {
        let root = corpus::guest_agent(revision);
        check(&introspect(&root, TypeNames::Masked), &root);
    }
}

/// The constant that a client of the schema is generated with.
fn constant(schema: &Schema) -> Introspection {
    let output = golden::generate(
        schema,
        &Config::new().introspection(true).formatter(Formatter::None),
    );
    let file = output.get("introspect.rs").expect("it was asked for");
    let (_, text) = file
        .split_once("r#\"")
        .expect("the constant is a raw string");
    let (text, _) = text.split_once("\"#").expect("the string ends");
    text.parse().expect("it is a schema")
}

/// Top-level arguments of each command, as `command.member`.
fn top_level_arguments(schema: &Schema) -> BTreeSet<String> {
    let commands = schema.commands.iter();
    commands
        .flat_map(|command| {
            let members = command
                .arguments
                .map(|id| schema.flattened(id))
                .unwrap_or_default();
            members
                .into_iter()
                .map(|(_, member)| format!("{}.{}", command.name, member.name))
        })
        .collect()
}

/// A client of 10.2 compared with a server of 7.2, and the other way round, against the two schemas.
#[test]
fn a_client_learns_what_a_server_of_another_revision_lacks() {
    let Some(root) = corpus::root() else { return };
    let [old, new] = ["7.2", "10.2"].map(|revision| {
        golden::schema(&root.join(format!("qemu/{revision}/qapi/qapi-schema.json")))
    });
    for (server, client) in [(&old, &new), (&new, &old), (&new, &new)] {
        let lacks = constant(server).missing(&constant(client));
        let lacking = |kind: &MissingKind| {
            let roots = lacks.iter().filter(|lack| lack.kind == *kind);
            roots
                .map(|lack| lack.root.to_string())
                .collect::<BTreeSet<_>>()
        };
        let names = |schema: &Schema| -> BTreeSet<_> {
            schema
                .commands
                .iter()
                .map(|command| command.name.clone())
                .collect()
        };
        let missing: BTreeSet<_> = names(client).difference(&names(server)).cloned().collect();
        assert_eq!(lacking(&MissingKind::Command), missing);
        let names = |schema: &Schema| -> BTreeSet<_> {
            schema
                .events
                .iter()
                .map(|event| event.name.clone())
                .collect()
        };
        let events: BTreeSet<_> = names(client).difference(&names(server)).cloned().collect();
        assert_eq!(lacking(&MissingKind::Event), events);

        let known = top_level_arguments(server);
        let expected: BTreeSet<_> = top_level_arguments(client)
            .into_iter()
            .filter(|name| !known.contains(name))
            .filter(|name| {
                name.split_once('.')
                    .is_some_and(|(command, _)| !missing.contains(command))
            })
            .collect();
        let is_member = |kind: &MissingKind| matches!(kind, MissingKind::Member { .. });
        let found: BTreeSet<_> = lacks
            .iter()
            .filter(|lack| is_member(&lack.kind))
            .filter_map(|lack| {
                let member = lack.path.strip_prefix("arguments.")?;
                (!member.contains(['.', '['])).then(|| format!("{}.{member}", lack.root))
            })
            .collect();
        assert_eq!(found, expected);
    }
    let lacks = constant(&old).missing(&constant(&new));
    let texts: BTreeSet<_> = lacks.iter().map(ToString::to_string).collect();
    for text in [
        "CPU_POLARIZATION_CHANGE: the server lacks this event",
        "blockdev-add arguments.active: the server lacks this member",
        "blockdev-add arguments[=ssh].server.keep-alive-idle: the server lacks this member",
        "migrate-set-capabilities arguments.capabilities[].capability=mapped-ram: the server lacks this value",
    ] {
        assert!(texts.contains(text), "{text}");
    }
}
