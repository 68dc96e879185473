//! The text of a schema, one definition after the other.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

use qapi_parser::ir::Command;

use super::{Description, ReconstructionError, needs_excuse};
use crate::model::{JsonType, MetaType, SchemaInfo, SchemaInfoMember};

const HEADING: &str = "\
# Made from a server's description of itself, the reply to `query-qmp-schema`.
#
# Names of types are not part of it: they come from another revision, or from the way to the type.
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
        match entry.meta_type {
            MetaType::Command => writer.command(entry, known.get(entry.name.as_str()).copied())?,
            MetaType::Event => writer.event(entry)?,
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
            write!(out, "{{ 'pragma': {{\n{lists} }} }}\n\n").expect("strings take any text");
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
        let keys = keys.join(",\n  ");
        write!(self.out, "{{ {keys} }}\n\n").expect("strings take any text");
    }

    fn definition(&mut self, name: &str, entry: &'i SchemaInfo) -> Result<(), ReconstructionError> {
        let mut keys = match entry.meta_type {
            MetaType::Enum => self.enumeration(name, entry),
            MetaType::Alternate => self.alternate(name, entry)?,
            _ if entry.tag.is_some() => self.union_(name, entry)?,
            _ => vec![
                format!("'struct': '{name}'"),
                format!("'data': {}", self.members(name, entry)?),
            ],
        };
        keys.extend(features(&entry.features));
        self.put(&keys);
        Ok(())
    }

    fn enumeration(&mut self, name: &str, entry: &'i SchemaInfo) -> Vec<String> {
        let mut texts = Vec::new();
        match &entry.members {
            Some(values) => {
                for value in values {
                    let text = value.name.as_deref().unwrap_or_default();
                    self.watch(name, text);
                    texts.push(match features(&value.features) {
                        Some(features) => format!("{{ 'name': '{text}', {features} }}"),
                        None => format!("'{text}'"),
                    });
                }
            }
            None => {
                for text in entry.values.iter().flatten() {
                    self.watch(name, text);
                    texts.push(format!("'{text}'"));
                }
            }
        }
        let texts = list('[', &texts, ']');
        vec![format!("'enum': '{name}'"), format!("'data': {texts}")]
    }

    fn alternate(
        &self,
        name: &str,
        entry: &SchemaInfo,
    ) -> Result<Vec<String>, ReconstructionError> {
        let mut texts = Vec::new();
        for part in entry.members.iter().flatten() {
            let index = self.description.index(part.r#type.as_deref());
            let kind = index.map_or("any", |index| kind(&self.description.entries[index]));
            texts.push(format!(
                "'{kind}': {}",
                self.ty(entry, part.r#type.as_deref())?
            ));
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
        entry: &'i SchemaInfo,
    ) -> Result<Vec<String>, ReconstructionError> {
        let tag = entry.tag.as_deref().unwrap_or_default();
        let mut branches = Vec::new();
        for variant in &entry.variants {
            if self.description.index(Some(&variant.r#type)) == self.description.empty {
                // What is not listed has no members.
                continue;
            }
            let ty = self.ty(entry, Some(&variant.r#type))?;
            branches.push(format!("'{}': {ty}", variant.case));
        }
        Ok(vec![
            format!("'union': '{name}'"),
            format!("'base': {}", self.members(name, entry)?),
            format!("'discriminator': '{tag}'"),
            format!("'data': {}", list('{', &branches, '}')),
        ])
    }

    /// The members of an object, in braces.
    fn members(
        &mut self,
        owner: &str,
        entry: &'i SchemaInfo,
    ) -> Result<String, ReconstructionError> {
        let mut texts = Vec::new();
        for member in entry.members.iter().flatten() {
            let name = member.name.as_deref().unwrap_or_default();
            self.watch(owner, name);
            texts.push(self.member(entry, name, member)?);
        }
        Ok(list('{', &texts, '}'))
    }

    fn member(
        &self,
        entry: &SchemaInfo,
        name: &str,
        member: &SchemaInfoMember,
    ) -> Result<String, ReconstructionError> {
        let star = if member.optional { "*" } else { "" };
        let ty = self.ty(entry, member.r#type.as_deref())?;
        Ok(match features(&member.features) {
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

    /// A reference to a type.
    fn ty(&self, entry: &SchemaInfo, name: Option<&str>) -> Result<String, ReconstructionError> {
        let wrong = || {
            let name = name.unwrap_or_default();
            ReconstructionError(format!(
                "`{}` refers to type `{name}`, which a schema cannot name there",
                entry.name
            ))
        };
        let index = self.description.index(name).ok_or_else(wrong)?;
        let found = &self.description.entries[index];
        match found.meta_type {
            MetaType::Builtin => Ok(format!("'{}'", builtin(found))),
            MetaType::Array => {
                let element = found.element_type.as_deref();
                Ok(format!("[ {} ]", self.ty(found, element)?))
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
        known: Option<&Command>,
    ) -> Result<(), ReconstructionError> {
        let mut keys = vec![format!("'command': '{}'", entry.name)];
        if needs_excuse(&entry.name) {
            self.exceptions.commands.insert(&entry.name);
        }
        self.data(entry, &mut keys)?;
        let reply = self.description.index(entry.ret_type.as_deref());
        if let Some(index) = reply.filter(|index| Some(*index) != self.description.empty) {
            keys.push(format!(
                "'returns': {}",
                self.ty(entry, entry.ret_type.as_deref())?
            ));
            if !self.is_object(index) {
                self.exceptions.returns.insert(&entry.name);
            }
        }
        if entry.allow_oob {
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
        keys.extend(features(&entry.features));
        self.put(&keys);
        Ok(())
    }

    /// A command that no server has, with the types that no other command or event leads to.
    fn unbuilt(&mut self) -> Result<(), ReconstructionError> {
        let description = self.description;
        let mut parts = Vec::new();
        for (number, &index) in (1..).zip(&description.unbuilt) {
            let entry = &description.entries[index];
            parts.push(format!(
                "'part-{number}': {}",
                self.ty(entry, Some(&entry.name))?
            ));
        }
        if !parts.is_empty() {
            self.out
                .push_str("# The server describes types of commands that it was built without.\n");
            self.put(&[
                "'command': 'x-unbuilt'".to_owned(),
                format!("'data': {}", list('{', &parts, '}')),
                "'if': { 'all': [ 'UNBUILT', { 'not': 'UNBUILT' } ] }".to_owned(),
            ]);
        }
        Ok(())
    }

    fn event(&mut self, entry: &'i SchemaInfo) -> Result<(), ReconstructionError> {
        let mut keys = vec![format!("'event': '{}'", entry.name)];
        self.data(entry, &mut keys)?;
        keys.extend(features(&entry.features));
        self.put(&keys);
        Ok(())
    }

    /// The arguments of a command or data of an event.
    fn data(
        &mut self,
        entry: &'i SchemaInfo,
        keys: &mut Vec<String>,
    ) -> Result<(), ReconstructionError> {
        let name = entry.arg_type.as_deref();
        let Some(index) = self.description.index(name) else {
            return Ok(());
        };
        if self.description.empty == Some(index) {
            return Ok(());
        }
        let object = &self.description.entries[index];
        if self.description.inline.contains(&index) {
            keys.push(format!("'data': {}", self.members(&entry.name, object)?));
        } else {
            keys.push(format!("'data': {}", self.ty(entry, name)?));
            if object.tag.is_some() {
                keys.push("'boxed': true".to_owned());
            }
        }
        Ok(())
    }

    /// Returns whether a type is an object, or an array of them: what commands return without an exception.
    fn is_object(&self, index: usize) -> bool {
        let entry = &self.description.entries[index];
        let element = self.description.index(entry.element_type.as_deref());
        let entry = element.map_or(entry, |element| &self.description.entries[element]);
        entry.meta_type == MetaType::Object
    }
}

fn builtin(entry: &SchemaInfo) -> &str {
    match entry.json_type {
        Some(JsonType::String) => "str",
        Some(JsonType::Int) => "int",
        Some(JsonType::Number) => "number",
        Some(JsonType::Boolean) => "bool",
        Some(JsonType::Null) => "null",
        _ => "any",
    }
}

/// The JSON kind of an alternative, which serves as its name.
fn kind(entry: &SchemaInfo) -> &'static str {
    match (entry.meta_type, entry.json_type) {
        (MetaType::Array, _) => "array",
        (MetaType::Object, _) => "object",
        (MetaType::Builtin, Some(JsonType::Int | JsonType::Number)) => "number",
        (MetaType::Builtin, Some(JsonType::Boolean)) => "boolean",
        (MetaType::Builtin, Some(JsonType::Null)) => "null",
        _ => "string",
    }
}

/// `'features': [ … ]`; none if there are none.
fn features(features: &[String]) -> Option<String> {
    let names: Vec<_> = features.iter().map(|name| format!("'{name}'")).collect();
    (!names.is_empty()).then(|| format!("'features': [ {} ]", names.join(", ")))
}

/// Texts between brackets, a line each.
fn list(open: char, texts: &[String], close: char) -> String {
    if texts.is_empty() {
        return format!("{open}{close}");
    }
    format!("{open}\n    {} {close}", texts.join(",\n    "))
}
