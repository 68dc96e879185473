//! Commands of a server and the values that they accept, as far as the server or a schema describes them.

use std::collections::{BTreeMap, HashMap};
use std::iter;

use qapi_codegen::introspect::{TypeNames, describe};
use qapi_parser::ir::Schema;
use qapi_runtime::introspect::{Introspection, MetaType, QuerySchema};
use qapi_runtime::{Any, Client, ClientError, ClientErrorKind, Execute, Object, Transport};

mod types;

pub(crate) use types::{Types, ValueKind};

/// The commands of a server by name, and the types of their arguments.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    commands: BTreeMap<String, Command>,
    pub(crate) types: Types,
}

/// A command, as far as it is known.
#[derive(Debug)]
struct Command {
    /// Type of the arguments; none if unknown.
    arguments: Option<Box<str>>,
    /// Success is answered.
    success_response: bool,
}

impl Default for Command {
    fn default() -> Self {
        Self {
            arguments: None,
            success_response: true,
        }
    }
}

impl Vocabulary {
    /// Asks a server for its commands. A server that does not list them can be called nevertheless.
    ///
    /// # Errors
    /// It does not answer.
    pub(crate) fn of_server<T: Transport>(client: &mut Client<T>) -> Result<Self, ClientError> {
        let told = if client.greeting().is_some() {
            Self::of_machine(client)
        } else {
            Self::of_guest(client)
        };
        match told {
            Err(error) if error.server_error().is_some() => Ok(Self::default()),
            told => told,
        }
    }

    /// Asks a QMP server about itself.
    fn of_machine<T: Transport>(client: &mut Client<T>) -> Result<Self, ClientError> {
        let listed = client.call("query-commands", &Object::new())?;
        let listed = listed.as_array().unwrap_or_default();
        let names = listed.iter().filter_map(|command| text(command, "name"));
        let mut vocabulary = Self {
            commands: names
                .map(|name| (name.to_owned(), Command::default()))
                .collect(),
            types: Types::default(),
        };
        match client.execute(&QuerySchema) {
            Ok(described) => vocabulary.add(described),
            // A server with an invalid description can still be called.
            Err(error) if matches!(error.kind(), ClientErrorKind::Decode(_)) => {}
            Err(error) => return Err(error),
        }
        Ok(vocabulary)
    }

    /// Asks a guest agent for its commands.
    fn of_guest<T: Transport>(client: &mut Client<T>) -> Result<Self, ClientError> {
        let info = client.call("guest-info", &Object::new())?;
        let listed = info.get("supported_commands").and_then(Any::as_array);
        let mut commands = BTreeMap::new();
        for command in listed.unwrap_or_default() {
            let flag = |name| command.get(name).and_then(Any::as_bool).unwrap_or(true);
            if let Some(name) = text(command, "name").filter(|_| flag("enabled")) {
                let command = Command {
                    success_response: flag("success-response"),
                    ..Command::default()
                };
                commands.insert(name.to_owned(), command);
            }
        }
        Ok(Self {
            commands,
            types: Types::default(),
        })
    }

    /// Returns the commands of a schema.
    pub(crate) fn of_schema(schema: &Schema) -> Self {
        let names = schema.commands.iter().map(|command| command.name.clone());
        let mut vocabulary = Self {
            commands: names.map(|name| (name, Command::default())).collect(),
            types: Types::default(),
        };
        vocabulary.add_schema(schema);
        vocabulary
    }

    /// Adds what a schema says about the commands that are there.
    pub(crate) fn add_schema(&mut self, schema: &Schema) {
        self.add(describe(schema, TypeNames::Real, &|_| true));
        for command in &schema.commands {
            if let Some(known) = self.commands.get_mut(&command.name) {
                known.success_response &= command.success_response;
            }
        }
    }

    /// Adds what a description says about the commands that are there, and all types.
    fn add(&mut self, described: Introspection) {
        for entry in described.entries() {
            if let MetaType::Command { arg_type, .. } = &entry.meta_type
                && let Some(command) = self.commands.get_mut(&*entry.name)
            {
                command.arguments = Some(arg_type.clone());
            }
        }
        self.types = Types::new(described);
    }

    /// Returns the names of all commands, sorted.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.commands.keys().map(String::as_str)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.commands.contains_key(name)
    }

    /// Returns true if a command answers success; unknown ones do.
    pub(crate) fn answers_success(&self, name: &str) -> bool {
        self.commands
            .get(name)
            .is_none_or(|command| command.success_response)
    }

    /// Name of the type of a command's arguments, if it is known.
    pub(crate) fn arguments(&self, command: &str) -> Option<&str> {
        self.commands.get(command)?.arguments.as_deref()
    }

    /// Returns true if the argument `name` of a command takes strings but no values of another kind, as far as is known.
    /// `given` are the other arguments: a union's discriminator decides which there are.
    pub(crate) fn takes_only_strings(
        &self,
        command: &str,
        name: &str,
        kind: ValueKind,
        given: &HashMap<&str, &str>,
    ) -> bool {
        let members = self
            .arguments(command)
            .map(|ty| self.types.members(ty, given));
        let member = members
            .into_iter()
            .flatten()
            .find(|member| *member.name == *name);
        member.is_some_and(|member| {
            self.types.accepts(&member.type_name, ValueKind::String)
                && !self.types.accepts(&member.type_name, kind)
        })
    }

    /// Lines about a command; none if there is no such command. For a union, `given` selects the branch.
    pub(crate) fn help(&self, name: &str, given: &HashMap<&str, &str>) -> Option<String> {
        let command = self.commands.get(name)?;
        let Some(ty) = &command.arguments else {
            return Some(format!(
                "{name}: the server does not describe its arguments\n"
            ));
        };
        let members = self.types.members(ty, given);
        if members.is_empty() {
            return Some(format!("{name}: takes no arguments\n"));
        }
        let arguments = members.into_iter().map(|member| {
            let optional = if member.optional { ", optional" } else { "" };
            let kind = self.types.kind(&member.type_name);
            format!("  {}: {kind}{optional}\n", member.name)
        });
        let tags = self
            .types
            .open_tags(ty, given)
            .into_iter()
            .map(|tag| format!("More arguments depend on `{tag}`: help {name} {tag}=VALUE\n"));
        Some(
            iter::once(format!("{name}:\n"))
                .chain(arguments)
                .chain(tags)
                .collect(),
        )
    }
}

fn text<'a>(entry: &'a Any, name: &str) -> Option<&'a str> {
    entry.get(name).and_then(Any::as_str)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Two commands with arguments, one without, and one of which nothing is known.
    pub(crate) fn vocabulary() -> Vocabulary {
        let schema = r#"[
            {"name": "query-status", "meta-type": "command", "arg-type": "0", "ret-type": "0"},
            {"name": "set-mode", "meta-type": "command", "arg-type": "1", "ret-type": "0"},
            {"name": "draw", "meta-type": "command", "arg-type": "3", "ret-type": "0"},
            {"name": "0", "meta-type": "object", "members": []},
            {"name": "1", "meta-type": "object", "members": [
                {"name": "mode", "type": "2"},
                {"name": "force", "type": "bool", "default": null}]},
            {"name": "2", "meta-type": "enum", "values": ["fast", "slow"]},
            {"name": "3", "meta-type": "object", "tag": "mode", "members": [{"name": "mode", "type": "2"}],
                "variants": [{"case": "fast", "type": "4"}, {"case": "slow", "type": "6"}]},
            {"name": "4", "meta-type": "object", "members": [{"name": "speed", "type": "5"}]},
            {"name": "5", "meta-type": "alternate", "members": [{"type": "str"}, {"type": "bool"}]},
            {"name": "6", "meta-type": "object", "members": [
                {"name": "text", "type": "str"},
                {"name": "next", "type": "3", "default": null},
                {"name": "all", "type": "[3]", "default": null}]},
            {"name": "[3]", "meta-type": "array", "element-type": "3"},
            {"name": "bool", "meta-type": "builtin", "json-type": "boolean"},
            {"name": "str", "meta-type": "builtin", "json-type": "string"}
        ]"#;
        let names = ["query-status", "set-mode", "draw", "secret"];
        let mut vocabulary = Vocabulary {
            commands: names
                .map(|name| (name.to_owned(), Command::default()))
                .into(),
            types: Types::default(),
        };
        vocabulary.add(schema.parse().expect("it is well-formed"));
        assert!(vocabulary.arguments("draw").is_some(), "it is well-formed");
        vocabulary
    }

    #[test]
    fn help_says_what_a_command_takes() {
        let vocabulary = vocabulary();
        let help = |name| vocabulary.help(name, &HashMap::new()).unwrap();
        assert_eq!(
            help("set-mode"),
            "set-mode:\n  mode: fast | slow\n  force: boolean, optional\n"
        );
        assert_eq!(help("query-status"), "query-status: takes no arguments\n");
        assert_eq!(
            help("secret"),
            "secret: the server does not describe its arguments\n"
        );
        assert_eq!(vocabulary.help("unknown", &HashMap::new()), None);
    }

    #[test]
    fn help_tells_the_branch_that_is_asked_for() {
        let vocabulary = vocabulary();
        let help = |given: &[(&'static str, &'static str)]| {
            let given = given.iter().copied().collect();
            vocabulary.help("draw", &given).unwrap()
        };
        assert_eq!(
            help(&[]),
            "draw:\n  mode: fast | slow\nMore arguments depend on `mode`: help draw mode=VALUE\n"
        );
        assert_eq!(
            help(&[("mode", "fast")]),
            "draw:\n  mode: fast | slow\n  speed: string or boolean\n"
        );
        let slow = help(&[("mode", "slow")]);
        assert!(slow.contains("  text: string\n") && !slow.contains("speed"));
    }

    #[test]
    fn strings_are_told_from_what_looks_like_other_values() {
        let vocabulary = vocabulary();
        let slow = HashMap::from([("mode", "slow")]);
        let fast = HashMap::from([("mode", "fast")]);
        let only =
            |name, given| vocabulary.takes_only_strings("draw", name, ValueKind::Boolean, given);
        assert!(only("text", &slow));
        assert!(!only("text", &fast), "there is no such argument");
        assert!(!only("speed", &fast), "it takes booleans as well");
        assert!(!only("unknown", &slow));
        assert!(vocabulary.takes_only_strings("set-mode", "mode", ValueKind::Integer, &slow));
        assert!(!vocabulary.takes_only_strings("set-mode", "force", ValueKind::Boolean, &slow));
    }
}
