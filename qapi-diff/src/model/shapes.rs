//! Commands, events and types of the model.

use std::collections::HashMap;
use std::rc::Rc;

use qapi_parser::ir::{Builtin, Condition};
use qapi_parser::source::Span;

use super::number::NumberType;

/// A type of a [`Model`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TypeIx(pub(crate) u32);

impl TypeIx {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// One side of a comparison.
#[derive(Debug)]
pub struct Model<'s> {
    pub(crate) commands: Vec<Command<'s>>,
    pub(crate) events: Vec<Event<'s>>,
    pub(crate) types: Vec<Type<'s>>,
    /// The object type without members; always there.
    pub(crate) empty: TypeIx,
    /// It describes one build: there are no conditions, and excluded parts are missing.
    pub(crate) resolved: bool,
    pub(crate) commands_by_name: HashMap<&'s str, usize>,
    pub(crate) events_by_name: HashMap<&'s str, usize>,
}

/// The condition, features and source of a named part.
#[derive(Debug, Default)]
pub(crate) struct Facts<'s> {
    pub(crate) condition: Option<Condition>,
    pub(crate) features: Vec<Feature<'s>>,
    pub(crate) span: Option<Span>,
}

#[derive(Debug)]
pub(crate) struct Feature<'s> {
    pub(crate) name: &'s str,
    pub(crate) condition: Option<Condition>,
    pub(crate) span: Option<Span>,
}

impl<'s> Feature<'s> {
    /// Returns the facts of the feature itself, with the span of `owner` if it has none.
    pub(crate) fn facts(&self, owner: Option<Span>) -> Facts<'s> {
        Facts {
            condition: self.condition.clone(),
            features: Vec::new(),
            span: self.span.or(owner),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Command<'s> {
    pub(crate) name: &'s str,
    pub(crate) arguments: TypeIx,
    pub(crate) reply: TypeIx,
    pub(crate) allow_oob: bool,
    /// The flags that only a schema has.
    pub(crate) hidden: Option<HiddenFlags>,
    pub(crate) facts: Facts<'s>,
}

/// The flags of a command that introspection does not show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HiddenFlags {
    /// Arguments are checked against the schema (`gen`).
    pub(crate) checked: bool,
    pub(crate) success_response: bool,
    pub(crate) allow_preconfig: bool,
}

#[derive(Debug)]
pub(crate) struct Event<'s> {
    pub(crate) name: &'s str,
    pub(crate) data: TypeIx,
    pub(crate) facts: Facts<'s>,
}

#[derive(Debug)]
pub(crate) struct Type<'s> {
    /// The name that its author gave it; none for implicit types.
    pub(crate) name: Option<&'s str>,
    pub(crate) shape: Shape<'s>,
    pub(crate) features: Vec<Feature<'s>>,
    pub(crate) span: Option<Span>,
}

impl Type<'_> {
    /// Returns the object without members.
    pub(crate) fn empty() -> Self {
        Self {
            name: None,
            shape: Shape::Object(Object::default()),
            features: Vec::new(),
            span: None,
        }
    }
}

#[derive(Debug)]
pub(crate) enum Shape<'s> {
    Str,
    Bool,
    Null,
    Any,
    Number(NumberType),
    Array(TypeIx),
    Enum(Vec<Value<'s>>),
    Object(Object<'s>),
    Alternate(Vec<Alternative<'s>>),
}

#[derive(Debug)]
pub(crate) struct Value<'s> {
    pub(crate) name: &'s str,
    pub(crate) facts: Facts<'s>,
}

/// An object. The members of its bases come first.
#[derive(Debug, Default)]
pub(crate) struct Object<'s> {
    /// Members of bases are shared, so that long chains of bases take little memory.
    pub(crate) members: Vec<Rc<Member<'s>>>,
    /// The discriminator of a union, and a branch for each of its values.
    pub(crate) union_: Option<Union<'s>>,
}

#[derive(Debug)]
pub(crate) struct Member<'s> {
    pub(crate) name: &'s str,
    pub(crate) ty: TypeIx,
    pub(crate) optional: bool,
    pub(crate) facts: Facts<'s>,
}

#[derive(Debug)]
pub(crate) struct Union<'s> {
    pub(crate) tag: &'s str,
    /// In the order of the discriminator's values.
    pub(crate) branches: Vec<Branch<'s>>,
}

#[derive(Debug)]
pub(crate) struct Branch<'s> {
    pub(crate) value: &'s str,
    /// Always an object; the empty one for a branch without members.
    pub(crate) ty: TypeIx,
    /// Those of the value.
    pub(crate) facts: Facts<'s>,
    /// The further condition of the members; builds that do not satisfy it have the value without members.
    pub(crate) content: Option<Condition>,
}

#[derive(Debug)]
pub(crate) struct Alternative<'s> {
    pub(crate) kind: Kind,
    pub(crate) ty: TypeIx,
    pub(crate) facts: Facts<'s>,
}

/// The kind of a JSON value; alternates choose by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    pub(crate) fn of(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(_) => Self::Boolean,
            serde_json::Value::Number(_) => Self::Number,
            serde_json::Value::String(_) => Self::String,
            serde_json::Value::Array(_) => Self::Array,
            serde_json::Value::Object(_) => Self::Object,
        }
    }
}

impl Shape<'_> {
    /// Returns the JSON kind of its values; none if they have several.
    pub(crate) fn kind(&self) -> Option<Kind> {
        match self {
            Self::Str | Self::Enum(_) => Some(Kind::String),
            Self::Bool => Some(Kind::Boolean),
            Self::Null => Some(Kind::Null),
            Self::Number(_) => Some(Kind::Number),
            Self::Array(_) => Some(Kind::Array),
            Self::Object(_) => Some(Kind::Object),
            Self::Any | Self::Alternate(_) => None,
        }
    }

    pub(crate) fn of_builtin(builtin: Builtin) -> Self {
        match builtin {
            Builtin::Str => Self::Str,
            Builtin::Bool => Self::Bool,
            Builtin::Null => Self::Null,
            Builtin::Any => Self::Any,
            Builtin::Number => Self::Number(NumberType::Real),
            integer => Self::Number(NumberType::Integer(integer)),
        }
    }
}

impl<'s> Object<'s> {
    pub(crate) fn member(&self, name: &str) -> Option<&Member<'s>> {
        let mut members = self.members.iter();
        members.find(|member| member.name == name).map(Rc::as_ref)
    }
}

impl Default for Model<'_> {
    /// Without commands and events.
    fn default() -> Self {
        Self::new(
            Vec::new(),
            Vec::new(),
            vec![Type::empty()],
            TypeIx(0),
            false,
        )
    }
}

impl<'s> Model<'s> {
    pub(crate) fn new(
        commands: Vec<Command<'s>>,
        events: Vec<Event<'s>>,
        types: Vec<Type<'s>>,
        empty: TypeIx,
        resolved: bool,
    ) -> Self {
        let commands_by_name = (0..)
            .zip(&commands)
            .map(|(index, command)| (command.name, index))
            .collect();
        let events_by_name = (0..)
            .zip(&events)
            .map(|(index, event)| (event.name, index))
            .collect();
        Self {
            commands,
            events,
            types,
            empty,
            resolved,
            commands_by_name,
            events_by_name,
        }
    }

    /// Returns the number of its types and their members.
    pub(crate) fn size(&self) -> u64 {
        let parts = |ty: &Type<'_>| match &ty.shape {
            Shape::Object(object) => object.members.len(),
            Shape::Enum(values) => values.len(),
            Shape::Alternate(alternatives) => alternatives.len(),
            _ => 0,
        };
        let sizes = self.types.iter().map(|ty| 1 + parts(ty) as u64);
        sizes.sum()
    }

    pub(crate) fn ty(&self, ix: TypeIx) -> &Type<'s> {
        &self.types[ix.index()]
    }

    pub(crate) fn shape(&self, ix: TypeIx) -> &Shape<'s> {
        &self.ty(ix).shape
    }

    /// Returns the object with this number.
    pub(crate) fn object(&self, ix: TypeIx) -> Option<&Object<'s>> {
        match self.shape(ix) {
            Shape::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Returns true for an object that never has a member.
    pub(crate) fn is_empty(&self, ix: TypeIx) -> bool {
        self.object(ix)
            .is_some_and(|object| object.members.is_empty() && object.union_.is_none())
    }

    /// Returns whether there is a command of this name, whatever its condition.
    pub fn has_command(&self, name: &str) -> bool {
        self.command(name).is_some()
    }

    /// Returns the names of all commands, then of all events.
    pub fn names(&self) -> impl Iterator<Item = &'s str> {
        let commands = self.commands.iter().map(|it| it.name);
        commands.chain(self.events.iter().map(|it| it.name))
    }

    pub(crate) fn command(&self, name: &str) -> Option<&Command<'s>> {
        self.commands_by_name
            .get(name)
            .map(|index| &self.commands[*index])
    }

    pub(crate) fn event(&self, name: &str) -> Option<&Event<'s>> {
        self.events_by_name
            .get(name)
            .map(|index| &self.events[*index])
    }

    /// Describes a type in the words of the schema language.
    pub(crate) fn label(&self, ix: TypeIx) -> String {
        match self.shape(ix) {
            Shape::Str => "str".to_owned(),
            Shape::Bool => "bool".to_owned(),
            Shape::Null => "null".to_owned(),
            Shape::Any => "any".to_owned(),
            Shape::Number(number) => number.as_str().to_owned(),
            Shape::Array(element) => match self.shape(*element) {
                // A schema cannot have arrays of arrays, but a server may report them.
                Shape::Array(_) => "array of arrays".to_owned(),
                _ => format!("array of {}", self.label(*element)),
            },
            Shape::Enum(_) => "enum".to_owned(),
            Shape::Object(object) if object.union_.is_some() => "union".to_owned(),
            Shape::Object(_) if self.is_empty(ix) => "empty object".to_owned(),
            Shape::Object(_) => "object".to_owned(),
            Shape::Alternate(_) => "alternate".to_owned(),
        }
    }
}
