//! What can be read from a document, and the built-in types.

use super::stack::with_room;
use super::{DecodeError, Members, Value};
use crate::write::{Encode, Writer};

/// A type that can be read from a JSON value.
///
/// A type that is an object on the wire says how its members are read, and is read as a whole by the default of
/// [`decode`](Decode::decode); any other type implements that.
///
/// Types that contain themselves do so in a `Box` or a `Vec`, and must read it by the `Decode` of that: it sees to the
/// stack that deeply nested documents need, for which the types have to be `Send`.
pub trait Decode: Sized + Send {
    /// Reads the value.
    ///
    /// # Errors
    /// The value does not fit the type. The error's path starts at `value`; callers prefix their own steps.
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        value.read_members()
    }

    /// Takes the type's members from a cursor and leaves the others. The cursor may be shared with other types: bases,
    /// branches, command arguments.
    ///
    /// # Errors
    /// A member is missing or does not fit, or the type is no object. An error may also be left in the cursor.
    fn decode_members(_: &mut Members<'_>) -> Result<Self, DecodeError> {
        Err(DecodeError::custom("the type has no members"))
    }
}

impl Decode for bool {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        value.boolean()
    }
}

impl Decode for i64 {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        value.integer()
    }
}

impl Decode for u64 {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        value.unsigned()
    }
}

impl Decode for f64 {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        value.number()
    }
}

macro_rules! small_integers {
    ($($ty:ty, $read:ident, $name:literal;)*) => {$(
        impl Decode for $ty {
            fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
                let wide = value.$read()?;
                Self::try_from(wide).map_err(|_| DecodeError::expects($name, value.kind()))
            }
        }
    )*};
}

small_integers! {
    i8, integer, "int8_t";
    i16, integer, "int16_t";
    i32, integer, "int32_t";
    u8, unsigned, "uint8_t";
    u16, unsigned, "uint16_t";
    u32, unsigned, "uint32_t";
}

impl Decode for String {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        value.str().map(str::to_owned)
    }
}

impl Decode for Box<str> {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        value.str().map(Into::into)
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        let elements = value.array()?;
        let mut list = Self::with_capacity(elements.len());
        deep(&mut || {
            for (index, element) in elements.clone().enumerate() {
                list.push(T::decode(element).map_err(|error| error.in_element(index))?);
            }
            Ok(())
        })?;
        Ok(list)
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        let mut content = None;
        deep(&mut || {
            content = Some(Self::new(T::decode(value)?));
            Ok(())
        })?;
        Ok(content.expect("the step has run and not failed"))
    }

    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        T::decode_members(members).map(Self::new)
    }
}

/// Takes a step down in a value that may be nested deeply.
fn deep(step: &mut (dyn FnMut() -> Result<(), DecodeError> + Send)) -> Result<(), DecodeError> {
    let mut result = Ok(());
    match with_room(&mut || result = step()) {
        Ok(()) => result,
        Err(error) => Err(DecodeError::custom(format!(
            "no stack for a value nested this deeply: {error}"
        ))),
    }
}

/// The empty object: what a command answers that returns nothing.
impl Decode for () {
    fn decode_members(_: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(())
    }
}

/// QAPI's built-in type `null`, whose only value is JSON's `null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Null;

impl Decode for Null {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        match value.kind() {
            super::Kind::Null => Ok(Self),
            _ => Err(value.wrong_kind("null")),
        }
    }
}

impl Encode for Null {
    fn encode(&self, out: &mut Writer) {
        out.null();
    }
}
