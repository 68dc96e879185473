//! Values that are bytes here and base64 on the wire.

use super::codec::{append, decode};
use crate::read::{Decode, DecodeError, Members, Value};
use crate::write::{Encode, ObjectWriter, Writer};

/// Bytes, or lists of them: types of members that the builder's option `bytes` selects.
pub trait Bytes: Sized + Send {
    /// Reads a string, or an array of strings, in base64.
    ///
    /// # Errors
    /// The value is not a string, or the string is not base64; see [`decode`].
    fn from_base64(value: Value<'_>) -> Result<Self, DecodeError>;

    /// Writes the value in base64.
    fn to_base64(&self, out: &mut Writer);
}

impl Bytes for Vec<u8> {
    fn from_base64(value: Value<'_>) -> Result<Self, DecodeError> {
        decode(value.str()?).map_err(|malformed| DecodeError::custom(malformed.to_string()))
    }

    fn to_base64(&self, out: &mut Writer) {
        out.base64(self);
    }
}

impl<T: Bytes> Bytes for Vec<T> {
    fn from_base64(value: Value<'_>) -> Result<Self, DecodeError> {
        let elements = value.array()?.enumerate();
        let read = |(at, element)| T::from_base64(element).map_err(|error| error.in_element(at));
        elements.map(read).collect()
    }

    fn to_base64(&self, out: &mut Writer) {
        out.array(|out| {
            for element in self {
                element.to_base64(out.slot());
            }
        });
    }
}

/// A command's reply that is bytes, in base64 on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Base64<T>(
    /// The bytes.
    pub T,
);

impl<T> From<T> for Base64<T> {
    fn from(bytes: T) -> Self {
        Self(bytes)
    }
}

impl<T: Bytes> Decode for Base64<T> {
    fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
        T::from_base64(value).map(Self)
    }
}

impl<T: Bytes> Encode for Base64<T> {
    fn encode(&self, out: &mut Writer) {
        self.0.to_base64(out);
    }
}

impl Value<'_> {
    /// Reads base64.
    ///
    /// # Errors
    /// See [`Bytes::from_base64`].
    pub fn bytes<T: Bytes>(self) -> Result<T, DecodeError> {
        T::from_base64(self)
    }
}

impl Members<'_> {
    /// Reads a mandatory member in base64.
    ///
    /// # Errors
    /// `Parameter '<name>' is missing`, or the error of the value.
    pub fn required_bytes<T: Bytes>(&mut self, name: &'static str) -> Result<T, DecodeError> {
        self.required::<Base64<T>>(name).map(|value| value.0)
    }

    /// Reads an optional member in base64.
    ///
    /// # Errors
    /// The error of the value.
    pub fn optional_bytes<T: Bytes>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, DecodeError> {
        Ok(self.optional::<Base64<T>>(name)?.map(|value| value.0))
    }
}

impl Writer {
    /// Writes a string of these bytes in base64.
    pub fn base64(&mut self, bytes: &[u8]) {
        self.append_with(|buffer| {
            buffer.push(b'"');
            append(buffer, bytes);
            buffer.push(b'"');
        });
    }

    /// Writes a value that is base64 on the wire.
    pub fn bytes<T: Bytes>(&mut self, value: &T) {
        value.to_base64(self);
    }
}

impl ObjectWriter<'_> {
    /// Writes a member in base64.
    pub fn bytes<T: Bytes>(&mut self, name: &str, value: &T) {
        value.to_base64(self.name(name));
    }

    /// Writes an optional member in base64; nothing if it is absent.
    pub fn optional_bytes<T: Bytes>(&mut self, name: &str, value: &Option<T>) {
        if let Some(value) = value {
            self.bytes(name, value);
        }
    }
}
