//! Puts a random schema together, rule by rule, so that it is valid.

use std::collections::BTreeSet;

use qapi_parser::ir::Builtin;

use super::model::{Types, c_name};
use super::{
    Alternative, Arguments, Base, Body, Branch, CommandFlags, Condition, Definition, EnumValue,
    Feature, Member, Model, Settings, TypeRef, names,
};
use crate::Random;

/// Returns a random schema.
pub(super) fn model(rng: &mut Random, settings: &Settings) -> Model {
    let mut builder = Builder::new(rng, settings);
    for index in 0..builder.names.enums.len() {
        builder.enum_(index);
    }
    for index in 0..builder.names.structs.len() {
        builder.struct_(index);
    }
    for index in 0..builder.names.unions.len() {
        builder.union_(index);
    }
    for index in 0..builder.names.alternates.len() {
        builder.alternate(index);
    }
    for _ in 0..=settings.definitions / 4 {
        builder.command();
        builder.event();
    }
    let mut model = builder.model;
    rng.shuffle(&mut model.definitions);
    model
}

/// Names of types to come: members may refer to any of them.
#[derive(Default)]
struct Names {
    enums: Vec<String>,
    structs: Vec<String>,
    unions: Vec<String>,
    alternates: Vec<String>,
}

struct Builder<'r> {
    rng: &'r mut Random,
    model: Model,
    names: Names,
    /// Names of definitions.
    taken: BTreeSet<String>,
    /// Names of features: a schema has at most 64.
    features: Vec<String>,
}

impl<'r> Builder<'r> {
    fn new(rng: &'r mut Random, settings: &Settings) -> Self {
        let mut taken: BTreeSet<String> = Builtin::ALL.map(|it| it.as_str().to_owned()).into();
        taken.insert("QType".to_owned());
        let features = (0..8).map(|_| names::member(rng)).collect();
        let mut builder = Self {
            rng,
            model: Model::default(),
            names: Names::default(),
            taken,
            features,
        };
        let share = settings.definitions / 6;
        builder.names = Names {
            enums: builder.type_names(1 + share),
            structs: builder.type_names(2 + 2 * share),
            unions: builder.type_names(1 + share),
            alternates: builder.type_names(share),
        };
        builder
    }

    fn type_names(&mut self, at_most: usize) -> Vec<String> {
        let count = self.rng.between(1, at_most.max(1));
        (0..count)
            .map(|_| self.definition_name(names::ty))
            .collect()
    }

    /// Returns a name that no other definition has.
    fn definition_name(&mut self, make: impl Fn(&mut Random) -> String) -> String {
        loop {
            let name = make(self.rng);
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }

    fn define(&mut self, name: String, body: Body) {
        let special = matches!(body, Body::Command { .. } | Body::Event { .. });
        let definition = Definition {
            name,
            body,
            condition: self.condition(15),
            features: self.features(15, special),
        };
        self.model.definitions.push(definition);
    }

    fn condition(&mut self, percent: usize) -> Option<Condition> {
        self.rng.chance(percent).then(|| condition(self.rng, 0))
    }

    fn features(&mut self, percent: usize, special: bool) -> Vec<Feature> {
        let mut features: Vec<Feature> = Vec::new();
        while self.rng.chance(percent) {
            let name = match self.rng.below(4) {
                0 if special => "deprecated",
                1 if special => "unstable",
                _ => self.rng.pick(&self.features).expect("there are names"),
            };
            if features
                .iter()
                .all(|other| c_name(&other.name) != c_name(name))
            {
                let name = name.to_owned();
                let condition = self.condition(20);
                features.push(Feature { name, condition });
            }
        }
        features
    }

    fn enum_(&mut self, index: usize) {
        let name = self.names.enums[index].clone();
        let odd = self.rng.chance(10);
        let count = if self.rng.chance(3) {
            0
        } else {
            self.rng.between(1, 8)
        };
        let mut taken = BTreeSet::new();
        let mut values = Vec::new();
        for _ in 0..count {
            let name = if odd {
                names::odd(self.rng)
            } else {
                names::value(self.rng)
            };
            if taken.insert(c_name(&name)) {
                values.push(EnumValue {
                    name,
                    condition: self.condition(10),
                    features: self.features(10, true),
                });
            }
        }
        if odd {
            self.model.pragmas.member_names.push(name.clone());
        }
        let prefix = self.rng.chance(10).then(|| "PREFIX".to_owned());
        self.define(name, Body::Enum { prefix, values });
    }

    fn struct_(&mut self, index: usize) {
        let name = self.names.structs[index].clone();
        let base = match self.rng.pick(&self.names.structs[..index]) {
            Some(base) if self.rng.chance(30) => Some(base.clone()),
            _ => None,
        };
        let mut taken = base
            .as_ref()
            .map_or_else(BTreeSet::new, |base| self.common_names(base));
        let odd = self.rng.chance(10);
        let mut members = self.members(&mut taken, true);
        if odd {
            let member_name = names::odd(self.rng);
            if taken.insert(c_name(&member_name)) {
                let ty = self.member_type();
                members.push(plain_member(member_name, ty));
            }
            self.model.pragmas.member_names.push(name.clone());
        }
        self.define(name, Body::Struct { base, members });
    }

    /// C names of the members of a struct and its bases.
    fn common_names(&self, name: &str) -> BTreeSet<String> {
        let types = Types::of(&self.model.definitions);
        types
            .flattened(name)
            .into_iter()
            .map(|member| c_name(&member.name))
            .collect()
    }

    fn members(&mut self, taken: &mut BTreeSet<String>, conditional: bool) -> Vec<Member> {
        let mut members = Vec::new();
        for _ in 0..self.rng.below(6) {
            let name = names::member(self.rng);
            if taken.insert(c_name(&name)) {
                members.push(Member {
                    optional: self.rng.chance(40),
                    ty: self.member_type(),
                    condition: if conditional {
                        self.condition(10)
                    } else {
                        None
                    },
                    features: self.features(10, true),
                    name,
                });
            }
        }
        members
    }

    fn member_type(&mut self) -> TypeRef {
        let array = self.rng.chance(25);
        let pool = match self.rng.below(8) {
            0 => &self.names.enums,
            1 => &self.names.structs,
            2 => &self.names.unions,
            3 => &self.names.alternates,
            4 => &vec!["QType".to_owned()],
            _ => &Builtin::ALL.map(|it| it.as_str().to_owned()).to_vec(),
        };
        let name = self.rng.pick(pool).map_or("str", String::as_str).to_owned();
        TypeRef { name, array }
    }

    fn enum_values(&self, name: &str) -> Vec<String> {
        let found = self.model.definitions.iter().find(|it| it.name == name);
        match found.map(|definition| &definition.body) {
            Some(Body::Enum { values, .. }) => values.iter().map(|it| it.name.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// Members that select a branch, with their enumerations, among those of a struct.
    fn tags(&self, members: &[&Member]) -> Vec<(String, String)> {
        members
            .iter()
            .filter(|it| !it.optional && it.condition.is_none() && !it.ty.array)
            .filter(|it| !self.enum_values(&it.ty.name).is_empty())
            .map(|it| (it.name.clone(), it.ty.name.clone()))
            .collect()
    }

    fn union_(&mut self, index: usize) {
        let name = self.names.unions[index].clone();
        let (base, discriminator, tag, common) = self.union_base();
        let mut values = self.enum_values(&tag);
        self.rng.shuffle(&mut values);
        values.truncate(self.rng.between(0, values.len()));
        let mut branches = Vec::new();
        for value in values {
            if let Some(ty) = self.branch_type(index, &common) {
                let condition = self.condition(10);
                branches.push(Branch {
                    name: value,
                    ty,
                    condition,
                });
            }
        }
        self.define(
            name,
            Body::Union {
                base,
                discriminator,
                branches,
            },
        );
    }

    /// Returns a base with its discriminator, the enumeration of that and the C names of its members.
    fn union_base(&mut self) -> (Base, String, String, BTreeSet<String>) {
        let types = Types::of(&self.model.definitions);
        let candidates: Vec<_> = self
            .names
            .structs
            .iter()
            .flat_map(|name| {
                let tags = self.tags(&types.flattened(name));
                tags.into_iter()
                    .map(move |(tag, enum_)| (name.clone(), tag, enum_))
            })
            .collect();
        if self.rng.chance(40)
            && let Some((name, tag, enum_)) = self.rng.pick(&candidates)
        {
            let common = self.common_names(name);
            return (
                Base::Named(name.clone()),
                tag.clone(),
                enum_.clone(),
                common,
            );
        }
        let enum_ = self.enum_with_values();
        let mut common = BTreeSet::from(["tag".to_owned()]);
        let mut members = self.members(&mut common, true);
        let at = self.rng.between(0, members.len());
        members.insert(
            at,
            plain_member(
                "tag".to_owned(),
                TypeRef {
                    name: enum_.clone(),
                    array: false,
                },
            ),
        );
        (Base::Inline(members), "tag".to_owned(), enum_, common)
    }

    /// Returns an enumeration that has values: the predefined one if no other has.
    fn enum_with_values(&mut self) -> String {
        let filled: Vec<_> = self
            .names
            .enums
            .iter()
            .filter(|it| !self.enum_values(it).is_empty())
            .collect();
        self.rng
            .pick(&filled)
            .map_or("QType", |name| name.as_str())
            .to_owned()
    }

    /// Returns a struct, or a union defined before, none of whose members clashes with common ones.
    fn branch_type(&mut self, union: usize, common: &BTreeSet<String>) -> Option<String> {
        let types = Types::of(&self.model.definitions);
        let candidates: Vec<_> = self
            .names
            .structs
            .iter()
            .chain(&self.names.unions[..union])
            .filter(|name| {
                types
                    .all_names(name)
                    .iter()
                    .all(|member| !common.contains(&c_name(member)))
            })
            .collect();
        self.rng.pick(&candidates).map(|name| (*name).clone())
    }

    fn alternate(&mut self, index: usize) {
        let name = self.names.alternates[index].clone();
        let mut occupied = BTreeSet::new();
        let mut taken = BTreeSet::new();
        let mut alternatives = Vec::new();
        while alternatives.is_empty() || self.rng.chance(60) && occupied.len() < 6 {
            let ty = self.member_type();
            let name = names::member(self.rng);
            let kinds = self.kinds(&ty);
            if kinds.is_empty() || !occupied.is_disjoint(&kinds) || !taken.insert(c_name(&name)) {
                continue;
            }
            occupied.extend(kinds);
            let condition = self.condition(10);
            alternatives.push(Alternative {
                name,
                ty,
                condition,
            });
        }
        self.define(name, Body::Alternate { alternatives });
    }

    /// Returns the kinds of JSON that a type takes in an alternate; none if it is not allowed there.
    fn kinds(&self, ty: &TypeRef) -> BTreeSet<&'static str> {
        if ty.array {
            return BTreeSet::from(["array"]);
        }
        let name = ty.name.as_str();
        match name {
            "any" => BTreeSet::new(),
            "null" => BTreeSet::from(["null"]),
            "bool" => BTreeSet::from(["bool"]),
            "str" => BTreeSet::from(["string", "number", "bool"]),
            "QType" => BTreeSet::from(["string"]),
            _ if Builtin::ALL.iter().any(|it| it.as_str() == name) => BTreeSet::from(["number"]),
            _ if self.names.alternates.iter().any(|it| it == name) => BTreeSet::new(),
            _ if self.names.enums.iter().any(|it| it == name) => {
                let values = self.enum_values(name);
                let mut kinds = BTreeSet::from(["string"]);
                if values.iter().any(|value| value == "on" || value == "off") {
                    kinds.insert("bool");
                }
                if values
                    .iter()
                    .any(|value| value.starts_with(|c: char| c.is_ascii_digit()))
                {
                    kinds.insert("number");
                }
                kinds
            }
            _ => BTreeSet::from(["object"]),
        }
    }

    fn arguments(&mut self) -> Arguments {
        let types = Types::of(&self.model.definitions);
        match self.rng.below(10) {
            0 | 1 => Arguments::None,
            2 | 3 => {
                let name = self
                    .rng
                    .pick(&self.names.structs)
                    .expect("there is a struct")
                    .clone();
                let conditional = types
                    .flattened(&name)
                    .iter()
                    .any(|it| it.condition.is_some());
                if conditional {
                    Arguments::Boxed(name)
                } else {
                    Arguments::Named(name)
                }
            }
            4 => Arguments::Boxed(
                self.rng
                    .pick(&self.names.unions)
                    .expect("there is a union")
                    .clone(),
            ),
            _ => Arguments::Inline(self.members(&mut BTreeSet::new(), false)),
        }
    }

    fn command(&mut self) {
        let odd = self.rng.chance(10);
        let name = self.definition_name(|rng| names::command(rng, odd));
        if odd {
            self.model.pragmas.command_names.push(name.clone());
        }
        let arguments = self.arguments();
        let returns = match self.rng.below(10) {
            0..=3 => None,
            4 => {
                self.model.pragmas.command_returns.push(name.clone());
                Some(self.member_type())
            }
            choice => {
                let pool = if choice < 8 {
                    &self.names.structs
                } else {
                    &self.names.unions
                };
                let name = self.rng.pick(pool).expect("there is one of each").clone();
                Some(TypeRef {
                    name,
                    array: self.rng.chance(30),
                })
            }
        };
        let flags = self.command_flags();
        let body = Body::Command {
            arguments,
            returns,
            flags,
        };
        self.define(name, body);
    }

    fn command_flags(&mut self) -> CommandFlags {
        let (allow_oob, coroutine) = match self.rng.below(10) {
            0 => (true, false),
            1 => (false, true),
            _ => (false, false),
        };
        CommandFlags {
            no_gen: self.rng.chance(5),
            no_success_response: self.rng.chance(10),
            allow_oob,
            allow_preconfig: self.rng.chance(20),
            coroutine,
        }
    }

    fn event(&mut self) {
        let name = self.definition_name(names::event);
        let arguments = self.arguments();
        self.define(name, Body::Event { arguments });
    }
}

/// Returns a mandatory member without anything else.
fn plain_member(name: String, ty: TypeRef) -> Member {
    Member {
        name,
        optional: false,
        ty,
        condition: None,
        features: Vec::new(),
    }
}

fn condition(rng: &mut Random, depth: usize) -> Condition {
    let parts = |rng: &mut Random| {
        let count = rng.between(1, 3);
        (0..count).map(|_| condition(rng, depth + 1)).collect()
    };
    match rng.below(if depth < 3 { 8 } else { 1 }) {
        5 => Condition::All(parts(rng)),
        6 => Condition::Any(parts(rng)),
        7 => Condition::Not(Box::new(condition(rng, depth + 1))),
        _ => Condition::Symbol(names::symbol(rng)),
    }
}
