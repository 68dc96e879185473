//! Commands of a server with their arguments, as far as it tells.

use std::collections::{BTreeMap, HashMap};

use qapi_codegen::introspect::{TypeNames, describe};
use qapi_parser::ir::Schema;
use qapi_runtime::{Any, Client, ClientError, Object, Transport};

/// The commands of a server by name.
#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    commands: BTreeMap<String, Command>,
}

/// A command, as far as it is known.
#[derive(Debug)]
struct Command {
    /// None where the server does not tell.
    arguments: Option<Vec<Argument>>,
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

/// An argument of a command.
#[derive(Debug)]
pub(super) struct Argument {
    pub(super) name: String,
    optional: bool,
    /// Kind of its values, in words.
    kind: String,
    /// The values it takes, if they can be listed.
    pub(super) values: Vec<String>,
}

impl Vocabulary {
    /// Asks a QMP server about itself.
    ///
    /// # Errors
    /// It does not answer, or does not make sense.
    pub(super) fn of_machine<T: Transport>(client: &mut Client<T>) -> Result<Self, ClientError> {
        let none = Object::new();
        let mut commands = BTreeMap::new();
        let listed = client.call("query-commands", &none)?;
        for command in listed.as_array().unwrap_or_default() {
            if let Some(name) = command.get("name").and_then(Any::as_str) {
                commands.insert(name.to_owned(), Command::default());
            }
        }
        let mut vocabulary = Self { commands };
        vocabulary.add(&client.call("query-qmp-schema", &none)?);
        Ok(vocabulary)
    }

    /// Asks a guest agent for its commands.
    ///
    /// # Errors
    /// It does not answer.
    pub(super) fn of_guest<T: Transport>(client: &mut Client<T>) -> Result<Self, ClientError> {
        let info = client.call("guest-info", &Object::new())?;
        let mut commands = BTreeMap::new();
        let listed = info.get("supported_commands").and_then(Any::as_array);
        for command in listed.unwrap_or_default() {
            let flag = |name| command.get(name).and_then(Any::as_bool).unwrap_or(true);
            if let Some(name) = command
                .get("name")
                .and_then(Any::as_str)
                .filter(|_| flag("enabled"))
            {
                let command = Command {
                    success_response: flag("success-response"),
                    ..Command::default()
                };
                commands.insert(name.to_owned(), command);
            }
        }
        Ok(Self { commands })
    }

    /// Adds what a schema says about the commands that are there.
    pub(super) fn add_schema(&mut self, schema: &Schema) {
        let described = describe(schema, TypeNames::Real).to_json();
        if let Ok(described) = described.parse() {
            self.add(&described);
        }
        for command in &schema.commands {
            if let Some(known) = self.commands.get_mut(&command.name) {
                known.success_response &= command.success_response;
            }
        }
    }

    /// Adds what an introspection reply says about them (language.md §8). What makes no sense is passed over: such a
    /// server is still good to be called.
    fn add(&mut self, described: &Any) {
        let entries = Entries::new(described);
        for (name, command) in &mut self.commands {
            if let Some(ty) = entries.get(name).and_then(|entry| text(entry, "arg-type")) {
                command.arguments = Some(entries.arguments(ty));
            }
        }
    }

    /// The names of all commands, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.commands.keys().map(String::as_str)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.commands.contains_key(name)
    }

    /// Returns true if a command answers success; unknown ones do.
    pub(super) fn answers_success(&self, name: &str) -> bool {
        self.commands
            .get(name)
            .is_none_or(|command| command.success_response)
    }

    /// Known arguments of a command.
    pub(super) fn arguments(&self, name: &str) -> &[Argument] {
        let arguments = self
            .commands
            .get(name)
            .and_then(|command| command.arguments.as_deref());
        arguments.unwrap_or_default()
    }

    /// Lines about a command; none if there is no such command.
    pub(super) fn help(&self, name: &str) -> Option<String> {
        let command = self.commands.get(name)?;
        Some(match &command.arguments {
            None => format!("{name}: the server does not tell which arguments it takes\n"),
            Some(arguments) if arguments.is_empty() => format!("{name}: takes no arguments\n"),
            Some(arguments) => {
                let lines = arguments.iter().map(|argument| {
                    let optional = if argument.optional { ", optional" } else { "" };
                    format!("  {}: {}{optional}\n", argument.name, argument.kind)
                });
                format!("{name}:\n{}", lines.collect::<String>())
            }
        })
    }
}

/// The entries of an introspection reply by name.
struct Entries<'a>(HashMap<&'a str, &'a Any>);

impl<'a> Entries<'a> {
    fn new(described: &'a Any) -> Self {
        let entries = described.as_array().unwrap_or_default().iter();
        Self(
            entries
                .filter_map(|entry| Some((text(entry, "name")?, entry)))
                .collect(),
        )
    }

    fn get(&self, name: &str) -> Option<&'a Any> {
        self.0.get(name).copied()
    }

    /// The members of an object type; of a union the common ones and then those of all branches, which are optional.
    fn arguments(&self, ty: &'a str) -> Vec<Argument> {
        let mut found: Vec<Argument> = Vec::new();
        let mut types = vec![ty];
        let mut next = 0;
        while let Some(&ty) = types.get(next) {
            let in_branch = next > 0;
            next += 1;
            let Some(entry) = self.get(ty) else { continue };
            for member in list(entry, "members") {
                let Some(name) = text(member, "name") else {
                    continue;
                };
                if found.iter().all(|argument| argument.name != name) {
                    let (kind, values) = self.kind(text(member, "type").unwrap_or_default());
                    found.push(Argument {
                        name: name.to_owned(),
                        optional: member.get("default").is_some() || in_branch,
                        kind,
                        values,
                    });
                }
            }
            for branch in list(entry, "variants") {
                // Types may refer to each other in circles.
                if let Some(ty) = text(branch, "type").filter(|ty| !types.contains(ty)) {
                    types.push(ty);
                }
            }
        }
        found
    }

    /// The kind of a type's values in words, and the values if they can be listed.
    fn kind(&self, ty: &str) -> (String, Vec<String>) {
        let Some(entry) = self.get(ty) else {
            return ("value".to_owned(), Vec::new());
        };
        let of_type = |ty: Option<&str>| self.simple_kind(ty.unwrap_or_default()).to_owned();
        match text(entry, "meta-type") {
            Some("enum") => {
                // The member `values` is in all versions.
                let values = list(entry, "values").iter().filter_map(Any::as_str);
                let values: Vec<_> = values.map(str::to_owned).collect();
                (values.join(" | "), values)
            }
            Some("alternate") => {
                let kinds = list(entry, "members")
                    .iter()
                    .map(|it| of_type(text(it, "type")));
                (kinds.collect::<Vec<_>>().join(" or "), Vec::new())
            }
            Some("array") => {
                let element = of_type(text(entry, "element-type"));
                (format!("array of {element}"), Vec::new())
            }
            _ if text(entry, "json-type") == Some("boolean") => (
                "boolean".to_owned(),
                ["true", "false"].map(str::to_owned).into(),
            ),
            _ => (of_type(Some(ty)), Vec::new()),
        }
    }

    /// The JSON type of a type's values.
    fn simple_kind(&self, ty: &str) -> &'a str {
        let entry = self.get(ty);
        match entry.and_then(|entry| text(entry, "meta-type")) {
            Some("builtin") => match entry.and_then(|entry| text(entry, "json-type")) {
                Some("int") => "integer",
                Some("value") | None => "any value",
                Some(other) => other,
            },
            Some("enum") => "string",
            Some("object") => "object",
            Some("array") => "array",
            _ => "value",
        }
    }
}

fn text<'a>(entry: &'a Any, name: &str) -> Option<&'a str> {
    entry.get(name).and_then(Any::as_str)
}

fn list<'a>(entry: &'a Any, name: &str) -> &'a [Any] {
    entry.get(name).and_then(Any::as_array).unwrap_or_default()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Two commands with arguments, one without, and one of which nothing is known.
    pub(in crate::commands::shell) fn vocabulary() -> Vocabulary {
        let schema = "[
            {\"name\": \"query-status\", \"meta-type\": \"command\", \"arg-type\": \"0\", \"ret-type\": \"0\"},
            {\"name\": \"set-mode\", \"meta-type\": \"command\", \"arg-type\": \"1\", \"ret-type\": \"0\"},
            {\"name\": \"draw\", \"meta-type\": \"command\", \"arg-type\": \"3\", \"ret-type\": \"0\"},
            {\"name\": \"0\", \"meta-type\": \"object\", \"members\": []},
            {\"name\": \"1\", \"meta-type\": \"object\", \"members\": [
                {\"name\": \"mode\", \"type\": \"2\"},
                {\"name\": \"force\", \"type\": \"bool\", \"default\": null}]},
            {\"name\": \"2\", \"meta-type\": \"enum\", \"values\": [\"fast\", \"slow\"]},
            {\"name\": \"3\", \"meta-type\": \"object\", \"tag\": \"mode\", \"members\": [{\"name\": \"mode\", \"type\": \"2\"}],
                \"variants\": [{\"case\": \"fast\", \"type\": \"4\"}, {\"case\": \"slow\", \"type\": \"0\"}]},
            {\"name\": \"4\", \"meta-type\": \"object\", \"members\": [{\"name\": \"speed\", \"type\": \"5\"}]},
            {\"name\": \"5\", \"meta-type\": \"alternate\", \"members\": [{\"type\": \"str\"}, {\"type\": \"bool\"}]},
            {\"name\": \"bool\", \"meta-type\": \"builtin\", \"json-type\": \"boolean\"},
            {\"name\": \"str\", \"meta-type\": \"builtin\", \"json-type\": \"string\"}
        ]";
        let names = ["query-status", "set-mode", "draw", "secret"];
        let commands = names.map(|name| (name.to_owned(), Command::default()));
        let mut vocabulary = Vocabulary {
            commands: commands.into(),
        };
        vocabulary.add(&schema.parse().expect("it is well-formed"));
        vocabulary
    }

    #[test]
    fn help_says_what_a_command_takes() {
        let vocabulary = vocabulary();
        let help = |name| vocabulary.help(name).unwrap();
        assert_eq!(
            help("set-mode"),
            "set-mode:\n  mode: fast | slow\n  force: boolean, optional\n"
        );
        assert_eq!(
            help("draw"),
            "draw:\n  mode: fast | slow\n  speed: string or boolean, optional\n"
        );
        assert_eq!(help("query-status"), "query-status: takes no arguments\n");
        assert_eq!(
            help("secret"),
            "secret: the server does not tell which arguments it takes\n"
        );
        assert_eq!(vocabulary.help("unknown"), None);
    }
}
