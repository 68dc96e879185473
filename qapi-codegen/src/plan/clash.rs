//! Names that were different in the schema and are the same in Rust.

use std::collections::HashMap;

use qapi_parser::diag::{Anchor, Code, Diagnostic, EntityRef};
use qapi_parser::source::Span;

/// The names of one scope: the types, the fields of a struct, the variants of an enum.
pub(super) struct Scope<'d> {
    taken: HashMap<String, Claim>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

/// Who has a name, and where it is written.
pub(super) struct Claim {
    /// How to name the holder in a message: a phrase with the name in back quotes.
    pub(super) what: String,
    pub(super) span: Option<Span>,
    /// The first token of the definition that it belongs to.
    pub(super) definition: Option<Span>,
    /// The definition that it belongs to.
    pub(super) entity: Option<EntityRef>,
    /// What to give to `rename`; none for names of our own.
    pub(super) selector: Option<String>,
}

impl Claim {
    /// A name that we need ourselves.
    pub(super) fn own(what: &str) -> Self {
        Self { what: what.to_owned(), span: None, definition: None, entity: None, selector: None }
    }
}

impl<'d> Scope<'d> {
    pub(super) fn new(diagnostics: &'d mut Vec<Diagnostic>) -> Self {
        Self { taken: HashMap::new(), diagnostics }
    }

    /// Takes a name, or reports who has it already.
    pub(super) fn claim(&mut self, name: &str, claim: Claim) {
        match self.taken.get(name) {
            None => {
                self.taken.insert(name.to_owned(), claim);
            }
            Some(first) => {
                let diagnostic = clash(name, first, &claim);
                self.diagnostics.push(diagnostic);
            }
        }
    }
}

fn clash(name: &str, first: &Claim, second: &Claim) -> Diagnostic {
    // One of the two is always the schema's.
    let (blamed, other) = if second.span.is_some() { (second, first) } else { (first, second) };
    let anchor = match blamed.definition.or(blamed.span) {
        Some(span) => Anchor::Line(span),
        None => Anchor::File(blamed.what.clone()),
    };
    let message = format!("{} and {} are both `{name}` in Rust", other.what, blamed.what);
    let mut diagnostic = Diagnostic::error(Code::GEN_NAME_CLASH, anchor, message);
    diagnostic.entity.clone_from(&blamed.entity);
    if let Some(span) = blamed.span {
        diagnostic = diagnostic.primary(span, format!("`{name}` again"));
    }
    match other.span {
        Some(span) => diagnostic = diagnostic.label(span, format!("`{name}` first")),
        None => diagnostic = diagnostic.note(format!("`{name}` is a name of the generated code")),
    }
    if let Some(selector) = &blamed.selector {
        diagnostic = diagnostic.help(format!(
            "give one of them another name in Rust, such as `Config::rename(\"{selector}\", \"…\")`"
        ));
    }
    diagnostic
}
