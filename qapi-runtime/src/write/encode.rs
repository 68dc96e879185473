//! The built-in types on the wire.

use std::borrow::Cow;

use super::writer::{Encode, EncodeMembers, ObjectWriter, Writer};

impl Encode for bool {
    fn encode(&self, out: &mut Writer) {
        out.boolean(*self);
    }
}

impl Encode for f64 {
    fn encode(&self, out: &mut Writer) {
        out.number(*self);
    }
}

macro_rules! integers {
    ($($ty:ty => $write:ident;)*) => {$(
        impl Encode for $ty {
            fn encode(&self, out: &mut Writer) {
                out.$write((*self).into());
            }
        }
    )*};
}

integers! {
    i8 => integer;
    i16 => integer;
    i32 => integer;
    i64 => integer;
    u8 => unsigned;
    u16 => unsigned;
    u32 => unsigned;
    u64 => unsigned;
}

impl Encode for str {
    fn encode(&self, out: &mut Writer) {
        out.string(self);
    }
}

impl Encode for String {
    fn encode(&self, out: &mut Writer) {
        out.string(self);
    }
}

impl Encode for Cow<'_, str> {
    fn encode(&self, out: &mut Writer) {
        out.string(self);
    }
}

impl<T: Encode> Encode for [T] {
    fn encode(&self, out: &mut Writer) {
        out.array(|out| {
            for element in self {
                out.element(element);
            }
        });
    }
}

impl<T: Encode> Encode for &[T] {
    fn encode(&self, out: &mut Writer) {
        (**self).encode(out);
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, out: &mut Writer) {
        self.as_slice().encode(out);
    }
}

/// A whole object: one implementation for all types, because one for each type of a large schema would cost much
/// compile time.
impl<T: EncodeMembers + ?Sized> Encode for T {
    fn encode(&self, out: &mut Writer) {
        out.object(|out| self.encode_members(out));
    }
}

impl<T: EncodeMembers + ?Sized> EncodeMembers for Box<T> {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        (**self).encode_members(out);
    }
}

impl Encode for &str {
    fn encode(&self, out: &mut Writer) {
        out.string(self);
    }
}

impl Encode for Box<str> {
    fn encode(&self, out: &mut Writer) {
        out.string(self);
    }
}

impl<T: EncodeMembers + ?Sized> EncodeMembers for &T {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        (**self).encode_members(out);
    }
}

/// The empty object, the reply of a command that returns nothing.
impl EncodeMembers for () {
    fn encode_members(&self, _: &mut ObjectWriter<'_>) {}
}
