//! Definitions of all kinds, in a common form for rules.

use qapi_parser::diag::{Anchor, Code, Diagnostic, Meta};
use qapi_parser::ir::{Doc, DocId, Enum, Feature, Object, Schema, TypeDef, TypeId, TypeKind};
use qapi_parser::source::Span;

/// A written definition, with its documentation.
pub(crate) struct Definition<'s> {
    pub(crate) meta: Meta,
    pub(crate) name: &'s str,
    pub(crate) span: Span,
    pub(crate) features: &'s [Feature],
    pub(crate) doc: Option<&'s Doc>,
    /// Members, values or arguments of its own.
    pub(crate) parts: Vec<Part<'s>>,
}

/// A member, value or argument.
pub(crate) struct Part<'s> {
    pub(crate) name: &'s str,
    pub(crate) features: &'s [Feature],
    pub(crate) span: Span,
}

impl Definition<'_> {
    /// Returns a warning about a piece of the definition or of its documentation.
    pub(crate) fn warning(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(code, Anchor::Line(self.span), message)
            .primary(span, "")
            .entity(self.meta, self.name)
    }

    /// Returns the definition in words: "command `stop`".
    pub(crate) fn title(&self) -> String {
        format!("{} `{}`", self.meta.as_str(), self.name)
    }
}

/// Returns all definitions: types, commands, events.
pub(crate) fn all(schema: &Schema) -> Vec<Definition<'_>> {
    let types = schema.types.iter().filter_map(|ty| of_type(schema, ty));
    let doc = |id: Option<DocId>| id.map(|id| schema.doc(id));
    let commands = schema.commands.iter().map(|command| Definition {
        meta: Meta::Command,
        name: &command.name,
        span: command.span,
        features: &command.features,
        doc: doc(command.doc),
        parts: arguments(schema, command.arguments),
    });
    let events = schema.events.iter().map(|event| Definition {
        meta: Meta::Event,
        name: &event.name,
        span: event.span,
        features: &event.features,
        doc: doc(event.doc),
        parts: arguments(schema, event.arguments),
    });
    types.chain(commands).chain(events).collect()
}

fn of_type<'s>(schema: &'s Schema, ty: &'s TypeDef) -> Option<Definition<'s>> {
    let (meta, parts) = match &ty.kind {
        TypeKind::Enum(enum_) => (Meta::Enum, values(enum_)),
        TypeKind::Object(object) if object.union_.is_some() => {
            let base = object.base.map(|base| schema.ty(base));
            let written_here = base.filter(|base| base.implicit);
            let members = written_here.and_then(|base| match &base.kind {
                TypeKind::Object(object) => Some(members(object)),
                _ => None,
            });
            (Meta::Union, members.unwrap_or_default())
        }
        TypeKind::Object(object) => (Meta::Struct, members(object)),
        TypeKind::Alternate(_) => (Meta::Alternate, Vec::new()),
        TypeKind::Builtin(_) | TypeKind::Array(_) => return None,
    };
    let span = ty.span.filter(|_| !ty.implicit)?;
    Some(Definition {
        meta,
        name: &ty.name,
        span,
        features: &ty.features,
        doc: ty.doc.map(|id| schema.doc(id)),
        parts,
    })
}

fn values(enum_: &Enum) -> Vec<Part<'_>> {
    let parts = enum_.values.iter().filter_map(|value| {
        Some(Part {
            name: &value.name,
            features: &value.features,
            span: value.span?,
        })
    });
    parts.collect()
}

fn members(object: &Object) -> Vec<Part<'_>> {
    let parts = object.members.iter().map(|member| Part {
        name: &member.name,
        features: &member.features,
        span: member.span,
    });
    parts.collect()
}

/// Returns the arguments that a definition writes in place.
fn arguments(schema: &Schema, ty: Option<TypeId>) -> Vec<Part<'_>> {
    let ty = ty.map(|id| schema.ty(id)).filter(|ty| ty.implicit);
    match ty.map(|ty| &ty.kind) {
        Some(TypeKind::Object(object)) => members(object),
        _ => Vec::new(),
    }
}

/// Returns whether there is a feature of this name.
pub(crate) fn has(features: &[Feature], name: &str) -> bool {
    features.iter().any(|feature| feature.name == name)
}
