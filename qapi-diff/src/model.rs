//! The wire model: the part of a schema that two sides of a connection can tell.
//!
//! Everything that is to be compared is lowered to this first: a checked schema
//! ([`Model::of_schema`]) or what a server says about itself ([`ServerSchema::model`]). Base
//! types are flattened in, conditions that the known symbols decide are gone, and an absent
//! argument or reply type is the empty object, as it is on the wire. Texts are borrowed.

mod introspection;
mod number;
mod schema;
mod shapes;

pub use introspection::{IntrospectionError, ServerSchema};
pub use number::NumberType;
pub use shapes::Model;
#[cfg(test)]
pub(crate) use shapes::Type;
pub(crate) use shapes::{
    Alternative, Branch, Command, Event, Facts, Feature, HiddenFlags, Kind, Member, Object, Shape,
    TypeIx, Union, Value,
};
