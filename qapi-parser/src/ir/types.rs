//! Types and their parts.

use std::ops::RangeInclusive;

use super::{Condition, DocId, ModuleId, Origin, TypeId};
use crate::source::Span;

/// A type of any kind.
#[derive(Debug)]
#[non_exhaustive]
pub struct TypeDef {
    /// Its name; derived for arrays (`<Elem>List`) and implicit objects (`q_obj_…`, `q_empty`).
    pub name: String,
    /// Its kind.
    pub kind: TypeKind,
    /// Made by the compiler for a definition (argument objects, union bases, wrappers of
    /// simple unions, inline structs) rather than written as a definition of its own.
    /// False for predefined types.
    pub implicit: bool,
    /// The definition that the compiler made it for; none for predefined types other than arrays, and for definitions.
    pub origin: Option<Origin>,
    /// The condition under which it exists. An implicit type has its definition's, an array its element's.
    pub condition: Option<Condition>,
    /// Its features.
    pub features: Vec<Feature>,
    /// The module it belongs to.
    pub module: ModuleId,
    /// The definition that made it; none for predefined types.
    pub span: Option<Span>,
    /// Its documentation; implicit types have none, see their command, event or union.
    pub doc: Option<DocId>,
}

impl TypeDef {
    /// Creates a predefined type.
    pub fn predefined(name: impl Into<String>, kind: TypeKind) -> Self {
        Self {
            name: name.into(),
            kind,
            implicit: false,
            origin: None,
            condition: None,
            features: Vec::new(),
            module: ModuleId(0),
            span: None,
            doc: None,
        }
    }
}

/// The kind of a type.
#[derive(Debug)]
pub enum TypeKind {
    /// A built-in type.
    Builtin(Builtin),
    /// An array.
    Array(Array),
    /// An enumeration.
    Enum(Enum),
    /// A struct, a union, or an implicit object.
    Object(Object),
    /// A choice by JSON kind.
    Alternate(Alternate),
}

impl TypeKind {
    /// Returns the JSON type of its values: `string`, `number`, `int`, `boolean`, `null`, `object` or `array`; `value`
    /// for any of them, for alternates and the built-in type `any`.
    pub fn json_type(&self) -> &'static str {
        match self {
            Self::Builtin(builtin) => builtin.json_type(),
            Self::Array(_) => "array",
            Self::Enum(_) => "string",
            Self::Object(_) => "object",
            Self::Alternate(_) => "value",
        }
    }
}

/// The built-in types of docs/reference/language.md Appendix A, in predefined order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Builtin {
    /// Text.
    Str,
    /// A double.
    Number,
    /// A signed 64-bit integer.
    Int,
    /// A signed 8-bit integer.
    Int8,
    /// A signed 16-bit integer.
    Int16,
    /// A signed 32-bit integer.
    Int32,
    /// A signed 64-bit integer.
    Int64,
    /// An unsigned 8-bit integer.
    Uint8,
    /// An unsigned 16-bit integer.
    Uint16,
    /// An unsigned 32-bit integer.
    Uint32,
    /// An unsigned 64-bit integer.
    Uint64,
    /// An unsigned 64-bit integer.
    Size,
    /// True or false.
    Bool,
    /// Any value.
    Any,
    /// Only `null`.
    Null,
}

impl Builtin {
    /// All of them, in predefined order.
    pub const ALL: [Self; 15] = [
        Self::Str,
        Self::Number,
        Self::Int,
        Self::Int8,
        Self::Int16,
        Self::Int32,
        Self::Int64,
        Self::Uint8,
        Self::Uint16,
        Self::Uint32,
        Self::Uint64,
        Self::Size,
        Self::Bool,
        Self::Any,
        Self::Null,
    ];

    /// Returns the name in the schema language.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Str => "str",
            Self::Number => "number",
            Self::Int => "int",
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Uint8 => "uint8",
            Self::Uint16 => "uint16",
            Self::Uint32 => "uint32",
            Self::Uint64 => "uint64",
            Self::Size => "size",
            Self::Bool => "bool",
            Self::Any => "any",
            Self::Null => "null",
        }
    }

    /// Returns the integers that an integer type holds (docs/reference/language.md appendix A); none for other types.
    pub fn integers(self) -> Option<RangeInclusive<i128>> {
        Some(match self {
            Self::Int | Self::Int64 => i64::MIN.into()..=i64::MAX.into(),
            Self::Int8 => i8::MIN.into()..=i8::MAX.into(),
            Self::Int16 => i16::MIN.into()..=i16::MAX.into(),
            Self::Int32 => i32::MIN.into()..=i32::MAX.into(),
            Self::Uint8 => 0..=u8::MAX.into(),
            Self::Uint16 => 0..=u16::MAX.into(),
            Self::Uint32 => 0..=u32::MAX.into(),
            Self::Uint64 | Self::Size => 0..=u64::MAX.into(),
            Self::Str | Self::Number | Self::Bool | Self::Any | Self::Null => return None,
        })
    }

    /// Returns the JSON type of introspection: `string`, `number`, `int`, `boolean`, `value` or `null`.
    pub fn json_type(self) -> &'static str {
        match self {
            Self::Str => "string",
            Self::Number => "number",
            Self::Bool => "boolean",
            Self::Any => "value",
            Self::Null => "null",
            _ => "int",
        }
    }
}

/// An array type.
#[derive(Debug)]
#[non_exhaustive]
pub struct Array {
    /// The type of its elements; never an array.
    pub element: TypeId,
}

impl Array {
    /// Returns the array of a type.
    pub fn new(element: TypeId) -> Self {
        Self { element }
    }
}

/// An enumeration.
#[derive(Debug)]
#[non_exhaustive]
pub struct Enum {
    /// The prefix of its C constants, where the schema sets one.
    pub prefix: Option<String>,
    /// Its values.
    pub values: Vec<EnumValue>,
}

impl Enum {
    /// Creates an enumeration without a prefix of its own.
    pub fn new(values: Vec<EnumValue>) -> Self {
        Self {
            prefix: None,
            values,
        }
    }
}

/// A value of an enumeration.
#[derive(Debug)]
#[non_exhaustive]
pub struct EnumValue {
    /// Its name on the wire.
    pub name: String,
    /// The condition under which it exists.
    pub condition: Option<Condition>,
    /// Its features.
    pub features: Vec<Feature>,
    /// Its source; none in predefined enumerations.
    pub span: Option<Span>,
}

impl EnumValue {
    /// Creates a value that always exists, without features.
    pub fn new(name: impl Into<String>, span: Option<Span>) -> Self {
        Self {
            name: name.into(),
            condition: None,
            features: Vec::new(),
            span,
        }
    }
}

/// A struct, a union, or an implicit object.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Object {
    /// The type whose members come first.
    pub base: Option<TypeId>,
    /// Its own members, without those of the base.
    pub members: Vec<Member>,
    /// Discriminator and branches, if it is a union.
    pub union_: Option<Union>,
}

/// A member of an object.
#[derive(Debug)]
#[non_exhaustive]
pub struct Member {
    /// Its name on the wire, without the `*`.
    pub name: String,
    /// Its type.
    pub ty: TypeId,
    /// It may be absent.
    pub optional: bool,
    /// The condition under which it exists.
    pub condition: Option<Condition>,
    /// Its features.
    pub features: Vec<Feature>,
    /// The key it is written with.
    pub span: Span,
}

impl Member {
    /// Creates a member that is always there, without features.
    pub fn new(name: impl Into<String>, ty: TypeId, span: Span) -> Self {
        Self {
            name: name.into(),
            ty,
            optional: false,
            condition: None,
            features: Vec::new(),
            span,
        }
    }
}

/// Discriminator and branches of a union.
#[derive(Debug)]
#[non_exhaustive]
pub struct Union {
    /// Name of the common member that selects the branch.
    pub discriminator: String,
    /// The enumeration that is its type.
    pub tag: TypeId,
    /// One per value of the enumeration: explicit branches in source order, then empty ones for the other values, in
    /// value order.
    pub branches: Vec<Branch>,
}

impl Union {
    /// Creates a union from the discriminator, its enumeration and the branches.
    pub fn new(discriminator: impl Into<String>, tag: TypeId, branches: Vec<Branch>) -> Self {
        Self {
            discriminator: discriminator.into(),
            tag,
            branches,
        }
    }
}

/// A branch of a union.
#[derive(Debug)]
#[non_exhaustive]
pub struct Branch {
    /// The value of the discriminator that selects it.
    pub name: String,
    /// An object type whose members are added; `q_empty` for an implicit branch.
    pub ty: TypeId,
    /// The condition under which it exists.
    pub condition: Option<Condition>,
    /// The key it is written with; none for an implicit branch.
    pub span: Option<Span>,
}

impl Branch {
    /// Creates a branch that always exists.
    pub fn new(name: impl Into<String>, ty: TypeId, span: Option<Span>) -> Self {
        Self {
            name: name.into(),
            ty,
            condition: None,
            span,
        }
    }
}

/// A choice by JSON kind.
#[derive(Debug)]
#[non_exhaustive]
pub struct Alternate {
    /// The alternatives.
    pub alternatives: Vec<Alternative>,
}

impl Alternate {
    /// Returns the choice between these.
    pub fn new(alternatives: Vec<Alternative>) -> Self {
        Self { alternatives }
    }
}

/// One alternative.
#[derive(Debug)]
#[non_exhaustive]
pub struct Alternative {
    /// Its name; not on the wire.
    pub name: String,
    /// Its type.
    pub ty: TypeId,
    /// The condition under which it exists.
    pub condition: Option<Condition>,
    /// The key it is written with.
    pub span: Span,
}

impl Alternative {
    /// Creates an alternative that always exists.
    pub fn new(name: impl Into<String>, ty: TypeId, span: Span) -> Self {
        Self {
            name: name.into(),
            ty,
            condition: None,
            span,
        }
    }
}

/// A feature of a definition, member or value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Feature {
    /// Its name; `deprecated` and `unstable` are special.
    pub name: String,
    /// The condition under which it exists.
    pub condition: Option<Condition>,
    /// Its source.
    pub span: Span,
}
