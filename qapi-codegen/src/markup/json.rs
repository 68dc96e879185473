//! The tree as JSON: every block and every part of running text is an object with its `kind`.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{
    Admonition, Block, DefinedTerm, Heading, Inline, Item, Reference, ReferenceKind, Table, Target,
    Unknown, Urgency,
};

/// Begins an object with its kind.
fn object<S: Serializer>(serializer: S, kind: &str) -> Result<S::SerializeMap, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("kind", kind)?;
    Ok(map)
}

impl Serialize for Block {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = object(serializer, self.kind())?;
        match self {
            Self::Paragraph(text) => map.serialize_entry("inlines", text)?,
            Self::Heading(Heading { level, text, .. }) => {
                map.serialize_entry("level", level)?;
                map.serialize_entry("inlines", text)?;
            }
            Self::List(items) => map.serialize_entry("items", items)?,
            Self::Definitions(terms) => map.serialize_entry("terms", terms)?,
            Self::Quote(blocks) => map.serialize_entry("blocks", blocks)?,
            Self::Literal(text) | Self::Wire(text) => map.serialize_entry("text", text)?,
            Self::Example(title, blocks) => {
                map.serialize_entry("title", title)?;
                map.serialize_entry("blocks", blocks)?;
            }
            Self::Admonition(Admonition {
                urgency,
                title,
                blocks,
            }) => {
                let urgency = match urgency {
                    Urgency::Note => "note",
                    Urgency::Warning => "warning",
                };
                map.serialize_entry("urgency", urgency)?;
                map.serialize_entry("title", title)?;
                map.serialize_entry("blocks", blocks)?;
            }
            Self::Table(Table { title, head, rows }) => {
                map.serialize_entry("title", title)?;
                map.serialize_entry("head", head)?;
                map.serialize_entry("rows", rows)?;
            }
            Self::Target(label) => map.serialize_entry("name", label)?,
            Self::Unknown(Unknown { what, text }) => {
                map.serialize_entry("what", what)?;
                map.serialize_entry("text", text)?;
            }
        }
        map.end()
    }
}

impl Block {
    fn kind(&self) -> &'static str {
        match self {
            Self::Paragraph(_) => "paragraph",
            Self::Heading(_) => "heading",
            Self::List(_) => "list",
            Self::Definitions(_) => "definitions",
            Self::Quote(_) => "quote",
            Self::Literal(_) => "literal",
            Self::Wire(_) => "wire",
            Self::Example(..) => "example",
            Self::Admonition(_) => "admonition",
            Self::Table(_) => "table",
            Self::Target(_) => "label",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("number", &self.number)?;
        map.serialize_entry("blocks", &self.blocks)?;
        map.end()
    }
}

impl Serialize for DefinedTerm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("term", &self.term)?;
        map.serialize_entry("blocks", &self.blocks)?;
        map.end()
    }
}

impl Serialize for Inline {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kind = match self {
            Self::Text(_) => "text",
            Self::Code(_) => "code",
            Self::Reference(_) => "reference",
            Self::Emphasis(_) => "emphasis",
            Self::Strong(_) => "strong",
            Self::Link { .. } => "link",
            Self::Unknown(_) => "unknown",
        };
        let mut map = object(serializer, kind)?;
        match self {
            Self::Text(text) | Self::Code(text) | Self::Emphasis(text) | Self::Strong(text) => {
                map.serialize_entry("text", text)?;
            }
            Self::Reference(Reference {
                kind,
                title,
                name,
                target,
            }) => {
                let form = match kind {
                    ReferenceKind::Name => "name",
                    ReferenceKind::Role => "role",
                };
                map.serialize_entry("form", form)?;
                map.serialize_entry("title", title)?;
                map.serialize_entry("name", name)?;
                map.serialize_entry("target", target)?;
            }
            Self::Link { title, url } => {
                let title = if title.is_empty() { url } else { title };
                map.serialize_entry("title", title)?;
                map.serialize_entry("url", url)?;
            }
            Self::Unknown(Unknown { what, text }) => {
                map.serialize_entry("what", what)?;
                map.serialize_entry("text", text)?;
            }
        }
        map.end()
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (kind, definition, name) = match self {
            Self::Definition(name) => ("definition", None, Some(name)),
            Self::Member { definition, member } => ("member", Some(definition), Some(member)),
            Self::Feature {
                definition,
                feature,
            } => ("feature", Some(definition), Some(feature)),
            Self::Label(name) => ("label", None, Some(name)),
            Self::Index => ("index", None, None),
        };
        let mut map = object(serializer, kind)?;
        if let Some(definition) = definition {
            map.serialize_entry("definition", definition)?;
        }
        if let Some(name) = name {
            map.serialize_entry("name", name)?;
        }
        map.end()
    }
}
