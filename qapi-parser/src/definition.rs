//! Phase 2 of language.md §9: each definition on its own, from syntax to typed parts.
//!
//! Mistakes are reported part by part; the sound parts are kept, so that
//! neither its users nor the later phases report the same mistake again.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::diag::{Anchor, Code, Diagnostic, Diagnostics, Meta};
use crate::dialect::Dialect;
use crate::exceptions::Exceptions;
use crate::ir::{Doc, DocId, EnumValue, Feature};
use crate::source::Span;
use crate::subject::Subject;
use crate::syntax::{self, Item, Object, SpannedCondition, Tree, Value};

mod alternates;
mod commands;
mod conditions;
mod docs;
mod enums;
mod era;
mod features;
mod flags;
mod inline;
mod keys;
mod members;
mod meta;
mod name_judgement;
mod simple_unions;
mod structs;
mod types;
mod unions;

pub(crate) use era::Era;
use keys::Form;

/// The definition that a diagnostic belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'t> {
    /// Its kind.
    pub meta: Meta,
    /// Its name; empty if that is what was written.
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
    /// An error of this definition about the text at `span`.
    pub(crate) fn error(&self, code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        self.own(
            Diagnostic::error(code, Anchor::Line(self.span), message),
            span,
        )
    }

    /// A warning of this definition about the text at `span`.
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
    pub origin: Origin,
    /// All members, values or branches that were written are known. If not, nothing may be
    /// said about something missing.
    pub complete: bool,
    /// All features that were written are known, those of its parts included.
    pub features_complete: bool,
    /// When it exists.
    pub condition: Option<SpannedCondition>,
    /// Its features.
    pub features: Vec<Feature>,
    /// Its content.
    pub body: Body<'t>,
}

/// The origin of a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
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
        members: Vec<Member<'t>>,
    },
    Union(Union<'t>),
    Alternate {
        alternatives: Vec<Variant<'t>>,
    },
    Command {
        arguments: Arguments<'t>,
        /// None also if it is at fault.
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
pub(crate) struct Union<'t> {
    pub base: UnionBase<'t>,
    /// None if it is at fault.
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
        members: Vec<Member<'t>>,
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
    Members(Vec<Member<'t>>),
}

/// A type named where one may also be absent.
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
pub(crate) struct Member<'t> {
    /// Its name without the `*`.
    pub name: String,
    /// The key.
    pub span: Span,
    pub optional: bool,
    /// None if it is at fault.
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
    /// None if it is at fault.
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
    /// The array of a predefined type.
    pub(crate) fn predefined(name: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            array: true,
            span: Span::new(crate::source::FileId(0), 0, 0),
        }
    }
}

/// All definitions of a schema, and what is known about those that could not be read.
#[derive(Debug)]
pub(crate) struct Definitions<'t> {
    /// In reading order; implied ones stand right before those that imply them.
    pub list: Vec<Definition<'t>>,
    /// Names that seem to be defined by something unreadable; they can be referred to.
    pub damaged: HashSet<&'t str>,
    /// The age of the schema.
    pub era: Era,
    /// The names that pragmas except.
    pub exceptions: Exceptions<'t>,
}

/// Judges every definition by itself.
pub(crate) fn all<'t>(
    out: &mut Diagnostics,
    dialect: Dialect,
    tree: &'t Tree,
    docs: &mut [Doc],
) -> Definitions<'t> {
    let mut definitions = Definitions {
        list: Vec::with_capacity(tree.items.len()),
        damaged: HashSet::new(),
        era: Era::of(tree, dialect),
        exceptions: Exceptions::of(tree),
    };
    for (index, item) in tree.items.iter().enumerate() {
        if let Item::Definition(definition) = item {
            one(
                out,
                dialect,
                tree,
                docs,
                (index, definition),
                &mut definitions,
            );
        }
    }
    definitions
}

fn one<'t>(
    out: &mut Diagnostics,
    dialect: Dialect,
    tree: &'t Tree,
    docs: &mut [Doc],
    (item, definition): (usize, &'t syntax::Definition),
    into: &mut Definitions<'t>,
) {
    let object = &definition.object;
    let Some((meta, name)) = meta::read(out, dialect, object, &mut into.damaged) else {
        return;
    };
    let context = Context {
        meta,
        name: &name.value,
        span: object.span,
        name_span: name.span,
        module: definition.module,
        item,
        doc: definition.doc,
    };
    let mut reader = Reader {
        out,
        dialect,
        era: into.era,
        doc_required: tree.pragmas.doc_required && !definition.misdocumented,
        exceptions: &into.exceptions,
        context,
        complete: true,
        features_complete: true,
        implied: Vec::new(),
    };
    reader.definition_name();
    reader.doc(object, docs);
    let body = reader.body(object);
    let condition = reader.condition_of(object, reader.subject());
    let features = reader.features_of(object, reader.subject());
    reader.flags(object);
    let (complete, features_complete) = (reader.complete, reader.features_complete);
    for mut implied in reader.implied {
        // A wrapper is shared: it exists when the type that it wraps does.
        if implied.origin == Origin::Implied {
            implied.condition.clone_from(&condition);
        }
        into.list.push(implied);
    }
    into.list.push(Definition {
        context,
        name: Cow::Borrowed(context.name),
        origin: Origin::Written,
        complete,
        features_complete,
        condition,
        features,
        body,
    });
}

/// Reads the parts of one definition.
struct Reader<'r, 't> {
    out: &'r mut Diagnostics,
    dialect: Dialect,
    era: Era,
    doc_required: bool,
    exceptions: &'r Exceptions<'t>,
    context: Context<'t>,
    complete: bool,
    features_complete: bool,
    /// Definitions that old forms imply.
    implied: Vec<Definition<'t>>,
}

impl<'t> Reader<'_, 't> {
    fn tolerant(&self) -> bool {
        self.dialect == Dialect::Auto
    }

    fn error(&mut self, code: Code, span: Span, message: impl Into<String>) {
        let diagnostic = self.context.error(code, span, message);
        self.out.report(diagnostic);
    }

    fn warn(&mut self, code: Code, span: Span, message: impl Into<String>) {
        let diagnostic = self.context.warning(code, span, message);
        self.out.report(diagnostic);
    }

    /// The definition itself.
    fn subject(&self) -> Subject<'t> {
        Subject::named(self.context.meta.as_str(), self.context.name)
    }

    /// The keys of the definition (language.md §2.3).
    fn form(&self) -> Form {
        match self.context.meta {
            Meta::Enum => enums::FORM,
            Meta::Struct => structs::FORM,
            Meta::Union => unions::FORM,
            Meta::Alternate => alternates::FORM,
            Meta::Command => commands::COMMAND,
            Meta::Event => commands::EVENT,
        }
    }

    fn body(&mut self, object: &'t Object) -> Body<'t> {
        match self.context.meta {
            Meta::Enum => self.enum_(object),
            Meta::Struct => self.struct_(object),
            Meta::Union => self.union_(object),
            Meta::Alternate => self.alternate(object),
            Meta::Command => self.command(object),
            Meta::Event => self.event(object),
        }
    }
}

/// The value of a key; `null` stands for an absent key (language.md §10.2 row 23).
fn get<'t>(object: &'t Object, key: &str) -> Option<&'t Value> {
    object
        .get(key)
        .map(|member| &member.value)
        .filter(|value| !matches!(value, Value::Null(_)))
}

/// Names the kind of a value, for "found …".
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "an object",
        Value::Array(_) => "an array",
        Value::String(_) => "a string",
        Value::Bool(true, _) => "`true`",
        Value::Bool(false, _) => "`false`",
        Value::Null(_) => "`null`",
    }
}
