//! A server's description of itself: the reply to `query-qmp-schema` (language.md §8).

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fmt;
use std::rc::Rc;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::number::NumberType;
use super::shapes::{
    Alternative, Branch, Command, Event, Facts, Feature, Kind, Member, Model, Object, Shape, Type,
    TypeIx, Union, Value,
};

/// The entries of an introspection reply.
#[derive(Debug)]
pub struct Introspection {
    entries: Vec<SchemaInfo>,
    /// Positions of the entries that are types.
    types: HashMap<String, TypeIx>,
}

/// Why a document is no introspection reply.
#[derive(Debug)]
pub struct IntrospectionError(String);

impl fmt::Display for IntrospectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for IntrospectionError {}

/// An entry of an introspection reply: a command, an event or a type. Its meta-type decides about the members that it has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct SchemaInfo {
    /// The name; of types, servers tell one that is made up.
    pub name: String,
    /// The meta-type.
    pub meta_type: MetaType,
    /// Type of a command's arguments, or of an event's data.
    pub arg_type: Option<String>,
    /// Type of a command's reply.
    pub ret_type: Option<String>,
    /// The command may be run out of band.
    #[serde(default)]
    pub allow_oob: bool,
    /// Members of an object, values of an enumeration, or alternatives.
    pub members: Option<Vec<SchemaInfoMember>>,
    /// Values of an enumeration; before QEMU 6.2 there are only these.
    pub values: Option<Vec<String>>,
    /// Name of a union's discriminator.
    pub tag: Option<String>,
    /// Branches of a union.
    #[serde(default)]
    pub variants: Vec<SchemaInfoVariant>,
    /// Type of an array's elements.
    pub element_type: Option<String>,
    /// Values of a builtin type in JSON.
    pub json_type: Option<JsonType>,
    /// Names of the features.
    #[serde(default)]
    pub features: Vec<String>,
}

/// Kinds of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names of the schema language")]
pub enum MetaType {
    Builtin,
    Enum,
    Array,
    Object,
    Alternate,
    Command,
    Event,
}

/// Kinds of JSON values that a builtin type has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
#[expect(missing_docs, reason = "the names of the introspection schema")]
pub enum JsonType {
    String,
    Number,
    Int,
    Boolean,
    Null,
    Value,
    Object,
    Array,
}

/// A member, value or alternative.
#[derive(Debug, Deserialize)]
#[non_exhaustive]
pub struct SchemaInfoMember {
    /// Name of a member or value; alternatives have none.
    pub name: Option<String>,
    /// Type of a member or alternative; values have none.
    pub r#type: Option<String>,
    /// The member may be left out.
    #[serde(default, deserialize_with = "present", rename = "default")]
    pub optional: bool,
    /// Names of the features.
    #[serde(default)]
    pub features: Vec<String>,
}

/// A branch of a union.
#[derive(Debug, Deserialize)]
#[non_exhaustive]
pub struct SchemaInfoVariant {
    /// The discriminator's value.
    pub case: String,
    /// Type of the object whose members the branch adds.
    pub r#type: String,
}

/// Optional members have a default, of which servers say only `null`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// The reply as it stands on the wire.
#[derive(Debug, Deserialize)]
struct Reply {
    r#return: Vec<SchemaInfo>,
}

impl Introspection {
    /// True if a document can be meant as one: schemas do not begin like this.
    pub fn looks_like(document: &[u8]) -> bool {
        let mut text = document.iter().filter(|byte| !byte.is_ascii_whitespace());
        match text.next() {
            Some(b'[') => true,
            Some(b'{') => text.take(9).eq(br#""return":"#),
            _ => false,
        }
    }

    /// Reads the array of entries, bare or as the reply that carries it.
    pub fn parse(document: &[u8]) -> Result<Self, IntrospectionError> {
        let start = document.iter().find(|byte| !byte.is_ascii_whitespace());
        let entries = if start == Some(&b'{') {
            serde_json::from_slice::<Reply>(document).map(|reply| reply.r#return)
        } else {
            serde_json::from_slice(document)
        };
        let entries: Vec<SchemaInfo> = entries.map_err(|error| {
            IntrospectionError(format!("not the reply to `query-qmp-schema`: {error}"))
        })?;
        let mut types = HashMap::new();
        let mut roots = HashSet::new();
        for (index, entry) in (0..).zip(&entries) {
            let is_root = matches!(entry.meta_type, MetaType::Command | MetaType::Event);
            let taken = if is_root {
                !roots.insert(entry.name.as_str())
            } else {
                types.insert(entry.name.clone(), TypeIx(index)).is_some()
            };
            if taken {
                return Err(IntrospectionError(format!(
                    "`{}` is described twice",
                    entry.name
                )));
            }
        }
        let introspection = Self { entries, types };
        introspection.lower()?;
        Ok(introspection)
    }

    /// The entries, in the order of the reply.
    pub fn entries(&self) -> &[SchemaInfo] {
        &self.entries
    }

    /// The wire model. Widths of integers, suppressed replies and the like are not known.
    ///
    /// # Panics
    /// Never: reading made sure that every reference resolves.
    pub fn model(&self) -> Model<'_> {
        self.lower()
            .expect("reading made sure that every reference resolves")
    }

    fn lower(&self) -> Result<Model<'_>, IntrospectionError> {
        let mut commands = Vec::new();
        let mut events = Vec::new();
        let mut types = Vec::with_capacity(self.entries.len() + 1);
        // Numbers of types are positions of entries, so every entry takes a place.
        for entry in &self.entries {
            match entry.meta_type {
                MetaType::Command => {
                    commands.push(Command {
                        name: &entry.name,
                        arguments: self.refer(entry, entry.arg_type.as_deref(), "arg-type")?,
                        reply: self.refer(entry, entry.ret_type.as_deref(), "ret-type")?,
                        allow_oob: entry.allow_oob,
                        hidden: None,
                        facts: facts(&entry.features),
                    });
                    types.push(Type::empty());
                }
                MetaType::Event => {
                    events.push(Event {
                        name: &entry.name,
                        data: self.refer(entry, entry.arg_type.as_deref(), "arg-type")?,
                        facts: facts(&entry.features),
                    });
                    types.push(Type::empty());
                }
                _ => types.push(Type {
                    name: real_name(&entry.name, entry.meta_type),
                    shape: self.shape(entry)?,
                    features: features(&entry.features),
                    span: None,
                }),
            }
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
                    "the {what} of `{whose}` is of a type that is no object"
                )))
            }
        };
        for command in &model.commands {
            object(command.arguments, command.name, "arguments")?;
        }
        for event in &model.events {
            object(event.data, event.name, "data")?;
        }
        for (entry, ty) in self.entries.iter().zip(&model.types) {
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

    fn refer(
        &self,
        entry: &SchemaInfo,
        name: Option<&str>,
        what: &str,
    ) -> Result<TypeIx, IntrospectionError> {
        let Some(name) = name else {
            return Err(missing(entry, what));
        };
        self.types.get(name).copied().ok_or_else(|| {
            IntrospectionError(format!(
                "`{}` refers to type `{name}`, which is not described",
                entry.name
            ))
        })
    }

    fn shape<'s>(&'s self, entry: &'s SchemaInfo) -> Result<Shape<'s>, IntrospectionError> {
        Ok(match entry.meta_type {
            MetaType::Builtin => match entry.json_type {
                Some(JsonType::String) => Shape::Str,
                Some(JsonType::Boolean) => Shape::Bool,
                Some(JsonType::Null) => Shape::Null,
                Some(JsonType::Number) => Shape::Number(NumberType::Real),
                Some(JsonType::Int) => Shape::Number(NumberType::SomeInteger),
                // The last two could be said of a builtin, but no builtin is one.
                Some(JsonType::Value | JsonType::Object | JsonType::Array) => Shape::Any,
                None => return Err(missing(entry, "json-type")),
            },
            MetaType::Array => {
                Shape::Array(self.refer(entry, entry.element_type.as_deref(), "element-type")?)
            }
            MetaType::Enum => Shape::Enum(values(entry)?),
            MetaType::Alternate => Shape::Alternate(self.alternatives(entry)?),
            MetaType::Object => Shape::Object(Object {
                members: self.members(entry)?,
                union_: self.union_(entry)?,
            }),
            MetaType::Command | MetaType::Event => Shape::Any,
        })
    }

    fn members<'s>(
        &'s self,
        entry: &'s SchemaInfo,
    ) -> Result<Vec<Rc<Member<'s>>>, IntrospectionError> {
        parts(entry)?
            .iter()
            .map(|part| {
                Ok(Rc::new(Member {
                    name: part
                        .name
                        .as_deref()
                        .ok_or_else(|| missing(entry, "the name of a member"))?,
                    ty: self.refer(entry, part.r#type.as_deref(), "the type of a member")?,
                    optional: part.optional,
                    facts: facts(&part.features),
                }))
            })
            .collect()
    }

    fn union_<'s>(
        &'s self,
        entry: &'s SchemaInfo,
    ) -> Result<Option<Union<'s>>, IntrospectionError> {
        let Some(tag) = &entry.tag else {
            return Ok(None);
        };
        let features_of = self.value_features(entry, tag);
        let branches = entry
            .variants
            .iter()
            .map(|variant| {
                let features = features_of.get(variant.case.as_str());
                Ok(Branch {
                    value: &variant.case,
                    ty: self.refer(entry, Some(&variant.r#type), "type")?,
                    facts: features.map_or_else(Facts::default, |features| facts(features)),
                    content: None,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Some(Union { tag, branches }))
    }

    /// The features of a discriminator's values, which are told with its type.
    fn value_features<'s>(
        &'s self,
        entry: &'s SchemaInfo,
        tag: &str,
    ) -> HashMap<&'s str, &'s [String]> {
        let members = entry.members.iter().flatten();
        let mut tags = members.filter(|member| member.name.as_deref() == Some(tag));
        let ty = tags.next().and_then(|member| member.r#type.as_deref());
        let values = ty
            .and_then(|ty| self.types.get(ty))
            .and_then(|ty| self.entries[ty.index()].members.as_ref());
        values
            .into_iter()
            .flatten()
            .filter_map(|value| Some((value.name.as_deref()?, value.features.as_slice())))
            .collect()
    }

    fn alternatives<'s>(
        &'s self,
        entry: &'s SchemaInfo,
    ) -> Result<Vec<Alternative<'s>>, IntrospectionError> {
        let mut alternatives: Vec<Alternative<'s>> = Vec::new();
        for part in parts(entry)? {
            let ty = self.refer(entry, part.r#type.as_deref(), "the type of an alternative")?;
            let kind = kind(&self.entries[ty.index()]).ok_or_else(|| {
                IntrospectionError(format!(
                    "an alternative of `{}` is of a type that has no JSON kind of its own",
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

fn missing(entry: &SchemaInfo, what: &str) -> IntrospectionError {
    IntrospectionError(format!("`{}` is described without {what}", entry.name))
}

fn parts(entry: &SchemaInfo) -> Result<&[SchemaInfoMember], IntrospectionError> {
    entry
        .members
        .as_deref()
        .ok_or_else(|| missing(entry, "members"))
}

fn values(entry: &SchemaInfo) -> Result<Vec<Value<'_>>, IntrospectionError> {
    if let Some(parts) = &entry.members {
        parts
            .iter()
            .map(|part| {
                Ok(Value {
                    name: part
                        .name
                        .as_deref()
                        .ok_or_else(|| missing(entry, "the name of a value"))?,
                    facts: facts(&part.features),
                })
            })
            .collect()
    } else if let Some(names) = &entry.values {
        Ok(names
            .iter()
            .map(|name| Value {
                name,
                facts: Facts::default(),
            })
            .collect())
    } else {
        Err(missing(entry, "values"))
    }
}

fn kind(entry: &SchemaInfo) -> Option<Kind> {
    match entry.meta_type {
        MetaType::Enum => Some(Kind::String),
        MetaType::Array => Some(Kind::Array),
        MetaType::Object => Some(Kind::Object),
        MetaType::Builtin => match entry.json_type? {
            JsonType::String => Some(Kind::String),
            JsonType::Boolean => Some(Kind::Boolean),
            JsonType::Null => Some(Kind::Null),
            JsonType::Number | JsonType::Int => Some(Kind::Number),
            JsonType::Value | JsonType::Object | JsonType::Array => None,
        },
        MetaType::Alternate | MetaType::Command | MetaType::Event => None,
    }
}

/// Servers mask the names of types with numbers; arrays have names made up from those.
fn real_name(name: &str, meta_type: MetaType) -> Option<&str> {
    let definition = matches!(
        meta_type,
        MetaType::Enum | MetaType::Object | MetaType::Alternate
    );
    let masked = name.bytes().all(|byte| byte.is_ascii_digit()) || name.starts_with("q_");
    (definition && !masked).then_some(name)
}

fn facts(names: &[String]) -> Facts<'_> {
    Facts {
        features: features(names),
        ..Facts::default()
    }
}

fn features(names: &[String]) -> Vec<Feature<'_>> {
    names
        .iter()
        .map(|name| Feature {
            name,
            condition: None,
            span: None,
        })
        .collect()
}
