//! Decodes built-in types.

use super::error::DecodeError;
use super::members::{Decode, DecodeMembers, Members};
use super::stack::with_room;
use super::value::Value;

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
                Self::try_from(wide).map_err(|_| DecodeError::wrong_type($name, value.kind()))
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

/// A whole object: one implementation for all types, because one for each type of a large schema would cost much
/// compile time.
impl<T: DecodeMembers> Decode for T {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        value.decode_object()
    }
}

impl<T: DecodeMembers> DecodeMembers for Box<T> {
    fn decode_members(members: &mut Members<'_>) -> Result<Self, DecodeError> {
        boxed(|| T::decode_members(members))
    }
}

impl Value<'_> {
    /// Reads a value of a type that may contain itself: sees to the stack that deeply nested documents need.
    ///
    /// # Errors
    /// Those of the type, and that there is no stack.
    pub fn decode_boxed<T: Decode>(self) -> Result<Box<T>, DecodeError> {
        boxed(|| T::decode(self))
    }
}

fn boxed<T: Send>(
    read: impl FnOnce() -> Result<T, DecodeError> + Send,
) -> Result<Box<T>, DecodeError> {
    let (mut read, mut content) = (Some(read), None);
    deep(&mut || {
        if let Some(read) = read.take() {
            content = Some(Box::new(read()?));
        }
        Ok(())
    })?;
    Ok(content.expect("the step has run and not failed"))
}

/// Descends one level in a value that may be nested deeply.
fn deep(step: &mut (dyn FnMut() -> Result<(), DecodeError> + Send)) -> Result<(), DecodeError> {
    let mut result = Ok(());
    match with_room(&mut || result = step()) {
        Ok(()) => result,
        Err(error) => Err(DecodeError::custom(format!(
            "no stack for a value nested this deeply: {error}"
        ))),
    }
}

/// The empty object, the reply of a command that returns nothing.
impl DecodeMembers for () {
    fn decode_members(_: &mut Members<'_>) -> Result<Self, DecodeError> {
        Ok(())
    }
}
