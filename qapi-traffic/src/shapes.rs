//! A schema in the form for checking messages: the parts that exist in the build, by name.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use qapi_parser::ir::{
    Builtin, Command, Event, Feature, Object, Schema, TypeDef, TypeId, TypeKind,
};
use qapi_runtime::Kind;

use crate::server_build::Build;

/// A table with names as keys.
pub(crate) type Names<T> = HashMap<Box<str>, T>;

/// The features of a part that cause warnings.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Marks {
    pub(crate) deprecated: bool,
    pub(crate) unstable: bool,
}

impl Marks {
    fn of(features: &[Feature], build: &Build) -> Self {
        let has = |name: &str| {
            let mut features = features.iter();
            features.any(|it| it.name == name && build.may_have(it.condition.as_ref()))
        };
        Self {
            deprecated: has("deprecated"),
            unstable: has("unstable"),
        }
    }

    pub(crate) fn is_empty(self) -> bool {
        !self.deprecated && !self.unstable
    }
}

#[derive(Debug)]
pub(crate) struct CommandShape {
    /// An object; none for no arguments.
    pub(crate) arguments: Option<TypeId>,
    /// None for an empty reply.
    pub(crate) returns: Option<TypeId>,
    /// Arguments that are not in the schema are left to the command's handler.
    pub(crate) is_open: bool,
    pub(crate) is_silent: bool,
    pub(crate) allows_oob: bool,
    pub(crate) marks: Marks,
}

#[derive(Debug)]
pub(crate) struct EventShape {
    pub(crate) data: Option<TypeId>,
    pub(crate) marks: Marks,
}

#[derive(Debug)]
pub(crate) struct Type {
    /// The name in the schema, or words for a type that has none.
    pub(crate) name: Box<str>,
    /// Its name is not in the text of the schema.
    pub(crate) is_implicit: bool,
    pub(crate) shape: Shape,
    pub(crate) marks: Marks,
}

#[derive(Debug)]
pub(crate) enum Shape {
    Any,
    Null,
    Bool,
    Str,
    Number,
    Integer(RangeInclusive<i128>),
    Array(TypeId),
    Enum(Names<Marks>),
    Object(ObjectShape),
    Alternate(Vec<AlternativeShape>),
}

#[derive(Debug)]
pub(crate) struct AlternativeShape {
    pub(crate) kind: KindSet,
    pub(crate) ty: TypeId,
}

/// JSON kinds that choose an alternative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KindSet {
    One(Kind),
    /// Integers and other numbers.
    Numbers,
}

impl KindSet {
    pub(crate) fn has(self, kind: Kind) -> bool {
        match self {
            Self::One(one) => one == kind,
            Self::Numbers => matches!(kind, Kind::Integer | Kind::Number),
        }
    }
}

/// An object. The members of its bases come first.
#[derive(Debug, Default)]
pub(crate) struct ObjectShape {
    pub(crate) members: Vec<MemberShape>,
    pub(crate) by_name: Names<u32>,
    pub(crate) union_: Option<UnionShape>,
}

#[derive(Debug)]
pub(crate) struct MemberShape {
    pub(crate) name: Box<str>,
    pub(crate) ty: TypeId,
    /// It may be absent.
    pub(crate) optional: bool,
    pub(crate) marks: Marks,
}

#[derive(Debug)]
pub(crate) struct UnionShape {
    pub(crate) tag: Box<str>,
    pub(crate) branches: Names<TypeId>,
}

/// The shapes of all messages.
#[derive(Debug)]
pub(crate) struct Shapes {
    pub(crate) types: Vec<Type>,
    pub(crate) commands: Names<CommandShape>,
    pub(crate) events: Names<EventShape>,
}

impl Shapes {
    pub(crate) fn new(schema: &Schema, build: &Build) -> Self {
        let maker = ShapeMaker { schema, build };
        let types = (0..).map(TypeId).zip(&schema.types);
        let commands = schema.commands.iter();
        let commands = commands.filter(|it| build.may_have(it.condition.as_ref()));
        let events = schema.events.iter();
        let events = events.filter(|it| build.may_have(it.condition.as_ref()));
        Self {
            types: types.map(|(id, ty)| maker.ty(id, ty)).collect(),
            commands: commands
                .map(|it| (it.name.as_str().into(), maker.command(it)))
                .collect(),
            events: events
                .map(|it| (it.name.as_str().into(), maker.event(it)))
                .collect(),
        }
    }

    pub(crate) fn ty(&self, id: TypeId) -> &Type {
        &self.types[id.index()]
    }

    /// Returns the object with this number; none for other types.
    pub(crate) fn object(&self, id: TypeId) -> Option<&ObjectShape> {
        match &self.ty(id).shape {
            Shape::Object(object) => Some(object),
            _ => None,
        }
    }
}

struct ShapeMaker<'s> {
    schema: &'s Schema,
    build: &'s Build,
}

impl ShapeMaker<'_> {
    fn command(&self, command: &Command) -> CommandShape {
        CommandShape {
            arguments: command.arguments,
            returns: command.returns,
            is_open: !command.gen_,
            is_silent: !command.success_response,
            allows_oob: command.allow_oob,
            marks: Marks::of(&command.features, self.build),
        }
    }

    fn event(&self, event: &Event) -> EventShape {
        EventShape {
            data: event.arguments,
            marks: Marks::of(&event.features, self.build),
        }
    }

    fn ty(&self, id: TypeId, ty: &TypeDef) -> Type {
        Type {
            name: self.name(ty).into(),
            is_implicit: ty.implicit,
            shape: self.shape(id, ty),
            marks: Marks::of(&ty.features, self.build),
        }
    }

    /// Returns a name that readers of the schema know.
    fn name(&self, ty: &TypeDef) -> String {
        match &ty.kind {
            TypeKind::Array(array) => {
                format!("array of {}", self.name(self.schema.ty(array.element)))
            }
            _ if ty.implicit => "the object".to_owned(),
            TypeKind::Object(_) | TypeKind::Enum(_) | TypeKind::Alternate(_) => {
                format!("`{}`", ty.name)
            }
            TypeKind::Builtin(_) => ty.name.clone(),
        }
    }

    fn shape(&self, id: TypeId, ty: &TypeDef) -> Shape {
        match &ty.kind {
            TypeKind::Builtin(builtin) => builtin_shape(*builtin),
            TypeKind::Array(array) => Shape::Array(array.element),
            TypeKind::Enum(enum_) => {
                let values = enum_.values.iter();
                let values = values.filter(|it| self.build.may_have(it.condition.as_ref()));
                Shape::Enum(
                    values
                        .map(|it| (it.name.as_str().into(), Marks::of(&it.features, self.build)))
                        .collect(),
                )
            }
            TypeKind::Object(object) => Shape::Object(self.object(id, object)),
            TypeKind::Alternate(alternate) => {
                let alternatives = alternate.alternatives.iter();
                let alternatives =
                    alternatives.filter(|it| self.build.may_have(it.condition.as_ref()));
                Shape::Alternate(
                    alternatives
                        .filter_map(|it| {
                            Some(AlternativeShape {
                                kind: kind(self.schema, it.ty)?,
                                ty: it.ty,
                            })
                        })
                        .collect(),
                )
            }
        }
    }

    fn object(&self, id: TypeId, object: &Object) -> ObjectShape {
        let members = self.schema.flattened(id).into_iter();
        let members = members.filter(|(_, it)| self.build.may_have(it.condition.as_ref()));
        let members: Vec<_> = members
            .map(|(_, member)| MemberShape {
                name: member.name.as_str().into(),
                ty: member.ty,
                // It is unknown if the build has it.
                optional: member.optional || !self.build.must_have(member.condition.as_ref()),
                marks: Marks::of(&member.features, self.build),
            })
            .collect();
        let names = members.iter().map(|it| it.name.clone());
        ObjectShape {
            by_name: names.zip(0..).collect(),
            members,
            union_: object.union_.as_ref().map(|union| UnionShape {
                tag: union.discriminator.as_str().into(),
                branches: union
                    .branches
                    .iter()
                    .filter(|it| self.build.may_have(it.condition.as_ref()))
                    .map(|it| (it.name.as_str().into(), it.ty))
                    .collect(),
            }),
        }
    }
}

fn builtin_shape(builtin: Builtin) -> Shape {
    match builtin {
        Builtin::Str => Shape::Str,
        Builtin::Number => Shape::Number,
        Builtin::Bool => Shape::Bool,
        Builtin::Any => Shape::Any,
        Builtin::Null => Shape::Null,
        integer => Shape::Integer(integer.integers().unwrap_or(0..=0)),
    }
}

/// Returns the JSON kinds that choose an alternative of this type; none for types that cannot be one.
fn kind(schema: &Schema, ty: TypeId) -> Option<KindSet> {
    Some(KindSet::One(match &schema.ty(ty).kind {
        TypeKind::Builtin(Builtin::Str) | TypeKind::Enum(_) => Kind::String,
        TypeKind::Builtin(Builtin::Bool) => Kind::Bool,
        TypeKind::Builtin(Builtin::Null) => Kind::Null,
        TypeKind::Builtin(Builtin::Any) | TypeKind::Alternate(_) => return None,
        TypeKind::Builtin(Builtin::Number) => return Some(KindSet::Numbers),
        TypeKind::Builtin(_) => Kind::Integer,
        TypeKind::Array(_) => Kind::Array,
        TypeKind::Object(_) => Kind::Object,
    }))
}
