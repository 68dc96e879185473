//! The server of a schema: checks requests, with the server's error texts, and makes up replies.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use qapi_parser::ir::{Schema, TypeId};
use qapi_runtime::message::Request;
use qapi_runtime::{Any, Decode, DecodeError, Error, Members, Value};

use crate::made_up_values::{Choices, ReplyMaker};
use crate::server_build::Build;
use crate::shapes::{ObjectShape, Shape, Shapes};

/// A server as described by its schema, for mocks.
///
/// ```
/// use std::path::Path;
///
/// use qapi_parser::source::Memory;
/// use qapi_runtime::message::Request;
/// use qapi_runtime::wire::Document;
/// use qapi_traffic::{Build, ServerModel};
///
/// let text = "{'command': 'eject', 'data': {'id': 'str', '*force': 'bool'}}";
/// let files = Memory::new().with("s.json", text);
/// let loaded = qapi_parser::load(Path::new("s.json"), &files, &qapi_parser::Options::default());
/// let schema = loaded.schema.ok_or("the schema is wrong")?;
/// let model = ServerModel::new(&schema, &Build::default(), 0);
/// let message = Document::parse(br#"{"execute": "eject", "arguments": {"force": 1}}"#)?;
/// let request = Request::parse(&message, false).map_err(|rejection| rejection.error)?;
/// assert_eq!(model.judge(&request).unwrap_err().desc, "Parameter 'id' is missing");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ServerModel {
    shapes: Shapes,
    choices: Choices,
    seed: u64,
    /// Replies made so far. They are the same each time.
    made: Mutex<HashMap<Box<str>, Any>>,
}

impl ServerModel {
    /// Returns the server of a schema as it is in a build. `seed` chooses among the replies that it could give.
    pub fn new(schema: &Schema, build: &Build, seed: u64) -> Self {
        let shapes = Shapes::new(schema, build);
        Self {
            choices: Choices::new(&shapes),
            shapes,
            seed,
            made: Mutex::default(),
        }
    }

    /// Returns the names of the commands, sorted.
    pub fn commands(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.shapes.commands.keys().map(|name| &**name).collect();
        names.sort_unstable();
        names
    }

    /// Returns whether there is an event of this name that may come without data.
    pub fn has_plain_event(&self, name: &str) -> bool {
        let event = self.shapes.events.get(name);
        event.is_some_and(|event| event.data.is_none())
    }

    /// Returns whether success of a command sends no reply.
    pub fn is_silent(&self, command: &str) -> bool {
        let command = self.shapes.commands.get(command);
        command.is_some_and(|command| command.is_silent)
    }

    /// Judges a request as the server does, which stops at the first mistake.
    ///
    /// # Errors
    /// The server's error (docs/reference/agent-behaviour.md §3.5 and §3.6).
    pub fn judge(&self, request: &Request<'_>) -> Result<(), Error> {
        let name = request.name;
        let Some(command) = self.shapes.commands.get(name) else {
            let text = format!("The command {name} has not been found");
            return Err(Error::command_not_found(text));
        };
        if request.out_of_band && !command.allows_oob {
            let text = format!("The command {name} does not support OOB");
            return Err(Error::generic(text));
        }
        if command.is_open {
            return Ok(());
        }
        let mut arguments = request.arguments.afresh();
        if let Some(object) = command.arguments.and_then(|ty| self.shapes.object(ty)) {
            self.members(object, &mut arguments)?;
        }
        arguments.finish()?;
        Ok(())
    }

    /// Judges the members of an object in the schema's order. Those that it does not have are left.
    fn members(&self, object: &ObjectShape, members: &mut Members<'_>) -> Result<(), DecodeError> {
        let branch = object.union_.as_ref().and_then(|union| {
            let tag = members.peek(&union.tag)?.string().ok()?;
            union.branches.get(&*tag)
        });
        for member in &object.members {
            match members.take(&member.name) {
                Some(value) => self
                    .value(member.ty, value)
                    .map_err(|error| error.in_member(member.name.to_string()))?,
                None if member.optional => {}
                None => return Err(DecodeError::missing(member.name.to_string())),
            }
        }
        match branch.and_then(|branch| self.shapes.object(*branch)) {
            Some(branch) => self.members(branch, members),
            None => Ok(()),
        }
    }

    fn value(&self, ty: TypeId, value: Value<'_>) -> Result<(), DecodeError> {
        let ty = self.shapes.ty(ty);
        match &ty.shape {
            Shape::Any => Ok(()),
            Shape::Null => qapi_runtime::Null::decode(value).map(drop),
            Shape::Bool => value.boolean().map(drop),
            Shape::Str => value.string().map(drop),
            Shape::Number => value.number().map(drop),
            Shape::Integer(range) => integer(*range.start(), *range.end(), value),
            Shape::Enum(values) => {
                let text = value.string()?;
                if values.contains_key(&*text) {
                    Ok(())
                } else {
                    Err(value.unknown_value(&text))
                }
            }
            Shape::Array(element) => {
                for (index, item) in value.array()?.enumerate() {
                    self.value(*element, item)
                        .map_err(|error| error.in_element(index))?;
                }
                Ok(())
            }
            Shape::Object(object) => {
                let mut members = value.object()?;
                self.members(object, &mut members)?;
                members.finish()
            }
            Shape::Alternate(alternatives) => {
                let kind = value.kind();
                if let Some(it) = alternatives.iter().find(|it| it.kind.has(kind)) {
                    return self.value(it.ty, value);
                }
                let name = ty.name.trim_matches('`').to_owned();
                Err(DecodeError::wrong_kind(name, kind))
            }
        }
    }

    /// Returns a reply to a command that the schema allows, always the same; none if the schema has no such command, or allows
    /// none that is finite.
    pub fn reply(&self, command: &str) -> Option<Any> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reply) = made.get(command) {
            return Some(reply.clone());
        }
        let returns = self.shapes.commands.get(command)?.returns;
        let reply = match returns {
            None => Any::Object(qapi_runtime::Object::new()),
            Some(ty) => {
                ReplyMaker::new(&self.shapes, &self.choices, self.seed, command).value(ty)?
            }
        };
        made.insert(command.into(), reply.clone());
        Some(reply)
    }
}

/// Judges an integer by its type, each of which has its own words.
fn integer(low: i128, high: i128, value: Value<'_>) -> Result<(), DecodeError> {
    match (low == 0, high) {
        (false, 0x7F) => i8::decode(value).map(drop),
        (false, 0x7FFF) => i16::decode(value).map(drop),
        (false, 0x7FFF_FFFF) => i32::decode(value).map(drop),
        (false, _) => i64::decode(value).map(drop),
        (true, 0xFF) => u8::decode(value).map(drop),
        (true, 0xFFFF) => u16::decode(value).map(drop),
        (true, 0xFFFF_FFFF) => u32::decode(value).map(drop),
        (true, _) => u64::decode(value).map(drop),
    }
}
