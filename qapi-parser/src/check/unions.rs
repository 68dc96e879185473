//! Unions: discriminator and branches (docs/reference/language.md §6.5).

use super::c_name_clash::DEEP;
use super::checker::Checker;
use super::member_index::MemberRef;
use crate::declare::{DeclarationKind, Id, Variants};
use crate::definition::{Context, Discriminator, Variant};
use crate::diag::Code;
use crate::name_map::NameSet;
use crate::subject::Subject;
use crate::suggest;

/// From this number of types in the branches of a union on, it pays to test first whether any of them can clash.
const MANY: usize = 64;

impl Checker<'_, '_> {
    /// Finds the discriminator.
    pub(super) fn tag(&mut self, id: Id, context: &Context<'_>, variants: &Variants<'_>) {
        let Some(discriminator) = variants.discriminator else {
            return;
        };
        let found = self
            .find(id, discriminator.name)
            .filter(|place| self.member(*place).name == discriminator.name);
        let Some(place) = found else {
            if !self.facts[id].open {
                self.tag_missing(id, context, discriminator);
            }
            return;
        };
        let Some(tag) = self.facts[place.0].members[place.1] else {
            return;
        };
        self.tag_form(place, tag, context, discriminator);
        if let DeclarationKind::Enum { values, .. } = self.kind(tag) {
            self.facts[id].tag = Some(tag);
            let complete = self.entities.list[tag].complete && self.entities.list[id].complete;
            if values.is_empty() && variants.branches.is_empty() && complete {
                let message = format!(
                    "union `{}` has no branches: enum `{}` has no values",
                    context.name,
                    self.name(tag)
                );
                self.error(context, Code::UNION_EMPTY, context.name_span, message);
            }
        }
    }

    fn tag_missing(&mut self, id: Id, context: &Context<'_>, tag: Discriminator<'_>) {
        let message = format!("discriminator `{}` is not a member of `base`", tag.name);
        let mut error = context.error(Code::TAG_MISSING, tag.span, message);
        let count = self.chain(id).map(|owner| self.own(owner).len()).sum();
        if self.may_compare(count) {
            let names = self
                .flattened(id)
                .map(|place| &*self.member(place).name)
                .collect::<Vec<_>>();
            if let Some(close) = suggest::closest(tag.name, names.iter().copied()) {
                error = error
                    .help(format!("did you mean `{close}`?"))
                    .suggest_maybe(tag.span, format!("'{close}'"), format!("write `{close}`"));
            } else if !names.is_empty() && names.len() <= 8 {
                error = error.note(format!(
                    "members of `base` are {}",
                    suggest::list(names, "and")
                ));
            }
        }
        self.out.report(error);
    }

    /// Checks that the discriminator is an enumeration and mandatory.
    fn tag_form(
        &mut self,
        place: MemberRef,
        tag: Id,
        context: &Context<'_>,
        discriminator: Discriminator<'_>,
    ) {
        let member = self.member(place);
        let described = self.describe(place, context);
        let mut report = |code, message: String| {
            self.out.report(
                context
                    .error(code, discriminator.span, message)
                    .label(member.span, "the member"),
            );
        };
        let ty = &self.entities.list[tag];
        if !matches!(ty.kind, DeclarationKind::Enum { .. }) {
            let what = ty.kind.describe();
            let message =
                format!("the discriminator, {described}, must be an enum, but its type is {what}");
            report(Code::TAG_ENUM, message);
        }
        if member.optional {
            let message = format!("the discriminator, {described}, must not be optional");
            report(Code::TAG_OPTIONAL, message);
        }
        if member.condition.is_some() {
            let message = format!("the discriminator, {described}, must not be conditional");
            report(Code::TAG_COND, message);
        }
    }

    /// Judges a branch by itself; the type to check next, if there is one.
    pub(super) fn branch(
        &mut self,
        id: Id,
        context: &Context<'_>,
        branch: &Variant<'_>,
    ) -> Option<Id> {
        let user = Subject::named("branch", &branch.name);
        let mut ty = branch
            .ty
            .as_ref()
            .and_then(|ty| self.resolve(ty, context, user));
        let dropped = self.branch_value(id, context, branch);
        if let (Some(found), Some(written)) = (ty, &branch.ty)
            && !matches!(self.kind(found), DeclarationKind::Object { .. })
        {
            let message = format!(
                "branch `{}` must be a struct or union, but `{}` is {}",
                branch.name,
                written.name,
                self.kind(found).describe()
            );
            let error = context.error(Code::BRANCH_TYPE, written.span, message);
            let error = self.with_definition(error, found);
            self.out.report(error);
            ty = None;
        }
        self.facts[id]
            .branches
            .push(if dropped { None } else { ty });
        ty
    }

    /// Reports a branch that no value selects. Returns true if it must be dropped.
    fn branch_value(&mut self, id: Id, context: &Context<'_>, branch: &Variant<'_>) -> bool {
        let Some(tag) = self.facts[id].tag else {
            return false;
        };
        let (DeclarationKind::Enum { values, .. }, true) =
            (self.kind(tag), self.entities.list[tag].complete)
        else {
            return false;
        };
        if self.has_value(tag, &branch.name) {
            return false;
        }
        let message = format!(
            "branch `{}` is not a value of enum `{}`",
            branch.name,
            self.name(tag)
        );
        if self.tolerant() && self.age().unchecked() {
            let message = format!("{message}, so it is ignored");
            self.out
                .report(context.warning(Code::OLD_BRANCH_VALUE, branch.span, message));
            return true;
        }
        let mut error = context.error(Code::BRANCH_VALUE, branch.span, message);
        let candidates = values.iter().map(|value| &*value.name);
        if self.may_compare(values.len())
            && let Some(close) = suggest::closest(&branch.name, candidates)
        {
            error = error
                .help(format!("did you mean `{close}`?"))
                .suggest_maybe(
                    branch.span,
                    format!("'{close}'"),
                    format!("write `{close}`"),
                );
        }
        let error = self.with_definition(error, tag);
        self.out.report(error);
        false
    }

    /// No member of a branch, however deep, may clash with a common member.
    pub(super) fn branch_clashes(
        &mut self,
        id: Id,
        context: &Context<'_>,
        branches: &[Variant<'_>],
    ) {
        let mut seen = Seen::default();
        for (index, branch) in branches.iter().enumerate() {
            let Some(ty) = self.facts[id].branches.get(index).copied().flatten() else {
                continue;
            };
            if let Some((clashing, taker)) = self.branch_clash(id, ty, &mut seen) {
                let message = format!(
                    "{} in branch `{}` clashes with {}",
                    self.describe(clashing, context),
                    branch.name,
                    self.describe(taker, context)
                );
                let error = context
                    .error(Code::CLASH, branch.span, message)
                    .label(self.member(clashing).span, "this member")
                    .label(self.member(taker).span, "the name is taken here");
                self.out.report(error);
            }
        }
    }

    /// Returns the first member of a branch, of type `ty`, that clashes with a common one of `union`.
    fn branch_clash(&self, union: Id, ty: Id, seen: &mut Seen) -> Option<(MemberRef, MemberRef)> {
        let mut found = None;
        let mut todo = vec![ty];
        while let Some(ty) = todo.pop() {
            if !seen.types.insert(ty) {
                continue;
            }
            if found.is_none() {
                found = self.common_clash(union, ty);
            }
            let nested = &self.facts[ty].branches;
            if found.is_none() && !self.is_beyond_clashes(union, seen) {
                todo.extend(nested.iter().rev().flatten());
            }
        }
        found
    }

    /// Returns the first member of `ty` whose name a common member of `union` has.
    fn common_clash(&self, union: Id, ty: Id) -> Option<(MemberRef, MemberRef)> {
        let deep = self.facts[union].depth > DEEP;
        self.flattened(ty).find_map(|place| {
            let name = &self.member(place).name;
            if deep && self.is_unique(name) {
                return None;
            }
            Some((place, self.find(union, name)?))
        })
    }

    /// Returns whether so many types were looked at that it was worth finding out that no object but
    /// `union` has members of the names that its common ones have.
    fn is_beyond_clashes(&self, union: Id, seen: &mut Seen) -> bool {
        seen.types.len() > MANY
            && *seen.unique.get_or_insert_with(|| {
                self.flattened(union)
                    .all(|place| self.is_unique(&self.member(place).name))
            })
    }
}

/// Progress of the search for clashes in the branches of one union.
#[derive(Debug, Default)]
struct Seen {
    types: NameSet<Id>,
    /// True if the names of all common members are used nowhere else.
    unique: Option<bool>,
}
