//! Writes the text of a schema, definition by definition.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

use qapi_parser::ir::Command;

use qapi_runtime::introspect::{
    EnumMember, JsonType, MetaType, ObjectInfo, ObjectMember, SchemaInfo,
};

use super::description::{Description, ReconstructionError, needs_excuse};

/// Longer lists have a line for each item.
const SHORT: usize = 56;

/// A condition that no build satisfies.
const NEVER: &str = "{ 'all': [ 'UNBUILT', { 'not': 'UNBUILT' } ] }";

const HEADING: &str = "\
# Reconstructed from a server's introspection, the reply to `query-qmp-schema`.
# It has no names of types: they come from another revision, or from the path to the type.
";

/// Writes all definitions. `known` are commands of other revisions.
pub(super) fn write(
    description: &Description<'_>,
    names: &[Option<String>],
    known: &HashMap<&str, &Command>,
) -> Result<String, ReconstructionError> {
    let mut writer = TextWriter {
        description,
        names,
        exceptions: Exceptions::default(),
        out: String::new(),
    };
    for (index, entry) in description.entries.iter().enumerate() {
        if let Some(name) = &names[index] {
            writer.definition(name, entry)?;
        }
    }
    for entry in description.entries {
        match &entry.meta_type {
            MetaType::Command {
                ret_type,
                allow_oob,
                ..
            } => {
                let known = known.get(&*entry.name).copied();
                writer.command(entry, (ret_type, *allow_oob), known)?;
            }
            MetaType::Event { .. } => writer.event(entry)?,
            _ => {}
        }
    }
    writer.unbuilt()?;
    let pragmas = writer.exceptions.write();
    Ok(format!("{HEADING}\n{pragmas}{}", writer.out))
}

/// Names that only a pragma allows.
#[derive(Default)]
struct Exceptions<'i> {
    commands: BTreeSet<&'i str>,
    returns: BTreeSet<&'i str>,
    members: BTreeSet<String>,
}

impl Exceptions<'_> {
    fn write(&self) -> String {
        let mut out = String::new();
        let commands = self.commands.iter().copied().collect();
        let returns = self.returns.iter().copied().collect();
        let members = self.members.iter().map(String::as_str).collect();
        let lists: [(&str, Vec<&str>); 3] = [
            ("command-name-exceptions", commands),
            ("command-returns-exceptions", returns),
            ("member-name-exceptions", members),
        ];
        let lists = lists.iter().filter(|(_, names)| !names.is_empty());
        let lists: Vec<_> = lists
            .map(|(key, names)| {
                let names: Vec<_> = names.iter().map(|name| format!("\n    '{name}'")).collect();
                format!("  '{key}': [{} ]", names.join(","))
            })
            .collect();
        if !lists.is_empty() {
            let lists = lists.join(",\n");
            write!(out, "{{ 'pragma': {{\n{lists} }} }}\n\n")
                .expect("writing to a string cannot fail");
        }
        out
    }
}

struct TextWriter<'d, 'i> {
    description: &'d Description<'i>,
    names: &'d [Option<String>],
    exceptions: Exceptions<'i>,
    out: String,
}

impl<'i> TextWriter<'_, 'i> {
    fn put(&mut self, keys: &[String]) {
        let short = keys.join(", ");
        let keys = if short.len() <= SHORT && !short.contains('\n') {
            short
        } else {
            keys.join(",\n  ")
        };
        write!(self.out, "{{ {keys} }}\n\n").expect("writing to a string cannot fail");
    }

    fn definition(&mut self, name: &str, entry: &SchemaInfo) -> Result<(), ReconstructionError> {
        let mut keys = match &entry.meta_type {
            MetaType::Enum(values) => self.enumeration(name, values),
            MetaType::Alternate(alternatives) => self.alternate(name, entry, alternatives)?,
            MetaType::Object(object) => match &object.tag {
                Some(tag) => self.union_(name, entry, object, tag)?,
                None => vec![
                    format!("'struct': '{name}'"),
                    format!("'data': {}", self.members(name, entry, object)?),
                ],
            },
            _ => return Ok(()),
        };
        keys.extend(features(entry.features.as_deref()));
        self.put(&keys);
        Ok(())
    }

    fn enumeration(&mut self, name: &str, values: &[EnumMember]) -> Vec<String> {
        let mut texts = Vec::new();
        for value in values {
            let text = &value.name;
            self.watch(name, text);
            texts.push(match features(value.features.as_deref()) {
                Some(features) => format!("{{ 'name': '{text}', {features} }}"),
                None => format!("'{text}'"),
            });
        }
        let texts = list('[', &texts, ']');
        vec![format!("'enum': '{name}'"), format!("'data': {texts}")]
    }

    fn alternate(
        &self,
        name: &str,
        entry: &SchemaInfo,
        alternatives: &[Box<str>],
    ) -> Result<Vec<String>, ReconstructionError> {
        let mut texts = Vec::new();
        for ty in alternatives {
            let index = self.description.index(ty);
            let kind = index.map_or("any", |index| kind(&self.description.entries[index]));
            texts.push(format!("'{kind}': {}", self.ty(entry, ty)?));
        }
        let texts = list('{', &texts, '}');
        Ok(vec![
            format!("'alternate': '{name}'"),
            format!("'data': {texts}"),
        ])
    }

    fn union_(
        &mut self,
        name: &str,
        entry: &SchemaInfo,
        object: &ObjectInfo,
        tag: &str,
    ) -> Result<Vec<String>, ReconstructionError> {
        let mut branches = Vec::new();
        for variant in &object.variants {
            if self.description.index(&variant.type_name) == self.description.empty {
                // Types that are not listed have no members.
                continue;
            }
            let ty = self.ty(entry, &variant.type_name)?;
            branches.push(format!("'{}': {ty}", variant.case));
        }
        Ok(vec![
            format!("'union': '{name}'"),
            format!("'base': {}", self.members(name, entry, object)?),
            format!("'discriminator': '{tag}'"),
            format!("'data': {}", list('{', &branches, '}')),
        ])
    }

    /// Returns the members of an object, in braces.
    fn members(
        &mut self,
        owner: &str,
        entry: &SchemaInfo,
        object: &ObjectInfo,
    ) -> Result<String, ReconstructionError> {
        let mut texts = Vec::new();
        for member in &object.members {
            self.watch(owner, &member.name);
            texts.push(self.member(entry, member)?);
        }
        Ok(list('{', &texts, '}'))
    }

    fn member(
        &self,
        entry: &SchemaInfo,
        member: &ObjectMember,
    ) -> Result<String, ReconstructionError> {
        let (name, star) = (&member.name, if member.optional { "*" } else { "" });
        let ty = self.ty(entry, &member.type_name)?;
        Ok(match features(member.features.as_deref()) {
            Some(features) => format!("'{star}{name}': {{ 'type': {ty}, {features} }}"),
            None => format!("'{star}{name}': {ty}"),
        })
    }

    /// Notes a name that a pragma has to allow.
    fn watch(&mut self, owner: &str, name: &str) {
        if needs_excuse(name) {
            self.exceptions.members.insert(owner.to_owned());
        }
    }

    /// Returns a reference to a type.
    fn ty(&self, entry: &SchemaInfo, name: &str) -> Result<String, ReconstructionError> {
        let wrong = || {
            ReconstructionError(format!(
                "`{}` refers to type `{name}`, which a schema cannot name there",
                entry.name
            ))
        };
        let index = self.description.index(name).ok_or_else(wrong)?;
        let found = &self.description.entries[index];
        match &found.meta_type {
            MetaType::Builtin(json_type) => Ok(format!("'{}'", builtin(*json_type))),
            MetaType::Array { element_type } => {
                Ok(format!("[ {} ]", self.ty(found, element_type)?))
            }
            _ => self.names[index]
                .as_ref()
                .map(|name| format!("'{name}'"))
                .ok_or_else(wrong),
        }
    }

    fn command(
        &mut self,
        entry: &'i SchemaInfo,
        (ret_type, allow_oob): (&str, bool),
        known: Option<&Command>,
    ) -> Result<(), ReconstructionError> {
        let mut keys = vec![format!("'command': '{}'", entry.name)];
        if needs_excuse(&entry.name) {
            self.exceptions.commands.insert(&entry.name);
        }
        self.data(entry, &mut keys)?;
        let reply = self.description.index(ret_type);
        if let Some(index) = reply.filter(|index| Some(*index) != self.description.empty) {
            keys.push(format!("'returns': {}", self.ty(entry, ret_type)?));
            if !self.is_object(index) {
                self.exceptions.returns.insert(&entry.name);
            }
        }
        if allow_oob {
            keys.push("'allow-oob': true".to_owned());
        }
        if let Some(known) = known {
            let is_silent = !known.success_response && reply == self.description.empty;
            let flags = [
                (!known.gen_, "'gen': false"),
                (is_silent, "'success-response': false"),
                (known.allow_preconfig, "'allow-preconfig': true"),
            ];
            let flags = flags.iter().filter(|(is_set, _)| *is_set);
            keys.extend(flags.map(|(_, text)| (*text).to_owned()));
        }
        keys.extend(features(entry.features.as_deref()));
        self.put(&keys);
        Ok(())
    }

    fn event(&mut self, entry: &SchemaInfo) -> Result<(), ReconstructionError> {
        let mut keys = vec![format!("'event': '{}'", entry.name)];
        self.data(entry, &mut keys)?;
        keys.extend(features(entry.features.as_deref()));
        self.put(&keys);
        Ok(())
    }

    /// Returns the arguments of a command or data of an event.
    fn data(
        &mut self,
        entry: &SchemaInfo,
        keys: &mut Vec<String>,
    ) -> Result<(), ReconstructionError> {
        let Some(index) = self.description.data(entry) else {
            return Ok(());
        };
        let ty = &self.description.entries[index];
        let MetaType::Object(object) = &ty.meta_type else {
            return Ok(());
        };
        if self.description.empty == Some(index) {
            return Ok(());
        }
        if self.description.inline.contains(&index) {
            let members = self.members(&entry.name, ty, object)?;
            keys.push(format!("'data': {members}"));
        } else {
            keys.push(format!("'data': {}", self.ty(entry, &ty.name)?));
            if object.tag.is_some() {
                keys.push("'boxed': true".to_owned());
            }
        }
        Ok(())
    }

    /// Returns whether a type is an object, or an array of them: types that commands may return without an exception.
    fn is_object(&self, index: usize) -> bool {
        let mut meta = &self.description.entries[index].meta_type;
        if let MetaType::Array { element_type } = meta
            && let Some(element) = self.description.index(element_type)
        {
            meta = &self.description.entries[element].meta_type;
        }
        matches!(meta, MetaType::Object(_))
    }

    /// Returns a command that no server has, with the types that no other command or event leads to.
    fn unbuilt(&mut self) -> Result<(), ReconstructionError> {
        let description = self.description;
        let mut parts = Vec::new();
        for (number, &index) in (1..).zip(&description.unbuilt) {
            let entry = &description.entries[index];
            parts.push(format!("'part-{number}': {}", self.ty(entry, &entry.name)?));
        }
        if !parts.is_empty() {
            self.out
                .push_str("# The server describes types of commands that it was built without.\n");
            self.put(&[
                "'command': 'x-unbuilt'".to_owned(),
                format!("'data': {}", list('{', &parts, '}')),
                format!("'if': {NEVER}"),
            ]);
        }
        Ok(())
    }
}

fn builtin(json_type: JsonType) -> &'static str {
    match json_type {
        JsonType::String => "str",
        JsonType::Int => "int",
        JsonType::Number => "number",
        JsonType::Boolean => "bool",
        JsonType::Null => "null",
        _ => "any",
    }
}

/// Returns the JSON kind of an alternative, which serves as its name.
fn kind(entry: &SchemaInfo) -> &'static str {
    match entry.meta_type {
        MetaType::Array { .. } => "array",
        MetaType::Object(_) => "object",
        MetaType::Builtin(JsonType::Int | JsonType::Number) => "number",
        MetaType::Builtin(JsonType::Boolean) => "boolean",
        MetaType::Builtin(JsonType::Null) => "null",
        _ => "string",
    }
}

/// `'features': [ … ]`; none if none are listed. An empty list is one of features that were not built.
fn features(features: Option<&[Box<str>]>) -> Option<String> {
    let names: Vec<_> = features?.iter().map(|name| format!("'{name}'")).collect();
    Some(if names.is_empty() {
        format!("'features': [ {{ 'name': 'unbuilt', 'if': {NEVER} }} ]")
    } else {
        format!("'features': [ {} ]", names.join(", "))
    })
}

/// Texts between brackets: on one line if they fit, or a line each.
fn list(open: char, texts: &[String], close: char) -> String {
    if texts.is_empty() {
        return format!("{open}{close}");
    }
    let short = texts.join(", ");
    if short.len() <= SHORT && !short.contains('\n') {
        return format!("{open} {short} {close}");
    }
    format!("{open}\n    {} {close}", texts.join(",\n    "))
}
