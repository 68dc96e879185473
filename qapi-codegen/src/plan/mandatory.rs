//! Constructors with named values. They are needed for many values, or for two in a row that could be exchanged by
//! mistake.

use qapi_parser::ir::Builtin;

use super::items::{Arguments, Body, Field, ItemHead, Ty};

/// The most values that a constructor takes by position.
const POSITIONS: usize = 3;

impl Body {
    /// Returns the name of the struct for the mandatory members, if the constructor needs it.
    pub(crate) fn mandatory(&self, head: &ItemHead) -> Option<String> {
        match self {
            Self::Struct(fields) => mandatory_name(head, fields, None),
            Self::Union(union_) => {
                let (before, after) = union_.fields.split_at(union_.tag_at);
                mandatory_name(head, before, Some(after))
            }
            Self::Enum(_) | Self::Alternate(_) => None,
        }
    }
}

impl Arguments {
    /// Returns the name of the struct for the mandatory members, if the constructor needs it.
    pub(crate) fn mandatory(&self, head: &ItemHead) -> Option<String> {
        match self {
            Self::Fields { fields, .. } => mandatory_name(head, fields, None),
            Self::None | Self::Whole(_) | Self::Own(_) => None,
        }
    }
}

/// Returns the struct for the mandatory members of an item, if its constructor needs one. The tag of a union stands
/// between its fields.
fn mandatory_name(owner: &ItemHead, before: &[Field], after: Option<&[Field]>) -> Option<String> {
    let fields = before.iter().map(Some);
    let tag = after.map(|_| None);
    let fields = fields
        .chain(tag)
        .chain(after.unwrap_or_default().iter().map(Some));
    let values = fields.filter_map(|field| match field {
        Some(field) if field.optional => None,
        Some(field) => Some((AcceptedValues::of(&field.ty), field.head.cfg.is_some())),
        None => Some((AcceptedValues::Tag, false)),
    });
    let values: Vec<_> = values.collect();
    let need_names =
        values.len() > POSITIONS || (0..values.len()).any(|at| is_ambiguous(&values[at..]));
    need_names.then(|| format!("{}Mandatory", owner.name))
}

/// Returns true if the first value can be taken for the next one. A condition can remove those in between.
fn is_ambiguous(values: &[(AcceptedValues<'_>, bool)]) -> bool {
    let Some(((first, _), others)) = values.split_first() else {
        return false;
    };
    for (other, is_conditional) in others {
        if first.accepts_same(*other) {
            return true;
        }
        if !is_conditional {
            return false;
        }
    }
    false
}

/// The values that a parameter accepts.
#[derive(Clone, Copy)]
enum AcceptedValues<'t> {
    /// A literal fits integers of all sizes.
    Integer,
    /// Anything that converts to a string or bytes.
    Text,
    /// Anything that converts to a JSON value.
    Any,
    /// The enum of branches, of which a union has one.
    Tag,
    Other(&'t Ty),
}

impl<'t> AcceptedValues<'t> {
    fn of(ty: &'t Ty) -> Self {
        match ty {
            Ty::Bytes | Ty::Builtin(Builtin::Str) => Self::Text,
            Ty::Builtin(Builtin::Any) => Self::Any,
            Ty::Builtin(Builtin::Bool | Builtin::Null | Builtin::Number)
            | Ty::Empty
            | Ty::Named(_)
            | Ty::Array(_) => Self::Other(ty),
            Ty::Builtin(_) => Self::Integer,
        }
    }

    /// Returns true if there are values that both accept.
    fn accepts_same(self, other: Self) -> bool {
        match (self, other) {
            (Self::Integer, Self::Integer) | (Self::Text, Self::Text) => true,
            (Self::Any, other) | (other, Self::Any) => !matches!(
                other,
                Self::Tag | Self::Other(Ty::Named(_) | Ty::Empty | Ty::Array(_))
            ),
            (Self::Other(one), Self::Other(other)) => one == other,
            _ => false,
        }
    }
}
