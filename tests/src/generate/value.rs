//! Definitions as the values that the language writes them with.

use super::{Arguments, Base, Body, Condition, Definition, Feature, Member, Pragmas, TypeRef};
use crate::Random;

/// A top-level item.
#[derive(Debug, Clone)]
pub struct Item {
    /// Lines of its documentation block, the `##` lines included.
    pub doc: Option<Vec<String>>,
    /// The definition or directive.
    pub value: Value,
}

/// A value of the language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `'…'`
    String(String),
    /// `true` or `false`
    Bool(bool),
    /// `[ … ]`
    Array(Vec<Self>),
    /// `{ … }`
    Object(Vec<(String, Self)>),
}

impl Value {
    /// Creates a string.
    pub fn string(text: impl Into<String>) -> Self {
        Self::String(text.into())
    }

    /// Creates an array of strings.
    pub fn strings<'s>(texts: impl IntoIterator<Item = &'s str>) -> Self {
        Self::Array(texts.into_iter().map(Self::string).collect())
    }

    /// Creates an object.
    pub fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Object(members.map(|(key, value)| (key.to_owned(), value)).into())
    }

    /// Returns the value of a key of an object, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        match self {
            Self::Object(members) => members
                .iter_mut()
                .find(|(it, _)| it == key)
                .map(|(_, value)| value),
            _ => None,
        }
    }
}

/// Returns the directive for exceptions; none if nothing is excused.
pub(super) fn pragmas(pragmas: &Pragmas, doc_required: bool) -> Option<Value> {
    let mut settings = Vec::new();
    if doc_required {
        settings.push(("doc-required".to_owned(), Value::Bool(true)));
    }
    for (key, names) in [
        ("member-name-exceptions", &pragmas.member_names),
        ("command-name-exceptions", &pragmas.command_names),
        ("command-returns-exceptions", &pragmas.command_returns),
    ] {
        if !names.is_empty() {
            settings.push((
                key.to_owned(),
                Value::strings(names.iter().map(String::as_str)),
            ));
        }
    }
    (!settings.is_empty()).then(|| Value::object([("pragma", Value::Object(settings))]))
}

/// Returns a definition; what can be written short or long is now one, now the other.
pub(super) fn definition(rng: &mut Random, definition: &Definition) -> Value {
    let mut object = vec![(
        definition.meta().to_owned(),
        Value::string(&definition.name),
    )];
    let mut add = |key: &str, value| object.push((key.to_owned(), value));
    match &definition.body {
        Body::Enum { prefix, values } => {
            if let Some(prefix) = prefix {
                add("prefix", Value::string(prefix));
            }
            let values = values.iter().map(|it| {
                let name = Value::string(&it.name);
                long(rng, "name", name, it.condition.as_ref(), &it.features)
            });
            add("data", Value::Array(values.collect()));
        }
        Body::Struct { base, members: own } => {
            if let Some(base) = base {
                add("base", Value::string(base));
            }
            add("data", members(rng, own));
        }
        Body::Union {
            base,
            discriminator,
            branches,
        } => {
            let base = match base {
                Base::Named(name) => Value::string(name),
                Base::Inline(own) => members(rng, own),
            };
            add("base", base);
            add("discriminator", Value::string(discriminator));
            let branches = branches.iter().map(|it| {
                let ty = Value::string(&it.ty);
                (
                    it.name.clone(),
                    long(rng, "type", ty, it.condition.as_ref(), &[]),
                )
            });
            add("data", Value::Object(branches.collect()));
        }
        Body::Alternate { alternatives } => {
            let alternatives = alternatives.iter().map(|it| {
                let ty = type_ref(&it.ty);
                (
                    it.name.clone(),
                    long(rng, "type", ty, it.condition.as_ref(), &[]),
                )
            });
            add("data", Value::Object(alternatives.collect()));
        }
        Body::Command {
            arguments: data,
            returns,
            flags,
        } => {
            arguments(rng, data, &mut add);
            if let Some(returns) = returns {
                add("returns", type_ref(returns));
            }
            for (key, written, value) in [
                ("gen", flags.no_gen, false),
                ("success-response", flags.no_success_response, false),
                ("allow-oob", flags.allow_oob, true),
                ("allow-preconfig", flags.allow_preconfig, true),
                ("coroutine", flags.coroutine, true),
            ] {
                if written {
                    add(key, Value::Bool(value));
                }
            }
        }
        Body::Event { arguments: data } => arguments(rng, data, &mut add),
    }
    rest(
        rng,
        &mut object,
        definition.condition.as_ref(),
        &definition.features,
    );
    if rng.chance(10) {
        rng.shuffle(&mut object);
    }
    Value::Object(object)
}

fn arguments(rng: &mut Random, data: &Arguments, add: &mut dyn FnMut(&str, Value)) {
    match data {
        Arguments::None => {}
        Arguments::Named(name) => add("data", Value::string(name)),
        Arguments::Boxed(name) => {
            add("boxed", Value::Bool(true));
            add("data", Value::string(name));
        }
        Arguments::Inline(own) => add("data", members(rng, own)),
    }
}

fn members(rng: &mut Random, members: &[Member]) -> Value {
    let members = members.iter().map(|member| {
        let star = if member.optional { "*" } else { "" };
        let ty = type_ref(&member.ty);
        let value = long(rng, "type", ty, member.condition.as_ref(), &member.features);
        (format!("{star}{}", member.name), value)
    });
    Value::Object(members.collect())
}

/// Returns a member, value, branch or alternative: an object if it has more than a name or type.
fn long(
    rng: &mut Random,
    key: &str,
    value: Value,
    condition: Option<&Condition>,
    features: &[Feature],
) -> Value {
    let mut object = vec![(key.to_owned(), value)];
    rest(rng, &mut object, condition, features);
    if object.len() == 1 && rng.chance(90) {
        return object.remove(0).1;
    }
    Value::Object(object)
}

/// The keys that end every definition and longhand.
fn rest(
    rng: &mut Random,
    object: &mut Vec<(String, Value)>,
    if_: Option<&Condition>,
    features: &[Feature],
) {
    if let Some(if_) = if_ {
        object.push(("if".to_owned(), condition(if_)));
    }
    if !features.is_empty() {
        let features = features.iter().map(|it| {
            let name = Value::string(&it.name);
            long(rng, "name", name, it.condition.as_ref(), &[])
        });
        object.push(("features".to_owned(), Value::Array(features.collect())));
    }
}

fn type_ref(ty: &TypeRef) -> Value {
    let name = Value::string(&ty.name);
    if ty.array {
        Value::Array(vec![name])
    } else {
        name
    }
}

fn condition(condition_: &Condition) -> Value {
    let list = |parts: &[Condition]| Value::Array(parts.iter().map(condition).collect());
    match condition_ {
        Condition::Symbol(symbol) => Value::string(symbol),
        Condition::All(parts) => Value::object([("all", list(parts))]),
        Condition::Any(parts) => Value::object([("any", list(parts))]),
        Condition::Not(inner) => Value::object([("not", condition(inner))]),
    }
}
