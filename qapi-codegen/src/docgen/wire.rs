//! Examples of messages, made from the schema.
//!
//! They contain the mandatory members, and one element of each array as long as that stays readable. Where there is a
//! choice, they prefer parts that exist under every condition.

use std::collections::HashMap;

use qapi_parser::ir::{
    Builtin, CommandId, Condition, Entity, EventId, Feature, Object, Schema, TypeId, TypeKind,
};

mod json;

use json::Json;

/// Arrays nested deeper are left empty.
const ARRAYS: usize = 4;
/// Once an example holds this many values, further arrays are left empty.
const VALUES: usize = 120;
/// Types whose smallest value is nested deeper have no example.
const DEEPEST: usize = 64;
/// Types whose smallest value holds more values have no example.
const LARGEST: u32 = 1000;
/// Elements and branches that hold more values are not shown where there is a choice.
const HANDY: u32 = 40;

/// Makes examples for the commands and events of a schema.
#[derive(Debug)]
pub struct Examples<'s> {
    schema: &'s Schema,
    /// The number of values in a small value of each type, itself included; none if there is no such value.
    sizes: Vec<Option<u32>>,
}

impl<'s> Examples<'s> {
    /// Examples for this schema.
    pub fn new(schema: &'s Schema) -> Self {
        Self {
            schema,
            sizes: sizes(schema),
        }
    }

    /// Returns the message of a client; none if the command takes a type without values.
    pub fn request(&self, id: CommandId) -> Option<String> {
        let command = self.schema.command(id);
        let mut members = vec![("execute", Json::Text(command.name.clone()))];
        if let Some(arguments) = command.arguments {
            let arguments = self.value(arguments)?;
            if !arguments.is_empty() {
                members.push(("arguments", arguments));
            }
        }
        Some(json::print(&Json::object(members)))
    }

    /// Returns the server's answer on success; none if it then answers nothing, or a type without values.
    pub fn reply(&self, id: CommandId) -> Option<String> {
        let command = self.schema.command(id);
        if !command.success_response {
            return None;
        }
        let value = match command.returns {
            Some(returns) => self.value(returns)?,
            None => Json::Object(Vec::new()),
        };
        Some(json::print(&Json::object(vec![("return", value)])))
    }

    /// Returns the server's message when an event happens; none if it carries a type without values.
    pub fn event(&self, id: EventId) -> Option<String> {
        let event = self.schema.event(id);
        let mut members = vec![("event", Json::Text(event.name.clone()))];
        if let Some(data) = event.arguments {
            let data = self.value(data)?;
            if !data.is_empty() {
                members.push(("data", data));
            }
        }
        let timestamp = Json::object(vec![
            ("seconds", Json::Raw("1700000000")),
            ("microseconds", Json::Raw("123456")),
        ]);
        members.push(("timestamp", timestamp));
        Some(json::print(&Json::object(members)))
    }

    /// Request and reply, or an event, each after an arrow; none for types.
    pub(crate) fn conversation(&self, entity: Entity) -> Option<String> {
        let arrow = |arrow: &str, text: &str| {
            let text = text.replace('\n', "\n   ");
            format!("{arrow} {text}\n")
        };
        match entity {
            Entity::Command(id) => {
                let mut text = arrow("->", &self.request(id)?);
                if let Some(reply) = self.reply(id) {
                    text.push_str(&arrow("<-", &reply));
                }
                Some(text)
            }
            Entity::Event(id) => Some(arrow("<-", &self.event(id)?)),
            Entity::Type(_) | Entity::Include(_) => None,
        }
    }

    fn value(&self, id: TypeId) -> Option<Json> {
        self.size(id)?;
        let mut maker = Maker {
            examples: self,
            arrays: 0,
            values: 0,
        };
        Some(maker.value(id, "text"))
    }

    fn size(&self, id: TypeId) -> Option<u32> {
        self.sizes[id.index()]
    }
}

/// Makes one example.
struct Maker<'e, 's> {
    examples: &'e Examples<'s>,
    /// The number of arrays around the value.
    arrays: usize,
    /// The number of values so far.
    values: usize,
}

impl Maker<'_, '_> {
    /// Returns a value of a type that has one, for a member of this name.
    fn value(&mut self, id: TypeId, name: &str) -> Json {
        self.values += 1;
        match &self.examples.schema.ty(id).kind {
            TypeKind::Builtin(builtin) => scalar(*builtin, name),
            TypeKind::Array(array) => self.array(array.element, name),
            TypeKind::Enum(enum_) => {
                let values = enum_.values.iter();
                let best = values.min_by_key(|it| doubts(it.condition.as_ref(), &it.features));
                Json::Text(best.map_or_else(String::new, |value| value.name.clone()))
            }
            TypeKind::Alternate(alternate) => {
                let alternatives = alternate.alternatives.iter();
                let is_full = self.is_full();
                let best = alternatives.min_by_key(|it| {
                    let doubtful = !is_full && it.condition.is_some();
                    (doubtful, self.examples.cost(it.ty))
                });
                best.map_or(Json::Raw("null"), |it| self.value(it.ty, name))
            }
            TypeKind::Object(_) => {
                let mut members = Vec::new();
                self.members(id, &mut members);
                Json::Object(members)
            }
        }
    }

    /// Returns true if everything else should be as small as possible.
    fn is_full(&self) -> bool {
        self.values >= VALUES
    }

    fn array(&mut self, element: TypeId, name: &str) -> Json {
        if self.is_full() || self.arrays >= ARRAYS || self.examples.cost(element) > HANDY {
            return Json::Array(Vec::new());
        }
        self.arrays += 1;
        let element = self.value(element, name);
        self.arrays -= 1;
        Json::Array(vec![element])
    }

    /// Adds the mandatory members, those of the base first, those of a branch last.
    fn members(&mut self, id: TypeId, out: &mut Vec<(String, Json)>) {
        let TypeKind::Object(object) = &self.examples.schema.ty(id).kind else {
            return;
        };
        if let Some(base) = object.base {
            self.members(base, out);
        }
        for member in object.members.iter().filter(|member| !member.optional) {
            let value = self.value(member.ty, &member.name);
            out.push((member.name.clone(), value));
        }
        if let Some((name, branch)) = self.examples.best_branch(object, self.is_full()) {
            let discriminator = object.union_.iter().map(|union| &union.discriminator);
            for tag in discriminator {
                let value = Json::Text(name.to_owned());
                match out.iter_mut().find(|(member, _)| member == tag) {
                    Some((_, old)) => *old = value,
                    // An optional discriminator is written only here.
                    None => out.push((tag.clone(), value)),
                }
            }
            self.members(branch, out);
        }
    }
}

impl Examples<'_> {
    /// Returns the size for comparisons.
    fn cost(&self, id: TypeId) -> u32 {
        self.size(id).unwrap_or(u32::MAX)
    }

    /// Value and type of the branch to show: the smallest, or else one that always exists and has members, but not too many.
    fn best_branch<'a>(&self, object: &'a Object, smallest: bool) -> Option<(&'a str, TypeId)> {
        let union = object.union_.as_ref()?;
        let branches = union.branches.iter();
        let possible = branches.filter(|branch| self.size(branch.ty).is_some());
        let best = if smallest {
            possible.min_by_key(|branch| self.cost(branch.ty))
        } else {
            let TypeKind::Enum(tag) = &self.schema.ty(union.tag).kind else {
                return None;
            };
            let doubts: HashMap<_, _> = tag
                .values
                .iter()
                .map(|it| (&it.name, doubts(it.condition.as_ref(), &it.features)))
                .collect();
            possible.min_by_key(|branch| {
                let doubts = doubts.get(&branch.name);
                let is_empty = self.schema.flattened(branch.ty).is_empty();
                let is_large = self.cost(branch.ty) > HANDY;
                (branch.condition.is_some(), doubts, is_large, is_empty)
            })
        };
        best.map(|branch| (branch.name.as_str(), branch.ty))
    }
}

/// Reasons against showing something: it may not exist or should not be used.
fn doubts(condition: Option<&Condition>, features: &[Feature]) -> (u8, u8) {
    let special = features
        .iter()
        .filter(|feature| matches!(feature.name.as_str(), "deprecated" | "unstable"));
    let special = u8::from(special.count() > 0);
    (u8::from(condition.is_some()), special)
}

fn scalar(builtin: Builtin, name: &str) -> Json {
    match builtin {
        Builtin::Str | Builtin::Any => Json::Text(name.to_owned()),
        Builtin::Number => Json::Raw("0.5"),
        Builtin::Size => Json::Raw("4096"),
        Builtin::Bool => Json::Raw("true"),
        Builtin::Null => Json::Raw("null"),
        _ => Json::Raw("1"),
    }
}

/// Finds the types with values nested one deep, then those that need only these, and so on.
fn sizes(schema: &Schema) -> Vec<Option<u32>> {
    let mut sizes: Vec<Option<u32>> = vec![None; schema.types.len()];
    let mut open: Vec<usize> = (0..sizes.len()).collect();
    for _ in 0..DEEPEST {
        let found = open.iter().map(|index| {
            let size = size(&schema.types[*index].kind, &sizes);
            (*index, size.filter(|size| *size <= LARGEST))
        });
        let found: Vec<_> = found.collect();
        open = Vec::new();
        for (index, size) in &found {
            sizes[*index] = *size;
            if size.is_none() {
                open.push(*index);
            }
        }
        if open.len() == found.len() {
            break;
        }
    }
    sizes
}

/// Returns the size of a value made of values of the types that have a size.
fn size(kind: &TypeKind, sizes: &[Option<u32>]) -> Option<u32> {
    let of = |id: TypeId| sizes[id.index()];
    match kind {
        TypeKind::Builtin(_) | TypeKind::Array(_) => Some(1),
        TypeKind::Enum(enum_) => (!enum_.values.is_empty()).then_some(1),
        TypeKind::Alternate(alternate) => {
            let alternatives = alternate.alternatives.iter();
            alternatives.filter_map(|it| of(it.ty)).min()
        }
        TypeKind::Object(object) => {
            let mut size = 1u32;
            if let Some(base) = object.base {
                size = size.saturating_add(of(base)?);
            }
            for member in object.members.iter().filter(|member| !member.optional) {
                size = size.saturating_add(of(member.ty)?);
            }
            if let Some(union) = &object.union_ {
                let branches = union.branches.iter();
                size = size.saturating_add(branches.filter_map(|it| of(it.ty)).min()?);
            }
            Some(size)
        }
    }
}
