//! Makes the tree of a schema.

use std::collections::{HashMap, HashSet};

use qapi_parser::ir::{Doc, DocId, Entity, Schema, SectionKind, TypeDef, TypeKind};
use qapi_parser::source::{FileId, Span};

use super::cross_references::{Index, slug};
use super::links::Links;
use super::lookup::Documentation;
use super::members::{self, Texts};
use super::tree::{Content, Definition, Kind, Page, PageItem, Reply, Text};
use super::unknown::UnknownMarkup;
use super::{pages, resolve};
use crate::markup::{self, Block, Inline, Unknown};

/// Settings of [`Documentation::with`].
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Options<'o> {
    /// The title; by default the name of the schema's main file.
    pub title: Option<&'o str>,
    /// Stems that no page may have, in lower case: names of the other files of a back end.
    pub reserved: &'o [&'o str],
    /// Addresses of documents outside of the schema to which the text refers.
    pub links: Option<&'o Links>,
}

impl<'o> Options<'o> {
    /// Sets the title.
    #[must_use]
    pub fn with_title(mut self, title: &'o str) -> Self {
        self.title = Some(title);
        self
    }

    /// Sets the stems that no page may have.
    #[must_use]
    pub fn with_reserved(mut self, stems: &'o [&'o str]) -> Self {
        self.reserved = stems;
        self
    }

    /// Sets the addresses of other documents.
    #[must_use]
    pub fn with_links(mut self, links: &'o Links) -> Self {
        self.links = Some(links);
        self
    }
}

impl<'s> Documentation<'s> {
    /// Returns the documentation of a schema.
    pub fn new(schema: &'s Schema) -> Self {
        Self::with(schema, Options::default())
    }

    /// Returns the documentation of a schema, with settings.
    pub fn with(schema: &'s Schema, options: Options<'_>) -> Self {
        let mut builder = DocumentationBuilder {
            schema,
            unknown: UnknownMarkup::default(),
            labels: HashSet::new(),
        };
        let mut pages = builder.pages();
        let unknown = builder.unknown;
        let title = options
            .title
            .map_or_else(|| default_title(schema), str::to_owned);
        pages::name(schema, &mut pages, &title, options.reserved);
        let index = Index::new(schema, &pages);
        let none = Links::default();
        resolve::pages(&mut pages, &index, options.links.unwrap_or(&none));
        Self {
            schema,
            title,
            pages,
            unknown,
            index,
        }
    }
}

/// Returns the title of documentation that is given none: the name of the schema's main file.
pub fn default_title(schema: &Schema) -> String {
    let root = schema.modules.iter().find(|module| module.file.is_some());
    pages::stem(root.map_or("schema", |module| module.name.as_str()))
}

struct DocumentationBuilder<'s> {
    schema: &'s Schema,
    unknown: UnknownMarkup,
    /// Names of the targets of references.
    labels: HashSet<String>,
}

impl<'s> DocumentationBuilder<'s> {
    /// Modules that define something or have text, without their names and titles.
    fn pages(&mut self) -> Vec<Page<'s>> {
        let mut by_file: HashMap<FileId, Vec<(Span, PageItem<'s>)>> = HashMap::new();
        let docs = (0..).map(DocId).zip(&self.schema.docs);
        for (id, doc) in docs.filter(|(_, doc)| doc.symbol.is_none()) {
            let blocks = self.blocks(&doc.body.text, doc.body.span);
            if !blocks.is_empty() {
                let items = by_file.entry(doc.span.file).or_default();
                items.push((doc.span, PageItem::Text(Text { doc: id, blocks })));
            }
        }
        for entity in &self.schema.entities {
            if let Some((span, definition)) = self.definition(*entity) {
                let items = by_file.entry(span.file).or_default();
                items.push((span, PageItem::Definition(Box::new(definition))));
            }
        }
        let modules = (0..)
            .map(qapi_parser::ir::ModuleId)
            .zip(&self.schema.modules);
        modules
            .filter_map(|(id, module)| {
                let mut items = by_file.remove(&module.file?)?;
                items.sort_by_key(|(span, _)| span.start);
                Some(Page {
                    module: id,
                    stem: String::new(),
                    title: String::new(),
                    has_heading: false,
                    items: items.into_iter().map(|(_, item)| item).collect(),
                })
            })
            .collect()
    }

    fn blocks(&mut self, text: &str, span: Span) -> Vec<Block> {
        let mut blocks = markup::parse(text);
        for block in &mut blocks {
            if let Block::Target(label) = block
                && !self.labels.insert(slug(label))
            {
                *block = Block::Unknown(Unknown {
                    what: "second target of the same name".into(),
                    text: format!(".. _{label}:"),
                });
            }
        }
        self.unknown.collect(&blocks, text, span);
        blocks
    }

    fn tagged(&mut self, text: &str, span: Span) -> Vec<Block> {
        members::tagged(text, span, &mut self.unknown)
    }

    /// Returns the definition of an entity; none for entities without a written definition.
    fn definition(&mut self, entity: Entity) -> Option<(Span, Definition<'s>)> {
        let schema = self.schema;
        let head = DefinitionHead::of(schema, entity)?;
        let doc = head.doc.map(|id| schema.doc(id));
        let mut texts = Texts::new(doc, &mut self.unknown);
        let content = self.content(entity, &mut texts);
        let mut definition = Definition {
            entity,
            kind: head.kind,
            name: head.name,
            condition: head.condition,
            features: head.features,
            since: None,
            body: Vec::new(),
            content,
            remarks: texts.rest(),
            reply: None,
            errors: Vec::new(),
            feature_texts: Vec::new(),
            examples: Vec::new(),
        };
        if let Entity::Command(id) = entity {
            definition.reply = Some(Reply {
                ty: schema.command(id).returns,
                text: Vec::new(),
            });
        }
        if let Some(doc) = doc {
            self.sections(doc, &mut definition);
        }
        Some((head.span, definition))
    }

    fn content(&self, entity: Entity, texts: &mut Texts<'s>) -> Content<'s> {
        let schema = self.schema;
        match entity {
            Entity::Type(id) => members::of_type(schema, schema.ty(id), texts),
            Entity::Command(id) => {
                members::of_arguments(schema, schema.command(id).arguments, texts)
            }
            Entity::Event(id) => members::of_arguments(schema, schema.event(id).arguments, texts),
            Entity::Include(_) => Content::default(),
        }
    }

    /// Adds the sections of the documentation.
    fn sections(&mut self, doc: &'s Doc, definition: &mut Definition<'s>) {
        definition.body = self.blocks(&doc.body.text, doc.body.span);
        for feature in &doc.features {
            let blocks = self.tagged(&feature.text, feature.span);
            definition.feature_texts.push((&feature.name, blocks));
        }
        for section in &doc.sections {
            if section.kind == SectionKind::Plain {
                let blocks = self.blocks(&section.text, section.span);
                definition.remarks.extend(blocks);
                continue;
            }
            let blocks = self.tagged(&section.text, section.span);
            match section.kind {
                SectionKind::Returns if definition.reply.is_some() => {
                    let reply = definition.reply.as_mut();
                    reply.expect("it was looked at").text.extend(blocks);
                }
                SectionKind::Errors => definition.errors.extend(blocks),
                SectionKind::Since => definition.since = Some(one_line(&section.text)),
                SectionKind::Todo => {
                    let title = vec![Inline::Text("To do".to_owned())];
                    definition
                        .remarks
                        .push(Block::Admonition(markup::Admonition {
                            urgency: markup::Urgency::Note,
                            title,
                            blocks,
                        }));
                }
                SectionKind::Returns | SectionKind::Plain => definition.remarks.extend(blocks),
            }
        }
        // Examples are kept apart, even if they are in the introduction.
        for blocks in [&mut definition.body, &mut definition.remarks] {
            let (examples, text) = std::mem::take(blocks)
                .into_iter()
                .partition(|block| matches!(block, Block::Example(..)));
            *blocks = text;
            definition.examples.extend::<Vec<_>>(examples);
        }
    }
}

fn one_line(text: &str) -> String {
    markup::plain(&markup::parse_inline(text))
}

/// The common fields of all definitions.
struct DefinitionHead<'s> {
    kind: Kind,
    name: &'s str,
    span: Span,
    condition: Option<&'s qapi_parser::ir::Condition>,
    features: &'s [qapi_parser::ir::Feature],
    doc: Option<DocId>,
}

impl<'s> DefinitionHead<'s> {
    fn of(schema: &'s Schema, entity: Entity) -> Option<Self> {
        match entity {
            Entity::Type(id) => Self::of_type(schema.ty(id)),
            Entity::Command(id) => {
                let command = schema.command(id);
                Some(Self {
                    kind: Kind::Command,
                    name: &command.name,
                    span: command.span,
                    condition: command.condition.as_ref(),
                    features: &command.features,
                    doc: command.doc,
                })
            }
            Entity::Event(id) => {
                let event = schema.event(id);
                Some(Self {
                    kind: Kind::Event,
                    name: &event.name,
                    span: event.span,
                    condition: event.condition.as_ref(),
                    features: &event.features,
                    doc: event.doc,
                })
            }
            Entity::Include(_) => None,
        }
    }

    fn of_type(ty: &'s TypeDef) -> Option<Self> {
        let kind = match &ty.kind {
            TypeKind::Builtin(_) | TypeKind::Array(_) => return None,
            TypeKind::Enum(_) => Kind::Enum,
            TypeKind::Alternate(_) => Kind::Alternate,
            TypeKind::Object(object) if object.union_.is_some() => Kind::Union,
            TypeKind::Object(_) => Kind::Struct,
        };
        if ty.implicit {
            return None;
        }
        Some(Self {
            kind,
            name: &ty.name,
            span: ty.span?,
            condition: ty.condition.as_ref(),
            features: &ty.features,
            doc: ty.doc,
        })
    }
}
