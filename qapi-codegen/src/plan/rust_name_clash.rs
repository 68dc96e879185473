//! Names that differ in the schema but are the same in Rust.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use qapi_parser::diag::{Anchor, Code, Diagnostic, EntityRef};
use qapi_parser::source::Span;

/// The names of one scope: the types, the fields of a struct, the variants of an enum.
pub(super) struct Scope<'n> {
    taken: BTreeMap<&'n str, NameClaim<'n>>,
    clashes: Vec<Diagnostic>,
}

/// The owner of a name.
#[derive(Clone, Copy)]
pub(super) enum NameClaim<'n> {
    /// The generator itself, for this purpose.
    Own(&'static str),
    /// A part of the schema.
    Schema {
        /// Its kind, in a word: a member, a command.
        word: &'static str,
        /// Its name there.
        wire: &'n str,
        /// Its place in the schema.
        span: Option<Span>,
        /// The definition that it is part of, unless it is one itself.
        owner: Option<&'n str>,
        /// The first token of the definition.
        definition: Option<Span>,
        entity: Option<&'n EntityRef>,
    },
}

impl<'n> Scope<'n> {
    pub(super) fn new() -> Self {
        Self {
            taken: BTreeMap::new(),
            clashes: Vec::new(),
        }
    }

    /// Claims a name, or notes its owner if it is taken.
    pub(super) fn claim(&mut self, name: &'n str, claim: NameClaim<'n>) {
        match self.taken.entry(name) {
            Entry::Occupied(first) => self.clashes.push(clash(name, *first.get(), claim)),
            Entry::Vacant(place) => {
                place.insert(claim);
            }
        }
    }

    /// Returns the clashes that were found.
    pub(super) fn finish(self) -> Vec<Diagnostic> {
        self.clashes
    }
}

impl NameClaim<'_> {
    /// Returns the owner as a phrase.
    fn what(self) -> String {
        match self {
            Self::Own(what) => what.to_owned(),
            Self::Schema {
                word,
                wire,
                owner: Some(owner),
                ..
            } => {
                format!("{word} `{wire}` of `{owner}`")
            }
            Self::Schema { word, wire, .. } => format!("{word} `{wire}`"),
        }
    }
}

fn clash(name: &str, first: NameClaim<'_>, second: NameClaim<'_>) -> Diagnostic {
    // The generator's own names are claimed first, so the second is the schema's.
    let message = format!(
        "{} and {} are both `{name}` in Rust",
        first.what(),
        second.what()
    );
    let NameClaim::Schema {
        wire,
        span,
        owner,
        definition,
        entity,
        ..
    } = second
    else {
        return Diagnostic::error(Code::GEN_NAME_CLASH, Anchor::File(name.to_owned()), message);
    };
    let anchor = match definition.or(span) {
        Some(span) => Anchor::Line(span),
        None => Anchor::File(wire.to_owned()),
    };
    let mut diagnostic = Diagnostic::error(Code::GEN_NAME_CLASH, anchor, message);
    diagnostic.entity = entity.cloned();
    if let Some(span) = span.or(definition) {
        diagnostic = diagnostic.primary(span, format!("becomes `{name}`"));
    }
    diagnostic = match first {
        NameClaim::Schema {
            span, definition, ..
        } => match span.or(definition) {
            Some(span) => diagnostic.label(span, format!("became `{name}` before")),
            None => diagnostic,
        },
        NameClaim::Own(_) => diagnostic.note(format!("`{name}` is a name of the generated code")),
    };
    let selector = match owner {
        Some(owner) => format!("{owner}.{wire}"),
        None => wire.to_owned(),
    };
    diagnostic.help(format!(
        "give one of them another name in Rust, such as `Config::rename(\"{selector}\", \"…\")` in the build script"
    ))
}
