//! The wire model: the part of a schema that is visible on the wire.
//!
//! A comparison first lowers both sides to it: a checked schema ([`Model::of_schema`]) or a server's description of
//! itself ([`ServerSchema::model`]). Base types are flattened, conditions that the known symbols decide are resolved,
//! and an absent argument or reply type is the empty object, as on the wire. Texts are borrowed.

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
