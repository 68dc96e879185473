//! The tree: pages, their texts and definitions.

use qapi_parser::ir::{
    Alternative, Condition, DocId, Entity, EnumValue, Feature, Member as SchemaMember, ModuleId,
    Schema, TypeId, TypeKind, Union,
};

use crate::markup::Block;

/// A module with definitions or text.
#[derive(Debug)]
#[non_exhaustive]
pub struct Page<'s> {
    /// The module.
    pub module: ModuleId,
    /// The name of its file without folders and extension, unique among the pages also where capitals do not count, and
    /// fit for a file name on every system.
    pub stem: String,
    /// The heading before everything, or else the stem.
    pub title: String,
    /// The module begins with a heading of its own.
    pub has_heading: bool,
    /// Text and definitions in the order in which they are written.
    pub items: Vec<PageItem<'s>>,
}

/// Text or a definition of a page.
#[derive(Debug)]
pub enum PageItem<'s> {
    /// A block of free-form documentation.
    Text(Text),
    /// A definition.
    Definition(Box<Definition<'s>>),
}

/// A block of free-form documentation.
#[derive(Debug)]
#[non_exhaustive]
pub struct Text {
    /// The block in the schema.
    pub doc: DocId,
    /// Its text, without the heading that became the title of the page.
    pub blocks: Vec<Block>,
}

/// The kind of a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A command.
    Command,
    /// An event.
    Event,
    /// A struct.
    Struct,
    /// A union.
    Union,
    /// An enumeration.
    Enum,
    /// An alternate.
    Alternate,
}

impl Kind {
    /// All of them, messages first.
    pub const ALL: [Self; 6] = [
        Self::Command,
        Self::Event,
        Self::Struct,
        Self::Union,
        Self::Enum,
        Self::Alternate,
    ];

    /// Returns the keyword that defines it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Event => "event",
            Self::Struct => "struct",
            Self::Union => "union",
            Self::Enum => "enum",
            Self::Alternate => "alternate",
        }
    }

    /// Returns the title of a list of them.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Command => "Commands",
            Self::Event => "Events",
            Self::Struct => "Structs",
            Self::Union => "Unions",
            Self::Enum => "Enumerations",
            Self::Alternate => "Alternates",
        }
    }

    /// Returns true for commands and events, which are sent; types are parts of these.
    pub fn is_message(self) -> bool {
        matches!(self, Self::Command | Self::Event)
    }

    /// Returns the title of the list of [`Content::members`].
    pub fn members(self) -> &'static str {
        match self {
            Self::Command => "Arguments",
            Self::Event => "Data",
            Self::Struct | Self::Union => "Members",
            Self::Enum => "Values",
            Self::Alternate => "Alternatives",
        }
    }
}

/// A definition and its documentation.
#[derive(Debug)]
#[non_exhaustive]
pub struct Definition<'s> {
    /// The definition in the schema.
    pub entity: Entity,
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: &'s str,
    /// The condition under which it exists.
    pub condition: Option<&'s Condition>,
    /// Its features.
    pub features: &'s [Feature],
    /// The text of the `Since` section, on one line and without markup.
    pub since: Option<String>,
    /// The introduction.
    pub body: Vec<Block>,
    /// Arguments, data, members, values or alternatives.
    pub content: Content<'s>,
    /// Paragraphs after the members, without the examples.
    pub remarks: Vec<Block>,
    /// The reply of a command; none for other definitions.
    pub reply: Option<Reply>,
    /// The conditions under which a command fails.
    pub errors: Vec<Block>,
    /// Descriptions of features, by name.
    pub feature_texts: Vec<(&'s str, Vec<Block>)>,
    /// The authors' examples, each a [`Block::Example`].
    pub examples: Vec<Block>,
}

/// The members of a definition, or the type that has them.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Content<'s> {
    /// Members, arguments, values or alternatives that the definition lists itself.
    pub members: Vec<Member<'s>>,
    /// A defined type whose members come first, or are the only ones.
    pub base: Option<TypeId>,
    /// Discriminator and branches of a union.
    pub union_: Option<&'s Union>,
}

impl Content<'_> {
    /// Returns true if there are no members of any kind.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.base.is_none() && self.union_.is_none()
    }
}

/// A member, argument, value or alternative, and its description.
#[derive(Debug)]
#[non_exhaustive]
pub struct Member<'s> {
    /// Its name.
    pub name: &'s str,
    /// Its type; none for a value of an enumeration.
    pub ty: Option<TypeId>,
    /// It may be absent.
    pub optional: bool,
    /// The condition under which it exists.
    pub condition: Option<&'s Condition>,
    /// Its features.
    pub features: &'s [Feature],
    /// Its description; empty if it has none.
    pub text: Vec<Block>,
}

impl<'s> Member<'s> {
    pub(super) fn of_member(member: &'s SchemaMember, text: Vec<Block>) -> Self {
        Self {
            name: &member.name,
            ty: Some(member.ty),
            optional: member.optional,
            condition: member.condition.as_ref(),
            features: &member.features,
            text,
        }
    }

    pub(super) fn of_value(value: &'s EnumValue, text: Vec<Block>) -> Self {
        Self {
            name: &value.name,
            ty: None,
            optional: false,
            condition: value.condition.as_ref(),
            features: &value.features,
            text,
        }
    }

    pub(super) fn of_alternative(alternative: &'s Alternative, text: Vec<Block>) -> Self {
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

/// The reply of a command.
#[derive(Debug)]
#[non_exhaustive]
pub struct Reply {
    /// Its type; none for an empty reply.
    pub ty: Option<TypeId>,
    /// Its description.
    pub text: Vec<Block>,
}

/// Returns true for an object type that has no definition of its own: one that the compiler made, or the empty one.
pub fn is_inline(schema: &Schema, id: TypeId) -> bool {
    let ty = schema.ty(id);
    (ty.implicit || ty.span.is_none()) && matches!(ty.kind, TypeKind::Object(_))
}

/// Returns true for an object type without members and without a definition of its own.
pub fn is_empty(schema: &Schema, id: TypeId) -> bool {
    is_inline(schema, id) && schema.flattened(id).is_empty()
}

/// Returns the type itself, or the elements of an array.
pub fn element(schema: &Schema, id: TypeId) -> TypeId {
    match &schema.ty(id).kind {
        TypeKind::Array(array) => array.element,
        _ => id,
    }
}

impl<'s> Page<'s> {
    /// Returns the definitions in order.
    pub fn definitions(&self) -> impl Iterator<Item = &Definition<'s>> {
        self.items.iter().filter_map(|item| match item {
            PageItem::Definition(definition) => Some(&**definition),
            PageItem::Text(_) => None,
        })
    }

    /// Returns a block of free-form documentation; none if the page does not have it, or it has nothing but the title.
    pub fn text(&self, doc: DocId) -> Option<&[Block]> {
        self.items.iter().find_map(|item| match item {
            PageItem::Text(text) if text.doc == doc => Some(text.blocks.as_slice()),
            _ => None,
        })
    }
}
