//! Structs, unions and implicit objects (docs/reference/language.md §6.4).
//!
//! An object is checked after its base, and before the check of the objects that contain it ends. This may nest deeply,
//! so the walk uses an explicit stack.

use super::checker::{CheckState, Checker, Stage};
use super::member_index::MemberRef;
use crate::declare::{DeclarationKind, Id, Link};
use crate::definition::Context;
use crate::diag::Code;
use crate::name_rules;
use crate::subject::Subject;

/// The next step.
enum NextStep {
    Check(Id),
    Go(Stage),
    Done,
}

impl Checker<'_, '_> {
    /// Checks an object type, and those that it contains.
    pub(super) fn object(&mut self, id: Id) {
        if self.states[id] != CheckState::New {
            return;
        }
        self.states[id] = CheckState::Entered;
        let mut stack = std::mem::take(&mut self.stack);
        stack.push((id, Stage::Start));
        while let Some((id, stage)) = stack.last().copied() {
            let top = stack.len() - 1;
            let next = self.advance(id, stage, &mut stack[top].1);
            match next {
                NextStep::Go(stage) => stack[top].1 = stage,
                NextStep::Done => {
                    self.states[id] = CheckState::Done;
                    stack.pop();
                }
                NextStep::Check(part) => match self.states[part] {
                    CheckState::New => {
                        self.states[part] = CheckState::Entered;
                        stack.push((part, Stage::Start));
                    }
                    CheckState::Entered => {
                        if let Some(branch) = self.facts[id].branches.last_mut() {
                            *branch = None;
                        }
                        self.cycle(stack.iter().map(|(id, _)| *id), part);
                    }
                    CheckState::Done => {}
                },
            }
        }
        self.stack = stack;
    }

    fn advance(&mut self, id: Id, stage: Stage, after: &mut Stage) -> NextStep {
        let entities = self.entities;
        let entity = &entities.list[id];
        let (DeclarationKind::Object { base, variants, .. }, Some(context)) =
            (&entity.kind, &entity.context)
        else {
            return NextStep::Done;
        };
        match stage {
            Stage::Start => {
                if !entity.complete {
                    self.facts[id].open = true;
                }
                self.type_features(context, &entity.features);
                let base = self.base(id, context, base);
                *after = Stage::Members(base);
                base.map_or(NextStep::Go(*after), NextStep::Check)
            }
            Stage::Members(base) => {
                self.take_base(id, base);
                self.members(id, context);
                let Some(variants) = variants else {
                    return NextStep::Done;
                };
                self.tag(id, context, variants);
                self.facts[id].branches.reserve(variants.branches.len());
                NextStep::Go(Stage::Branches(0))
            }
            Stage::Branches(index) => {
                let branches = variants
                    .as_ref()
                    .map_or(&[][..], |variants| &variants.branches);
                let Some(branch) = branches.get(index) else {
                    self.branch_clashes(id, context, branches);
                    return NextStep::Done;
                };
                *after = Stage::Branches(index + 1);
                self.branch(id, context, branch)
                    .map_or(NextStep::Go(*after), NextStep::Check)
            }
        }
    }

    /// Returns the base, if it can be one.
    fn base(&mut self, id: Id, context: &Context<'_>, base: &Link<'_>) -> Option<Id> {
        let ty = match base {
            Link::None => return None,
            Link::Broken => {
                self.facts[id].open = true;
                return None;
            }
            Link::Implicit(base) => return Some(*base),
            Link::Named(ty) => ty,
        };
        let user = Subject::plain("`base`");
        let found = self.resolve_defined(ty, context, user);
        if let Some(base) = found
            && matches!(
                self.kind(base),
                DeclarationKind::Object { variants: None, .. }
            )
        {
            return found;
        }
        self.facts[id].open = true;
        if let Some(base) = found {
            let message = format!(
                "`base` must be a struct, but `{}` is {}",
                ty.name,
                self.kind(base).describe()
            );
            let error = context.error(Code::BASE_KIND, ty.span, message);
            let error = self.with_definition(error, base);
            self.out.report(error);
        }
        None
    }

    /// Takes over what is known of the base; one that contains itself is not followed.
    fn take_base(&mut self, id: Id, base: Option<Id>) {
        let Some(base) = base else { return };
        let circular = self.facts[base].circular;
        if self.states[base] != CheckState::Done || (circular && self.facts[id].circular) {
            self.facts[id].open = true;
            return;
        }
        let (open, depth, conditional) = {
            let base = &self.facts[base];
            (base.open, base.depth, base.conditional)
        };
        let facts = &mut self.facts[id];
        facts.base = Some(base);
        facts.open |= open;
        facts.depth = depth + 1;
        facts.conditional = conditional;
    }

    fn members(&mut self, id: Id, context: &Context<'_>) {
        let own = self.own(id);
        let mut clashes = self.clashes(id).into_iter().peekable();
        let word = self.member_word(id);
        let mut types = Vec::with_capacity(own.len());
        for (index, member) in own.iter().enumerate() {
            let user = Subject::named(word, &member.name);
            let mut ty = member
                .ty
                .as_ref()
                .and_then(|ty| self.resolve_stored(ty, context, user));
            self.features(context, &member.features);
            if let Some((_, taker)) = clashes.next_if(|(clashing, _)| *clashing == index)
                && self.clash((id, index), taker, context)
            {
                ty = None;
            }
            types.push(ty);
            if member.condition.is_some() {
                self.facts[id].conditional.get_or_insert((id, index));
            }
        }
        self.facts[id].members = types;
    }

    /// Reports that a member's name is taken. Returns true if it must be dropped.
    fn clash(&mut self, place: MemberRef, taker: MemberRef, context: &Context<'_>) -> bool {
        let (member, first) = (self.member(place), self.member(taker));
        if self.is_misnamed(name_rules::member, [&member.name, &first.name]) {
            return false;
        }
        let message = format!(
            "{} `{}` clashes with {}",
            self.member_word(place.0),
            member.name,
            self.describe(taker, context)
        );
        let dropped = self.tolerant() && self.age().unchecked();
        let diagnostic = if dropped {
            context.warning(
                Code::OLD_MEMBER_CLASH,
                member.span,
                format!("{message}; the first is kept"),
            )
        } else {
            context.error(Code::CLASH, member.span, message)
        };
        self.out
            .report(diagnostic.label(first.span, "the name is taken here"));
        dropped
    }

    /// Returns a member with its owner, if that is not the current definition (docs/reference/language.md §6.8).
    pub(super) fn describe(&self, place: MemberRef, context: &Context<'_>) -> String {
        let (owner, name) = (place.0, &self.member(place).name);
        let word = self.member_word(owner);
        match &self.entities.list[owner].context {
            Some(home) if home.item != context.item => {
                format!("{word} `{name}` of {} `{}`", home.meta.as_str(), home.name)
            }
            _ => format!("{word} `{name}`"),
        }
    }

    /// Returns the noun for a member of this object.
    pub(super) fn member_word(&self, id: Id) -> &'static str {
        let entity = &self.entities.list[id];
        if !entity.implicit {
            return "member";
        }
        // Other implicit objects come from old forms and have members like structs.
        let suffix = entity.name.rsplit('-').next();
        match (suffix, entity.context.map(|context| context.meta)) {
            (Some("base"), Some(crate::diag::Meta::Union)) => "base member",
            (Some("arg"), Some(crate::diag::Meta::Command | crate::diag::Meta::Event)) => {
                "parameter"
            }
            _ => "member",
        }
    }

    /// Points at the definition of a type, if it has one.
    pub(super) fn with_definition(
        &self,
        diagnostic: crate::diag::Diagnostic,
        id: Id,
    ) -> crate::diag::Diagnostic {
        match &self.entities.list[id].context {
            Some(context) => diagnostic.label(context.name_span, "defined here"),
            None => diagnostic,
        }
    }

    /// Reports that `part` is a part of itself; `stack` leads from it to where it is met again.
    fn cycle(&mut self, stack: impl Iterator<Item = Id>, part: Id) {
        let ring = stack.skip_while(|id| *id != part).collect::<Vec<_>>();
        for id in &ring {
            self.facts[*id].open = true;
            self.facts[*id].circular = true;
        }
        let Some(context) = &self.entities.list[part].context else {
            return;
        };
        let name = self.name(part);
        let mut error = context.error(
            Code::OBJ_CYCLE,
            context.name_span,
            format!("{} `{name}` contains itself", context.meta.as_str()),
        );
        if let [_, between @ ..] = &ring[..]
            && !between.is_empty()
        {
            let names = between.iter().map(|id| self.name(*id)).collect::<Vec<_>>();
            // A long cycle is shortened.
            let shown = &names[..names.len().min(8)];
            let more = names.len() - shown.len();
            let mut way = crate::suggest::list(shown.iter().copied(), "and");
            if more > 0 {
                way = format!("{way} and {more} more");
            }
            error = error.note(format!("through {way}"));
            for id in between.iter().take(8) {
                if let Some(other) = &self.entities.list[*id].context {
                    error = error.label(other.name_span, "part of the circle");
                }
            }
        }
        self.out.report(
            error.help("only `base` and branches count: a member may refer back to its own type"),
        );
    }
}
