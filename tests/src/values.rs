//! Random JSON values of the types of a schema, valid ones and ones with a mistake.

use qapi_parser::ir::{Builtin, Enum, Member, Object, Schema, TypeId, TypeKind};
use serde_json::{Map, Value, json};

use crate::generate::Random;

/// Levels below which values are as small as they can be: types may be recursive.
const DEPTH: usize = 5;

/// Makes values for the types of one schema, the same ones for the same seed.
#[derive(Debug)]
pub struct Values<'s> {
    schema: &'s Schema,
    /// Nesting of the smallest value of each type; none if it has no value.
    heights: Vec<Option<usize>>,
    rng: Random,
    /// Objects get members, and enumerations values, that are not in the schema.
    news: bool,
}

impl<'s> Values<'s> {
    /// Values that fit.
    pub fn new(schema: &'s Schema) -> Self {
        Self {
            schema,
            heights: heights(schema),
            rng: Random::new(0),
            news: false,
        }
    }

    /// Begins anew: what follows hangs on the seed alone.
    pub fn seed(&mut self, seed: u64) -> &mut Self {
        self.rng = Random::new(seed);
        self
    }

    /// Values as a server of the future may send them.
    #[must_use]
    pub fn with_news(mut self) -> Self {
        self.news = true;
        self
    }

    /// Returns a value of a type; none if the type has none, as an enumeration without values.
    pub fn value(&mut self, ty: TypeId) -> Option<Value> {
        self.heights[ty.index()]?;
        Some(self.nested(ty, 0))
    }

    fn nested(&mut self, ty: TypeId, depth: usize) -> Value {
        let schema = self.schema;
        match &schema.ty(ty).kind {
            TypeKind::Builtin(builtin) => self.builtin(*builtin),
            TypeKind::Enum(enum_) => self.listed(enum_),
            TypeKind::Array(array) => {
                let fits = depth < DEPTH && self.heights[array.element.index()].is_some();
                let length = if fits { self.rng.below(4) } else { 0 };
                let elements = (0..length).map(|_| self.nested(array.element, depth + 1));
                Value::Array(elements.collect())
            }
            TypeKind::Alternate(alternate) => {
                let choices: Vec<_> = alternate.alternatives.iter().map(|it| it.ty).collect();
                let ty = self.choose(&choices, depth);
                self.nested(ty, depth + 1)
            }
            TypeKind::Object(object) => {
                let mut values = Map::new();
                self.members(ty, object, depth, &mut values);
                if self.news && self.rng.chance(30) {
                    values.insert("x-of-the-future".to_owned(), self.any(0));
                }
                Value::Object(values)
            }
        }
    }

    /// Adds the members of an object: common ones, and those of a branch.
    fn members(
        &mut self,
        ty: TypeId,
        object: &Object,
        depth: usize,
        values: &mut Map<String, Value>,
    ) {
        let schema = self.schema;
        for (_, member) in schema.flattened(ty) {
            if self.has(member, depth) {
                values.insert(member.name.clone(), self.nested(member.ty, depth + 1));
            }
        }
        let Some(union) = &object.union_ else { return };
        if self.news && self.rng.chance(20) {
            let tag = format!("{}-x", self.text());
            values.insert(union.discriminator.clone(), tag.into());
            return;
        }
        let choices: Vec<_> = union.branches.iter().map(|it| it.ty).collect();
        let chosen = self.choose(&choices, depth);
        let mut branches = union
            .branches
            .iter()
            .filter(|it| it.ty == chosen)
            .collect::<Vec<_>>();
        // Several values may select the same type.
        self.rng.shuffle(&mut branches);
        values.insert(union.discriminator.clone(), branches[0].name.clone().into());
        if let TypeKind::Object(branch) = &schema.ty(chosen).kind {
            self.members(chosen, branch, depth, values);
        }
    }

    fn has(&mut self, member: &Member, depth: usize) -> bool {
        if !member.optional {
            return true;
        }
        depth < DEPTH && self.heights[member.ty.index()].is_some() && self.rng.chance(50)
    }

    /// Returns any of several types that have values, the smallest one deep down.
    fn choose(&mut self, choices: &[TypeId], depth: usize) -> TypeId {
        let height = |ty: &TypeId| self.heights[ty.index()];
        let possible: Vec<_> = choices
            .iter()
            .copied()
            .filter(|ty| height(ty).is_some())
            .collect();
        let smallest = possible.iter().copied().min_by_key(|ty| height(ty));
        let chosen = if depth < DEPTH {
            self.rng.pick(&possible).copied()
        } else {
            smallest
        };
        chosen.expect("a type with values has a choice with values")
    }

    fn listed(&mut self, enum_: &Enum) -> Value {
        if self.news && self.rng.chance(20) {
            return format!("{}-x", self.text()).into();
        }
        let value = self.rng.pick(&enum_.values);
        value.expect("it has values").name.clone().into()
    }

    fn builtin(&mut self, builtin: Builtin) -> Value {
        match builtin {
            Builtin::Str => self.text().into(),
            Builtin::Bool => self.rng.chance(50).into(),
            Builtin::Null => Value::Null,
            Builtin::Any => self.any(0),
            Builtin::Number => {
                // Exact in any decimal form, so that other parsers agree.
                let numbers = [
                    json!(0.5),
                    json!(-1.25),
                    json!(3),
                    json!(-7),
                    json!(65536.125),
                ];
                self.rng.pick(&numbers).expect("there are some").clone()
            }
            Builtin::Int8 => self.integer(i8::MIN.into(), i8::MAX.into()),
            Builtin::Int16 => self.integer(i16::MIN.into(), i16::MAX.into()),
            Builtin::Int32 => self.integer(i32::MIN.into(), i32::MAX.into()),
            Builtin::Int | Builtin::Int64 => self.integer(i64::MIN.into(), i64::MAX.into()),
            Builtin::Uint8 => self.integer(0, u8::MAX.into()),
            Builtin::Uint16 => self.integer(0, u16::MAX.into()),
            Builtin::Uint32 => self.integer(0, u32::MAX.into()),
            Builtin::Uint64 | Builtin::Size => self.integer(0, u64::MAX.into()),
        }
    }

    /// Returns an integer of a range, often one of its edges or one that no double holds.
    fn integer(&mut self, least: i128, greatest: i128) -> Value {
        let random = least + i128::from(self.rng.number()) % (greatest - least + 1);
        let chosen = match self.rng.below(6) {
            0 => least,
            1 => greatest,
            2 => (1 << 53) + 1,
            3 => i128::from(i64::MAX) + 1,
            4 => 0,
            _ => random,
        };
        integer(if (least..=greatest).contains(&chosen) {
            chosen
        } else {
            random
        })
    }

    fn text(&mut self) -> String {
        const PIECES: [&str; 10] = [
            "a",
            "disk0",
            " ",
            "\0",
            "\"\\/",
            "\u{1}\t\r\n\u{1f}\u{7f}",
            "äß",
            "日本",
            "\u{1F600}\u{10FFFD}",
            "\u{2028}\u{FEFF}",
        ];
        let count = if self.rng.chance(5) {
            80
        } else {
            self.rng.below(4)
        };
        let pieces = (0..count).map(|_| *self.rng.pick(&PIECES).expect("there are some"));
        pieces.collect()
    }

    /// Returns a value that no schema describes.
    fn any(&mut self, depth: usize) -> Value {
        let kinds = if depth < 3 { 9 } else { 7 };
        match self.rng.below(kinds) {
            0 => Value::Null,
            1 => self.rng.chance(50).into(),
            2 => self.integer(i64::MIN.into(), -1),
            3 => self.integer(0, u64::MAX.into()),
            4 => json!(0.125),
            5 | 6 => self.text().into(),
            7 => {
                let length = self.rng.below(3);
                Value::Array((0..length).map(|_| self.any(depth + 1)).collect())
            }
            _ => {
                let length = self.rng.below(3);
                let members = (0..length).map(|_| (self.text(), self.any(depth + 1)));
                Value::Object(members.collect())
            }
        }
    }

    /// Changes something about a value that may well make it invalid: a value of another kind, a missing or an unknown
    /// member, another text or number.
    pub fn spoil(&mut self, value: &mut Value) {
        let count = nodes(value);
        let chosen = self.rng.below(count);
        let mut number = 0;
        let Some(node) = find(value, chosen, &mut number) else {
            return;
        };
        match node {
            Value::Object(members) if self.rng.chance(80) => {
                let names: Vec<_> = members.keys().cloned().collect();
                match (self.rng.pick(&names).cloned(), self.rng.below(3)) {
                    (Some(name), 0) => {
                        members.remove(&name);
                    }
                    (Some(name), 1) => {
                        let value = members.remove(&name).unwrap_or_default();
                        members.insert(format!("{name}x"), value);
                    }
                    _ => {
                        members.insert("unknown".to_owned(), self.any(1));
                    }
                }
            }
            Value::String(text) if self.rng.chance(60) => text.push('x'),
            Value::Number(_) if self.rng.chance(60) => {
                let edges = [
                    -1,
                    256,
                    1 << 16,
                    1 << 32,
                    1 << 63,
                    -(1 << 63),
                    (1 << 64) - 1,
                    -129,
                ];
                let edge = self.rng.pick(&edges).copied();
                *node = integer(edge.unwrap_or_default());
            }
            node => *node = self.any(1),
        }
    }
}

/// Returns a JSON integer of at most 64 bits.
fn integer(value: i128) -> Value {
    match (i64::try_from(value), u64::try_from(value)) {
        (Ok(value), _) => value.into(),
        (_, Ok(value)) => value.into(),
        _ => Value::Null,
    }
}

/// Number of values in a value, itself included.
fn nodes(value: &Value) -> usize {
    1 + match value {
        Value::Array(elements) => elements.iter().map(nodes).sum(),
        Value::Object(members) => members.values().map(nodes).sum::<usize>(),
        _ => 0,
    }
}

/// Returns the value of this number among those in a value.
fn find<'v>(value: &'v mut Value, wanted: usize, number: &mut usize) -> Option<&'v mut Value> {
    if *number == wanted {
        return Some(value);
    }
    *number += 1;
    match value {
        Value::Array(elements) => elements.iter_mut().find_map(|it| find(it, wanted, number)),
        Value::Object(members) => members.values_mut().find_map(|it| find(it, wanted, number)),
        _ => None,
    }
}

/// Finds the types with values nested no further, then those that need only these, and so on.
fn heights(schema: &Schema) -> Vec<Option<usize>> {
    let mut heights: Vec<Option<usize>> = vec![None; schema.types.len()];
    for height in 0.. {
        let ids = (0..).map(TypeId).take(schema.types.len());
        let reached: Vec<_> = ids
            .filter(|id| heights[id.index()].is_none() && has_value(schema, *id, &heights))
            .collect();
        if reached.is_empty() {
            break;
        }
        for id in reached {
            heights[id.index()] = Some(height);
        }
    }
    heights
}

/// Returns true if a value can be made of values of the types that have a height.
fn has_value(schema: &Schema, id: TypeId, heights: &[Option<usize>]) -> bool {
    let made = |ty: TypeId| heights[ty.index()].is_some();
    match &schema.ty(id).kind {
        TypeKind::Builtin(_) | TypeKind::Array(_) => true,
        TypeKind::Enum(enum_) => !enum_.values.is_empty(),
        TypeKind::Alternate(alternate) => alternate.alternatives.iter().any(|it| made(it.ty)),
        TypeKind::Object(object) => {
            let members = schema.flattened(id);
            let mut mandatory = members.iter().filter(|(_, member)| !member.optional);
            let branches = object.union_.iter().flat_map(|union| &union.branches);
            mandatory.all(|(_, member)| made(member.ty))
                && (object.union_.is_none() || branches.map(|it| it.ty).any(made))
        }
    }
}
