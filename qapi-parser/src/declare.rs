//! Phase 3 of docs/reference/language.md §9: all entities in order, and their names.

use std::borrow::Cow;

use crate::definition::{
    Arguments, Body, Context, Definition, DefinitionOrigin, Definitions, Discriminator, Flags,
    RawMember, RawUnion, Reference, SchemaAge, TypeRef, UnionBase, Variant,
};
use crate::diag::{Code, Diagnostics, Meta};
use crate::dialect::Reading;
use crate::exceptions::Exceptions;
use crate::ir::{Builtin, EnumValue, Feature};
use crate::name_map::{self, NameMap, NameSet};
use crate::source::Span;
use crate::syntax::{Item, SpannedCondition, Tree};

mod old_forms;

/// Index into [`Entities::list`].
pub(crate) type Id = usize;

/// All entities in order (docs/reference/language.md §6.1).
#[derive(Debug)]
pub(crate) struct Entities<'t> {
    /// In entity order.
    pub list: Vec<Declaration<'t>>,
    /// The array type of each element name.
    pub arrays: NameMap<Cow<'t, str>, Id>,
    /// Names that seem to be defined by unreadable text.
    pub damaged: NameSet<&'t str>,
    /// Any name may be defined by unreadable text.
    pub incomplete: bool,
    /// The age of the schema.
    pub age: SchemaAge,
    /// The names that pragmas except.
    pub exceptions: Exceptions<'t>,
    names: NameMap<Cow<'t, str>, Id>,
}

/// One entity.
#[derive(Debug)]
pub(crate) struct Declaration<'t> {
    /// Its name; empty for include directives and, until it is lowered, for arrays.
    pub name: Cow<'t, str>,
    /// The definition that made it; none for predefined entities and includes.
    pub context: Option<Context<'t>>,
    /// It was not written as a definition of its own.
    pub implicit: bool,
    /// All its members, values or branches are known.
    pub complete: bool,
    /// All features of the definition are known.
    pub features_complete: bool,
    pub condition: Option<SpannedCondition>,
    pub features: Vec<Feature>,
    pub kind: DeclarationKind<'t>,
}

/// The kind of an entity.
#[derive(Debug)]
pub(crate) enum DeclarationKind<'t> {
    Builtin(Builtin),
    Array {
        element: TypeRef<'t>,
    },
    Enum {
        prefix: Option<String>,
        values: Vec<EnumValue>,
    },
    Object {
        base: Link<'t>,
        members: Vec<RawMember<'t>>,
        variants: Option<Variants<'t>>,
    },
    Alternate {
        alternatives: Vec<Variant<'t>>,
    },
    Command {
        arguments: Link<'t>,
        returns: Option<TypeRef<'t>>,
        flags: Flags,
    },
    Event {
        arguments: Link<'t>,
        boxed: bool,
    },
    Include {
        /// Indices into the tree's modules.
        module: usize,
        target: usize,
        span: Span,
    },
}

/// A type that another entity builds on.
#[derive(Debug)]
pub(crate) enum Link<'t> {
    None,
    /// It was written but is invalid.
    Broken,
    Named(TypeRef<'t>),
    /// The implicit type made for it.
    Implicit(Id),
}

/// Discriminator and branches of a union.
#[derive(Debug)]
pub(crate) struct Variants<'t> {
    pub discriminator: Option<Discriminator<'t>>,
    pub branches: Vec<Variant<'t>>,
}

impl DeclarationKind<'_> {
    /// Names it for messages.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Builtin(_) => "a built-in type",
            Self::Array { .. } => "an array",
            Self::Enum { .. } => "an enum",
            Self::Object { variants: None, .. } => "a struct",
            Self::Object { .. } => "a union",
            Self::Alternate { .. } => "an alternate",
            Self::Command { .. } => "a command",
            Self::Event { .. } => "an event",
            Self::Include { .. } => "an include directive",
        }
    }

    /// Returns whether it is a type.
    pub(crate) fn is_type(&self) -> bool {
        !matches!(
            self,
            Self::Command { .. } | Self::Event { .. } | Self::Include { .. }
        )
    }
}

impl<'t> Entities<'t> {
    /// Returns the type that `name` stands for: a definition, a predefined or implicit type, or the array `<Elem>List`
    /// if it is used.
    pub(crate) fn type_named(&self, name: &str) -> Option<Id> {
        if let Some(id) = self.names.get(name) {
            return self.list[*id].kind.is_type().then_some(*id);
        }
        self.arrays.get(name.strip_suffix("List")?).copied()
    }

    /// Returns the entity of this name, except arrays.
    pub(crate) fn named(&self, name: &str) -> Option<Id> {
        self.names.get(name).copied()
    }

    /// Names of types that can be written in a schema, for suggestions.
    pub(crate) fn type_names(&self) -> impl Iterator<Item = &str> {
        self.list
            .iter()
            .filter(|entity| entity.kind.is_type() && !entity.implicit && !entity.name.is_empty())
            .map(|entity| &*entity.name)
            .filter(|name| *name != "q_empty")
    }

    fn add(&mut self, entity: Declaration<'t>) -> Id {
        let id = self.list.len();
        if !entity.name.is_empty() {
            self.names.insert(entity.name.clone(), id);
        }
        self.list.push(entity);
        id
    }
}

/// Enters all definitions in reading order, each after what it implies.
pub(crate) fn all<'t>(
    out: &mut Diagnostics,
    reading: Reading,
    tree: &'t Tree,
    mut definitions: Definitions<'t>,
) -> Entities<'t> {
    definitions
        .damaged
        .extend(tree.damaged_names.iter().map(String::as_str));
    if reading == Reading::Tolerant {
        old_forms::prepare(out, &mut definitions);
    }
    let damaged = definitions.damaged;
    let capacity = 64 + 2 * definitions.list.len();
    let mut declarer = Declarer {
        out,
        tolerant: definitions.age.unchecked(),
        entities: Entities {
            list: Vec::with_capacity(capacity),
            arrays: name_map::with_capacity(capacity / 4),
            damaged,
            incomplete: tree.incomplete,
            age: definitions.age,
            exceptions: definitions.exceptions,
            names: name_map::with_capacity(capacity),
        },
    };
    declarer.predefined();
    let mut definitions = definitions.list.into_iter().peekable();
    for (index, item) in tree.items.iter().enumerate() {
        match item {
            Item::Include {
                module,
                target,
                span,
            } => declarer.include(*module, *target, *span),
            Item::Definition(_) => {
                while let Some(definition) =
                    definitions.next_if(|definition| definition.context.item == index)
                {
                    declarer.definition(definition);
                }
            }
        }
    }
    declarer.entities
}

struct Declarer<'d, 't> {
    out: &'d mut Diagnostics,
    /// The releases that can have read the schema accepted redefinitions.
    tolerant: bool,
    entities: Entities<'t>,
}

impl<'t> Declarer<'_, 't> {
    fn predefined(&mut self) {
        for builtin in Builtin::ALL {
            self.entities.add(predefined(
                builtin.as_str(),
                DeclarationKind::Builtin(builtin),
            ));
            self.array(&TypeRef::predefined(builtin.as_str()), None);
        }
        let empty = DeclarationKind::Object {
            base: Link::None,
            members: Vec::new(),
            variants: None,
        };
        self.entities.add(predefined("q_empty", empty));
        let values = [
            "none", "qnull", "qnum", "qstring", "qdict", "qlist", "qbool",
        ]
        .map(|name| EnumValue {
            name: name.to_owned(),
            condition: None,
            features: Vec::new(),
            span: None,
        })
        .into();
        let kind = DeclarationKind::Enum {
            prefix: None,
            values,
        };
        self.entities.add(predefined("QType", kind));
    }

    fn include(&mut self, module: usize, target: usize, span: Span) {
        let kind = DeclarationKind::Include {
            module,
            target,
            span,
        };
        self.entities.add(predefined("", kind));
    }

    fn definition(&mut self, definition: Definition<'t>) {
        if let Some(earlier) = self.entities.named(&definition.name) {
            if definition.origin == DefinitionOrigin::Written {
                self.duplicate(&definition.context, earlier);
            }
            return;
        }
        let kind = self.kind(
            &definition.context,
            definition.condition.as_ref(),
            definition.body,
            definition.complete,
        );
        self.entities.add(Declaration {
            name: definition.name,
            context: Some(definition.context),
            implicit: definition.origin != DefinitionOrigin::Written,
            complete: definition.complete,
            features_complete: definition.features_complete,
            condition: definition.condition,
            features: definition.features,
            kind,
        });
    }

    /// Enters what a definition implies and returns its kind.
    fn kind(
        &mut self,
        context: &Context<'t>,
        condition: Option<&SpannedCondition>,
        body: Body<'t>,
        complete: bool,
    ) -> DeclarationKind<'t> {
        match body {
            Body::Enum { prefix, values } => DeclarationKind::Enum { prefix, values },
            Body::Struct { base, members } => {
                self.member_arrays(context, &members);
                let base = match base {
                    Reference::None => Link::None,
                    Reference::Broken => Link::Broken,
                    Reference::Named(ty) => Link::Named(ty),
                };
                DeclarationKind::Object {
                    base,
                    members,
                    variants: None,
                }
            }
            Body::Union(union_) => self.union_(context, condition, union_),
            Body::Alternate { alternatives } => {
                for ty in alternatives.iter().filter_map(|one| one.ty.as_ref()) {
                    self.array(ty, Some(context));
                }
                DeclarationKind::Alternate { alternatives }
            }
            Body::Command {
                arguments,
                returns,
                flags,
            } => {
                let arguments = self.arguments(context, condition, arguments, complete);
                if let Some(ty) = &returns {
                    self.array(ty, Some(context));
                }
                DeclarationKind::Command {
                    arguments,
                    returns,
                    flags,
                }
            }
            Body::Event { arguments, boxed } => DeclarationKind::Event {
                arguments: self.arguments(context, condition, arguments, complete),
                boxed,
            },
        }
    }

    fn union_(
        &mut self,
        context: &Context<'t>,
        condition: Option<&SpannedCondition>,
        union_: RawUnion<'t>,
    ) -> DeclarationKind<'t> {
        let base = match union_.base {
            UnionBase::Broken => Link::Broken,
            UnionBase::Named(ty) => Link::Named(ty),
            UnionBase::Members { extends, members } => {
                self.implicit(context, "base", condition, extends, members, true)
            }
        };
        DeclarationKind::Object {
            base,
            members: Vec::new(),
            variants: Some(Variants {
                discriminator: union_.discriminator,
                branches: union_.branches,
            }),
        }
    }

    fn arguments(
        &mut self,
        context: &Context<'t>,
        condition: Option<&SpannedCondition>,
        arguments: Arguments<'t>,
        complete: bool,
    ) -> Link<'t> {
        match arguments {
            Arguments::None => Link::None,
            Arguments::Broken => Link::Broken,
            Arguments::Named(ty) => Link::Named(ty),
            Arguments::Members(members) => {
                self.implicit(context, "arg", condition, None, members, complete)
            }
        }
    }

    /// Enters the implicit object type of a definition; there is none without members.
    fn implicit(
        &mut self,
        context: &Context<'t>,
        role: &str,
        condition: Option<&SpannedCondition>,
        extends: Option<TypeRef<'t>>,
        members: Vec<RawMember<'t>>,
        complete: bool,
    ) -> Link<'t> {
        if members.is_empty() {
            return Link::None;
        }
        self.member_arrays(context, &members);
        Link::Implicit(self.entities.add(Declaration {
            name: Cow::Owned(format!("q_obj_{}-{role}", context.name)),
            context: Some(*context),
            implicit: true,
            complete,
            features_complete: true,
            condition: condition.cloned(),
            features: Vec::new(),
            kind: DeclarationKind::Object {
                base: extends.map_or(Link::None, Link::Named),
                members,
                variants: None,
            },
        }))
    }

    fn member_arrays(&mut self, context: &Context<'t>, members: &[RawMember<'t>]) {
        for ty in members.iter().filter_map(|member| member.ty.as_ref()) {
            self.array(ty, Some(context));
        }
    }

    /// Enters the array type, if `ty` is one that was not mentioned before.
    fn array(&mut self, ty: &TypeRef<'t>, context: Option<&Context<'t>>) {
        if !ty.array || self.entities.arrays.contains_key(&ty.name) {
            return;
        }
        let id = self.entities.add(Declaration {
            name: Cow::Borrowed(""),
            context: context.copied(),
            implicit: false,
            complete: true,
            features_complete: true,
            condition: None,
            features: Vec::new(),
            kind: DeclarationKind::Array {
                element: ty.clone(),
            },
        });
        self.entities.arrays.insert(ty.name.clone(), id);
    }

    fn duplicate(&mut self, context: &Context<'t>, earlier: Id) {
        let name = context.name;
        let earlier = &self.entities.list[earlier];
        let Some(first) = &earlier.context else {
            let message = format!(
                "`{name}` is already {}, predefined by the language",
                earlier.kind.describe()
            );
            self.report(Code::DEF_DUP_PREDEF, context, None, message);
            return;
        };
        let message = format!("`{name}` is already defined, as {}", article(first.meta));
        self.report(Code::DEF_DUP, context, Some(first.name_span), message);
    }

    fn report(&mut self, code: Code, context: &Context<'t>, first: Option<Span>, message: String) {
        let diagnostic = if self.tolerant {
            context
                .warning(
                    Code::OLD_DEF_DUP,
                    context.name_span,
                    format!("{message}; the first is kept"),
                )
                .today(code)
        } else {
            context.error(code, context.name_span, message)
        };
        let diagnostic = match first {
            Some(span) => diagnostic.label(span, "first defined here"),
            None => diagnostic,
        };
        self.out
            .report(diagnostic.help("types, commands and events share one name space"));
    }
}

fn article(meta: Meta) -> &'static str {
    match meta {
        Meta::Enum => "an enum",
        Meta::Struct => "a struct",
        Meta::Union => "a union",
        Meta::Alternate => "an alternate",
        Meta::Command => "a command",
        Meta::Event => "an event",
    }
}

fn predefined<'t>(name: &'static str, kind: DeclarationKind<'t>) -> Declaration<'t> {
    Declaration {
        name: Cow::Borrowed(name),
        context: None,
        implicit: false,
        complete: true,
        features_complete: true,
        condition: None,
        features: Vec::new(),
        kind,
    }
}
