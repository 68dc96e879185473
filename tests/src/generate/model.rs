//! A schema as data, on the author's side of the language: what can be written, with the
//! questions that decide whether it may be.

use std::collections::BTreeMap;

/// A schema.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// In the order in which they are written.
    pub definitions: Vec<Definition>,
    /// Pragma exceptions for it.
    pub pragmas: Pragmas,
}

/// Lists of exceptions.
#[derive(Debug, Clone, Default)]
pub struct Pragmas {
    /// Types with odd member names.
    pub member_names: Vec<String>,
    /// Commands with odd names.
    pub command_names: Vec<String>,
    /// Commands that return something else than an object.
    pub command_returns: Vec<String>,
}

/// A definition.
#[derive(Debug, Clone)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// Its kind and contents.
    pub body: Body,
    /// Its `if`.
    pub condition: Option<Condition>,
    /// Its features.
    pub features: Vec<Feature>,
}

/// The six meta-types.
#[derive(Debug, Clone)]
pub enum Body {
    /// `enum`
    Enum {
        /// Its `prefix`.
        prefix: Option<String>,
        /// Its values.
        values: Vec<EnumValue>,
    },
    /// `struct`
    Struct {
        /// The name of its base.
        base: Option<String>,
        /// Its own members.
        members: Vec<Member>,
    },
    /// `union`
    Union {
        /// Its common members.
        base: Base,
        /// The name of the member that selects the branch.
        discriminator: String,
        /// Its branches.
        branches: Vec<Branch>,
    },
    /// `alternate`
    Alternate {
        /// Its alternatives.
        alternatives: Vec<Alternative>,
    },
    /// `command`
    Command {
        /// Its arguments.
        arguments: Arguments,
        /// Type of the reply.
        returns: Option<TypeRef>,
        /// Its flags.
        flags: CommandFlags,
    },
    /// `event`
    Event {
        /// Its data.
        arguments: Arguments,
    },
}

/// The base of a union.
#[derive(Debug, Clone)]
pub enum Base {
    /// A struct.
    Named(String),
    /// Members of its own.
    Inline(Vec<Member>),
}

/// The `data` of a command or event.
#[derive(Debug, Clone)]
pub enum Arguments {
    /// There is none.
    None,
    /// A type, taken apart.
    Named(String),
    /// A type as one value.
    Boxed(String),
    /// Members of its own.
    Inline(Vec<Member>),
}

/// The flags that a command has beside `boxed`.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the flags of the language"
)]
pub struct CommandFlags {
    /// `'gen': false`
    pub no_gen: bool,
    /// `'success-response': false`
    pub no_success_response: bool,
    /// `'allow-oob': true`
    pub allow_oob: bool,
    /// `'allow-preconfig': true`
    pub allow_preconfig: bool,
    /// `'coroutine': true`
    pub coroutine: bool,
}

/// A member.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name, without `*`.
    pub name: String,
    /// It may be absent.
    pub optional: bool,
    /// Its type.
    pub ty: TypeRef,
    /// Its `if`.
    pub condition: Option<Condition>,
    /// Its features.
    pub features: Vec<Feature>,
}

/// A type, or an array of it.
#[derive(Debug, Clone)]
pub struct TypeRef {
    /// The name.
    pub name: String,
    /// It is an array.
    pub array: bool,
}

/// A value of an enumeration.
#[derive(Debug, Clone)]
pub struct EnumValue {
    /// Its name.
    pub name: String,
    /// Its `if`.
    pub condition: Option<Condition>,
    /// Its features.
    pub features: Vec<Feature>,
}

/// A branch.
#[derive(Debug, Clone)]
pub struct Branch {
    /// The value that selects it.
    pub name: String,
    /// Its type.
    pub ty: String,
    /// Its `if`.
    pub condition: Option<Condition>,
}

/// An alternative.
#[derive(Debug, Clone)]
pub struct Alternative {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: TypeRef,
    /// Its `if`.
    pub condition: Option<Condition>,
}

/// A feature.
#[derive(Debug, Clone)]
pub struct Feature {
    /// Its name.
    pub name: String,
    /// Its `if`.
    pub condition: Option<Condition>,
}

/// A condition.
#[derive(Debug, Clone)]
pub enum Condition {
    /// A symbol is defined.
    Symbol(String),
    /// All hold.
    All(Vec<Self>),
    /// One holds.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
}

impl Definition {
    /// Returns the keyword.
    pub fn meta(&self) -> &'static str {
        match self.body {
            Body::Enum { .. } => "enum",
            Body::Struct { .. } => "struct",
            Body::Union { .. } => "union",
            Body::Alternate { .. } => "alternate",
            Body::Command { .. } => "command",
            Body::Event { .. } => "event",
        }
    }

    /// It is a type, which has a name in CamelCase.
    pub fn is_type(&self) -> bool {
        !matches!(self.body, Body::Command { .. } | Body::Event { .. })
    }

    /// It is a struct or a union.
    pub fn is_object(&self) -> bool {
        matches!(self.body, Body::Struct { .. } | Body::Union { .. })
    }

    /// Returns the members that are written in it.
    pub fn own_members(&self) -> &[Member] {
        match &self.body {
            Body::Struct { members, .. }
            | Body::Union {
                base: Base::Inline(members),
                ..
            }
            | Body::Command {
                arguments: Arguments::Inline(members),
                ..
            }
            | Body::Event {
                arguments: Arguments::Inline(members),
            } => members,
            _ => &[],
        }
    }

    /// Returns the same, to be changed.
    pub fn own_members_mut(&mut self) -> Option<&mut Vec<Member>> {
        match &mut self.body {
            Body::Struct { members, .. }
            | Body::Union {
                base: Base::Inline(members),
                ..
            }
            | Body::Command {
                arguments: Arguments::Inline(members),
                ..
            }
            | Body::Event {
                arguments: Arguments::Inline(members),
            } => Some(members),
            _ => None,
        }
    }
}

/// Types by name, while a schema is put together.
#[derive(Debug, Default)]
pub(super) struct Types<'m>(BTreeMap<&'m str, &'m Definition>);

impl<'m> Types<'m> {
    /// Returns those among `definitions`.
    pub(super) fn of(definitions: &'m [Definition]) -> Self {
        let types = definitions.iter().filter(|definition| definition.is_type());
        Self(types.map(|it| (it.name.as_str(), it)).collect())
    }

    /// Returns the members of a struct, or the common ones of a union, base members first.
    pub(super) fn flattened(&self, name: &str) -> Vec<&'m Member> {
        let Some(definition) = self.0.get(name) else {
            return Vec::new();
        };
        let base = match &definition.body {
            Body::Struct {
                base: Some(base), ..
            }
            | Body::Union {
                base: Base::Named(base),
                ..
            } => self.flattened(base),
            _ => Vec::new(),
        };
        base.into_iter().chain(definition.own_members()).collect()
    }

    /// Names of all members that a value of the type can have, in any branch.
    pub(super) fn all_names(&self, name: &str) -> Vec<&'m str> {
        let members = self.flattened(name);
        let mut names: Vec<_> = members.iter().map(|member| member.name.as_str()).collect();
        if let Some(Definition {
            body: Body::Union { branches, .. },
            ..
        }) = self.0.get(name)
        {
            for branch in branches {
                names.extend(self.all_names(&branch.ty));
            }
        }
        names
    }
}

/// Returns a name as C has it: what must differ for two members not to clash (docs/reference/language.md §2.7).
pub(super) fn c_name(name: &str) -> String {
    name.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}
