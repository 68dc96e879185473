//! `Debug` of values and objects.

use std::fmt;

use super::value::Value;
use crate::value::Kind;
use crate::wire::Document;
use crate::write::{Encode, EncodeMembers, Writer};

/// The value in its wire form; with `{:#?}` on a line for each member and element.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (formatter.alternate(), self.kind()) {
            (true, Kind::Object) => {
                let mut map = formatter.debug_map();
                let mut members = self.object().map_err(|_| fmt::Error)?;
                while let Some((name, value)) = members.next_member() {
                    map.entry(&name, &value);
                }
                map.finish()
            }
            (true, Kind::Array) => {
                let elements = self.array().map_err(|_| fmt::Error)?;
                formatter.debug_list().entries(elements).finish()
            }
            _ => {
                let mut writer = Writer::new();
                writer.value(self);
                formatter.write_str(&writer.into_string())
            }
        }
    }
}

/// Implements `Debug` for [`impl_debug!`](crate::impl_debug): the name of the type, and its members as they are on the wire.
#[doc(hidden)]
pub fn debug_object(
    name: &str,
    object: &dyn EncodeMembers,
    formatter: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let mut writer = Writer::new();
    writer.value(&object);
    let Ok(document) = Document::reread(writer.as_bytes()) else {
        // The value is nested deeper than any message can be.
        formatter.write_str(name)?;
        return formatter.write_str(&writer.into_string());
    };
    let mut out = formatter.debug_struct(name);
    let mut members = document.lenient().object().map_err(|_| fmt::Error)?;
    while let Some((name, value)) = members.next_member() {
        out.field(name, &value);
    }
    out.finish()
}

/// The value again, in our own wire form.
impl Encode for Value<'_> {
    fn encode(&self, out: &mut Writer) {
        out.tape(self.document(), self.index());
    }
}
