//! Writes a description of a schema as a server does.

use super::model::{
    EnumMember, Introspection, MetaType, ObjectInfo, ObjectMember, ObjectVariant, SchemaInfo,
};
use crate::write::{Encode, EncodeMembers, ObjectWriter, Writer};

impl Introspection {
    /// Returns the JSON array, one entry per line, with a line feed at the end.
    pub fn to_json(&self) -> String {
        let mut out = Writer::new();
        let mut start: &[u8] = b"[\n  ";
        for entry in self.entries() {
            out.raw(start);
            out.value(entry);
            start = b",\n  ";
        }
        out.raw(if self.entries().is_empty() {
            b"[\n]\n"
        } else {
            b"\n]\n"
        });
        out.into_string()
    }
}

/// The array in one line.
impl Encode for Introspection {
    fn encode(&self, out: &mut Writer) {
        list(out, self.entries(), |out, entry| out.value(entry));
    }
}

impl EncodeMembers for SchemaInfo {
    fn encode_members(&self, out: &mut ObjectWriter<'_>) {
        out.member("name", &self.name);
        out.member("meta-type", &self.meta_type.as_str());
        match &self.meta_type {
            MetaType::Command {
                arg_type,
                ret_type,
                allow_oob,
            } => {
                out.member("arg-type", arg_type);
                out.member("ret-type", ret_type);
                if *allow_oob {
                    out.member("allow-oob", allow_oob);
                }
            }
            MetaType::Event { arg_type } => out.member("arg-type", arg_type),
            MetaType::Array { element_type } => out.member("element-type", element_type),
            MetaType::Builtin(json_type) => out.member("json-type", &json_type.as_str()),
            MetaType::Alternate(alternatives) => {
                list(out.name("members"), alternatives, |out, ty| {
                    out.object(|out| out.member("type", ty));
                });
            }
            MetaType::Enum(values) => {
                list(out.name("members"), values, |out, value| {
                    out.object(|out| write_value(out, value));
                });
                list(out.name("values"), values, |out, value| {
                    out.value(&value.name);
                });
            }
            MetaType::Object(object) => write_object(out, object),
            MetaType::Unlisted(_) => {}
        }
        out.optional("features", &self.features);
    }
}

fn write_object(out: &mut ObjectWriter<'_>, object: &ObjectInfo) {
    list(out.name("members"), &object.members, |out, member| {
        out.object(|out| write_member(out, member));
    });
    if let Some(tag) = &object.tag {
        out.member("tag", tag);
        list(out.name("variants"), &object.variants, |out, variant| {
            let ObjectVariant { case, type_name } = variant;
            out.object(|out| {
                out.member("case", case);
                out.member("type", type_name);
            });
        });
    }
}

fn write_member(out: &mut ObjectWriter<'_>, member: &ObjectMember) {
    out.member("name", &member.name);
    out.member("type", &member.type_name);
    if member.optional {
        // Reserved for the default value; servers only say that there is one.
        out.name("default").null();
    }
    out.optional("features", &member.features);
}

fn write_value(out: &mut ObjectWriter<'_>, value: &EnumMember) {
    out.member("name", &value.name);
    out.optional("features", &value.features);
}

fn list<T>(out: &mut Writer, items: &[T], write: impl Fn(&mut Writer, &T)) {
    out.array(|out| {
        for item in items {
            write(out.slot(), item);
        }
    });
}
