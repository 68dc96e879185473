//! Types, commands, events and include records.

use qapi_parser::ir::{
    Array, Command, EnumValue, Event, Include, Object, Origin, TypeDef, TypeId, TypeKind,
};
use serde::Serialize;

use super::conditions::{ConditionView, FeatureView, condition, features};
use super::context::{Context, PlaceView};
use super::objects::{AlternativeView, FlattenedView, MemberView, UnionView};

/// An entity of a module; the key `kind` tells its kind.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[non_exhaustive]
pub enum EntityView<'a> {
    /// A built-in type.
    Builtin(TypeView<'a, BuiltinView>),
    /// An array type.
    Array(TypeView<'a, ArrayView<'a>>),
    /// An enumeration.
    Enum(TypeView<'a, EnumView<'a>>),
    /// An object type without definition: `q_empty`, arguments, common members of a union.
    Object(TypeView<'a, ObjectView<'a>>),
    /// A struct.
    Struct(TypeView<'a, ObjectView<'a>>),
    /// A union.
    Union(TypeView<'a, ObjectView<'a>>),
    /// An alternate.
    Alternate(TypeView<'a, AlternateView<'a>>),
    /// A command.
    Command(CommandView<'a>),
    /// An event.
    Event(EventView<'a>),
    /// An include directive.
    Include(IncludeView<'a>),
}

/// The keys of every type, around those of its kind.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct TypeView<'a, T> {
    /// Its name.
    pub name: &'a str,
    /// Made by the compiler rather than written as a definition.
    pub implicit: bool,
    /// The purpose of an implicit type; null for others.
    pub origin: Option<OriginView<'a>>,
    /// The keys of its kind.
    #[serde(flatten)]
    pub content: T,
    /// The condition under which it exists.
    #[serde(rename = "if")]
    pub condition: Option<ConditionView<'a>>,
    /// Its features.
    pub features: Vec<FeatureView<'a>>,
    /// The definition that made it; null for predefined types.
    pub source: Option<PlaceView<'a>>,
    /// Its documentation, as an index into the docs of the dump.
    pub doc: Option<u32>,
}

/// The purpose of a type that the compiler made.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct OriginView<'a> {
    /// `array`, `arguments`, `data`, `base`, `tag`, `branch` or `member`.
    pub kind: &'static str,
    /// The definition that it was made for; null for arrays.
    pub definition: Option<&'a str>,
}

/// A built-in type.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct BuiltinView {
    /// Its JSON type in introspection.
    pub json_type: &'static str,
}

/// An array type.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct ArrayView<'a> {
    /// The name of the type it holds.
    pub element: &'a str,
}

/// An enumeration.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct EnumView<'a> {
    /// The prefix of its C constants, where the schema sets one.
    pub prefix: Option<&'a str>,
    /// Its values.
    pub values: Vec<ValueView<'a>>,
}

/// A value of an enumeration.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct ValueView<'a> {
    /// Its name on the wire.
    pub name: &'a str,
    /// The condition under which it exists.
    #[serde(rename = "if")]
    pub condition: Option<ConditionView<'a>>,
    /// Its features.
    pub features: Vec<FeatureView<'a>>,
    /// Its place in the source; null for predefined values.
    pub source: Option<PlaceView<'a>>,
}

/// A struct, a union, or an implicit object.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct ObjectView<'a> {
    /// The type whose members come first.
    pub base: Option<&'a str>,
    /// Its own members.
    pub members: Vec<MemberView<'a>>,
    /// The members of its bases, then its own.
    pub flattened: Vec<FlattenedView<'a>>,
    /// Discriminator and branches, of unions only.
    #[serde(flatten)]
    pub union_: Option<UnionView<'a>>,
}

/// An alternate.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct AlternateView<'a> {
    /// Its alternatives.
    pub alternatives: Vec<AlternativeView<'a>>,
}

/// A command.
#[derive(Debug, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the flags of the language"
)]
pub struct CommandView<'a> {
    /// Its name on the wire.
    pub name: &'a str,
    /// The object type of its arguments.
    pub arguments: Option<&'a str>,
    /// Type of the reply.
    pub returns: Option<&'a str>,
    /// The arguments are passed as one value.
    pub boxed: bool,
    /// Marshalling is generated.
    #[serde(rename = "gen")]
    pub gen_: bool,
    /// Success sends a reply.
    pub success_response: bool,
    /// May be executed out of band.
    pub allow_oob: bool,
    /// May be executed before the machine is configured.
    pub allow_preconfig: bool,
    /// Its handler is a coroutine.
    pub coroutine: bool,
    /// The condition under which it exists.
    #[serde(rename = "if")]
    pub condition: Option<ConditionView<'a>>,
    /// Its features.
    pub features: Vec<FeatureView<'a>>,
    /// The definition.
    pub source: PlaceView<'a>,
    /// Its documentation, as an index into the docs of the dump.
    pub doc: Option<u32>,
}

/// An event.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct EventView<'a> {
    /// Its name on the wire.
    pub name: &'a str,
    /// The object type of its data.
    pub arguments: Option<&'a str>,
    /// The data are passed as one value.
    pub boxed: bool,
    /// The condition under which it exists.
    #[serde(rename = "if")]
    pub condition: Option<ConditionView<'a>>,
    /// Its features.
    pub features: Vec<FeatureView<'a>>,
    /// The definition.
    pub source: PlaceView<'a>,
    /// Its documentation, as an index into the docs of the dump.
    pub doc: Option<u32>,
}

/// An include directive.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct IncludeView<'a> {
    /// The name of the module it includes.
    pub module: &'a str,
    /// The directive.
    pub source: PlaceView<'a>,
}

impl<'a> Context<'a> {
    pub(super) fn ty(&self, id: TypeId) -> EntityView<'a> {
        let ty = self.schema.ty(id);
        match &ty.kind {
            TypeKind::Builtin(builtin) => EntityView::Builtin(self.around(
                ty,
                BuiltinView {
                    json_type: builtin.json_type(),
                },
            )),
            TypeKind::Array(Array { element, .. }) => EntityView::Array(self.around(
                ty,
                ArrayView {
                    element: self.name(*element),
                },
            )),
            TypeKind::Enum(enum_) => EntityView::Enum(self.around(
                ty,
                EnumView {
                    prefix: enum_.prefix.as_deref(),
                    values: enum_.values.iter().map(|value| self.value(value)).collect(),
                },
            )),
            TypeKind::Object(object) => {
                let view = self.around(ty, self.object(id, object));
                if object.union_.is_some() {
                    EntityView::Union(view)
                } else if ty.implicit || ty.span.is_none() {
                    EntityView::Object(view)
                } else {
                    EntityView::Struct(view)
                }
            }
            TypeKind::Alternate(alternate) => EntityView::Alternate(
                self.around(
                    ty,
                    AlternateView {
                        alternatives: alternate
                            .alternatives
                            .iter()
                            .map(|alternative| self.alternative(alternative))
                            .collect(),
                    },
                ),
            ),
        }
    }

    fn around<T>(&self, ty: &'a TypeDef, content: T) -> TypeView<'a, T> {
        TypeView {
            name: &ty.name,
            implicit: ty.implicit || ty.origin.is_some(),
            origin: ty.origin.map(|origin| self.origin(origin)),
            content,
            condition: condition(ty.condition.as_ref()),
            features: features(&ty.features),
            source: ty.span.map(|span| self.place(span)),
            doc: ty.doc.map(|doc| doc.0),
        }
    }

    fn origin(&self, origin: Origin) -> OriginView<'a> {
        let definition = origin.definition();
        OriginView {
            kind: origin.as_str(),
            definition: definition.and_then(|entity| self.schema.name_of(entity)),
        }
    }

    fn value(&self, value: &'a EnumValue) -> ValueView<'a> {
        ValueView {
            name: &value.name,
            condition: condition(value.condition.as_ref()),
            features: features(&value.features),
            source: value.span.map(|span| self.place(span)),
        }
    }

    fn object(&self, id: TypeId, object: &'a Object) -> ObjectView<'a> {
        ObjectView {
            base: object.base.map(|base| self.name(base)),
            members: object
                .members
                .iter()
                .map(|member| self.member(member))
                .collect(),
            flattened: self.flattened(id),
            union_: object.union_.as_ref().map(|union_| self.union_(union_)),
        }
    }

    pub(super) fn command(&self, command: &'a Command) -> CommandView<'a> {
        CommandView {
            name: &command.name,
            arguments: command.arguments.map(|ty| self.name(ty)),
            returns: command.returns.map(|ty| self.name(ty)),
            boxed: command.boxed,
            gen_: command.gen_,
            success_response: command.success_response,
            allow_oob: command.allow_oob,
            allow_preconfig: command.allow_preconfig,
            coroutine: command.coroutine,
            condition: condition(command.condition.as_ref()),
            features: features(&command.features),
            source: self.place(command.span),
            doc: command.doc.map(|doc| doc.0),
        }
    }

    pub(super) fn event(&self, event: &'a Event) -> EventView<'a> {
        EventView {
            name: &event.name,
            arguments: event.arguments.map(|ty| self.name(ty)),
            boxed: event.boxed,
            condition: condition(event.condition.as_ref()),
            features: features(&event.features),
            source: self.place(event.span),
            doc: event.doc.map(|doc| doc.0),
        }
    }

    pub(super) fn include(&self, include: &'a Include) -> IncludeView<'a> {
        IncludeView {
            module: &self.schema.module(include.target).name,
            source: self.place(include.span),
        }
    }
}
