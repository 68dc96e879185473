//! Arguments, replies and data of all commands and events: the roots of the search for classes.

use std::collections::BTreeSet;

use qapi_parser::ir::{Entity, Schema, TypeId};

use super::merged_type::{MergeSlot, is_empty};

/// Arguments, replies and data.
pub(super) fn roots(schemas: &[&Schema]) -> Vec<MergeSlot> {
    let mut roots = Vec::new();
    for name in command_names(schemas) {
        roots.extend(arguments(schemas, &name));
        roots.extend(reply(schemas, &name));
    }
    for name in event_names(schemas) {
        roots.extend(data(schemas, &name));
    }
    roots
}

/// Names of all commands: those of the newest revision, then those that it lacks, newest first.
pub(super) fn command_names(schemas: &[&Schema]) -> Vec<String> {
    let names =
        |schema: &&Schema| -> Vec<_> { schema.commands.iter().map(|it| it.name.clone()).collect() };
    distinct(schemas.iter().rev().flat_map(names))
}

/// Names of all events, ordered as those of commands.
pub(super) fn event_names(schemas: &[&Schema]) -> Vec<String> {
    let names =
        |schema: &&Schema| -> Vec<_> { schema.events.iter().map(|it| it.name.clone()).collect() };
    distinct(schemas.iter().rev().flat_map(names))
}

/// Each name once, where it comes first.
pub(super) fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.filter(|name| seen.insert(name.clone())).collect()
}

/// Returns the arguments of a command, if any revision has some.
pub(super) fn arguments(schemas: &[&Schema], name: &str) -> Option<MergeSlot> {
    let mut place = MergeSlot::new(format!("the arguments of `{name}`"));
    for (revision, schema) in schemas.iter().enumerate() {
        if let Some(Entity::Command(id)) = schema.lookup(name) {
            let command = schema.command(id);
            let ty = command.arguments.or_else(|| empty(schema));
            place.add(revision, ty?, Some(command.span));
        }
    }
    unless_empty(schemas, place)
}

/// Returns the reply of a command, if any revision has one.
pub(super) fn reply(schemas: &[&Schema], name: &str) -> Option<MergeSlot> {
    let mut place = MergeSlot::new(format!("the reply of `{name}`"));
    for (revision, schema) in schemas.iter().enumerate() {
        if let Some(Entity::Command(id)) = schema.lookup(name) {
            let command = schema.command(id);
            let ty = command.returns.or_else(|| empty(schema));
            place.add(revision, ty?, Some(command.span));
        }
    }
    unless_empty(schemas, place)
}

/// Returns the data of an event, if any revision has some.
pub(super) fn data(schemas: &[&Schema], name: &str) -> Option<MergeSlot> {
    let mut place = MergeSlot::new(format!("the data of `{name}`"));
    for (revision, schema) in schemas.iter().enumerate() {
        if let Some(Entity::Event(id)) = schema.lookup(name) {
            let event = schema.event(id);
            let ty = event.arguments.or_else(|| empty(schema));
            place.add(revision, ty?, Some(event.span));
        }
    }
    unless_empty(schemas, place)
}

fn unless_empty(schemas: &[&Schema], place: MergeSlot) -> Option<MergeSlot> {
    let mut nodes = place.nodes.iter();
    let has_type = nodes.any(|node| !is_empty(schemas[node.revision], node.ty));
    has_type.then_some(place)
}

/// Returns the predefined object type without members.
pub(super) fn empty(schema: &Schema) -> Option<TypeId> {
    match schema.lookup("q_empty") {
        Some(Entity::Type(id)) => Some(id),
        _ => None,
    }
}
