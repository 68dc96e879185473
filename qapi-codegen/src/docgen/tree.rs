//! What the reference says, before it is known where: pages of text and definitions.

use qapi_parser::ir::{
    Alternative, Branch, Condition, Entity, EnumValue, Feature, Member, ModuleId, Schema, TypeId,
    TypeKind,
};

use crate::markup::{Block, HeadingStyle};

mod build;
mod pages;

mod parts;

pub(crate) use build::default_title;
pub(crate) use pages::stem;

/// A whole reference.
#[derive(Debug)]
pub(crate) struct Tree<'s> {
    pub(crate) schema: &'s Schema,
    /// What the reference is about.
    pub(crate) title: String,
    /// Modules that say something, in order.
    pub(crate) pages: Vec<Page<'s>>,
}

/// A module.
#[derive(Debug)]
pub(crate) struct Page<'s> {
    pub(crate) module: ModuleId,
    /// Its file's name without folders and extension, made unique: part of the names of output files.
    pub(crate) stem: String,
    /// The first heading, or else the name.
    pub(crate) title: String,
    /// How the heading is marked, if it was one.
    pub(crate) title_style: Option<HeadingStyle>,
    /// Text and definitions in the order in which they are written.
    pub(crate) parts: Vec<PagePart<'s>>,
}

/// Part of a page.
#[derive(Debug)]
pub(crate) enum PagePart<'s> {
    /// A block of free-form documentation.
    Text(Vec<Block>),
    /// A definition.
    Definition(Box<Definition<'s>>),
}

/// What a definition defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Command,
    Event,
    Struct,
    Union,
    Enum,
    Alternate,
}

impl Kind {
    /// All of them, in the order in which lists show them.
    pub(crate) const ALL: [Self; 6] = [
        Self::Command,
        Self::Event,
        Self::Struct,
        Self::Union,
        Self::Enum,
        Self::Alternate,
    ];

    /// The field's term.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Event => "event",
            Self::Struct => "struct",
            Self::Union => "union",
            Self::Enum => "enum",
            Self::Alternate => "alternate",
        }
    }

    /// The field's term for several, as a title.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Command => "Commands",
            Self::Event => "Events",
            Self::Struct => "Structs",
            Self::Union => "Unions",
            Self::Enum => "Enumerations",
            Self::Alternate => "Alternates",
        }
    }

    /// Whether it is something that is sent, rather than part of that.
    pub(crate) fn is_message(self) -> bool {
        matches!(self, Self::Command | Self::Event)
    }

    /// What the parts of such a definition are called, as a title.
    pub(crate) fn parts(self) -> &'static str {
        match self {
            Self::Command => "Arguments",
            Self::Event => "Data",
            Self::Struct | Self::Union => "Members",
            Self::Enum => "Values",
            Self::Alternate => "Alternatives",
        }
    }
}

/// A definition and what is said about it.
#[derive(Debug)]
pub(crate) struct Definition<'s> {
    pub(crate) entity: Entity,
    pub(crate) kind: Kind,
    pub(crate) name: &'s str,
    pub(crate) condition: Option<&'s Condition>,
    pub(crate) features: &'s [Feature],
    /// The text of the `Since` section, on one line.
    pub(crate) since: Option<String>,
    /// The introduction.
    pub(crate) body: Vec<Block>,
    /// Arguments, data, members, values or alternatives.
    pub(crate) content: Content<'s>,
    /// What the other paragraphs say, without the examples.
    pub(crate) remarks: Vec<Block>,
    /// What a command gives back.
    pub(crate) reply: Option<Reply>,
    /// When a command fails.
    pub(crate) errors: Vec<Block>,
    /// Descriptions of features, by name.
    pub(crate) feature_texts: Vec<(&'s str, Vec<Block>)>,
    /// The authors' examples.
    pub(crate) examples: Vec<Block>,
}

/// What a definition consists of.
#[derive(Debug, Default)]
pub(crate) struct Content<'s> {
    /// What is listed one by one.
    pub(crate) parts: Vec<Part<'s>>,
    /// Members of this type come first, or are all that there is.
    pub(crate) base: Option<TypeId>,
    /// What the value of a member decides.
    pub(crate) variants: Option<Variants<'s>>,
}

impl Content<'_> {
    /// Whether there is nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.base.is_none() && self.variants.is_none()
    }
}

/// Discriminator and branches of a union.
#[derive(Debug)]
pub(crate) struct Variants<'s> {
    pub(crate) discriminator: &'s str,
    /// The type of the discriminator.
    pub(crate) tag: TypeId,
    pub(crate) branches: Vec<&'s Branch>,
}

/// Part of a definition.
#[derive(Debug)]
pub(crate) struct Part<'s> {
    pub(crate) name: &'s str,
    /// Its type; none for a value of an enumeration.
    pub(crate) ty: Option<TypeId>,
    pub(crate) optional: bool,
    pub(crate) condition: Option<&'s Condition>,
    pub(crate) features: &'s [Feature],
    /// What is said about it; empty if nothing is.
    pub(crate) text: Vec<Block>,
}

impl<'s> Part<'s> {
    fn of_member(member: &'s Member, text: Vec<Block>) -> Self {
        Self {
            name: &member.name,
            ty: Some(member.ty),
            optional: member.optional,
            condition: member.condition.as_ref(),
            features: &member.features,
            text,
        }
    }

    fn of_value(value: &'s EnumValue, text: Vec<Block>) -> Self {
        Self {
            name: &value.name,
            ty: None,
            optional: false,
            condition: value.condition.as_ref(),
            features: &value.features,
            text,
        }
    }

    fn of_alternative(alternative: &'s Alternative, text: Vec<Block>) -> Self {
        Self {
            name: &alternative.name,
            ty: Some(alternative.ty),
            optional: false,
            condition: alternative.condition.as_ref(),
            features: &[],
            text,
        }
    }
}

/// What a command gives back.
#[derive(Debug)]
pub(crate) struct Reply {
    /// Its type; none for an empty reply.
    pub(crate) ty: Option<TypeId>,
    /// What is said about it.
    pub(crate) text: Vec<Block>,
}

impl<'s> Tree<'s> {
    /// The definitions of all pages, with the position of their page.
    pub(crate) fn definitions(&self) -> impl Iterator<Item = (usize, &Definition<'s>)> {
        self.pages.iter().enumerate().flat_map(|(index, page)| {
            page.definitions()
                .map(move |definition| (index, definition))
        })
    }
}

impl<'s> Page<'s> {
    /// The definitions in order.
    pub(crate) fn definitions(&self) -> impl Iterator<Item = &Definition<'s>> {
        self.parts.iter().filter_map(|part| match part {
            PagePart::Definition(definition) => Some(&**definition),
            PagePart::Text(_) => None,
        })
    }
}

/// Whether a type is an object that has no definition of its own: one that the compiler made, or the empty one.
pub(crate) fn is_inline(schema: &Schema, id: TypeId) -> bool {
    let ty = schema.ty(id);
    (ty.implicit || ty.span.is_none()) && matches!(ty.kind, TypeKind::Object(_))
}

/// Whether a type is an object without members that has no definition of its own.
pub(crate) fn is_empty(schema: &Schema, id: TypeId) -> bool {
    is_inline(schema, id) && schema.flattened(id).is_empty()
}

/// The type itself, or the elements of an array.
pub(crate) fn element(schema: &Schema, id: TypeId) -> TypeId {
    match &schema.ty(id).kind {
        TypeKind::Array(array) => array.element,
        _ => id,
    }
}
