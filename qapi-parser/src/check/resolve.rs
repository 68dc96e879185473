//! Resolves names of types (docs/reference/language.md §6.3).

use std::borrow::Cow;

use super::checker::Checker;
use crate::declare::{DeclarationKind, Id};
use crate::definition::{Context, TypeRef};
use crate::diag::Code;
use crate::subject::Subject;
use crate::suggest;

impl Checker<'_, '_> {
    /// Returns the type that is meant; an unknown one is reported.
    pub(super) fn resolve(
        &mut self,
        ty: &TypeRef<'_>,
        context: &Context<'_>,
        user: Subject<'_>,
    ) -> Option<Id> {
        if !ty.array {
            let found = self.entities.type_named(&ty.name);
            if found.is_none() {
                self.unknown(ty, context, user);
            }
            return found;
        }
        let array = self.entities.arrays.get(&ty.name).copied()?;
        // The first mention of an array is checked with the array.
        let first = self.entities.list[array].context.map(|first| first.item);
        if first.is_some() && first != Some(context.item) && self.element_of(ty).is_none() {
            self.unknown(ty, context, user);
            return None;
        }
        Some(array)
    }

    /// Returns the same for a base or an alternative, which cannot be a type without a definition.
    pub(super) fn resolve_defined(
        &mut self,
        ty: &TypeRef<'_>,
        context: &Context<'_>,
        user: Subject<'_>,
    ) -> Option<Id> {
        if is_empty_type(ty) {
            self.report_unknown(ty, context, user);
            return None;
        }
        self.resolve(ty, context, user)
    }

    /// Returns the same for a type that has values of its own: of a member, a return value, boxed data. The objects that the
    /// compiler makes for definitions have none; QEMU's generator fails on them there.
    pub(super) fn resolve_stored(
        &mut self,
        ty: &TypeRef<'_>,
        context: &Context<'_>,
        user: Subject<'_>,
    ) -> Option<Id> {
        if ty.array {
            return self.resolve(ty, context, user);
        }
        let found = self.entities.type_named(&ty.name);
        if self.names_internal(ty, found) {
            self.report_unknown(ty, context, user);
            return None;
        }
        if found.is_none() {
            self.unknown(ty, context, user);
        }
        found
    }

    /// Returns the element of an array that `context` is the first to mention.
    pub(super) fn element(&mut self, element: &TypeRef<'_>, context: &Context<'_>) -> Option<Id> {
        let found = self.element_of(element);
        if found.is_none() {
            let user = Subject::named(context.meta.as_str(), context.name);
            self.unknown(element, context, user);
        }
        found
    }

    /// There are no arrays of arrays, not even by the name of one.
    fn element_of(&self, ty: &TypeRef<'_>) -> Option<Id> {
        let found = self.entities.type_named(&ty.name);
        found
            .filter(|id| !matches!(self.kind(*id), DeclarationKind::Array { .. }))
            .filter(|_| !self.names_internal(ty, found))
    }

    /// Returns true if a schema uses the name that the compiler gives to an implicit object; `found` is the type of
    /// that name.
    fn names_internal(&self, ty: &TypeRef<'_>, found: Option<Id>) -> bool {
        let is_implicit = |id: Id| {
            self.entities.list[id].implicit
                && matches!(self.kind(id), DeclarationKind::Object { .. })
        };
        is_empty_type(ty) || matches!(ty.name, Cow::Borrowed(_)) && found.is_some_and(is_implicit)
    }

    fn is_damaged(&self, ty: &TypeRef<'_>) -> bool {
        self.entities.incomplete || self.entities.damaged.contains(&*ty.name)
    }

    /// Reports an unknown type, unless its definition was seen but could not be read.
    fn unknown(&mut self, ty: &TypeRef<'_>, context: &Context<'_>, user: Subject<'_>) {
        if !self.is_damaged(ty) {
            self.report_unknown(ty, context, user);
        }
    }

    /// Returns true if a name may be compared with this many others, to find a similar one.
    pub(super) fn may_compare(&mut self, names: usize) -> bool {
        let left = self.comparisons.checked_sub(names);
        self.comparisons = left.unwrap_or_default();
        left.is_some()
    }

    /// Returns the type that is meant by a name as other languages have it, or by an array's name, as it is written.
    fn meant(&self, ty: &TypeRef<'_>) -> Option<String> {
        let builtin = match &*ty.name {
            "integer" | "long" => "int",
            "string" | "text" => "str",
            "boolean" => "bool",
            "double" | "float" => "number",
            "object" | "dict" => "any",
            _ => "",
        };
        if !builtin.is_empty() {
            return Some(format!("'{builtin}'"));
        }
        let bracketed = ty
            .name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'));
        let element = bracketed.map(str::trim).or(ty.name.strip_suffix("List"))?;
        let is_type = self.entities.type_named(element).is_some();
        (is_type && !ty.array).then(|| format!("[ '{element}' ]"))
    }

    pub(super) fn report_unknown(
        &mut self,
        ty: &TypeRef<'_>,
        context: &Context<'_>,
        user: Subject<'_>,
    ) {
        let name = &*ty.name;
        let message = format!("{user} uses the unknown type `{name}`");
        let mut error = context.error(Code::REF_UNKNOWN, ty.span, message);
        if self.names_internal(ty, self.entities.type_named(name)) {
            error = error.note(format!("`{name}` is a name that the compiler generates"));
        } else if let Some(instead) = self.meant(ty) {
            error = error
                .help(format!("did you mean `{instead}`?"))
                .suggest_maybe(ty.span, &*instead, format!("write `{instead}`"));
        } else if name.starts_with('[') {
            error =
                error.help("an array is written as `[ 'TYPE' ]`, with one type for its elements");
        } else if let Some(other) = self.entities.named(name) {
            error = error.note(format!(
                "`{name}` is {}, not a type",
                self.kind(other).describe()
            ));
        } else if self.entities.type_named(name).is_some() {
            error = error.note(format!(
                "`{name}` is an array, and there are no arrays of arrays"
            ));
        } else if self.may_compare(self.entities.list.len())
            && let Some(close) = suggest::closest(name, self.entities.type_names())
        {
            error = error
                .help(format!("did you mean `{close}`?"))
                .suggest_maybe(ty.span, format!("'{close}'"), format!("write `{close}`"));
        }
        self.out.report(error);
    }
}

/// Returns whether a schema writes the name that the compiler gives to nothing at all: QEMU's generator fails on it.
fn is_empty_type(ty: &TypeRef<'_>) -> bool {
    matches!(ty.name, Cow::Borrowed(name) if name == "q_empty")
}
