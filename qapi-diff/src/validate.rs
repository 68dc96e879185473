//! Checks messages against a model: what a server refuses, and what a client can rely on.
//!
//! Arguments are closed: a member that the model does not know is a violation. Replies and
//! events are open in that respect. Where a part of the model hangs on a condition, the condition
//! is taken to hold; lower the schema with the symbols of a build to ask about that build.

use std::fmt::{self, Write as _};

use serde_json::{Map, Value};

use crate::model::{Kind, Model, NumberType, Shape, TypeIx};
use crate::path::Direction;

/// A message from one side to the other.
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
        /// The value it returns.
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
#[non_exhaustive]
pub struct Violation {
    /// The way to what is wrong or missing, from the arguments, reply or data; empty for the
    /// message itself.
    pub path: String,
    /// A description of the fault.
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

/// A document that is wrong all over is not worth more.
const MOST_VIOLATIONS: usize = 100;

impl Model<'_> {
    /// Checks that this message may be sent by the rules of this model.
    pub fn check(&self, message: &Message) -> Result<(), Violation> {
        match self.violations(message).into_iter().next() {
            None => Ok(()),
            Some(violation) => Err(violation),
        }
    }

    /// All that speaks against sending this message, the first hundred reasons at most.
    pub fn violations(&self, message: &Message) -> Vec<Violation> {
        match self.look_up(message) {
            Ok(Subject {
                ty,
                value,
                direction,
                open,
            }) => {
                let mut check = Check {
                    model: self,
                    direction,
                    path: Vec::new(),
                    found: Vec::new(),
                };
                if open {
                    check.object(ty, value, true);
                } else {
                    check.value(ty, value);
                }
                check.found
            }
            Err(problem) => vec![Violation {
                path: String::new(),
                problem,
            }],
        }
    }

    /// Finds the value to check and its type, or the reason why the message may not be sent at all.
    fn look_up<'v>(&self, message: &'v Message) -> Result<Subject<'v>, String> {
        let command = |name: &str| {
            let command = self.command(name);
            command.ok_or_else(|| format!("there is no command `{name}`"))
        };
        match message {
            Message::Request {
                command: name,
                arguments,
                out_of_band,
                before_configuration,
            } => {
                let command = command(name)?;
                if *out_of_band && !command.allow_oob {
                    return Err(format!("`{name}` cannot be executed out of band"));
                }
                let hidden = command.hidden;
                if *before_configuration && hidden.is_some_and(|flags| !flags.allow_preconfig) {
                    return Err(format!("`{name}` cannot be executed before configuration"));
                }
                Ok(Subject {
                    ty: command.arguments,
                    value: arguments,
                    direction: Direction::Argument,
                    open: hidden.is_some_and(|flags| !flags.checked),
                })
            }
            Message::Reply {
                command: name,
                value,
            } => {
                let command = command(name)?;
                if command.hidden.is_some_and(|flags| !flags.success_response) {
                    return Err(format!("success of `{name}` sends no reply"));
                }
                Ok(Subject {
                    ty: command.reply,
                    value,
                    direction: Direction::Reply,
                    open: false,
                })
            }
            Message::Event { event: name, data } => {
                let event = self.event(name);
                let event = event.ok_or_else(|| format!("there is no event `{name}`"))?;
                Ok(Subject {
                    ty: event.data,
                    value: data,
                    direction: Direction::Event,
                    open: false,
                })
            }
        }
    }
}

/// The part of a message that is to be checked.
struct Subject<'v> {
    ty: TypeIx,
    value: &'v Value,
    direction: Direction,
    /// Members that the model does not know are fine.
    open: bool,
}

/// One step into a document.
#[derive(Debug, Clone, Copy)]
enum Segment<'v> {
    Member(&'v str),
    Element(usize),
}

struct Check<'m, 's, 'v> {
    model: &'m Model<'s>,
    direction: Direction,
    path: Vec<Segment<'v>>,
    found: Vec<Violation>,
}

impl<'m: 'v, 's: 'v, 'v> Check<'m, 's, 'v> {
    fn wrong(&mut self, problem: String) {
        if self.found.len() == MOST_VIOLATIONS {
            return;
        }
        let mut path = String::new();
        for segment in &self.path {
            let dot = if path.is_empty() { "" } else { "." };
            let result = match segment {
                Segment::Member(name) => write!(path, "{dot}{name}"),
                Segment::Element(index) => write!(path, "[{index}]"),
            };
            result.expect("strings take any text");
        }
        self.found.push(Violation { path, problem });
    }

    /// The same, one step further down.
    fn wrong_at(&mut self, step: Segment<'v>, problem: String) {
        self.path.push(step);
        self.wrong(problem);
        self.path.pop();
    }

    fn below(&mut self, step: Segment<'v>, ty: TypeIx, value: &'v Value) {
        self.path.push(step);
        self.value(ty, value);
        self.path.pop();
    }

    fn value(&mut self, ty: TypeIx, value: &'v Value) {
        let kind = Kind::of(value);
        let model = self.model;
        match model.shape(ty) {
            Shape::Any => {}
            Shape::Alternate(alternatives) => {
                match alternatives.iter().find(|it| it.kind == kind) {
                    Some(alternative) => self.value(alternative.ty, value),
                    None => self.wrong(format!("no alternative takes {}", kind.as_str())),
                }
            }
            shape if shape.kind() != Some(kind) => {
                let expected = model.label(ty);
                self.wrong(format!("expected {expected}, found {}", kind.as_str()));
            }
            Shape::Number(number) => self.number(*number, value),
            Shape::Enum(values) => {
                let text = value.as_str().unwrap_or_default();
                if !values.iter().any(|value| value.name == text) {
                    self.wrong(format!("`{text}` is none of the values"));
                }
            }
            Shape::Array(element) => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    self.below(Segment::Element(index), *element, item);
                }
            }
            Shape::Object(_) => self.object(ty, value, false),
            Shape::Str | Shape::Bool | Shape::Null => {}
        }
    }

    fn number(&mut self, number: NumberType, value: &Value) {
        if number == NumberType::Real {
            return;
        }
        let integer = value
            .as_i64()
            .map(i128::from)
            .or_else(|| value.as_u64().map(i128::from));
        let range = number.range(self.direction);
        let fits = |integer| range.is_none_or(|range| range.holds(integer));
        if !integer.is_some_and(fits) {
            self.wrong(format!("{value} does not fit `{}`", number.as_str()));
        }
    }

    /// An object; an `open` one may have members that the model does not know.
    fn object(&mut self, ty: TypeIx, value: &'v Value, open: bool) {
        let Some(members) = value.as_object() else {
            let found = Kind::of(value).as_str();
            return self.wrong(format!("expected object, found {found}"));
        };
        let model = self.model;
        let mut known = Vec::new();
        let mut next = Some(ty);
        // What a server says about itself may go in circles.
        let mut left = model.types.len();
        while let Some(ty) = next.take()
            && let Some(object) = model.object(ty)
            && left > 0
        {
            left -= 1;
            for member in &object.members {
                let step = Segment::Member(member.name);
                match members.get(member.name) {
                    Some(value) => self.below(step, member.ty, value),
                    None if member.optional => {}
                    None => self.wrong_at(step, "missing".to_owned()),
                }
                known.push(member.name);
            }
            let Some(union) = &object.union_ else {
                break;
            };
            if let Some(Value::String(tag)) = members.get(union.tag) {
                let mut branches = union.branches.iter();
                next = branches
                    .find(|branch| branch.value == tag)
                    .map(|branch| branch.ty);
            }
        }
        if open || self.direction != Direction::Argument {
            return;
        }
        known.sort_unstable();
        for name in members.keys() {
            if known.binary_search(&name.as_str()).is_err() {
                self.wrong_at(Segment::Member(name), "unexpected".to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Command, Facts, Member, Object, Type};

    /// A command `go` with these arguments and this reply.
    fn model(arguments: Vec<(&'static str, Shape<'static>, bool)>) -> Model<'static> {
        let mut types = Vec::new();
        let mut add = |shape| {
            types.push(Type {
                name: None,
                shape,
                features: Vec::new(),
                span: None,
            });
            TypeIx(u32::try_from(types.len() - 1).unwrap())
        };
        let members = arguments.into_iter().map(|(name, shape, optional)| Member {
            name,
            ty: add(shape),
            optional,
            facts: Facts::default(),
        });
        let object = Object {
            members: members.collect(),
            union_: None,
        };
        let arguments = add(Shape::Object(object));
        let command = Command {
            name: "go",
            arguments,
            reply: arguments,
            allow_oob: false,
            hidden: None,
            facts: Facts::default(),
        };
        Model::new(vec![command], Vec::new(), types, arguments, false)
    }

    fn request(arguments: Value) -> Message {
        Message::Request {
            command: "go".to_owned(),
            arguments,
            out_of_band: false,
            before_configuration: false,
        }
    }

    #[test]
    fn every_fault_is_told_with_its_place() {
        let byte = Shape::Number(NumberType::Integer(qapi_parser::ir::Builtin::Uint8));
        let model = model(vec![
            ("a", byte, false),
            ("b", Shape::Str, false),
            ("c", Shape::Bool, true),
        ]);
        let wrong = request(json!({ "a": 256, "c": null, "d": 1 }));
        let told: Vec<_> = model
            .violations(&wrong)
            .iter()
            .map(Violation::to_string)
            .collect();
        assert_eq!(
            told,
            [
                "`a`: 256 does not fit `uint8`",
                "`b`: missing",
                "`c`: expected bool, found null",
                "`d`: unexpected",
            ]
        );
        assert_eq!(model.check(&request(json!({ "a": 255, "b": "" }))), Ok(()));
    }

    #[test]
    fn replies_may_have_members_that_nobody_knows() {
        let model = model(vec![("a", Shape::Str, false)]);
        let reply = Message::Reply {
            command: "go".to_owned(),
            value: json!({ "a": "", "b": 1 }),
        };
        assert_eq!(model.check(&reply), Ok(()));
    }

    #[test]
    fn fractions_are_no_integers() {
        let model = model(vec![("a", Shape::Number(NumberType::SomeInteger), false)]);
        assert!(model.check(&request(json!({ "a": 1.0 }))).is_err());
        assert_eq!(model.check(&request(json!({ "a": u64::MAX }))), Ok(()));
    }
}
