//! Definitions as typed parts, all of them checked.

use std::borrow::Cow;

use super::schema_age::SchemaAge;
use crate::diag::{Anchor, Code, Diagnostic, Meta};
use crate::exceptions::Exceptions;
use crate::ir::{DocId, EnumValue, Feature};
use crate::name_map::NameSet;
use crate::source::Span;
use crate::syntax::SpannedCondition;

/// The definition that a diagnostic belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'t> {
    /// Its kind.
    pub meta: Meta,
    /// Its name; empty if it was written so.
    pub name: &'t str,
    /// The whole definition.
    pub span: Span,
    /// The key that names it, where the value is a string.
    pub name_span: Span,
    /// The file that holds it, as an index into the tree's modules.
    pub module: usize,
    /// Its place among the tree's items.
    pub item: usize,
    /// Its documentation.
    pub doc: Option<DocId>,
}

impl Context<'_> {
    /// Returns an error of this definition about the text at `span`.
    pub(crate) fn error(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        self.own(
            Diagnostic::error(code, Anchor::Line(self.span), message),
            span,
        )
    }

    /// Returns a warning of this definition about the text at `span`.
    pub(crate) fn warning(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        self.own(
            Diagnostic::warning(code, Anchor::Line(self.span), message),
            span,
        )
    }

    fn own(&self, diagnostic: Diagnostic, span: Span) -> Diagnostic {
        let diagnostic = diagnostic.primary(span, "");
        if self.name.is_empty() {
            diagnostic
        } else {
            diagnostic.entity(self.meta, self.name)
        }
    }
}

/// A definition whose parts have been judged one by one.
#[derive(Debug)]
pub(crate) struct Definition<'t> {
    /// Its origin; for an implied one the definition that implies it.
    pub context: Context<'t>,
    /// Its name.
    pub name: Cow<'t, str>,
    /// It was written, or follows from an old form.
    pub origin: DefinitionOrigin,
    /// All members, values or branches that were written are known. If not, nothing may be
    /// said about something missing.
    pub complete: bool,
    /// All features that were written are known, those of its parts included.
    pub features_complete: bool,
    /// The condition under which it exists.
    pub condition: Option<SpannedCondition>,
    /// Its features.
    pub features: Vec<Feature>,
    /// Its content.
    pub body: Body<'t>,
}

/// The origin of a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DefinitionOrigin {
    /// It was written.
    Written,
    /// An old form implies it: an inline struct, or the enumeration of a union.
    Implied,
    /// The same, shared by all unions that have a branch of the type it wraps.
    Wrapper,
}

/// The content of a definition.
#[derive(Debug)]
pub(crate) enum Body<'t> {
    Enum {
        prefix: Option<String>,
        values: Vec<EnumValue>,
    },
    Struct {
        base: Reference<'t>,
        members: Vec<RawMember<'t>>,
    },
    Union(RawUnion<'t>),
    Alternate {
        alternatives: Vec<Variant<'t>>,
    },
    Command {
        arguments: Arguments<'t>,
        /// None also if it is invalid.
        returns: Option<TypeRef<'t>>,
        flags: Flags,
    },
    Event {
        arguments: Arguments<'t>,
        boxed: bool,
    },
}

/// A union, flat in today's sense.
#[derive(Debug)]
pub(crate) struct RawUnion<'t> {
    pub base: UnionBase<'t>,
    /// None if it is invalid.
    pub discriminator: Option<Discriminator<'t>>,
    pub branches: Vec<Variant<'t>>,
}

/// The source of a union's common members.
#[derive(Debug)]
pub(crate) enum UnionBase<'t> {
    Broken,
    Named(TypeRef<'t>),
    Members {
        /// The base of an old simple union, whose members come first.
        extends: Option<TypeRef<'t>>,
        members: Vec<RawMember<'t>>,
    },
}

/// Name and place of a discriminator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Discriminator<'t> {
    pub name: &'t str,
    pub span: Span,
}

/// The arguments of a command or event.
#[derive(Debug)]
pub(crate) enum Arguments<'t> {
    None,
    Broken,
    Named(TypeRef<'t>),
    Members(Vec<RawMember<'t>>),
}

/// A type name that may be absent.
#[derive(Debug)]
pub(crate) enum Reference<'t> {
    None,
    Broken,
    Named(TypeRef<'t>),
}

/// A type as written.
#[derive(Debug, Clone)]
pub(crate) struct TypeRef<'t> {
    /// The name of the type, or of the array's element.
    pub name: Cow<'t, str>,
    /// It is an array of `name`.
    pub array: bool,
    /// The string.
    pub span: Span,
}

/// A member of a struct, union base or argument object.
#[derive(Debug)]
pub(crate) struct RawMember<'t> {
    /// Its name without the `*`.
    pub name: String,
    /// The key.
    pub span: Span,
    pub optional: bool,
    /// None if it is invalid.
    pub ty: Option<TypeRef<'t>>,
    pub condition: Option<SpannedCondition>,
    pub features: Vec<Feature>,
}

/// A branch of a union or an alternative of an alternate.
#[derive(Debug)]
pub(crate) struct Variant<'t> {
    pub name: String,
    /// The key.
    pub span: Span,
    /// None if it is invalid.
    pub ty: Option<TypeRef<'t>>,
    pub condition: Option<SpannedCondition>,
}

/// The flags of commands and events, with their defaults.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the flags of the language"
)]
pub(crate) struct Flags {
    pub boxed: bool,
    pub gen_: bool,
    pub success_response: bool,
    pub allow_oob: bool,
    pub allow_preconfig: bool,
    pub coroutine: bool,
}

impl TypeRef<'_> {
    /// Returns the array of a predefined type.
    pub(crate) fn predefined(name: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            array: true,
            span: Span::new(crate::source::FileId(0), 0, 0),
        }
    }
}

/// All definitions of a schema, and facts about those that could not be read.
#[derive(Debug)]
pub(crate) struct Definitions<'t> {
    /// In reading order; implied ones come right before those that imply them.
    pub list: Vec<Definition<'t>>,
    /// Names that seem to be defined by unreadable text; references to them are valid.
    pub damaged: NameSet<&'t str>,
    /// The age of the schema.
    pub age: SchemaAge,
    /// The names that pragmas except.
    pub exceptions: Exceptions<'t>,
}
