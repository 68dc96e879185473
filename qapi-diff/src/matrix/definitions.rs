//! The matrix by definition: the revisions that have each part of a definition.
//!
//! Rows are about places on the wire, but readers of a reference look at definitions. So the rows of a member or value
//! are collected for its definition, from all its places. A renamed type thus counts as the same. Parts without a
//! place, or with an unchanged name, are also looked up by name.

use std::collections::HashMap;

use qapi_parser::ir::{Entity, Member, Schema, TypeId, TypeKind};

use super::{Matrix, Row};
use crate::path::{Direction, PathStep};

/// The name of a command's reply among named parts. No member has this name.
pub const REPLY: &str = ":reply";

/// The state of an item in one revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It does not exist.
    Absent,
    /// It exists; a member is mandatory.
    Present,
    /// It is an optional member.
    Optional,
}

/// The revisions that have each definition of one revision, and its parts.
#[derive(Debug)]
pub struct Definitions<'s> {
    /// By definition and part: arguments, data, members, values, [`REPLY`]; an empty name is the
    /// definition as a whole.
    states: HashMap<(&'s str, &'s str), Vec<State>>,
}

impl<'s> Definitions<'s> {
    /// Collects for the revision with this position. `schemas` are the schemas of `matrix`.
    pub fn new(matrix: &Matrix, schemas: &[&'s Schema], revision: usize) -> Self {
        let mut collector = Collector {
            schema: schemas[revision],
            revision,
            count: schemas.len(),
            states: HashMap::new(),
        };
        for row in matrix.rows.iter().filter(|row| row.is_in(revision)) {
            collector.row(row);
        }
        for (other, schema) in schemas.iter().enumerate() {
            collector.by_name(other, schema);
        }
        Self {
            states: collector.states,
        }
    }

    /// Returns all parts, in no particular order: definition, part, and its state in each revision.
    pub fn iter(&self) -> impl Iterator<Item = (&'s str, &'s str, &[State])> {
        let states = self.states.iter();
        states.map(|((definition, part), states)| (*definition, *part, states.as_slice()))
    }
}

struct Collector<'s> {
    schema: &'s Schema,
    revision: usize,
    count: usize,
    states: HashMap<(&'s str, &'s str), Vec<State>>,
}

impl<'s> Collector<'s> {
    /// Adds what is known from one more place; of several, the one with the most parts.
    fn add(&mut self, definition: &'s str, part: &'s str, state: impl Fn(usize) -> State) {
        let count = self.count;
        let states = self.states.entry((definition, part));
        let states = states.or_insert_with(|| vec![State::Absent; count]);
        for (revision, known) in states.iter_mut().enumerate() {
            *known = (*known).max(state(revision));
        }
    }

    /// Records a row for the definitions of this revision.
    fn row(&mut self, row: &Row) {
        let schema = self.schema;
        let Some(root) = schema.lookup(&row.path.root) else {
            return;
        };
        let root = name_of(schema, root);
        match (row.path.direction, row.path.steps.as_slice()) {
            (None, _) => self.add(root, "", |revision| state_of(row, revision)),
            (Some(Direction::Reply), []) => {
                self.add(root, REPLY, |revision| state_of(row, revision));
            }
            (Some(_), []) => {}
            (Some(direction), steps) => {
                let Some(owner) = row.owners.get(self.revision).copied().flatten() else {
                    return;
                };
                let owner = TypeId(owner.0);
                if let (Direction::Argument | Direction::Event, [PathStep::Member(member)]) =
                    (direction, steps)
                    && let Some((_, member)) = member_of(schema, owner, member)
                {
                    self.add(root, &member.name, |revision| state_of(row, revision));
                }
                self.part(row, owner);
            }
        }
    }

    /// Records a row for the type that has it as a part.
    fn part(&mut self, row: &Row, owner: TypeId) {
        let schema = self.schema;
        let is_there = |revision: usize| match row.owners.get(revision) {
            Some(Some(_)) => State::Present,
            _ => State::Absent,
        };
        let Some(ty) = schema.types.get(owner.index()) else {
            return;
        };
        if is_written(schema, Entity::Type(owner)) {
            self.add(&ty.name, "", is_there);
        }
        match row.path.steps.last() {
            Some(PathStep::Member(name)) => {
                if let Some((definer, member)) = member_of(schema, owner, name)
                    && is_written(schema, Entity::Type(definer))
                {
                    let definer = &schema.ty(definer).name;
                    self.add(definer, "", is_there);
                    self.add(definer, &member.name, |revision| state_of(row, revision));
                }
            }
            Some(PathStep::Value(name)) => self.value(row, owner, name),
            // The branches of a union are the values of its discriminator.
            Some(PathStep::Branch(name)) => {
                if let TypeKind::Object(object) = &ty.kind
                    && let Some(union) = &object.union_
                {
                    self.value(row, union.tag, name);
                }
            }
            _ => {}
        }
    }

    fn value(&mut self, row: &Row, owner: TypeId, name: &str) {
        let ty = self.schema.ty(owner);
        if let TypeKind::Enum(enum_) = &ty.kind
            && let Some(value) = enum_.values.iter().find(|value| value.name == name)
        {
            self.add(&ty.name, &value.name, |revision| state_of(row, revision));
        }
    }

    /// Records the items that have the same name in another revision.
    fn by_name(&mut self, other: usize, schema: &Schema) {
        let own = self.schema;
        for entity in own
            .entities
            .iter()
            .filter(|entity| is_written(own, **entity))
        {
            let name = name_of(own, *entity);
            let same = schema.lookup(name);
            let is_same = same.is_some_and(|same| kind_of(own, *entity) == kind_of(schema, same));
            let only_there = |state| {
                move |revision| {
                    if revision == other {
                        state
                    } else {
                        State::Absent
                    }
                }
            };
            let state = if is_same {
                State::Present
            } else {
                State::Absent
            };
            self.add(name, "", only_there(state));
            let parts = same.filter(|_| is_same).map(|same| parts_of(schema, same));
            for (part, _) in parts_of(own, *entity) {
                let mut there = parts.iter().flatten().filter(|(name, _)| *name == part);
                let state = there.next().map_or(State::Absent, |(_, state)| *state);
                self.add(name, part, only_there(state));
            }
        }
    }
}

fn state_of(row: &Row, revision: usize) -> State {
    match row.cells.get(revision).and_then(Option::as_ref) {
        None => State::Absent,
        Some(cell) if cell.optional == Some(true) => State::Optional,
        Some(_) => State::Present,
    }
}

fn state_of_member(member: &Member) -> State {
    if member.optional {
        State::Optional
    } else {
        State::Present
    }
}

fn name_of(schema: &Schema, entity: Entity) -> &str {
    match entity {
        Entity::Type(id) => &schema.ty(id).name,
        Entity::Command(id) => &schema.command(id).name,
        Entity::Event(id) => &schema.event(id).name,
        Entity::Include(_) => "",
    }
}

/// Returns true if it is a written definition, not made by the compiler.
fn is_written(schema: &Schema, entity: Entity) -> bool {
    match entity {
        Entity::Type(id) => {
            let ty = schema.ty(id);
            ty.span.is_some() && !ty.implicit && !matches!(ty.kind, TypeKind::Array(_))
        }
        Entity::Command(_) | Entity::Event(_) => true,
        Entity::Include(_) => false,
    }
}

/// Returns the meta-type, which definitions must share to be the same one.
fn kind_of(schema: &Schema, entity: Entity) -> &'static str {
    match entity {
        Entity::Type(id) => match &schema.ty(id).kind {
            TypeKind::Builtin(_) => "builtin",
            TypeKind::Enum(_) => "enum",
            TypeKind::Array(_) => "array",
            TypeKind::Object(_) => "object",
            TypeKind::Alternate(_) => "alternate",
        },
        Entity::Command(_) => "command",
        Entity::Event(_) => "event",
        Entity::Include(_) => "include",
    }
}

/// Returns the parts that a definition has of its own, and what they are like.
fn parts_of(schema: &Schema, entity: Entity) -> Vec<(&str, State)> {
    let mut parts: Vec<(&str, State)> = Vec::new();
    let ty = match entity {
        Entity::Type(id) => Some(id),
        Entity::Command(id) => {
            let command = schema.command(id);
            parts.extend(command.returns.map(|_| (REPLY, State::Present)));
            command.arguments
        }
        Entity::Event(id) => schema.event(id).arguments,
        Entity::Include(_) => None,
    };
    let Some(id) = ty else {
        return parts;
    };
    match &schema.ty(id).kind {
        TypeKind::Object(_) if !matches!(entity, Entity::Type(_)) => {
            let members = schema.flattened(id).into_iter();
            parts.extend(members.map(|(_, it)| (it.name.as_str(), state_of_member(it))));
        }
        TypeKind::Object(object) => {
            // Members of a union's own base are its own.
            let base = object.base.filter(|base| schema.ty(*base).implicit);
            let inline = base.map(|base| schema.flattened(base)).unwrap_or_default();
            parts.extend(
                inline
                    .iter()
                    .map(|(_, it)| (it.name.as_str(), state_of_member(it))),
            );
            parts.extend(
                object
                    .members
                    .iter()
                    .map(|it| (it.name.as_str(), state_of_member(it))),
            );
        }
        TypeKind::Enum(enum_) => {
            parts.extend(
                enum_
                    .values
                    .iter()
                    .map(|it| (it.name.as_str(), State::Present)),
            );
        }
        TypeKind::Alternate(alternate) => {
            let alternatives = alternate.alternatives.iter();
            parts.extend(alternatives.map(|it| (it.name.as_str(), State::Present)));
        }
        _ => {}
    }
    parts
}

/// Returns a member of an object, and the definition that has it: the object or a base of it.
fn member_of<'s>(schema: &'s Schema, object: TypeId, name: &str) -> Option<(TypeId, &'s Member)> {
    let members = schema.flattened(object);
    let (definer, member) = members
        .into_iter()
        .find(|(_, member)| member.name == name)?;
    // Inline types of a union belong to the union.
    let is_inline = schema.ty(definer).implicit && definer != object;
    Some((if is_inline { object } else { definer }, member))
}
