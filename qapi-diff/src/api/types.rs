//! Changes of the generated types.

use std::collections::HashMap;

use qapi_parser::ir::{Feature, TypeId, TypeKind};
use qapi_parser::source::Span;

use super::{ApiChange, ApiComparison, Side, fields, is_deprecated};
use crate::path::{PathStep, RootKind, SchemaPath};

/// A variant of an enum: a value, a branch, an alternative.
struct Variant {
    name: String,
    /// The type it holds; empty for nothing.
    ty: String,
    deprecated: bool,
    span: Option<Span>,
}

/// Names the kind of item that the generator makes of a type.
fn kind(kind: &TypeKind) -> &'static str {
    match kind {
        TypeKind::Enum(_) => "enumeration",
        TypeKind::Object(object) if object.union_.is_some() => "union",
        TypeKind::Object(_) => "struct",
        TypeKind::Alternate(_) => "alternate",
        TypeKind::Builtin(_) | TypeKind::Array(_) => "built-in type",
    }
}

impl ApiComparison<'_> {
    pub(super) fn types(&mut self) {
        let old_names = self.old.type_names();
        let new_names = self.new.type_names();
        let came: HashMap<String, String> = self
            .renamed
            .iter()
            .map(|(before, after)| (after.clone(), before.clone()))
            .collect();
        for name in &old_names {
            let Some(old) = self.old.ty(name) else {
                continue;
            };
            let path = SchemaPath::whole(RootKind::Type, *name);
            let span = self.old.schema.ty(old).span;
            let renamed = self.renamed.get(*name).cloned();
            match self.new.ty(renamed.as_deref().unwrap_or(name)) {
                Some(new) => {
                    let spans = (span, self.new.schema.ty(new).span);
                    if let Some(new) = renamed {
                        let change = ApiChange::TypeRenamed { new };
                        self.report(path.clone(), change, spans.0, spans.1);
                    }
                    self.ty(&path, old, new, spans);
                }
                None => self.report(path, ApiChange::TypeRemoved, span, None),
            }
        }
        for name in new_names {
            if !old_names.contains(name) && !came.contains_key(name) {
                let span = self.new.ty(name).and_then(|id| self.new.schema.ty(id).span);
                let path = SchemaPath::whole(RootKind::Type, name);
                self.report(path, ApiChange::TypeAdded, None, span);
            }
        }
    }

    fn ty(
        &mut self,
        path: &SchemaPath,
        old: TypeId,
        new: TypeId,
        spans: (Option<Span>, Option<Span>),
    ) {
        let (old_type, new_type) = (self.old.schema.ty(old), self.new.schema.ty(new));
        let (before, after) = (kind(&old_type.kind), kind(&new_type.kind));
        if before != after {
            let change = ApiChange::KindChanged {
                old: before,
                new: after,
            };
            return self.report(path.clone(), change, spans.0, spans.1);
        }
        let (old_use, new_use) = (self.old.used(old), self.new.used(new));
        if let TypeKind::Object(_) = &old_type.kind {
            match (old_use.is_non_exhaustive(), new_use.is_non_exhaustive()) {
                (false, true) => {
                    let change = ApiChange::BecameNonExhaustive;
                    self.report(path.clone(), change, spans.0, spans.1);
                }
                (true, false) => {
                    self.report(path.clone(), ApiChange::BecameExhaustive, spans.0, spans.1);
                }
                _ => {}
            }
            let before = fields(&self.old, old, &self.renamed);
            let after = fields(&self.new, new, &HashMap::new());
            let exhaustive = !new_use.is_non_exhaustive();
            self.fields(path, &before, &after, exhaustive, spans);
        }
        if before == "struct" {
            return;
        }
        match (old_use.is_open(), new_use.is_open()) {
            (false, true) => self.report(path.clone(), ApiChange::BecameOpen, spans.0, spans.1),
            (true, false) => self.report(path.clone(), ApiChange::BecameClosed, spans.0, spans.1),
            _ => {}
        }
        let before = variants(&self.old, old, &self.renamed);
        let after = variants(&self.new, new, &HashMap::new());
        let open = old_use.is_open() && new_use.is_open();
        self.variants(path, &before, &after, open, spans);
    }

    fn variants(
        &mut self,
        path: &SchemaPath,
        old: &[Variant],
        new: &[Variant],
        open: bool,
        spans: (Option<Span>, Option<Span>),
    ) {
        let at = |name: &str| {
            let mut path = path.clone();
            path.steps.push(PathStep::Value(name.to_owned()));
            path
        };
        let by_name = |list: &[Variant]| -> HashMap<String, usize> {
            let names = list.iter().enumerate();
            names
                .map(|(index, variant)| (variant.name.clone(), index))
                .collect()
        };
        let (olds, news) = (by_name(old), by_name(new));
        for variant in old {
            let Some(newer) = news.get(&variant.name).map(|index| &new[*index]) else {
                let span = variant.span.or(spans.0);
                self.report(at(&variant.name), ApiChange::VariantRemoved, span, spans.1);
                continue;
            };
            let places = (variant.span.or(spans.0), newer.span.or(spans.1));
            if variant.ty != newer.ty {
                let change = ApiChange::VariantTypeChanged {
                    old: variant.ty.clone(),
                    new: newer.ty.clone(),
                };
                self.report(at(&variant.name), change, places.0, places.1);
            }
            if newer.deprecated && !variant.deprecated {
                self.report(at(&variant.name), ApiChange::Deprecated, places.0, places.1);
            }
        }
        for variant in new
            .iter()
            .filter(|variant| !olds.contains_key(&variant.name))
        {
            let span = variant.span.or(spans.1);
            self.report(
                at(&variant.name),
                ApiChange::VariantAdded { open },
                spans.0,
                span,
            );
        }
    }
}

fn variants(side: &Side<'_>, id: TypeId, renamed: &HashMap<String, String>) -> Vec<Variant> {
    let variant = |name: &str, ty: Option<TypeId>, features: &[Feature], span| Variant {
        name: name.to_owned(),
        ty: ty.map_or_else(String::new, |ty| side.rust(ty, renamed)),
        deprecated: is_deprecated(features),
        span,
    };
    match &side.schema.ty(id).kind {
        TypeKind::Enum(enum_) => enum_
            .values
            .iter()
            .map(|value| variant(&value.name, None, &value.features, value.span))
            .collect(),
        TypeKind::Alternate(alternate) => alternate
            .alternatives
            .iter()
            .map(|it| variant(&it.name, Some(it.ty), &[], Some(it.span)))
            .collect(),
        TypeKind::Object(object) => object
            .union_
            .iter()
            .flat_map(|union| &union.branches)
            .map(|branch| variant(&branch.name, Some(branch.ty), &[], branch.span))
            .collect(),
        TypeKind::Builtin(_) | TypeKind::Array(_) => Vec::new(),
    }
}
