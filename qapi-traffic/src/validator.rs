//! Checks messages against a schema.

use qapi_parser::ir::{Schema, TypeId};
use qapi_runtime::{Kind, Members, Value};

use crate::check::{Check, described, nearest, quoted};
use crate::remark::{Problem, Remark};
use crate::server_build::Build;
use crate::shapes::{CommandShape, ObjectShape, Shapes};

/// The error classes of the protocol (qapi/error.json); a client can rely on no other.
const ERROR_CLASSES: [&str; 5] = [
    "GenericError",
    "CommandNotFound",
    "DeviceNotActive",
    "DeviceNotFound",
    "KVMMissingCap",
];

/// A schema, prepared for checking many messages.
///
/// ```
/// use std::path::Path;
///
/// use qapi_parser::source::Memory;
/// use qapi_runtime::wire::Document;
/// use qapi_traffic::{Build, Validator};
///
/// let files = Memory::new().with("s.json", "{'command': 'stop', 'data': {'now': 'bool'}}");
/// let loaded = qapi_parser::load(Path::new("s.json"), &files, &Default::default());
/// let schema = loaded.schema.expect("it has no errors");
/// let validator = Validator::new(&schema, &Build::default());
///
/// let message = Document::parse(br#"{"execute": "stop", "arguments": {"now": 1}}"#)?;
/// let remarks = validator.request(message.strict());
/// assert_eq!(remarks[0].path, "arguments.now");
/// assert_eq!(remarks[0].to_string(), "expected bool, found integer 1");
/// # Ok::<(), qapi_runtime::wire::WireError>(())
/// ```
#[derive(Debug)]
pub struct Validator {
    shapes: Shapes,
}

impl Validator {
    /// Prepares a schema as it is in a build.
    pub fn new(schema: &Schema, build: &Build) -> Self {
        Self {
            shapes: Shapes::new(schema, build),
        }
    }

    /// Returns whether there is a command of this name.
    pub fn has_command(&self, name: &str) -> bool {
        self.shapes.commands.contains_key(name)
    }

    /// Returns whether success of a command sends no reply.
    pub fn is_silent(&self, command: &str) -> bool {
        let command = self.shapes.commands.get(command);
        command.is_some_and(|command| command.is_silent)
    }

    /// Judges a request: the whole message, `execute`, `arguments` and `id`.
    pub fn request(&self, message: Value<'_>) -> Vec<Remark> {
        let mut check = Check::of_request(&self.shapes);
        let Ok(mut members) = message.object() else {
            not(&mut check, "a request", message);
            return check.finish();
        };
        let is_out_of_band = members.peek("exec-oob").is_some();
        let key = if is_out_of_band {
            "exec-oob"
        } else {
            "execute"
        };
        let Some(name) = members.take(key) else {
            not(&mut check, "a request", message);
            return check.finish();
        };
        let arguments = members.take("arguments");
        members.take("id");
        while let Some((name, _)) = members.next_member() {
            check.remark(Problem::UnknownMember, "a request", quoted(name), None);
        }
        let Ok(name) = name.str() else {
            check.within(key, |check| check.wrong_type("the name of a command", name));
            return check.finish();
        };
        let Some(command) = self.shapes.commands.get(name) else {
            self.unknown_command(&mut check, key, name);
            return check.finish();
        };
        check.within(key, |check| {
            check.used(command.marks, || format!("command `{name}`"));
            if is_out_of_band && !command.allows_oob {
                check.remark(Problem::NotOutOfBand, "", quoted(name), None);
            }
        });
        self.arguments(&mut check, command, arguments);
        check.finish()
    }

    /// Judges a request that may lack some arguments, such as a pattern for requests: those that are present must fit.
    pub fn part_of_request(&self, message: Value<'_>) -> Vec<Remark> {
        let mut remarks = self.request(message);
        let members = message.object().ok();
        let name = members
            .as_ref()
            .and_then(|it| it.peek("execute")?.str().ok());
        let arguments = members.and_then(|it| it.peek("arguments")?.object().ok());
        let ty = name.and_then(|name| self.shapes.commands.get(name)?.arguments);
        let object = ty.and_then(|ty| self.shapes.object(ty));
        remarks.retain(|remark| match remark.problem {
            Problem::MissingMember => remark.path != "arguments",
            // The branch is unknown if the tag is missing.
            Problem::UnknownMember if remark.path == "arguments" => {
                let possible = object.zip(arguments.as_ref());
                !possible.is_some_and(|(object, given)| {
                    self.open_branch_has(object, given, &remark.found)
                })
            }
            _ => true,
        });
        remarks
    }

    /// Returns whether a branch that is not chosen by these members has a member of this quoted name.
    fn open_branch_has(&self, object: &ObjectShape, given: &Members<'_>, name: &str) -> bool {
        let Some(union) = &object.union_ else {
            return false;
        };
        let tag = given.peek(&union.tag).and_then(|tag| tag.str().ok());
        union.branches.iter().any(|(branch, ty)| {
            let has = |object: &ObjectShape| {
                let mut members = object.members.iter();
                tag.is_none() && members.any(|it| quoted(&it.name) == name)
            };
            let object = self.shapes.object(*ty);
            tag.is_none_or(|tag| *tag == **branch)
                && object.is_some_and(|it| has(it) || self.open_branch_has(it, given, name))
        })
    }

    fn unknown_command<'t>(&self, check: &mut Check<'_, 't>, key: &'t str, name: &str) {
        let suggestion = nearest(name, &self.shapes.commands);
        check.within(key, |check| {
            check.remark(Problem::UnknownCommand, "", quoted(name), suggestion);
        });
    }

    fn arguments<'t>(
        &self,
        check: &mut Check<'_, 't>,
        command: &CommandShape,
        arguments: Option<Value<'t>>,
    ) {
        match (command.arguments, arguments) {
            (Some(ty), Some(value)) => {
                check.within("arguments", |check| {
                    check.object(ty, value, command.is_open);
                });
            }
            (Some(ty), None) => self.nothing(check, ty, "arguments"),
            (None, Some(value)) if !command.is_open => {
                check.within("arguments", |check| empty(check, value, ""));
            }
            (None, _) => {}
        }
    }

    /// Judges the absence of a message's part, which is what no members are.
    fn nothing<'t>(&self, check: &mut Check<'_, 't>, ty: TypeId, part: &'t str) {
        let object = self.shapes.object(ty);
        for member in object.iter().flat_map(|object| &object.members) {
            if !member.optional {
                let name = format!("`{}`", member.name);
                check.within(part, |check| {
                    check.remark(Problem::MissingMember, name, "", None);
                });
            }
        }
    }

    /// Judges the reply to a command that succeeded: the whole message, `return` and `id`.
    pub fn reply(&self, command: &str, message: Value<'_>) -> Vec<Remark> {
        let mut check = Check::new(&self.shapes);
        let members = message.object().ok();
        let value = members.and_then(|mut members| {
            let value = members.take("return");
            members.take("id");
            while let Some((name, _)) = members.next_member() {
                check.remark(Problem::UnknownMember, "a reply", quoted(name), None);
            }
            value
        });
        let Some(value) = value else {
            not(&mut check, "a reply", message);
            return check.finish();
        };
        match self.shapes.commands.get(command) {
            None => {
                let suggestion = nearest(command, &self.shapes.commands);
                check.remark(Problem::UnknownCommand, "", quoted(command), suggestion);
            }
            Some(shape) if shape.is_silent => {
                check.remark(Problem::UnexpectedReply, "", quoted(command), None);
            }
            Some(shape) => check.within("return", |check| match shape.returns {
                Some(ty) => check.value(ty, value),
                None => empty(check, value, "the empty reply"),
            }),
        }
        check.finish()
    }

    /// Judges the failure of a command: the whole message, `error` and `id`.
    pub fn error(&self, message: Value<'_>) -> Vec<Remark> {
        let mut check = Check::new(&self.shapes);
        let members = message.object().ok();
        let Some(error) = members.and_then(|members| members.peek("error")) else {
            not(&mut check, "an error", message);
            return check.finish();
        };
        check.within("error", |check| {
            let Ok(members) = error.object() else {
                return check.wrong_type("object", error);
            };
            for name in ["class", "desc"] {
                match members.peek(name) {
                    None => {
                        check.remark(Problem::MissingMember, format!("`{name}`"), "", None);
                    }
                    Some(text) if text.kind() != Kind::String => {
                        check.within(name, |check| check.wrong_type("str", text));
                    }
                    Some(_) => {}
                }
            }
            let class = members.peek("class").and_then(|class| class.str().ok());
            if let Some(class) = class.filter(|class| !ERROR_CLASSES.contains(class)) {
                let suggestion = qapi_parser::suggest::closest(class, ERROR_CLASSES);
                check.within("class", |check| {
                    let expected = "`QapiErrorClass`";
                    check.remark(Problem::UnknownValue, expected, quoted(class), suggestion);
                });
            }
        });
        check.finish()
    }

    /// Judges an event: the whole message, `event`, `data` and `timestamp`.
    pub fn event(&self, message: Value<'_>) -> Vec<Remark> {
        let mut check = Check::new(&self.shapes);
        let Ok(mut members) = message.object() else {
            not(&mut check, "an event", message);
            return check.finish();
        };
        let Some(Ok(name)) = members.take("event").map(Value::str) else {
            not(&mut check, "an event", message);
            return check.finish();
        };
        let data = members.take("data");
        timestamp(&mut check, members.take("timestamp"));
        while let Some((name, _)) = members.next_member() {
            check.remark(Problem::UnknownMember, "an event", quoted(name), None);
        }
        let Some(event) = self.shapes.events.get(name) else {
            let suggestion = nearest(name, &self.shapes.events);
            check.within("event", |check| {
                check.remark(Problem::UnknownEvent, "", quoted(name), suggestion);
            });
            return check.finish();
        };
        check.within("event", |check| {
            check.used(event.marks, || format!("event `{name}`"));
        });
        match (event.data, data) {
            (Some(ty), Some(value)) => check.within("data", |check| check.value(ty, value)),
            (Some(ty), None) => self.nothing(&mut check, ty, "data"),
            (None, Some(value)) => check.within("data", |check| empty(check, value, "")),
            (None, None) => {}
        }
        check.finish()
    }
}

fn not<'t>(check: &mut Check<'_, 't>, expected: &str, message: Value<'t>) {
    check.remark(Problem::NoMessage, expected, described(message), None);
}

/// Judges an object that has no members in the schema.
fn empty<'t>(check: &mut Check<'_, 't>, value: Value<'t>, owner: &str) {
    let Ok(mut members) = value.object() else {
        return check.wrong_type("an empty object", value);
    };
    while let Some((name, _)) = members.next_member() {
        check.remark(Problem::UnknownMember, owner, quoted(name), None);
    }
}

/// Judges the time of an event: seconds and microseconds, both -1 where the host has no clock.
fn timestamp<'t>(check: &mut Check<'_, 't>, value: Option<Value<'t>>) {
    let Some(value) = value else {
        return check.remark(Problem::MissingMember, "`timestamp`", "", None);
    };
    check.within("timestamp", |check| {
        let Ok(mut members) = value.object() else {
            return check.wrong_type("object", value);
        };
        for name in ["seconds", "microseconds"] {
            match members.take(name) {
                None => check.remark(Problem::MissingMember, format!("`{name}`"), "", None),
                Some(time) if time.kind() != Kind::Integer => {
                    check.within(name, |check| check.wrong_type("int", time));
                }
                Some(_) => {}
            }
        }
        while let Some((name, _)) = members.next_member() {
            check.remark(Problem::UnknownMember, "", quoted(name), None);
        }
    });
}
