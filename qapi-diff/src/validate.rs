//! Whether a document fits a model: what a server judges, and what a client can rely on.
//!
//! Arguments are closed: a member that the model does not know is a violation. Replies and
//! events are open in that respect. Where a part of the model hangs on a condition, the condition
//! is taken to hold; lower the schema with the symbols of a build to ask about that build.

use std::fmt;

use serde_json::{Map, Value};

use crate::model::{Kind, Model, NumberType, Object, Shape, TypeIx};
use crate::place::Direction;

/// What one side sends to the other.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// A client executes a command.
    Request {
        /// The command.
        command: String,
        /// Its arguments.
        arguments: Value,
        /// It is to be executed out of band.
        out_of_band: bool,
        /// The machine is not configured yet.
        before_configuration: bool,
    },
    /// A server tells that a command succeeded.
    Reply {
        /// The command.
        command: String,
        /// What it returns.
        value: Value,
    },
    /// A server tells that something happened.
    Event {
        /// The event.
        event: String,
        /// Its data.
        data: Value,
    },
}

impl Message {
    /// As it goes over the wire, time stamps and ids left out.
    pub fn to_json(&self) -> Value {
        let mut message = Map::new();
        let mut add = |key: &str, value: Value| {
            message.insert(key.to_owned(), value);
        };
        let is_empty = |value: &Value| value.as_object().is_some_and(Map::is_empty);
        match self {
            Self::Request {
                command,
                arguments,
                out_of_band,
                ..
            } => {
                let key = if *out_of_band { "exec-oob" } else { "execute" };
                add(key, command.as_str().into());
                if !is_empty(arguments) {
                    add("arguments", arguments.clone());
                }
            }
            Self::Reply { value, .. } => add("return", value.clone()),
            Self::Event { event, data } => {
                add("event", event.as_str().into());
                if !is_empty(data) {
                    add("data", data.clone());
                }
            }
        }
        Value::Object(message)
    }
}

/// Why a message does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The way to the place, from the arguments, reply or data; empty for the message itself.
    pub path: String,
    /// What is wrong there.
    pub problem: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "`{}`: ", self.path)?;
        }
        f.write_str(&self.problem)
    }
}

impl std::error::Error for Violation {}

fn wrong<T>(problem: String) -> Result<T, Violation> {
    Err(Violation {
        path: String::new(),
        problem,
    })
}

impl Model<'_> {
    /// Whether this message may be sent by the rules of this model.
    pub fn check(&self, message: &Message) -> Result<(), Violation> {
        match message {
            Message::Request {
                command: name,
                arguments,
                out_of_band,
                before_configuration,
            } => {
                let Some(command) = self.command(name) else {
                    return wrong(format!("there is no command `{name}`"));
                };
                if *out_of_band && !command.allow_oob {
                    return wrong(format!("`{name}` cannot be executed out of band"));
                }
                let hidden = command.hidden;
                if *before_configuration && hidden.is_some_and(|flags| !flags.allow_preconfig) {
                    return wrong(format!("`{name}` cannot be executed before configuration"));
                }
                let open = hidden.is_some_and(|flags| !flags.checked);
                let check = Check::new(self, Direction::Argument);
                check.object(command.arguments, arguments, open)
            }
            Message::Reply {
                command: name,
                value,
            } => {
                let Some(command) = self.command(name) else {
                    return wrong(format!("there is no command `{name}`"));
                };
                if command.hidden.is_some_and(|flags| !flags.success_response) {
                    return wrong(format!("success of `{name}` sends no reply"));
                }
                Check::new(self, Direction::Reply).value(command.reply, value)
            }
            Message::Event { event: name, data } => {
                let Some(event) = self.event(name) else {
                    return wrong(format!("there is no event `{name}`"));
                };
                Check::new(self, Direction::Event).value(event.data, data)
            }
        }
    }
}

struct Check<'m, 's> {
    model: &'m Model<'s>,
    direction: Direction,
}

impl Violation {
    /// The same, seen from one step further out.
    fn below(mut self, step: &str) -> Self {
        let glue = !self.path.is_empty() && !self.path.starts_with('[');
        let dot = if glue { "." } else { "" };
        self.path = format!("{step}{dot}{}", self.path);
        self
    }
}

impl<'m, 's> Check<'m, 's> {
    fn new(model: &'m Model<'s>, direction: Direction) -> Self {
        Self { model, direction }
    }

    fn value(&self, ty: TypeIx, value: &Value) -> Result<(), Violation> {
        let kind = Kind::of(value);
        match self.model.shape(ty) {
            Shape::Any => Ok(()),
            Shape::Alternate(alternatives) => {
                match alternatives.iter().find(|it| it.kind == kind) {
                    Some(alternative) => self.value(alternative.ty, value),
                    None => wrong(format!("no alternative takes {}", kind.as_str())),
                }
            }
            shape if shape.kind() != Some(kind) => {
                let expected = self.model.label(ty);
                wrong(format!("expected {expected}, found {}", kind.as_str()))
            }
            Shape::Number(number) => self.number(*number, value),
            Shape::Enum(values) => {
                let text = value.as_str().unwrap_or_default();
                if values.iter().any(|value| value.name == text) {
                    Ok(())
                } else {
                    wrong(format!("`{text}` is none of the values"))
                }
            }
            Shape::Array(element) => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    let result = self.value(*element, item);
                    result.map_err(|violation| violation.below(&format!("[{index}]")))?;
                }
                Ok(())
            }
            Shape::Object(_) => self.object(ty, value, false),
            Shape::Str | Shape::Bool | Shape::Null => Ok(()),
        }
    }

    fn number(&self, number: NumberType, value: &Value) -> Result<(), Violation> {
        if number == NumberType::Real {
            return Ok(());
        }
        let integer = value
            .as_i64()
            .map(i128::from)
            .or_else(|| value.as_u64().map(i128::from));
        let range = number.range(self.direction);
        match integer {
            Some(integer) if range.is_none_or(|range| range.holds(integer)) => Ok(()),
            _ => wrong(format!("{value} does not fit `{}`", number.as_str())),
        }
    }

    /// An object; an `open` one may have members that the model does not know.
    fn object(&self, ty: TypeIx, value: &Value, open: bool) -> Result<(), Violation> {
        let Some(members) = value.as_object() else {
            return wrong(format!(
                "expected object, found {}",
                Kind::of(value).as_str()
            ));
        };
        let mut known = Vec::new();
        for object in Chain::new(self.model, ty, members) {
            for member in &object?.members {
                match members.get(member.name) {
                    Some(value) => {
                        let result = self.value(member.ty, value);
                        result.map_err(|violation| violation.below(member.name))?;
                    }
                    None if member.optional => {}
                    None => return wrong(format!("`{}` is missing", member.name)),
                }
                known.push(member.name);
            }
        }
        if open || self.direction != Direction::Argument {
            return Ok(());
        }
        known.sort_unstable();
        let unknown = |name: &&String| known.binary_search(&name.as_str()).is_err();
        match members.keys().find(unknown) {
            Some(name) => wrong(format!("`{name}` is unexpected")),
            None => Ok(()),
        }
    }
}

/// An object type, the branch that a document selects, the branch of that, and so on.
struct Chain<'m, 's, 'v> {
    model: &'m Model<'s>,
    members: &'v Map<String, Value>,
    next: Option<TypeIx>,
    /// What a server says about itself may go in circles.
    left: usize,
}

impl<'m, 's, 'v> Chain<'m, 's, 'v> {
    fn new(model: &'m Model<'s>, ty: TypeIx, members: &'v Map<String, Value>) -> Self {
        Self {
            model,
            members,
            next: Some(ty),
            left: model.types.len(),
        }
    }
}

impl<'m, 's> Iterator for Chain<'m, 's, '_> {
    type Item = Result<&'m Object<'s>, Violation>;

    fn next(&mut self) -> Option<Self::Item> {
        let object = self.model.object(self.next.take()?)?;
        self.left = self.left.checked_sub(1)?;
        if let Some(union) = &object.union_
            && let Some(Value::String(tag)) = self.members.get(union.tag)
        {
            let branch = union.branches.iter().find(|branch| branch.value == tag);
            match branch {
                Some(branch) => self.next = Some(branch.ty),
                None => {
                    let violation = wrong(format!("`{tag}` selects no branch"));
                    return Some(violation.map_err(|violation| violation.below(union.tag)));
                }
            }
        }
        Some(Ok(object))
    }
}
