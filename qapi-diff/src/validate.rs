//! Checks messages against a model: what a server rejects, and what a client can rely on.
//!
//! In arguments, a member that is not in the model is a violation; in replies and events it is allowed. Conditions in
//! the model are taken to hold; to check for one build, lower the schema with the symbols of that build.

use std::collections::HashSet;
use std::fmt::{self, Write as _};

use serde_json::{Map, Value};

use crate::condition::Build;
use crate::model::{Alternative, Kind, Model, NumberType, Shape, TypeIx};
use crate::path::Direction;
use crate::shared_document::Document;

/// A message from one side to the other.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// A client executes a command.
    Request {
        /// The command.
        command: String,
        /// Its arguments.
        arguments: Value,
        /// It should be executed out of band.
        out_of_band: bool,
        /// The machine is not configured yet.
        before_configuration: bool,
    },
    /// A server reports the success of a command.
    Reply {
        /// The command.
        command: String,
        /// The value it returns.
        value: Value,
    },
    /// A server reports an event.
    Event {
        /// The event.
        event: String,
        /// Its data.
        data: Value,
    },
}

impl Message {
    /// Returns the command or event.
    pub fn root(&self) -> &str {
        match self {
            Self::Request { command, .. } | Self::Reply { command, .. } => command,
            Self::Event { event, .. } => event,
        }
    }

    /// Returns the arguments, the value returned, or the data.
    pub(crate) fn body(&self) -> &Value {
        match self {
            Self::Request {
                arguments: body, ..
            }
            | Self::Reply { value: body, .. }
            | Self::Event { data: body, .. } => body,
        }
    }

    /// Returns the same, to be changed.
    pub(crate) fn body_mut(&mut self) -> &mut Value {
        match self {
            Self::Request {
                arguments: body, ..
            }
            | Self::Reply { value: body, .. }
            | Self::Event { data: body, .. } => body,
        }
    }

    /// Returns the message as sent on the wire, without time stamps and ids.
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

/// The reason why a message does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The path to the wrong or missing part, from the arguments, reply or data; empty for the message itself.
    pub path: String,
    /// A description of the fault.
    pub problem: String,
}

/// The problem text for a missing member.
const MISSING: &str = "missing";

impl Violation {
    /// Returns whether a member is not there.
    pub fn is_missing(&self) -> bool {
        self.problem == MISSING
    }
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

/// The limit for documents with very many violations.
const MOST_VIOLATIONS: usize = 100;

impl Model<'_> {
    /// Checks that this message may be sent by the rules of this model.
    pub fn check(&self, message: &Message) -> Result<(), Violation> {
        match self.violations(message).into_iter().next() {
            None => Ok(()),
            Some(violation) => Err(violation),
        }
    }

    /// Returns all that speaks against sending this message, the first hundred reasons at most.
    pub fn violations(&self, message: &Message) -> Vec<Violation> {
        self.judge(message, Unknown::OfReplies)
    }

    /// Returns the same, and the members of replies and events that a server of this model does not send.
    pub fn deviations(&self, message: &Message) -> Vec<Violation> {
        self.judge(message, Unknown::Never)
    }

    fn judge(&self, message: &Message, allowed: Unknown) -> Vec<Violation> {
        let (envelope, value) = match message {
            Message::Request {
                command,
                arguments,
                out_of_band,
                before_configuration,
            } => {
                let flags = (*out_of_band, *before_configuration);
                (Envelope::Request(command, flags), arguments)
            }
            Message::Reply { command, value } => (Envelope::Reply(command), value),
            Message::Event { event, data } => (Envelope::Event(event), data),
        };
        let mut fitting = HashSet::new();
        let document = Document::Json(value);
        self.judge_in(Build::Full, envelope, document, allowed, &mut fitting)
    }

    /// Returns the same for a build of the model, and for documents that share parts: `fitting` are the
    /// smallest values of types that are known to fit a type.
    pub(crate) fn violations_in(
        &self,
        build: Build<'_>,
        envelope: Envelope<'_>,
        value: Document<'_>,
        fitting: &mut HashSet<Fit>,
    ) -> Vec<Violation> {
        self.judge_in(build, envelope, value, Unknown::OfReplies, fitting)
    }

    fn judge_in(
        &self,
        build: Build<'_>,
        envelope: Envelope<'_>,
        value: Document<'_>,
        allowed: Unknown,
        fitting: &mut HashSet<Fit>,
    ) -> Vec<Violation> {
        let subject = match self.look_up(build, envelope) {
            Ok(subject) => subject,
            Err(problem) => {
                return vec![Violation {
                    path: String::new(),
                    problem,
                }];
            }
        };
        let mut check = Check {
            model: self,
            build,
            direction: subject.direction,
            is_closed: subject.direction == Direction::Argument || allowed == Unknown::Never,
            path: Vec::new(),
            found: Vec::new(),
            fitting,
        };
        if subject.open {
            check.object(subject.ty, value, true);
        } else {
            check.value(subject.ty, value);
        }
        check.found
    }

    /// Finds the type to check, or the reason why the message may not be sent at all.
    fn look_up(&self, build: Build<'_>, envelope: Envelope<'_>) -> Result<Subject, String> {
        let command = |name: &str| {
            let command = self.command(name);
            let command = command.filter(|it| build.has(it.facts.condition.as_ref()));
            command.ok_or_else(|| format!("there is no command `{name}`"))
        };
        match envelope {
            Envelope::Request(name, (out_of_band, before_configuration)) => {
                let command = command(name)?;
                if out_of_band && !command.allow_oob {
                    return Err(format!("`{name}` cannot be executed out of band"));
                }
                let hidden = command.hidden;
                if before_configuration && hidden.is_some_and(|flags| !flags.allow_preconfig) {
                    return Err(format!("`{name}` cannot be executed before configuration"));
                }
                Ok(Subject {
                    ty: command.arguments,
                    direction: Direction::Argument,
                    open: hidden.is_some_and(|flags| !flags.checked),
                })
            }
            Envelope::Reply(name) => {
                let command = command(name)?;
                if command.hidden.is_some_and(|flags| !flags.success_response) {
                    return Err(format!("success of `{name}` sends no reply"));
                }
                Ok(Subject {
                    ty: command.reply,
                    direction: Direction::Reply,
                    open: false,
                })
            }
            Envelope::Event(name) => {
                let event = self.event(name);
                let event = event.filter(|it| build.has(it.facts.condition.as_ref()));
                let event = event.ok_or_else(|| format!("there is no event `{name}`"))?;
                Ok(Subject {
                    ty: event.data,
                    direction: Direction::Event,
                    open: false,
                })
            }
        }
    }
}

/// The messages that may have members which are not in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unknown {
    OfReplies,
    Never,
}

/// A message without its document.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Envelope<'n> {
    /// A command; out of band, before configuration.
    Request(&'n str, (bool, bool)),
    Reply(&'n str),
    Event(&'n str),
}

/// The smallest value of a type, known to fit another type: the latter, the former, and if it
/// is an argument.
pub(crate) type Fit = (TypeIx, TypeIx, bool);

/// The part of a message that is to be checked.
struct Subject {
    ty: TypeIx,
    direction: Direction,
    /// Members that are not in the model are allowed.
    open: bool,
}

/// One step into a document.
#[derive(Debug, Clone, Copy)]
enum Segment<'v> {
    Member(&'v str),
    Element(usize),
}

struct Check<'m, 's, 'v, 'f> {
    model: &'m Model<'s>,
    build: Build<'f>,
    direction: Direction,
    /// Members that are not in the model are violations.
    is_closed: bool,
    path: Vec<Segment<'v>>,
    found: Vec<Violation>,
    fitting: &'f mut HashSet<Fit>,
}

impl<'m: 'v, 's: 'v, 'v> Check<'m, 's, 'v, '_> {
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
            result.expect("writing to a string cannot fail");
        }
        self.found.push(Violation { path, problem });
    }

    /// Does the same one step further down.
    fn wrong_at(&mut self, step: Segment<'v>, problem: String) {
        self.path.push(step);
        self.wrong(problem);
        self.path.pop();
    }

    fn below(&mut self, step: Segment<'v>, ty: TypeIx, value: Document<'v>) {
        self.path.push(step);
        self.value(ty, value);
        self.path.pop();
    }

    /// Checks a shared part once, unless it has violations.
    fn value(&mut self, ty: TypeIx, value: Document<'v>) {
        let Some(minimal_of) = value.minimal_of() else {
            return self.value_itself(ty, value);
        };
        let fit = (ty, minimal_of, self.direction == Direction::Argument);
        let before = self.found.len();
        if before == MOST_VIOLATIONS || self.fitting.contains(&fit) {
            return;
        }
        self.value_itself(ty, value);
        if self.found.len() == before {
            self.fitting.insert(fit);
        }
    }

    fn value_itself(&mut self, ty: TypeIx, value: Document<'v>) {
        let kind = value.kind();
        let model = self.model;
        match model.shape(ty) {
            Shape::Any => {}
            Shape::Alternate(alternatives) => {
                let there = |it: &&Alternative<'_>| self.build.has(it.facts.condition.as_ref());
                let mut fitting = alternatives.iter().filter(there);
                match fitting.find(|it| it.kind == kind) {
                    Some(alternative) => self.value_itself(alternative.ty, value),
                    None => self.wrong(format!("no alternative accepts {}", kind.as_str())),
                }
            }
            shape if shape.kind() != Some(kind) => {
                let expected = model.label(ty);
                self.wrong(format!("expected {expected}, found {}", kind.as_str()));
            }
            Shape::Number(number) => self.number(*number, value),
            Shape::Enum(values) => {
                let text = value.as_str().unwrap_or_default();
                let known = values.iter().find(|value| value.name == text);
                if !known.is_some_and(|known| self.build.has(known.facts.condition.as_ref())) {
                    self.wrong(format!("`{text}` is none of the values"));
                }
            }
            Shape::Array(element) => {
                for (index, item) in value.elements().into_iter().enumerate() {
                    self.below(Segment::Element(index), *element, item);
                }
            }
            Shape::Object(_) => self.object(ty, value, false),
            Shape::Str | Shape::Bool | Shape::Null => {}
        }
    }

    fn number(&mut self, number: NumberType, value: Document<'_>) {
        if number == NumberType::Real {
            return;
        }
        let range = number.range(self.direction);
        let fits = |integer| range.is_none_or(|range| range.holds(integer));
        if !value.integer().is_some_and(fits) {
            self.wrong(format!(
                "{} does not fit `{}`",
                value.text(),
                number.as_str()
            ));
        }
    }

    /// Validates an object; an `open` one may have members that are not in the model.
    fn object(&mut self, ty: TypeIx, value: Document<'v>, open: bool) {
        if value.kind() != Kind::Object {
            let found = value.kind().as_str();
            return self.wrong(format!("expected object, found {found}"));
        }
        let model = self.model;
        let mut known = Vec::new();
        let mut next = Some(ty);
        // A server's description of itself may have cycles.
        let mut left = model.types.len();
        while let Some(ty) = next.take()
            && let Some(object) = model.object(ty)
            && left > 0
        {
            left -= 1;
            let build = self.build;
            let members = object.members.iter();
            for member in members.filter(|it| build.has(it.facts.condition.as_ref())) {
                let step = Segment::Member(member.name);
                match value.member(member.name) {
                    Some(value) => self.below(step, member.ty, value),
                    None if member.optional => {}
                    None => self.wrong_at(step, MISSING.to_owned()),
                }
                known.push(member.name);
            }
            let Some(union) = &object.union_ else {
                break;
            };
            if let Some(tag) = value.member(union.tag).and_then(Document::as_str) {
                let mut branches = union.branches.iter();
                next = branches
                    .find(|branch| branch.value == tag)
                    .filter(|branch| self.build.has(branch.content.as_ref()))
                    .map(|branch| branch.ty);
            }
        }
        if open || !self.is_closed {
            return;
        }
        known.sort_unstable();
        for name in value.names() {
            if known.binary_search(&name).is_err() {
                self.wrong_at(Segment::Member(name), "unexpected".to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use serde_json::json;

    use super::*;
    use crate::model::{Command, Facts, Member, Object, Type};

    /// Returns a command `go` with these arguments and this reply.
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
            members: members.map(Rc::new).collect(),
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
    fn every_fault_is_reported_with_its_place() {
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
    fn replies_may_have_unknown_members() {
        let model = model(vec![("a", Shape::Str, false)]);
        let reply = Message::Reply {
            command: "go".to_owned(),
            value: json!({ "a": "", "b": 1 }),
        };
        assert_eq!(model.check(&reply), Ok(()));
    }

    #[test]
    fn fractions_are_not_integers() {
        let model = model(vec![("a", Shape::Number(NumberType::SomeInteger), false)]);
        assert!(model.check(&request(json!({ "a": 1.0 }))).is_err());
        assert_eq!(model.check(&request(json!({ "a": u64::MAX }))), Ok(()));
    }
}
