//! Members, values, alternatives and arguments with their descriptions.

use std::collections::HashMap;

use qapi_parser::ir::{Doc, Schema, TypeDef, TypeId, TypeKind};
use qapi_parser::source::Span;

use super::unknown::UnknownMarkup;
use qapi_parser::ir::Member as SchemaMember;

use super::tree::{Content, Member, is_inline};
use crate::markup::{self, Block, DefinedTerm, Inline, Unknown};

/// Descriptions by name, each to be taken once.
#[derive(Debug, Default)]
pub(super) struct Texts<'s> {
    by_name: HashMap<&'s str, Vec<Block>>,
    /// The names as they are written.
    names: Vec<&'s str>,
}

impl<'s> Texts<'s> {
    pub(super) fn new(doc: Option<&'s Doc>, unknown: &mut UnknownMarkup) -> Self {
        let mut texts = Self::default();
        for section in doc.into_iter().flat_map(|doc| &doc.members) {
            let blocks = tagged(&section.text, section.span, unknown);
            // Old schemas have blanks before the colon.
            let name = section.name.trim_end();
            texts.by_name.entry(name).or_default().extend(blocks);
            texts.names.push(name);
        }
        texts
    }

    fn take(&mut self, name: &str) -> Vec<Block> {
        self.by_name.remove(name).unwrap_or_default()
    }

    /// Descriptions of what the definition does not have under that name: in old schemas names are misspelt or belong
    /// to another type. No written text is left out.
    pub(super) fn rest(mut self) -> Vec<Block> {
        let names = std::mem::take(&mut self.names);
        let rest: Vec<_> = names
            .into_iter()
            .filter_map(|name| {
                let blocks = self.by_name.remove(name)?;
                let term = vec![Inline::Code(name.to_owned())];
                Some(DefinedTerm { term, blocks })
            })
            .collect();
        if rest.is_empty() {
            return Vec::new();
        }
        let title = "Described, but not defined under this name:".to_owned();
        let title = Block::Paragraph(vec![Inline::Text(title)]);
        vec![title, Block::Definitions(rest)]
    }
}

/// Returns the text of a section that begins after a tag. Only other sections contain targets of references.
pub(super) fn tagged(text: &str, span: Span, unknown: &mut UnknownMarkup) -> Vec<Block> {
    let mut blocks = markup::parse_tagged(text);
    for block in &mut blocks {
        if let Block::Target(label) = block {
            *block = Block::Unknown(Unknown {
                what: "target within a description".into(),
                text: format!(".. _{label}:"),
            });
        }
    }
    unknown.collect(&blocks, text, span);
    blocks
}

/// Returns the content of a type.
pub(super) fn of_type<'s>(
    schema: &'s Schema,
    ty: &'s TypeDef,
    texts: &mut Texts<'s>,
) -> Content<'s> {
    let mut content = Content::default();
    match &ty.kind {
        TypeKind::Builtin(_) | TypeKind::Array(_) => {}
        TypeKind::Enum(enum_) => {
            let values = enum_.values.iter();
            content.members = values
                .map(|value| Member::of_value(value, texts.take(&value.name)))
                .collect();
        }
        TypeKind::Alternate(alternate) => {
            let alternatives = alternate.alternatives.iter();
            content.members = alternatives
                .map(|it| Member::of_alternative(it, texts.take(&it.name)))
                .collect();
        }
        TypeKind::Object(object) => {
            // A base without a name is documented with the type.
            match object.base {
                Some(base) if is_inline(schema, base) => {
                    let inner = of_type(schema, schema.ty(base), texts);
                    content.members = inner.members;
                    content.base = inner.base;
                }
                base => content.base = base,
            }
            content.members.extend(members(&object.members, texts));
            content.union_ = object.union_.as_ref();
        }
    }
    content
}

fn members<'s>(
    members: &'s [SchemaMember],
    texts: &mut Texts<'s>,
) -> impl Iterator<Item = Member<'s>> {
    members
        .iter()
        .map(|member| Member::of_member(member, texts.take(&member.name)))
}

/// Returns the arguments of a command or the data of an event.
pub(super) fn of_arguments<'s>(
    schema: &'s Schema,
    arguments: Option<TypeId>,
    texts: &mut Texts<'s>,
) -> Content<'s> {
    match arguments {
        Some(id) if is_inline(schema, id) => of_type(schema, schema.ty(id), texts),
        base => Content {
            base,
            ..Content::default()
        },
    }
}
