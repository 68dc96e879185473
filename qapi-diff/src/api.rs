//! Compares the generated Rust interfaces, by the names of types.
//!
//! This follows the generator (design: "Generated Rust"): enumerations, unions and alternates
//! that no argument reaches are open; structs that a server sends are non-exhaustive;
//! constructors take the mandatory members, by position where these cannot be confused and by name otherwise;
//! conditional members are options.

use std::collections::{BTreeSet, HashMap};

use qapi_parser::ir::{
    Builtin, Command, Entity, Event, Feature, Object, Schema, TypeDef, TypeId, TypeKind,
};
use qapi_parser::source::Span;

use crate::change::{ApiChange, Change, ChangeKind};
use crate::order::reordered;
use crate::path::{PathStep, RootKind, SchemaPath};

mod constructor;
mod direction;
mod types;

use constructor::{AcceptedValues, takes_names};
use direction::{Use, uses};

/// Compares the Rust interfaces that would be generated from two schemas. `renamed` are the pairs of names that the
/// comparison of the wire found to mean the same type.
pub fn compare(old: &Schema, new: &Schema, renamed: &[(String, String)]) -> Vec<Change> {
    let old_side = Side::new(old);
    let new_side = Side::new(new);
    let mut found = ApiComparison {
        renamed: renames(old, new, renamed),
        old: old_side,
        new: new_side,
        changes: Vec::new(),
    };
    found.types();
    found.commands();
    found.events();
    for (cause, change) in (0..).zip(&mut found.changes) {
        change.cause = cause;
    }
    found.changes
}

/// Names that went, each with the one name that came in its place.
fn renames(old: &Schema, new: &Schema, pairs: &[(String, String)]) -> HashMap<String, String> {
    let count = |name: &str, of: fn(&(String, String)) -> &String| {
        pairs.iter().filter(|pair| of(pair) == name).count()
    };
    pairs
        .iter()
        .filter(|(before, after)| {
            new.lookup(before).is_none()
                && old.lookup(after).is_none()
                && count(before, |pair| &pair.0) == 1
                && count(after, |pair| &pair.1) == 1
        })
        .cloned()
        .collect()
}

/// One of the two interfaces.
struct Side<'s> {
    schema: &'s Schema,
    uses: Vec<Use>,
}

impl<'s> Side<'s> {
    fn new(schema: &'s Schema) -> Self {
        Self {
            schema,
            uses: uses(schema),
        }
    }

    fn ty(&self, name: &str) -> Option<TypeId> {
        match self.schema.lookup(name)? {
            Entity::Type(id) => Some(id),
            _ => None,
        }
    }

    /// Names of the types that are printed, sorted.
    fn type_names(&self) -> BTreeSet<&'s str> {
        let printed = |ty: &&TypeDef| {
            ty.span.is_some() && !ty.implicit && !matches!(ty.kind, TypeKind::Array(_))
        };
        let types = self.schema.types.iter().filter(printed);
        types.map(|ty| ty.name.as_str()).collect()
    }

    fn used(&self, id: TypeId) -> Use {
        self.uses[id.index()]
    }

    /// Returns the Rust type, with `renamed` put in for the names of the other side.
    fn rust(&self, id: TypeId, renamed: &HashMap<String, String>) -> String {
        let ty = self.schema.ty(id);
        match &ty.kind {
            TypeKind::Builtin(builtin) => rust_builtin(*builtin).to_owned(),
            TypeKind::Array(array) => format!("Vec<{}>", self.rust(array.element, renamed)),
            TypeKind::Object(object) if ty.implicit && is_empty(object) => "()".to_owned(),
            _ => renamed.get(&ty.name).unwrap_or(&ty.name).clone(),
        }
    }

    fn rust_or_unit(&self, id: Option<TypeId>, renamed: &HashMap<String, String>) -> String {
        id.map_or_else(|| "()".to_owned(), |id| self.rust(id, renamed))
    }
}

fn is_empty(object: &Object) -> bool {
    object.base.is_none() && object.members.is_empty() && object.union_.is_none()
}

fn rust_builtin(builtin: Builtin) -> &'static str {
    match builtin {
        Builtin::Str => "String",
        Builtin::Number => "f64",
        Builtin::Int | Builtin::Int64 => "i64",
        Builtin::Int8 => "i8",
        Builtin::Int16 => "i16",
        Builtin::Int32 => "i32",
        Builtin::Uint8 => "u8",
        Builtin::Uint16 => "u16",
        Builtin::Uint32 => "u32",
        Builtin::Uint64 | Builtin::Size => "u64",
        Builtin::Bool => "bool",
        Builtin::Any => "Any",
        Builtin::Null => "Null",
    }
}

struct ApiComparison<'s> {
    renamed: HashMap<String, String>,
    old: Side<'s>,
    new: Side<'s>,
    changes: Vec<Change>,
}

/// A field of a struct, union, command or event.
struct Field {
    name: String,
    ty: String,
    /// Constructors take it.
    mandatory: bool,
    accepts: AcceptedValues,
    deprecated: bool,
    span: Span,
}

impl ApiComparison<'_> {
    fn report(
        &mut self,
        path: SchemaPath,
        change: ApiChange,
        old: Option<Span>,
        new: Option<Span>,
    ) {
        let kind = ChangeKind::Api(change);
        self.changes.push(Change::new(path, kind, old, new));
    }

    fn commands(&mut self) {
        let (old, new) = (self.old.schema, self.new.schema);
        let mut names: BTreeSet<_> = old.commands.iter().map(|it| it.name.as_str()).collect();
        names.extend(new.commands.iter().map(|it| it.name.as_str()));
        for name in names {
            let path = SchemaPath::whole(RootKind::Command, name);
            match (command(old, name), command(new, name)) {
                (Some(old), Some(new)) => self.command(&path, old, new),
                (Some(old), None) => {
                    self.report(path, ApiChange::CommandRemoved, Some(old.span), None);
                }
                (None, Some(new)) => {
                    self.report(path, ApiChange::CommandAdded, None, Some(new.span));
                }
                (None, None) => {}
            }
        }
    }

    fn command(&mut self, path: &SchemaPath, old: &Command, new: &Command) {
        let spans = (Some(old.span), Some(new.span));
        let before = self.old.rust_or_unit(old.returns, &self.renamed);
        let after = self.new.rust_or_unit(new.returns, &HashMap::new());
        if before != after {
            let change = ApiChange::ReplyTypeChanged {
                old: before,
                new: after,
            };
            self.report(path.clone(), change, spans.0, spans.1);
        }
        self.deprecated(path, &old.features, &new.features, spans);
        self.arguments(
            path,
            (old.arguments, old.boxed),
            (new.arguments, new.boxed),
            spans,
        );
    }

    fn events(&mut self) {
        let (old, new) = (self.old.schema, self.new.schema);
        let mut names: BTreeSet<_> = old.events.iter().map(|it| it.name.as_str()).collect();
        names.extend(new.events.iter().map(|it| it.name.as_str()));
        for name in names {
            let path = SchemaPath::whole(RootKind::Event, name);
            match (event(old, name), event(new, name)) {
                (Some(old), Some(new)) => {
                    let spans = (Some(old.span), Some(new.span));
                    self.deprecated(&path, &old.features, &new.features, spans);
                    self.arguments(
                        &path,
                        (old.arguments, old.boxed),
                        (new.arguments, new.boxed),
                        spans,
                    );
                }
                (Some(old), None) => {
                    self.report(path, ApiChange::EventRemoved, Some(old.span), None);
                }
                (None, Some(new)) => {
                    self.report(path, ApiChange::EventAdded, None, Some(new.span));
                }
                (None, None) => {}
            }
        }
    }

    fn deprecated(
        &mut self,
        path: &SchemaPath,
        old: &[Feature],
        new: &[Feature],
        spans: (Option<Span>, Option<Span>),
    ) {
        if !is_deprecated(old) && is_deprecated(new) {
            self.report(path.clone(), ApiChange::Deprecated, spans.0, spans.1);
        }
    }

    /// Compares what a command or event holds: fields, or one value of a type.
    fn arguments(
        &mut self,
        path: &SchemaPath,
        old: (Option<TypeId>, bool),
        new: (Option<TypeId>, bool),
        spans: (Option<Span>, Option<Span>),
    ) {
        let whole = |side: &Side<'_>, (ty, boxed): (Option<TypeId>, bool), renamed: &_| match ty {
            Some(ty) if boxed => side.rust(ty, renamed),
            _ => "fields".to_owned(),
        };
        let before = whole(&self.old, old, &self.renamed);
        let after = whole(&self.new, new, &HashMap::new());
        if before != after {
            let change = ApiChange::ArgumentsTypeChanged {
                old: before,
                new: after,
            };
            self.report(path.clone(), change, spans.0, spans.1);
        } else if before == "fields" {
            let fields_of = |side: &Side<'_>, ty: Option<TypeId>, renamed: &_| {
                ty.map_or_else(Vec::new, |ty| fields(side, ty, renamed))
            };
            let before = fields_of(&self.old, old.0, &self.renamed);
            let after = fields_of(&self.new, new.0, &HashMap::new());
            self.fields(path, &before, &after, true, spans);
        }
    }

    /// Compares the fields of a struct, union, command or event.
    fn fields(
        &mut self,
        path: &SchemaPath,
        old: &[Field],
        new: &[Field],
        exhaustive: bool,
        spans: (Option<Span>, Option<Span>),
    ) {
        let at = |name: &str| {
            let mut path = path.clone();
            path.steps.push(PathStep::Member(name.to_owned()));
            path
        };
        let by_name = |list: &[Field]| -> HashMap<String, usize> {
            let names = list.iter().enumerate();
            names
                .map(|(index, field)| (field.name.clone(), index))
                .collect()
        };
        let (olds, news) = (by_name(old), by_name(new));
        for field in old {
            let Some(newer) = news.get(&field.name).map(|index| &new[*index]) else {
                self.report(
                    at(&field.name),
                    ApiChange::FieldRemoved,
                    Some(field.span),
                    spans.1,
                );
                continue;
            };
            let places = (Some(field.span), Some(newer.span));
            if field.ty != newer.ty {
                let change = ApiChange::FieldTypeChanged {
                    old: field.ty.clone(),
                    new: newer.ty.clone(),
                };
                self.report(at(&field.name), change, places.0, places.1);
            }
            if newer.deprecated && !field.deprecated {
                self.report(at(&field.name), ApiChange::Deprecated, places.0, places.1);
            }
        }
        for field in new.iter().filter(|field| !olds.contains_key(&field.name)) {
            let change = ApiChange::FieldAdded {
                mandatory: field.mandatory,
                exhaustive,
            };
            self.report(at(&field.name), change, spans.0, Some(field.span));
        }
        let takes_names = |fields: &[Field]| takes_names(&mandatory(fields, |it| &it.accepts));
        let names = |fields| mandatory(fields, |field| field.name.as_str());
        if reordered(&names(old), &names(new)) && !(takes_names(old) && takes_names(new)) {
            self.report(
                path.clone(),
                ApiChange::ConstructorReordered,
                spans.0,
                spans.1,
            );
        }
    }
}

/// Returns the fields of an object type, the common ones if it is a union. The discriminator is one: it
/// holds the branch.
fn fields(side: &Side<'_>, id: TypeId, renamed: &HashMap<String, String>) -> Vec<Field> {
    let schema = side.schema;
    let members = schema.flattened(id).into_iter();
    let tag = match &schema.ty(id).kind {
        TypeKind::Object(object) => object.union_.as_ref().map(|it| &it.discriminator),
        _ => None,
    };
    members
        .map(|(_, member)| {
            let mandatory = !member.optional && member.condition.is_none();
            let ty = side.rust(member.ty, renamed);
            Field {
                name: member.name.clone(),
                ty: if mandatory {
                    ty
                } else {
                    format!("Option<{ty}>")
                },
                mandatory,
                accepts: if tag == Some(&member.name) {
                    AcceptedValues::Tag
                } else {
                    AcceptedValues::of(schema, member.ty)
                },
                deprecated: is_deprecated(&member.features),
                span: member.span,
            }
        })
        .collect()
}

/// Something of each field that constructors take.
fn mandatory<'f, T: ?Sized>(fields: &'f [Field], of: impl Fn(&'f Field) -> &'f T) -> Vec<&'f T> {
    let mandatory = fields.iter().filter(|field| field.mandatory);
    mandatory.map(of).collect()
}

fn is_deprecated(features: &[Feature]) -> bool {
    features.iter().any(|feature| feature.name == "deprecated")
}

fn command<'s>(schema: &'s Schema, name: &str) -> Option<&'s Command> {
    match schema.lookup(name)? {
        Entity::Command(id) => Some(schema.command(id)),
        _ => None,
    }
}

fn event<'s>(schema: &'s Schema, name: &str) -> Option<&'s Event> {
    match schema.lookup(name)? {
        Entity::Event(id) => Some(schema.event(id)),
        _ => None,
    }
}
