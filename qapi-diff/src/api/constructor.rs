//! Constructors of the generated interface: those that take values by position, and those that take a struct with the names of
//! the mandatory members.

use qapi_parser::ir::{Builtin, Schema, TypeId, TypeKind};

/// The most values that a constructor takes by position.
const POSITIONS: usize = 3;

/// The values that a parameter of a constructor accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AcceptedValues {
    /// A literal fits integers of all sizes.
    Integer,
    Text,
    /// Anything that converts to a JSON value.
    Any,
    /// The enum of branches, of which a union has one.
    Tag,
    /// Values of another builtin type, which become JSON values.
    Builtin(Builtin),
    /// Values of a type of the schema, or a list.
    Other(TypeId),
}

impl AcceptedValues {
    pub(super) fn of(schema: &Schema, ty: TypeId) -> Self {
        match &schema.ty(ty).kind {
            TypeKind::Builtin(Builtin::Str) => Self::Text,
            TypeKind::Builtin(Builtin::Any) => Self::Any,
            TypeKind::Builtin(other @ (Builtin::Bool | Builtin::Null | Builtin::Number)) => {
                Self::Builtin(*other)
            }
            TypeKind::Builtin(_) => Self::Integer,
            _ => Self::Other(ty),
        }
    }

    /// Returns true if there are values that both accept.
    fn accepts_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tag, _) | (_, Self::Tag) => false,
            (Self::Any, other) | (other, Self::Any) => !matches!(other, Self::Other(_)),
            _ => self == other,
        }
    }
}

/// Returns true if the constructor with these parameters takes a struct that names them: there are many, or two in a
/// row that could be exchanged by mistake. Then their order does not matter.
pub(super) fn takes_names(parameters: &[&AcceptedValues]) -> bool {
    let mut pairs = parameters.windows(2);
    parameters.len() > POSITIONS || pairs.any(|pair| pair[0].accepts_same(pair[1]))
}
