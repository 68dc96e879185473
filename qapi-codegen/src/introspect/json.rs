//! Prints introspection entries as the JSON that a server sends (language.md §8.3).

use serde_json::Value;

use super::entries::{Conditional, Entry, EntryKind, MemberInfo, ValueInfo};

/// All entries, one per line.
pub(super) fn array(entries: &[Entry]) -> String {
    let mut out = String::from("[");
    for (index, entry) in entries.iter().enumerate() {
        out.push_str(if index == 0 { "\n  " } else { ",\n  " });
        object(&mut out, |members| write_entry(members, entry));
    }
    out.push_str("\n]\n");
    out
}

fn write_entry(members: &mut Members<'_>, entry: &Entry) {
    members.text("name", &entry.name);
    members.text("meta-type", meta_type(&entry.kind));
    match &entry.kind {
        EntryKind::Command {
            arguments,
            returns,
            allow_oob,
        } => {
            members.text("arg-type", arguments);
            members.text("ret-type", returns);
            if *allow_oob {
                members.raw("allow-oob", "true");
            }
        }
        EntryKind::Event { arguments } => members.text("arg-type", arguments),
        EntryKind::Array { element } => members.text("element-type", element),
        EntryKind::Builtin { json_type } => members.text("json-type", json_type),
        EntryKind::Alternate {
            members: alternatives,
        } => {
            members.list("members", alternatives, |out, ty| {
                object(out, |members| members.text("type", ty));
            });
        }
        EntryKind::Enum { members: values } => {
            members.list("members", values, |out, value| {
                object(out, |members| write_value(members, value));
            });
            members.list("values", values, |out, value| string(out, &value.name));
        }
        EntryKind::Object {
            members: own,
            tag,
            variants,
        } => {
            members.list("members", own, |out, member| {
                object(out, |members| write_member(members, member));
            });
            if let Some(tag) = tag {
                members.text("tag", tag);
                members.list("variants", variants, |out, (case, ty)| {
                    object(out, |members| {
                        members.text("case", case);
                        members.text("type", ty);
                    });
                });
            }
        }
    }
    write_features(members, entry.features.as_deref());
}

fn meta_type(kind: &EntryKind) -> &'static str {
    match kind {
        EntryKind::Command { .. } => "command",
        EntryKind::Event { .. } => "event",
        EntryKind::Object { .. } => "object",
        EntryKind::Enum { .. } => "enum",
        EntryKind::Alternate { .. } => "alternate",
        EntryKind::Array { .. } => "array",
        EntryKind::Builtin { .. } => "builtin",
    }
}

fn write_value(members: &mut Members<'_>, value: &ValueInfo) {
    members.text("name", &value.name);
    write_features(members, value.features.as_deref());
}

fn write_member(members: &mut Members<'_>, member: &MemberInfo) {
    members.text("name", &member.name);
    members.text("type", &member.type_name);
    if member.optional {
        // Reserved for the default value, of which servers say only that there is one.
        members.raw("default", "null");
    }
    write_features(members, member.features.as_deref());
}

fn write_features(members: &mut Members<'_>, features: Option<&[Conditional<String>]>) {
    if let Some(features) = features {
        members.list("features", features, |out, name| string(out, name));
    }
}

/// The members of an object that is being printed.
struct Members<'o> {
    out: &'o mut String,
    first: bool,
}

impl Members<'_> {
    fn key(&mut self, name: &str) {
        if !std::mem::replace(&mut self.first, false) {
            self.out.push_str(", ");
        }
        string(self.out, name);
        self.out.push_str(": ");
    }

    fn text(&mut self, name: &str, value: &str) {
        self.key(name);
        string(self.out, value);
    }

    fn raw(&mut self, name: &str, value: &str) {
        self.key(name);
        self.out.push_str(value);
    }

    fn list<T>(&mut self, name: &str, items: &[Conditional<T>], print: impl Fn(&mut String, &T)) {
        self.key(name);
        self.out.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push_str(", ");
            }
            print(self.out, &item.value);
        }
        self.out.push(']');
    }
}

fn object(out: &mut String, members: impl FnOnce(&mut Members<'_>)) {
    out.push('{');
    members(&mut Members { out, first: true });
    out.push('}');
}

fn string(out: &mut String, text: &str) {
    out.push_str(&Value::from(text).to_string());
}
