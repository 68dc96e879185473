//! Schemas and documents made up by random, the same ones in every run.

use std::fmt::Write as _;

use qapi_test_support::Random;

mod document;
mod mutate;

pub(crate) use document::document;
pub(crate) use mutate::mutate;

/// A schema that can be changed and printed.
#[derive(Clone, Default)]
pub(crate) struct Spec {
    types: Vec<TypeSpec>,
    commands: Vec<CommandSpec>,
    events: Vec<(String, Option<usize>)>,
    /// Makes names that are never used twice.
    names: usize,
}

#[derive(Clone)]
struct TypeSpec {
    name: String,
    body: Body,
    /// Mandatory members and branches are of types with lower ranks, so that values end.
    rank: f64,
}

#[derive(Clone)]
enum Body {
    Enum(Vec<Part>),
    Struct(Vec<MemberSpec>),
    Union {
        base: Vec<MemberSpec>,
        tag: String,
        tag_type: usize,
        branches: Vec<(String, usize)>,
    },
    Alternate(Vec<(String, Ref)>),
}

/// Name, condition and feature of a part.
#[derive(Clone, Default)]
struct Part {
    name: String,
    condition: Option<&'static str>,
    feature: Option<&'static str>,
}

#[derive(Clone)]
struct MemberSpec {
    part: Part,
    ty: Ref,
    optional: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Ref {
    Builtin(&'static str),
    Type(usize),
    Array(usize),
}

#[derive(Clone)]
struct CommandSpec {
    part: Part,
    data: Option<usize>,
    returns: Option<Ref>,
    flags: [bool; 4],
}

/// The flags of a command with the value that is not the default.
const FLAGS: [&str; 4] = [
    "'allow-oob': true",
    "'allow-preconfig': true",
    "'success-response': false",
    "'gen': false",
];

const BUILTINS: [&str; 10] = [
    "str", "int", "number", "bool", "any", "null", "uint8", "int32", "uint64", "size",
];
const CONDITIONS: [&str; 3] = ["HAVE_A", "HAVE_B", "HAVE_C"];
/// As they are written in a list.
const FEATURES: [&str; 6] = [
    "'deprecated'",
    "'unstable'",
    "'fast'",
    "'any-way'",
    "{ 'name': 'fast', 'if': 'HAVE_A' }",
    "{ 'name': 'fast', 'if': 'HAVE_B' }",
];

impl Spec {
    /// A schema with some of everything.
    pub(crate) fn new(random: &mut Random) -> Self {
        let mut spec = Self::default();
        for _ in 0..2 + random.below(2) {
            spec.add_enum(random);
        }
        for _ in 0..2 + random.below(3) {
            spec.add_struct(random);
        }
        for _ in 0..=random.below(2) {
            spec.add_union(random);
            spec.add_alternate(random);
            spec.add_struct(random);
        }
        for _ in 0..2 + random.below(3) {
            spec.add_command(random);
        }
        for _ in 0..=random.below(2) {
            spec.add_event(random);
        }
        for _ in 0..6 {
            spec.decorate(random);
        }
        spec
    }

    fn fresh(&mut self, stem: &str) -> String {
        self.names += 1;
        format!("{stem}{}", self.names)
    }

    fn add_type(&mut self, stem: &str, body: Body) -> usize {
        let name = self.fresh(stem);
        let rank = self.types.iter().map(|ty| ty.rank).fold(0.0, f64::max) + 1.0;
        self.types.push(TypeSpec { name, body, rank });
        self.types.len() - 1
    }

    fn add_enum(&mut self, random: &mut Random) {
        let values = (0..=random.below(4)).map(|_| self.part("value")).collect();
        self.add_type("Enum", Body::Enum(values));
    }

    fn add_struct(&mut self, random: &mut Random) {
        let rank = f64::INFINITY;
        let members = (0..random.below(4))
            .map(|_| self.member(random, rank))
            .collect();
        self.add_type("Struct", Body::Struct(members));
    }

    fn add_union(&mut self, random: &mut Random) {
        let enums = self.types_where(|body| matches!(body, Body::Enum(_)));
        let tag_type = *random.choose(&enums);
        let Body::Enum(values) = &self.types[tag_type].body else {
            unreachable!("it was chosen for being one");
        };
        let values: Vec<_> = values.iter().map(|value| value.name.clone()).collect();
        let tag = self.fresh("tag");
        let mut base: Vec<_> = (0..random.below(3))
            .map(|_| self.member(random, f64::INFINITY))
            .collect();
        base.push(MemberSpec {
            part: Part {
                name: tag.clone(),
                ..Part::default()
            },
            ty: Ref::Type(tag_type),
            optional: false,
        });
        let mut branches = Vec::new();
        for value in values {
            if !random.one_in(3) {
                self.add_struct(random);
                branches.push((value, self.types.len() - 1));
            }
        }
        let body = Body::Union {
            base,
            tag,
            tag_type,
            branches,
        };
        self.add_type("Union", body);
    }

    fn add_alternate(&mut self, random: &mut Random) {
        let structs = self.types_where(|body| matches!(body, Body::Struct(_)));
        let mut alternatives = vec![Ref::Builtin("str"), Ref::Type(*random.choose(&structs))];
        if random.one_in(2) {
            alternatives.push(Ref::Builtin("null"));
        }
        let alternatives = alternatives
            .into_iter()
            .map(|ty| (self.fresh("way"), ty))
            .collect();
        self.add_type("Alternate", Body::Alternate(alternatives));
    }

    fn add_command(&mut self, random: &mut Random) {
        let objects = self.objects();
        let command = CommandSpec {
            part: self.part("command"),
            data: (!random.one_in(4)).then(|| *random.choose(&objects)),
            returns: match random.below(3) {
                0 => None,
                1 => Some(Ref::Type(*random.choose(&objects))),
                _ => Some(self.reference(random, f64::INFINITY)),
            },
            flags: [(); 4].map(|()| random.one_in(6)),
        };
        self.commands.push(command);
    }

    fn add_event(&mut self, random: &mut Random) {
        let objects = self.objects();
        let name = self.fresh("EVENT");
        let data = (!random.one_in(4)).then(|| *random.choose(&objects));
        self.events.push((name, data));
    }

    fn part(&mut self, stem: &str) -> Part {
        Part {
            name: self.fresh(stem),
            ..Part::default()
        }
    }

    /// A member of a type with this rank.
    fn member(&mut self, random: &mut Random, rank: f64) -> MemberSpec {
        let ty = self.reference(random, rank);
        MemberSpec {
            part: self.part("member"),
            ty,
            optional: random.one_in(2),
        }
    }

    /// A type of a lower rank, or an array of any.
    fn reference(&self, random: &mut Random, rank: f64) -> Ref {
        let lower: Vec<_> = (0..self.types.len())
            .filter(|index| self.types[*index].rank < rank)
            .collect();
        if lower.is_empty() || random.one_in(3) {
            Ref::Builtin(random.choose::<&str>(&BUILTINS))
        } else if random.one_in(4) {
            Ref::Array(random.below(self.types.len()))
        } else {
            Ref::Type(*random.choose(&lower))
        }
    }

    fn types_where(&self, fits: fn(&Body) -> bool) -> Vec<usize> {
        (0..self.types.len())
            .filter(|index| fits(&self.types[*index].body))
            .collect()
    }

    fn objects(&self) -> Vec<usize> {
        self.types_where(|body| matches!(body, Body::Struct(_) | Body::Union { .. }))
    }

    fn rank(&self, ty: Ref) -> f64 {
        match ty {
            Ref::Builtin(_) | Ref::Array(_) => 0.0,
            Ref::Type(index) => self.types[index].rank,
        }
    }

    /// The schema language.
    pub(crate) fn to_text(&self) -> String {
        let mut out = String::new();
        for ty in &self.types {
            match &ty.body {
                Body::Enum(values) => {
                    let values: Vec<_> = values
                        .iter()
                        .map(|value| format!("{{ 'name': '{}'{} }}", value.name, extras(value)))
                        .collect();
                    let values = values.join(", ");
                    writeln!(out, "{{ 'enum': '{}', 'data': [ {values} ] }}", ty.name)
                }
                Body::Struct(members) => {
                    let members = self.members(members);
                    writeln!(out, "{{ 'struct': '{}', 'data': {{ {members} }} }}", ty.name)
                }
                Body::Union {
                    base,
                    tag,
                    branches,
                    ..
                } => {
                    let branches: Vec<_> = branches
                        .iter()
                        .map(|(value, ty)| format!("'{value}': '{}'", self.types[*ty].name))
                        .collect();
                    writeln!(
                        out,
                        "{{ 'union': '{}', 'base': {{ {} }}, 'discriminator': '{tag}', 'data': {{ {} }} }}",
                        ty.name,
                        self.members(base),
                        branches.join(", ")
                    )
                }
                Body::Alternate(alternatives) => {
                    let alternatives: Vec<_> = alternatives
                        .iter()
                        .map(|(name, ty)| format!("'{name}': {}", self.ty(*ty)))
                        .collect();
                    let data = alternatives.join(", ");
                    writeln!(out, "{{ 'alternate': '{}', 'data': {{ {data} }} }}", ty.name)
                }
            }
            .unwrap();
        }
        let names = self.commands.iter().map(|it| format!("'{}'", it.part.name));
        let names = names.collect::<Vec<_>>().join(", ");
        writeln!(
            out,
            "{{ 'pragma': {{ 'command-returns-exceptions': [ {names} ] }} }}"
        )
        .unwrap();
        for command in &self.commands {
            write!(out, "{{ 'command': '{}'", command.part.name).unwrap();
            if let Some(data) = command.data {
                write!(out, ", 'data': '{}', 'boxed': true", self.types[data].name).unwrap();
            }
            if let Some(returns) = command.returns {
                write!(out, ", 'returns': {}", self.ty(returns)).unwrap();
            }
            for (flag, text) in command.flags.iter().zip(FLAGS) {
                if *flag {
                    write!(out, ", {text}").unwrap();
                }
            }
            writeln!(out, "{} }}", extras(&command.part)).unwrap();
        }
        for (name, data) in &self.events {
            write!(out, "{{ 'event': '{name}'").unwrap();
            if let Some(data) = data {
                write!(out, ", 'data': '{}', 'boxed': true", self.types[*data].name).unwrap();
            }
            writeln!(out, " }}").unwrap();
        }
        out
    }

    fn members(&self, members: &[MemberSpec]) -> String {
        let members: Vec<_> = members
            .iter()
            .map(|member| {
                let star = if member.optional { "*" } else { "" };
                let (part, ty) = (&member.part, self.ty(member.ty));
                format!("'{star}{}': {{ 'type': {ty}{} }}", part.name, extras(part))
            })
            .collect();
        members.join(", ")
    }

    fn ty(&self, ty: Ref) -> String {
        match ty {
            Ref::Builtin(name) => format!("'{name}'"),
            Ref::Type(index) => format!("'{}'", self.types[index].name),
            Ref::Array(index) => format!("[ '{}' ]", self.types[index].name),
        }
    }
}

fn extras(part: &Part) -> String {
    let condition = part
        .condition
        .map(|condition| format!(", 'if': '{condition}'"));
    let feature = part
        .feature
        .map(|feature| format!(", 'features': [ {feature} ]"));
    format!(
        "{}{}",
        condition.unwrap_or_default(),
        feature.unwrap_or_default()
    )
}
