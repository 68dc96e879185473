//! The wire model of a server's description of itself: the reply to `query-qmp-schema` (docs/reference/language.md §8).

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fmt;
use std::rc::Rc;

use qapi_runtime::introspect::{
    EnumMember, Introspection, JsonType, MetaType, ObjectInfo, SchemaInfo,
};

use super::number::NumberType;
use super::shapes::{
    Alternative, Branch, Command, Event, Facts, Feature, Kind, Member, Model, Object, Shape, Type,
    TypeIx, Union, Value,
};

/// A server's description of itself, checked so that a wire model can be made from it.
#[derive(Debug)]
pub struct ServerSchema {
    introspection: Introspection,
    /// Positions of the entries that are types.
    types: HashMap<Box<str>, TypeIx>,
}

/// The reason why a document is not a description that can be compared.
#[derive(Debug)]
pub struct IntrospectionError(String);

impl fmt::Display for IntrospectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for IntrospectionError {}

impl ServerSchema {
    /// Reads the array of entries, bare or as the reply that carries it.
    pub fn parse(document: &[u8]) -> Result<Self, IntrospectionError> {
        let introspection = Introspection::parse(document).map_err(|error| {
            IntrospectionError(format!(
                "not the reply to `query-qmp-schema`: {}",
                error.explain()
            ))
        })?;
        Self::new(introspection)
    }

    /// Takes a description, if the wire model can be made of it.
    pub fn new(introspection: Introspection) -> Result<Self, IntrospectionError> {
        let mut types = HashMap::new();
        let mut roots = HashSet::new();
        for (index, entry) in (0..).zip(introspection.entries()) {
            let taken = if entry.meta_type.is_type() {
                types.insert(entry.name.clone(), TypeIx(index)).is_some()
            } else {
                !roots.insert(entry.name.clone())
            };
            if taken {
                return Err(IntrospectionError(format!(
                    "`{}` is described twice",
                    entry.name
                )));
            }
        }
        let schema = Self {
            introspection,
            types,
        };
        schema.lower()?;
        Ok(schema)
    }

    /// Returns the description.
    pub fn introspection(&self) -> &Introspection {
        &self.introspection
    }

    /// Returns the wire model. Widths of integers, suppressed replies and the like are not known.
    ///
    /// # Panics
    /// Never: the constructor has checked that every reference resolves.
    pub fn model(&self) -> Model<'_> {
        self.lower()
            .expect("construction made sure that every reference resolves")
    }

    fn lower(&self) -> Result<Model<'_>, IntrospectionError> {
        let entries = self.introspection.entries();
        let mut commands = Vec::new();
        let mut events = Vec::new();
        let mut types = Vec::with_capacity(entries.len() + 1);
        // Numbers of types are positions of entries, so every entry takes a place.
        for entry in entries {
            types.push(match &entry.meta_type {
                MetaType::Command {
                    arg_type,
                    ret_type,
                    allow_oob,
                } => {
                    commands.push(Command {
                        name: &entry.name,
                        arguments: self.refer(entry, arg_type)?,
                        reply: self.refer(entry, ret_type)?,
                        allow_oob: *allow_oob,
                        hidden: None,
                        facts: facts(entry.features.as_deref()),
                    });
                    Type::empty()
                }
                MetaType::Event { arg_type } => {
                    events.push(Event {
                        name: &entry.name,
                        data: self.refer(entry, arg_type)?,
                        facts: facts(entry.features.as_deref()),
                    });
                    Type::empty()
                }
                _ => Type {
                    name: real_name(entry),
                    shape: self.shape(entry)?,
                    features: features(entry.features.as_deref()),
                    span: None,
                },
            });
        }
        let empty = TypeIx(u32::try_from(types.len()).expect("documents are limited in size"));
        types.push(Type::empty());
        let model = Model::new(commands, events, types, empty, true);
        self.check_kinds(&model)?;
        Ok(model)
    }

    /// Arguments, data and branches must be objects, or nothing could be said about them.
    fn check_kinds(&self, model: &Model<'_>) -> Result<(), IntrospectionError> {
        let object = |ix: TypeIx, whose: &str, what: &str| {
            if model.object(ix).is_some() {
                Ok(())
            } else {
                Err(IntrospectionError(format!(
                    "the {what} of `{whose}` has a type that is not an object"
                )))
            }
        };
        for command in &model.commands {
            object(command.arguments, command.name, "arguments")?;
        }
        for event in &model.events {
            object(event.data, event.name, "data")?;
        }
        for (entry, ty) in self.introspection.entries().iter().zip(&model.types) {
            if let Shape::Object(Object {
                union_: Some(union),
                ..
            }) = &ty.shape
            {
                for branch in &union.branches {
                    object(branch.ty, &entry.name, "variant")?;
                }
            }
        }
        Ok(())
    }

    fn refer(&self, entry: &SchemaInfo, name: &str) -> Result<TypeIx, IntrospectionError> {
        self.types.get(name).copied().ok_or_else(|| {
            IntrospectionError(format!(
                "`{}` refers to type `{name}`, which is not described",
                entry.name
            ))
        })
    }

    fn shape<'s>(&'s self, entry: &'s SchemaInfo) -> Result<Shape<'s>, IntrospectionError> {
        Ok(match &entry.meta_type {
            MetaType::Builtin(JsonType::String) => Shape::Str,
            MetaType::Builtin(JsonType::Boolean) => Shape::Bool,
            MetaType::Builtin(JsonType::Null) => Shape::Null,
            MetaType::Builtin(JsonType::Number) => Shape::Number(NumberType::Real),
            MetaType::Builtin(JsonType::Int) => Shape::Number(NumberType::SomeInteger),
            MetaType::Array { element_type } => Shape::Array(self.refer(entry, element_type)?),
            MetaType::Enum(values) => Shape::Enum(values.iter().map(value).collect()),
            MetaType::Alternate(types) => Shape::Alternate(self.alternatives(entry, types)?),
            MetaType::Object(object) => Shape::Object(Object {
                members: self.members(entry, object)?,
                union_: self.union_(entry, object)?,
            }),
            MetaType::Unlisted(name) => {
                return Err(IntrospectionError(format!(
                    "`{}` has the unknown meta-type `{name}`",
                    entry.name
                )));
            }
            // The format allows objects and arrays as built-in types, but there are none.
            _ => Shape::Any,
        })
    }

    fn members<'s>(
        &self,
        entry: &SchemaInfo,
        object: &'s ObjectInfo,
    ) -> Result<Vec<Rc<Member<'s>>>, IntrospectionError> {
        let members = object.members.iter();
        members
            .map(|member| {
                Ok(Rc::new(Member {
                    name: &member.name,
                    ty: self.refer(entry, &member.type_name)?,
                    optional: member.optional,
                    facts: facts(member.features.as_deref()),
                }))
            })
            .collect()
    }

    fn union_<'s>(
        &'s self,
        entry: &SchemaInfo,
        object: &'s ObjectInfo,
    ) -> Result<Option<Union<'s>>, IntrospectionError> {
        let Some(tag) = &object.tag else {
            return Ok(None);
        };
        let values: HashMap<_, _> = self
            .tag_values(object, tag)
            .iter()
            .map(|value| (&value.name, value))
            .collect();
        let variants = object.variants.iter();
        let branches = variants
            .map(|variant| {
                let value = values.get(&variant.case);
                Ok(Branch {
                    value: &variant.case,
                    ty: self.refer(entry, &variant.type_name)?,
                    // They follow from the type of the discriminator.
                    facts: facts(value.and_then(|value| value.features.as_deref())),
                    content: None,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Some(Union { tag, branches }))
    }

    /// Returns the values of a discriminator.
    fn tag_values<'s>(&'s self, object: &'s ObjectInfo, tag: &str) -> &'s [EnumMember] {
        let tag = object.members.iter().find(|member| *member.name == *tag);
        let entry = tag.and_then(|member| self.types.get(&member.type_name));
        match entry.map(|ix| &self.introspection.entries()[ix.index()].meta_type) {
            Some(MetaType::Enum(values)) => values,
            _ => &[],
        }
    }

    fn alternatives<'s>(
        &self,
        entry: &SchemaInfo,
        types: &[Box<str>],
    ) -> Result<Vec<Alternative<'s>>, IntrospectionError> {
        let mut alternatives: Vec<Alternative<'s>> = Vec::new();
        for name in types {
            let ty = self.refer(entry, name)?;
            let meta_type = &self.introspection.entries()[ty.index()].meta_type;
            let kind = kind(meta_type).ok_or_else(|| {
                IntrospectionError(format!(
                    "the type of an alternative of `{}` has no distinct JSON kind",
                    entry.name
                ))
            })?;
            if alternatives.iter().any(|other| other.kind == kind) {
                return Err(IntrospectionError(format!(
                    "`{}` has two alternatives for {}",
                    entry.name,
                    kind.as_str()
                )));
            }
            alternatives.push(Alternative {
                kind,
                ty,
                facts: Facts::default(),
            });
        }
        Ok(alternatives)
    }
}

fn value(value: &EnumMember) -> Value<'_> {
    Value {
        name: &value.name,
        facts: facts(value.features.as_deref()),
    }
}

fn kind(meta_type: &MetaType) -> Option<Kind> {
    match meta_type {
        MetaType::Enum(_) | MetaType::Builtin(JsonType::String) => Some(Kind::String),
        MetaType::Array { .. } => Some(Kind::Array),
        MetaType::Object(_) => Some(Kind::Object),
        MetaType::Builtin(JsonType::Boolean) => Some(Kind::Boolean),
        MetaType::Builtin(JsonType::Null) => Some(Kind::Null),
        MetaType::Builtin(JsonType::Number | JsonType::Int) => Some(Kind::Number),
        _ => None,
    }
}

/// Servers mask the names of types with numbers; names of arrays are made from these.
fn real_name(entry: &SchemaInfo) -> Option<&str> {
    let definition = matches!(
        entry.meta_type,
        MetaType::Enum(_) | MetaType::Object(_) | MetaType::Alternate(_)
    );
    let name = &entry.name;
    let masked = name.bytes().all(|byte| byte.is_ascii_digit()) || name.starts_with("q_");
    (definition && !masked).then_some(name)
}

fn facts(names: Option<&[Box<str>]>) -> Facts<'_> {
    Facts {
        features: features(names),
        ..Facts::default()
    }
}

fn features(names: Option<&[Box<str>]>) -> Vec<Feature<'_>> {
    let names = names.unwrap_or_default().iter();
    names
        .map(|name| Feature {
            name,
            condition: None,
            span: None,
        })
        .collect()
}
