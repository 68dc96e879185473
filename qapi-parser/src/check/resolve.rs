//! From the names of types to types (language.md §6.3).

use super::Checker;
use crate::declare::{Id, Kind};
use crate::definition::{Context, Era, TypeRef};
use crate::diag::Code;
use crate::subject::Subject;
use crate::suggest;

impl Checker<'_, '_> {
    /// The type that a value of any kind can have; an unknown one is reported.
    pub(super) fn resolve(
        &mut self,
        ty: &TypeRef<'_>,
        context: &Context<'_>,
        user: Subject<'_>,
    ) -> Option<Id> {
        if !ty.array {
            return match self.entities.type_named(&ty.name) {
                Some(id) => Some(id),
                None => self.unknown(ty, context, user),
            };
        }
        let array = self.entities.arrays.get(&ty.name).copied()?;
        // The first mention of an array is judged where the array is.
        let first = self.entities.list[array].context.map(|first| first.item);
        if first.is_some() && first != Some(context.item) && self.element_of(ty).is_none() {
            self.unknown(ty, context, user)?;
        }
        Some(array)
    }

    /// The type of what an object, or a set of arguments, is built on.
    pub(super) fn resolve_object(
        &mut self,
        ty: &TypeRef<'_>,
        context: &Context<'_>,
        user: Subject<'_>,
    ) -> Option<Id> {
        let id = self.entities.type_named(&ty.name);
        if id.is_none() && !self.is_damaged(ty) {
            self.report_unknown(ty, context, user);
        }
        id
    }

    /// The element of an array that `context` is the first to mention.
    pub(super) fn element(&mut self, element: &TypeRef<'_>, context: &Context<'_>) -> Option<Id> {
        let found = self.element_of(element);
        if found.is_some() {
            return found;
        }
        let user = Subject::named(context.meta.as_str(), context.name);
        self.unknown(element, context, user)
    }

    /// There are no arrays of arrays, not even by the name of one.
    fn element_of(&self, ty: &TypeRef<'_>) -> Option<Id> {
        self.entities
            .type_named(&ty.name)
            .filter(|id| !matches!(self.kind(*id), Kind::Array { .. }))
    }

    fn is_damaged(&self, ty: &TypeRef<'_>) -> bool {
        self.entities.incomplete || self.entities.damaged.contains(&*ty.name)
    }

    /// Reports an unknown type, unless its definition was seen but could not be read. Where no
    /// release that can have read the schema looked at type names, any value will do.
    fn unknown(
        &mut self,
        ty: &TypeRef<'_>,
        context: &Context<'_>,
        user: Subject<'_>,
    ) -> Option<Id> {
        if self.is_damaged(ty) {
            return None;
        }
        if self.tolerant() && self.era() == Era::Old {
            let message = format!(
                "{user} uses the unknown type `{}`; any value is allowed for it",
                ty.name
            );
            self.out
                .report(context.warning(Code::OLD_REF_UNKNOWN, ty.span, message));
            return self.entities.named("any");
        }
        self.report_unknown(ty, context, user);
        None
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
        if let Some(other) = self.entities.named(name) {
            error = error.note(format!(
                "`{name}` is {}, not a type",
                self.kind(other).describe()
            ));
        } else if self.entities.type_named(name).is_some() {
            error = error.note(format!(
                "`{name}` is an array, and there are no arrays of arrays"
            ));
        } else if self.suggestions > 0 {
            self.suggestions -= 1;
            if let Some(close) = suggest::closest(name, self.entities.type_names()) {
                error = error.help(format!("did you mean `{close}`?")).suggest(
                    ty.span,
                    format!("'{close}'"),
                    format!("write `{close}`"),
                );
            }
        }
        self.out.report(error);
    }
}
