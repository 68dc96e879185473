//! Documents that share their parts, so that even a document with an enormous text is as small as its schema.

use std::rc::Rc;

use serde_json::{Map, Value};

use crate::model::{Kind, TypeIx};

/// A document made for a schema.
#[derive(Debug)]
pub(crate) struct SharedDocument {
    body: Body,
    /// The number of values in it, written out.
    size: u64,
    /// The type whose smallest value it is.
    minimal_of: Option<TypeIx>,
}

#[derive(Debug)]
enum Body {
    Plain(Value),
    Array(Vec<Rc<SharedDocument>>),
    /// Sorted by name.
    Object(Vec<(String, Rc<SharedDocument>)>),
}

/// A part beside the subject is left out if it has more values than this.
const LARGEST_SIBLING: u64 = 24;

/// The depth to which messages are written out; real ones have less than half of it. For a chain of a thousand types,
/// each message would be longer than the schema.
const DEEPEST_WRITTEN: u32 = 64;

impl SharedDocument {
    pub(crate) fn plain(value: Value) -> Self {
        Self {
            body: Body::Plain(value),
            size: 1,
            minimal_of: None,
        }
    }

    pub(crate) fn array(elements: Vec<Rc<Self>>) -> Self {
        let sizes = elements.iter().map(|element| element.size);
        Self {
            size: sizes.fold(1, u64::saturating_add),
            body: Body::Array(elements),
            minimal_of: None,
        }
    }

    pub(crate) fn object(mut members: Vec<(String, Rc<Self>)>) -> Self {
        members.sort_by(|a, b| a.0.cmp(&b.0));
        let sizes = members.iter().map(|(_, member)| member.size);
        Self {
            size: sizes.fold(1, u64::saturating_add),
            body: Body::Object(members),
            minimal_of: None,
        }
    }

    /// Returns the same as the smallest value of a type.
    pub(crate) fn minimal(mut self, ty: TypeIx) -> Rc<Self> {
        self.minimal_of = Some(ty);
        Rc::new(self)
    }

    /// Returns the number of values at its top: those that are not shared are made and checked one by one.
    pub(crate) fn parts(&self) -> u64 {
        match &self.body {
            Body::Plain(_) => 1,
            Body::Array(elements) => elements.iter().map(|it| 1 + it.own_parts()).sum(),
            Body::Object(members) => members.iter().map(|(_, it)| 1 + it.own_parts()).sum(),
        }
    }

    /// None of a shared smallest value.
    fn own_parts(&self) -> u64 {
        if self.minimal_of.is_some() {
            0
        } else {
            self.parts()
        }
    }

    /// Writes the document out. Large parts beside the path to the subject become `…`, and so do parts nested deeper
    /// than [`DEEPEST_WRITTEN`]; the second result is true if there were any.
    pub(crate) fn write(&self) -> (Value, bool) {
        let mut is_elided = false;
        (self.write_part(DEEPEST_WRITTEN, &mut is_elided), is_elided)
    }

    fn write_part(&self, levels: u32, is_elided: &mut bool) -> Value {
        let is_nested = matches!(self.body, Body::Array(_) | Body::Object(_)) && self.size > 1;
        let is_large = self.minimal_of.is_some() && self.size > LARGEST_SIBLING;
        if is_large || (is_nested && levels == 0) {
            *is_elided = true;
            return "…".into();
        }
        match &self.body {
            Body::Plain(value) => value.clone(),
            Body::Array(elements) => {
                let elements = elements.iter();
                Value::Array(
                    elements
                        .map(|it| it.write_part(levels - 1, is_elided))
                        .collect(),
                )
            }
            Body::Object(members) => {
                let members = members.iter();
                let written =
                    members.map(|(name, it)| (name.clone(), it.write_part(levels - 1, is_elided)));
                Value::Object(written.collect::<Map<_, _>>())
            }
        }
    }
}

/// A document to check: a JSON value, or a sketch of one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Document<'v> {
    Json(&'v Value),
    Shared(&'v SharedDocument),
}

impl<'v> Document<'v> {
    /// Returns the JSON value, if it is one that is not made of shared parts.
    fn json(self) -> Option<&'v Value> {
        match self {
            Self::Json(value) => Some(value),
            Self::Shared(sketch) => match &sketch.body {
                Body::Plain(value) => Some(value),
                _ => None,
            },
        }
    }

    /// Returns the type whose smallest value it is, if it was made as that.
    pub(crate) fn minimal_of(self) -> Option<TypeIx> {
        match self {
            Self::Json(_) => None,
            Self::Shared(sketch) => sketch.minimal_of,
        }
    }

    pub(crate) fn kind(self) -> Kind {
        match (self, self.json()) {
            (_, Some(value)) => Kind::of(value),
            (Self::Shared(sketch), _) if matches!(sketch.body, Body::Array(_)) => Kind::Array,
            _ => Kind::Object,
        }
    }

    pub(crate) fn as_str(self) -> Option<&'v str> {
        self.json()?.as_str()
    }

    /// Returns the integer, if it is one.
    pub(crate) fn integer(self) -> Option<i128> {
        let value = self.json()?;
        let unsigned = || value.as_u64().map(i128::from);
        value.as_i64().map(i128::from).or_else(unsigned)
    }

    /// Returns the text of a scalar.
    pub(crate) fn text(self) -> String {
        self.json().map_or_else(String::new, Value::to_string)
    }

    pub(crate) fn elements(self) -> Vec<Self> {
        if let Self::Shared(SharedDocument {
            body: Body::Array(elements),
            ..
        }) = self
        {
            return elements.iter().map(|it| Self::Shared(it)).collect();
        }
        let array = self.json().and_then(Value::as_array);
        array.into_iter().flatten().map(Self::Json).collect()
    }

    pub(crate) fn member(self, name: &str) -> Option<Self> {
        match self {
            Self::Shared(SharedDocument {
                body: Body::Object(members),
                ..
            }) => {
                let found = members.binary_search_by(|(known, _)| known.as_str().cmp(name));
                found.ok().map(|index| Self::Shared(&members[index].1))
            }
            _ => self.json()?.as_object()?.get(name).map(Self::Json),
        }
    }

    pub(crate) fn names(self) -> Vec<&'v str> {
        if let Self::Shared(SharedDocument {
            body: Body::Object(members),
            ..
        }) = self
        {
            return members.iter().map(|(name, _)| name.as_str()).collect();
        }
        let object = self.json().and_then(Value::as_object);
        let names = object.into_iter().flat_map(Map::keys);
        names.map(String::as_str).collect()
    }
}
