//! Commands and events (docs/reference/language.md §2.4).

use super::keys::Form;
use super::members::MemberListRole;
use super::model::{Arguments, Body, Reference, TypeRef};
use super::name_judgement::Relaxed;
use super::reader::{DefinitionReader, get, kind_of};
use crate::diag::Code;
use crate::subject::Subject;
use crate::syntax::{ObjectValue, Value};

pub(super) const COMMAND: Form = Form {
    required: &["command"],
    optional: &[
        "data",
        "returns",
        "boxed",
        "if",
        "features",
        "gen",
        "success-response",
        "allow-oob",
        "allow-preconfig",
        "coroutine",
    ],
};

pub(super) const EVENT: Form = Form {
    required: &["event"],
    optional: &["data", "boxed", "if", "features"],
};

impl<'t> DefinitionReader<'_, 't> {
    pub(super) fn command(&mut self, object: &'t ObjectValue) -> Body<'t> {
        self.keys(object, COMMAND, self.subject(), self.context.name_span);
        let arguments = self.arguments(object);
        // The empty string is taken for absent (docs/reference/language.md §6.1).
        let returns = get(object, "returns")
            .and_then(|value| self.returned(value))
            .filter(|ty| ty.array || !ty.name.is_empty());
        Body::Command {
            arguments,
            returns,
            flags: self.read_flags(object),
        }
    }

    pub(super) fn event(&mut self, object: &'t ObjectValue) -> Body<'t> {
        self.keys(object, EVENT, self.subject(), self.context.name_span);
        Body::Event {
            arguments: self.arguments(object),
            boxed: self.read_flags(object).boxed,
        }
    }

    fn arguments(&mut self, object: &'t ObjectValue) -> Arguments<'t> {
        let data = get(object, "data");
        let boxed = boxed(object);
        let Some(data) = data else {
            if let Some(boxed) = boxed {
                self.error(
                    Code::BOXED_DATA,
                    boxed.span(),
                    "`boxed` arguments need `data` that names their type",
                );
                self.complete = false;
                return Arguments::Broken;
            }
            return Arguments::None;
        };
        match data {
            Value::String(_) => self.named_arguments(data),
            Value::Object(_) | Value::Array(_) | Value::Bool(..) | Value::Null(_)
                if boxed.is_some() =>
            {
                self.complete = false;
                self.named_arguments(data)
            }
            Value::Object(members) => {
                let role = MemberListRole {
                    key: "data",
                    word: "parameter",
                    relaxed: Relaxed::Never,
                    owner: ["q_obj_", self.context.name, "-arg"],
                };
                Arguments::Members(self.members(members, role))
            }
            other => {
                let message = format!(
                    "`data` of {} `{}` must be an object of members or the name of a type, found {}",
                    self.context.meta.as_str(),
                    self.context.name,
                    kind_of(other)
                );
                self.error(Code::TYPE_OBJ_OR_NAME, other.span(), message);
                self.complete = false;
                Arguments::Broken
            }
        }
    }

    /// Returns whether `boxed` was reported as having nothing to box; other faults of its value are the same mistake.
    pub(super) fn is_boxed_without_data(&self, object: &ObjectValue) -> bool {
        self.form().optional.contains(&"boxed")
            && get(object, "data").is_none()
            && boxed(object).is_some()
    }

    fn named_arguments(&mut self, data: &'t Value) -> Arguments<'t> {
        match self.optional_name(Some(data), Subject::plain("`data` of `boxed` arguments")) {
            Reference::None => Arguments::None,
            Reference::Broken => Arguments::Broken,
            Reference::Named(ty) => Arguments::Named(ty),
        }
    }

    fn returned(&mut self, value: &'t Value) -> Option<TypeRef<'t>> {
        if let Value::Object(object) = value
            && self.tolerant()
            && self.age.unchecked()
        {
            self.warn(
                Code::OLD_RETURN_INLINE,
                object.span,
                "the return type is defined inline; today it needs a struct with a name",
            );
            let name = format!("q_obj_{}-ret", self.context.name);
            let role = MemberListRole {
                key: "returns",
                word: "member",
                relaxed: Relaxed::Never,
                owner: [""; 3],
            };
            return Some(self.implied_struct(object, name, object.span, role));
        }
        self.type_or_array(value, Subject::plain("`returns`"))
    }
}

/// Returns the value of `boxed`, if it counts as given.
fn boxed(object: &ObjectValue) -> Option<&Value> {
    get(object, "boxed").filter(|value| is_set(value))
}

/// Returns whether a flag counts as given, right or wrong.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Bool(truth, _) => *truth,
        Value::String(text) => !text.value.is_empty(),
        Value::Array(array) => !array.elements.is_empty(),
        Value::Object(object) => !object.members.is_empty(),
        Value::Null(_) => false,
    }
}
