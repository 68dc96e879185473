//! The definitions of a file and all names in it.

use std::sync::Arc;

use crate::docs::{self, Block, SectionKind};
use crate::text::Range;
use crate::tree::{self, Item, Member, Node, Object, StringToken};

mod model;
mod occurrences;

pub use model::Kind;
pub(crate) use model::{Definition, Occurrence, Part, Role, TypeText};
use occurrences::Collector;

/// The facts about one file that do not depend on others.
#[derive(Debug)]
pub(crate) struct FileIndex {
    pub(crate) text: Arc<str>,
    pub(crate) definitions: Vec<Definition>,
    /// The paths of include directives.
    pub(crate) includes: Vec<StringToken>,
    /// Sorted by place.
    pub(crate) occurrences: Vec<Occurrence>,
    /// Documentation blocks that belong to no definition.
    pub(crate) free_docs: Vec<Block>,
    /// Lines of comment that are no documentation.
    pub(crate) comments: Vec<Range>,
    /// Objects at top level that are no definitions, or not yet.
    pub(crate) directives: Vec<Object>,
}

impl FileIndex {
    /// Reads a text.
    pub(crate) fn new(text: &Arc<str>) -> Self {
        let mut index = Self {
            text: text.clone(),
            definitions: Vec::new(),
            includes: Vec::new(),
            occurrences: Vec::new(),
            free_docs: Vec::new(),
            comments: Vec::new(),
            directives: Vec::new(),
        };
        let mut doc = None;
        for item in tree::items(text) {
            match item {
                Item::Comment(lines) => {
                    if let Some(block) = docs::block(text, &lines) {
                        index.free_docs.extend(doc.replace(block));
                    } else if let (Some(first), Some(last)) = (lines.first(), lines.last()) {
                        index.comments.push(Range::new(first.start, last.end));
                    }
                }
                Item::Value(Node::Object(object)) => index.object(object, &mut doc),
                Item::Value(_) => index.free_docs.extend(doc.take()),
            }
        }
        index.free_docs.extend(doc);
        let mut collector = Collector::new(text);
        for (number, definition) in index.definitions.iter().enumerate() {
            collector.definition(number, definition);
        }
        for block in &index.free_docs {
            collector.block(None, block);
        }
        for include in &index.includes {
            collector.add(include.inner, Role::Include);
        }
        collector.found.append(&mut index.occurrences);
        collector.found.sort_by_key(|it| it.range);
        index.occurrences = collector.found;
        index
    }

    fn object(&mut self, object: Object, doc: &mut Option<Block>) {
        let text = &self.text.clone();
        let kinds = Kind::ALL.iter().map(|kind| (*kind, kind.word()));
        // QEMU called a struct a type until 2.3.
        let found = kinds
            .chain([(Kind::Struct, "type")])
            .find_map(|(kind, word)| {
                let name = object.value(word, text)?.as_string()?;
                Some((kind, name.clone()))
            });
        if let Some((kind, name)) = found {
            let doc = doc.take();
            let is_its_own = |doc: &Block| doc.name.is_some();
            let (own, free) = match doc {
                Some(doc) if is_its_own(&doc) => (Some(doc), None),
                other => (None, other),
            };
            self.free_docs.extend(free);
            self.definitions.push(Definition {
                kind,
                name,
                object,
                doc: own,
            });
            return;
        }
        self.free_docs.extend(doc.take());
        let include = object.value("include", text).and_then(Node::as_string);
        self.includes.extend(include.cloned());
        self.keys(&object);
        if let Some(settings) = object.value("pragma", text) {
            self.pragma(settings);
        }
        self.directives.push(object);
    }

    fn keys(&mut self, object: &Object) {
        for key in object.members.iter().filter_map(|it| it.key.as_ref()) {
            self.name(key.inner, Role::Keyword);
        }
    }

    fn pragma(&mut self, settings: &Node) {
        let Node::Object(settings) = settings else {
            return;
        };
        self.keys(settings);
        for member in &settings.members {
            if let Some(Node::Array(names)) = &member.value {
                for name in names.elements.iter().filter_map(Node::as_string) {
                    self.name(name.inner, Role::Pragma);
                }
            }
        }
    }

    fn name(&mut self, range: Range, role: Role) {
        self.occurrences.push(Occurrence {
            range,
            role,
            definition: None,
        });
    }

    /// Returns the name at a place, or right before it.
    pub(crate) fn at(&self, offset: u32) -> Option<&Occurrence> {
        let behind = self
            .occurrences
            .partition_point(|it| it.range.start <= offset);
        let near = self.occurrences[..behind].iter().rev().take(3);
        near.filter(|it| it.range.touches(offset))
            .min_by_key(|it| it.range.end - it.range.start)
    }

    /// Returns the text of a name.
    pub(crate) fn name_of(&self, occurrence: &Occurrence) -> &str {
        occurrence.range.of(&self.text)
    }

    /// Returns the definition that a place lies in, documentation included.
    pub(crate) fn definition_at(&self, offset: u32) -> Option<usize> {
        let is_it = |it: &Definition| it.range().touches(offset);
        self.definitions.iter().position(is_it)
    }

    /// Members, values, branches or alternatives that the value of a key lists.
    fn listed<'f>(&'f self, list: Option<&'f Node>) -> Vec<Part<'f>> {
        match list {
            Some(Node::Object(object)) => {
                let members = object.members.iter();
                members.filter_map(|it| self.member(it)).collect()
            }
            Some(Node::Array(array)) => {
                let values = array.elements.iter();
                values.filter_map(|it| self.value(it)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn member<'f>(&'f self, member: &'f Member) -> Option<Part<'f>> {
        let key = member.key.as_ref()?;
        let written = key.value(&self.text);
        let optional = written.starts_with('*');
        let name_range = Range::new(key.inner.start + u32::from(optional), key.inner.end);
        let longhand = member.value.as_ref().and_then(Node::as_object);
        Some(Part {
            name: name_range.of(&self.text),
            name_range,
            optional,
            ty: member.value.as_ref().and_then(|it| self.type_text(it)),
            longhand,
            range: member.range,
        })
    }

    fn value<'f>(&'f self, value: &'f Node) -> Option<Part<'f>> {
        let longhand = value.as_object();
        let name = match longhand {
            Some(object) => object.value("name", &self.text)?.as_string()?,
            None => value.as_string()?,
        };
        Some(Part {
            name: name.value(&self.text),
            name_range: name.inner,
            optional: false,
            ty: None,
            longhand,
            range: value.range(),
        })
    }

    /// Returns the type that a value names: `'A'`, `['A']`, or either as the `type` of a longhand form.
    pub(crate) fn type_text<'f>(&'f self, value: &'f Node) -> Option<TypeText<'f>> {
        match value {
            Node::String(name) => Some(TypeText {
                name: name.value(&self.text),
                range: name.inner,
                is_array: false,
            }),
            Node::Array(array) => {
                let name = array.elements.first()?.as_string()?;
                Some(TypeText {
                    name: name.value(&self.text),
                    range: name.inner,
                    is_array: true,
                })
            }
            Node::Object(longhand) => match longhand.value("type", &self.text)? {
                Node::Object(_) => None,
                ty => self.type_text(ty),
            },
            Node::Word(_) => None,
        }
    }

    /// Members that a definition lists itself: of a union those of its base.
    pub(crate) fn members<'f>(&'f self, definition: &'f Definition) -> Vec<Part<'f>> {
        let key = match definition.kind {
            Kind::Union => "base",
            Kind::Struct | Kind::Command | Kind::Event => "data",
            Kind::Enum | Kind::Alternate => return Vec::new(),
        };
        match definition.object.value(key, &self.text) {
            list @ Some(Node::Object(_)) => self.listed(list),
            _ => Vec::new(),
        }
    }

    /// Values of an enumeration, branches of a union, or alternatives.
    pub(crate) fn cases<'f>(&'f self, definition: &'f Definition) -> Vec<Part<'f>> {
        match definition.kind {
            Kind::Enum | Kind::Union | Kind::Alternate => {
                self.listed(definition.object.value("data", &self.text))
            }
            Kind::Struct | Kind::Command | Kind::Event => Vec::new(),
        }
    }

    /// Returns the named type that members come from, or that they all are.
    pub(crate) fn base<'f>(&'f self, definition: &'f Definition) -> Option<TypeText<'f>> {
        let key = match definition.kind {
            Kind::Union | Kind::Struct => "base",
            Kind::Command | Kind::Event => "data",
            Kind::Enum | Kind::Alternate => return None,
        };
        let value = definition.object.value(key, &self.text)?;
        value.as_string()?;
        self.type_text(value)
    }

    /// Returns the reply of a command.
    pub(crate) fn returns<'f>(&'f self, definition: &'f Definition) -> Option<TypeText<'f>> {
        self.type_text(definition.object.value("returns", &self.text)?)
    }

    /// Returns the name of the discriminator.
    pub(crate) fn discriminator<'f>(&'f self, definition: &'f Definition) -> Option<&'f str> {
        let value = definition.object.value("discriminator", &self.text)?;
        Some(value.as_string()?.value(&self.text))
    }

    /// Returns the names in the list of features of a definition or longhand form.
    pub(crate) fn features<'f>(&'f self, object: &'f Object) -> Vec<&'f str> {
        let list = self.listed(object.value("features", &self.text));
        list.iter().map(|it| it.name).collect()
    }

    /// Returns the text of a section of a definition's documentation, by the name it has or by its tag.
    pub(crate) fn doc_text<'f>(&'f self, definition: &'f Definition, name: &str) -> &'f str {
        let sections = definition.doc.iter().flat_map(|doc| &doc.sections);
        let mut named = sections.filter(|it| match it.kind {
            SectionKind::Member => it.name.is_some_and(|it| it.of(&self.text) == name),
            SectionKind::Tag(tag) => tag == name,
            _ => false,
        });
        named.next().map_or("", |it| &it.text)
    }
}
