//! Compares two object types: common members, branches, and members that moved between them.
//!
//! A union is, for each value of its discriminator, an object with the common members and those
//! of one branch. So before a common member of one side counts as added or removed, it is looked up in the branches of
//! the other side, value by value.

use std::collections::HashSet;

use super::graph::{Differences, Spans, StepRef, join};
use super::marks::Marks;
use super::partner::Positions;
use crate::builds::Builds;
use crate::change::ChangeKind;
use crate::model::{Branch, Facts, Member, Object, Shape, TypeIx, Union};

/// Two objects that are still to be compared, below the current pair.
struct Task<'s> {
    moves: Vec<StepRef<'s>>,
    old: TypeIx,
    new: TypeIx,
    /// The builds that have both.
    builds: Builds,
    marks: Marks,
    /// Members that were compared one level up.
    old_skip: HashSet<&'s str>,
    new_skip: HashSet<&'s str>,
}

/// Values of the discriminator for which members of branches were compared with common ones.
#[derive(Default)]
struct Moved<'s> {
    old: HashSet<(&'s str, &'s str)>,
    new: HashSet<(&'s str, &'s str)>,
}

impl<'m, 's> Differences<'_, 'm, 's> {
    pub(super) fn objects(&mut self, old: TypeIx, new: TypeIx) {
        let mut tasks = vec![Task {
            moves: Vec::new(),
            old,
            new,
            builds: Builds::ALL,
            marks: Marks::NONE,
            old_skip: HashSet::new(),
            new_skip: HashSet::new(),
        }];
        while let Some(task) = tasks.pop() {
            self.within(task.builds, task.marks, |this| {
                this.task(&task, &mut tasks);
            });
        }
    }

    fn task(&mut self, task: &Task<'s>, tasks: &mut Vec<Task<'s>>) {
        let (old_model, new_model) = (self.graph.old, self.graph.new);
        let (Some(old), Some(new)) = (old_model.object(task.old), new_model.object(task.new))
        else {
            return;
        };
        let selection = self.selection(old, new);
        let mut moved = Moved::default();
        self.common_members(task, old, new, &selection, &mut moved);
        match (&old.union_, &new.union_) {
            (Some(older), Some(newer)) if older.tag != newer.tag => {
                let kind = ChangeKind::TagChanged {
                    old: older.tag.to_owned(),
                    new: newer.tag.to_owned(),
                };
                let spans = Spans {
                    old: old.member(older.tag).and_then(|member| member.facts.span),
                    new: new.member(newer.tag).and_then(|member| member.facts.span),
                };
                self.report(&task.moves, kind, spans);
            }
            (None, None) => {}
            _ => self.branches(task, &selection, &moved, tasks),
        }
    }

    fn common_members(
        &mut self,
        task: &Task<'s>,
        old: &'m Object<'s>,
        new: &'m Object<'s>,
        selection: &Selection<'m, 's>,
        moved: &mut Moved<'s>,
    ) {
        let olds = Positions::new(&old.members, |member| member.name);
        let news = Positions::new(&new.members, |member| member.name);
        for (index, member) in old.members.iter().enumerate() {
            if task.old_skip.contains(member.name) {
                continue;
            }
            match news.find(member.name, index) {
                Some(newer) if selection.same_tag == Some(member.name) => {
                    let moves = join(&task.moves, StepRef::Member(member.name));
                    let both = self.member_presence(&moves, member, newer);
                    let marks = self.marks(member.name, &member.facts);
                    self.within(both, marks, |this| {
                        this.member_itself(&moves, member, newer);
                        this.tag(task, selection);
                    });
                }
                Some(newer) if !task.new_skip.contains(newer.name) => {
                    let moves = join(&task.moves, StepRef::Member(member.name));
                    self.member(&moves, member, newer);
                }
                _ => self.gone_from_common(task, member, selection, moved),
            }
        }
        for (index, member) in new.members.iter().enumerate() {
            if !task.new_skip.contains(member.name) && olds.find(member.name, index).is_none() {
                self.new_in_common(task, member, selection, moved);
            }
        }
    }

    /// Compares the values of a discriminator that both sides have. Every value has a branch.
    fn tag(&mut self, task: &Task<'s>, selection: &Selection<'m, 's>) {
        let (Some(old), Some(new)) = (selection.old, selection.new) else {
            return;
        };
        let olds = Positions::new(&old.branches, |branch| branch.value);
        let news = Positions::new(&new.branches, |branch| branch.value);
        let kinds = || (ChangeKind::BranchAdded, ChangeKind::BranchRemoved);
        for (index, branch) in old.branches.iter().enumerate() {
            let moves = join(&task.moves, StepRef::Branch(branch.value));
            if let Some(newer) = news.find(branch.value, index) {
                let both = self.presence(&moves, (&branch.facts, &newer.facts), kinds());
                self.within(both, Marks::NONE, |this| {
                    this.facts(&moves, branch.value, &branch.facts, &newer.facts);
                });
            } else {
                let builds = self.graph.builds(branch.facts.condition.as_ref());
                self.report_removed(&moves, ChangeKind::BranchRemoved, &branch.facts, builds);
            }
        }
        for (index, branch) in new.branches.iter().enumerate() {
            if olds.find(branch.value, index).is_none() {
                let moves = join(&task.moves, StepRef::Branch(branch.value));
                let builds = self.graph.builds(branch.facts.condition.as_ref());
                self.report_added(&moves, ChangeKind::BranchAdded, &branch.facts, builds);
            }
        }
    }

    /// Reports a common member of the older side that is not a common member of the newer side.
    fn gone_from_common(
        &mut self,
        task: &Task<'s>,
        member: &'m Member<'s>,
        selection: &Selection<'m, 's>,
        moved: &mut Moved<'s>,
    ) {
        let model = self.graph.new;
        let present = self.graph.builds(member.facts.condition.as_ref());
        let mut kept = Builds::NONE;
        let mut lost = Builds::NONE;
        let mut without = Vec::new();
        for shared in &selection.shared {
            let newer = shared
                .new
                .ty
                .and_then(|ty| model.object(ty)?.member(member.name));
            let here = self.branch_member(shared, shared.new.builds, newer);
            if let Some(newer) = newer {
                moved.new.insert((shared.value, member.name));
                let branch = join(&task.moves, StepRef::Branch(shared.value));
                let moves = join(&branch, StepRef::Member(member.name));
                let both = self.graph.sets.and(present, here);
                self.within(both, shared.marks, |this| {
                    this.member_and_type(&moves, member, newer, Builds::ALL);
                });
                let came = self.graph.sets.minus(here, present);
                let optional = newer.optional;
                self.within(came, shared.marks, |this| {
                    let kind = ChangeKind::MemberAdded { optional };
                    this.report_added(&moves, kind, &newer.facts, Builds::ALL);
                });
            }
            let missing = self.graph.sets.minus(shared.builds, here);
            if !self.graph.sets.and(missing, present).is_none() {
                without.push(shared.value.to_owned());
                lost = self.graph.sets.or(lost, missing);
            }
            kept = self.graph.sets.or(kept, here);
        }
        let moves = join(&task.moves, StepRef::Member(member.name));
        let optional = member.optional;
        let removed = self.graph.sets.minus(present, kept);
        let kind = ChangeKind::MemberRemoved { optional };
        self.report_removed(&moves, kind, &member.facts, removed);
        let partly = self.graph.sets.and(kept, lost);
        let partly = self.graph.sets.and(present, partly);
        let kind = ChangeKind::MovedToBranches { optional, without };
        self.report_removed(&moves, kind, &member.facts, partly);
    }

    /// Reports a common member of the newer side that is not a common member of the older side.
    fn new_in_common(
        &mut self,
        task: &Task<'s>,
        member: &'m Member<'s>,
        selection: &Selection<'m, 's>,
        moved: &mut Moved<'s>,
    ) {
        let model = self.graph.old;
        let present = self.graph.builds(member.facts.condition.as_ref());
        let mut kept = Builds::NONE;
        let mut lacked = Builds::NONE;
        let mut without = Vec::new();
        for shared in &selection.shared {
            let older = shared
                .old
                .ty
                .and_then(|ty| model.object(ty)?.member(member.name));
            let here = self.branch_member(shared, shared.old.builds, older);
            if let Some(older) = older {
                moved.old.insert((shared.value, member.name));
                let branch = join(&task.moves, StepRef::Branch(shared.value));
                let moves = join(&branch, StepRef::Member(member.name));
                let both = self.graph.sets.and(present, here);
                self.within(both, shared.marks, |this| {
                    this.member_and_type(&moves, older, member, Builds::ALL);
                });
                let gone = self.graph.sets.minus(here, present);
                let optional = older.optional;
                self.within(gone, shared.marks, |this| {
                    let kind = ChangeKind::MemberRemoved { optional };
                    this.report_removed(&moves, kind, &older.facts, Builds::ALL);
                });
            }
            let missing = self.graph.sets.minus(shared.builds, here);
            if !self.graph.sets.and(missing, present).is_none() {
                without.push(shared.value.to_owned());
                lacked = self.graph.sets.or(lacked, missing);
            }
            kept = self.graph.sets.or(kept, here);
        }
        let moves = join(&task.moves, StepRef::Member(member.name));
        let optional = member.optional;
        let added = self.graph.sets.minus(present, kept);
        let kind = ChangeKind::MemberAdded { optional };
        self.report_added(&moves, kind, &member.facts, added);
        let partly = self.graph.sets.and(kept, lacked);
        let partly = self.graph.sets.and(present, partly);
        let kind = ChangeKind::MovedToCommon { optional, without };
        self.report_added(&moves, kind, &member.facts, partly);
    }

    /// Returns the builds in which a value of the discriminator brings this member.
    fn branch_member(
        &mut self,
        shared: &Shared<'s>,
        content: Builds,
        member: Option<&Member<'s>>,
    ) -> Builds {
        let Some(member) = member else {
            return Builds::NONE;
        };
        let own = self.graph.builds(member.facts.condition.as_ref());
        let content = self.graph.sets.and(content, own);
        self.graph.sets.and(content, shared.builds)
    }

    /// Compares the branches that each value of the discriminator selects.
    fn branches(
        &mut self,
        task: &Task<'s>,
        selection: &Selection<'m, 's>,
        moved: &Moved<'s>,
        tasks: &mut Vec<Task<'s>>,
    ) {
        let (old_empty, new_empty) = (self.graph.old.empty, self.graph.new.empty);
        for shared in &selection.shared {
            let (old, new) = (shared.old, shared.new);
            let sets = &mut self.graph.sets;
            let both = sets.and(old.builds, new.builds);
            let (only_old, only_new) = (
                sets.minus(old.builds, new.builds),
                sets.minus(new.builds, old.builds),
            );
            let meetings = [
                (old.ty, new.ty, both),
                (old.ty, None, only_old),
                (None, new.ty, only_new),
            ];
            for (old, new, builds) in meetings {
                let builds = self.graph.sets.and(builds, shared.builds);
                let (old, new) = (old.unwrap_or(old_empty), new.unwrap_or(new_empty));
                let is_empty = self.graph.old.is_empty(old) && self.graph.new.is_empty(new);
                if builds.is_none() || is_empty {
                    continue;
                }
                let mut meeting = Task {
                    moves: join(&task.moves, StepRef::Branch(shared.value)),
                    old,
                    new,
                    builds: self.graph.sets.and(builds, self.builds),
                    marks: shared.marks.or(self.marks, &mut self.graph.sets),
                    old_skip: moved_of(self.graph.old.object(old), &moved.old, shared.value),
                    new_skip: moved_of(self.graph.new.object(new), &moved.new, shared.value),
                };
                if meeting.old_skip.is_empty() && meeting.new_skip.is_empty() {
                    // A branch without members has no source; the union has.
                    let union = Spans {
                        old: self.old_definition,
                        new: self.new_definition,
                    };
                    let moves = std::mem::take(&mut meeting.moves);
                    self.within(builds, shared.marks, |this| {
                        this.descend(&moves, (old, new), union);
                    });
                } else {
                    tasks.push(meeting);
                }
            }
        }
    }

    fn selection(&mut self, old: &'m Object<'s>, new: &'m Object<'s>) -> Selection<'m, 's> {
        let mut selection = Selection {
            old: old.union_.as_ref(),
            new: new.union_.as_ref(),
            same_tag: None,
            shared: Vec::new(),
        };
        match (selection.old, selection.new) {
            (Some(older), Some(newer)) if older.tag == newer.tag => {
                selection.same_tag = Some(older.tag);
                let news = Positions::new(&newer.branches, |branch| branch.value);
                for (index, branch) in older.branches.iter().enumerate() {
                    if let Some(other) = news.find(branch.value, index) {
                        let (old, new) = (self.content(branch), self.content(other));
                        let facts = [Some(&branch.facts), Some(&other.facts)];
                        let shared = self.shared(branch.value, facts, old, new);
                        selection.shared.push(shared);
                    }
                }
            }
            (Some(union), None) => {
                for branch in &union.branches {
                    if let Some((facts, builds)) = self.choice(new, union.tag, branch.value, false)
                    {
                        let content = self.content(branch);
                        let facts = [Some(&branch.facts), facts];
                        let mut shared = self.shared(branch.value, facts, content, Content::NONE);
                        shared.builds = self.graph.sets.and(shared.builds, builds);
                        selection.shared.push(shared);
                    }
                }
            }
            (None, Some(union)) => {
                for branch in &union.branches {
                    if let Some((facts, builds)) = self.choice(old, union.tag, branch.value, true) {
                        let content = self.content(branch);
                        let facts = [facts, Some(&branch.facts)];
                        let mut shared = self.shared(branch.value, facts, Content::NONE, content);
                        shared.builds = self.graph.sets.and(shared.builds, builds);
                        selection.shared.push(shared);
                    }
                }
            }
            _ => {}
        }
        selection
    }

    fn content(&mut self, branch: &Branch<'s>) -> Content {
        Content {
            ty: Some(branch.ty),
            builds: self.graph.builds(branch.content.as_ref()),
        }
    }

    fn shared(
        &mut self,
        value: &'s str,
        [old_facts, new_facts]: [Option<&Facts<'s>>; 2],
        old: Content,
        new: Content,
    ) -> Shared<'s> {
        let mut builds = Builds::ALL;
        for facts in [old_facts, new_facts].into_iter().flatten() {
            let present = self.graph.builds(facts.condition.as_ref());
            builds = self.graph.sets.and(builds, present);
        }
        Shared {
            value,
            old,
            new,
            builds,
            marks: old_facts.map_or(Marks::NONE, |facts| self.marks(value, facts)),
        }
    }

    /// Returns the builds in which a member that is not a discriminator can have this value, and the facts
    /// of the value; none if it never can.
    fn choice(
        &mut self,
        object: &'m Object<'s>,
        tag: &str,
        value: &str,
        is_old: bool,
    ) -> Option<(Option<&'m Facts<'s>>, Builds)> {
        let model = if is_old {
            self.graph.old
        } else {
            self.graph.new
        };
        let Some(member) = object.member(tag) else {
            return Some((None, Builds::ALL));
        };
        let Shape::Enum(values) = model.shape(member.ty) else {
            return Some((None, Builds::ALL));
        };
        let found = values.iter().find(|known| known.name == value);
        if member.facts.condition.is_none() {
            return found.map(|value| (Some(&value.facts), Builds::ALL));
        }
        // In builds without the member, any value is possible.
        let there = self.graph.builds(member.facts.condition.as_ref());
        let absent = self.graph.sets.minus(Builds::ALL, there);
        let known = match found {
            Some(value) => self.graph.builds(value.facts.condition.as_ref()),
            None => Builds::NONE,
        };
        let builds = self.graph.sets.or(absent, known);
        (!builds.is_none()).then_some((None, builds))
    }
}

/// Returns the members of an object that moved between this branch and the common members.
fn moved_of<'s>(
    object: Option<&Object<'s>>,
    moved: &HashSet<(&'s str, &'s str)>,
    value: &'s str,
) -> HashSet<&'s str> {
    if moved.is_empty() {
        return HashSet::new();
    }
    let members = object.into_iter().flat_map(|object| &object.members);
    members
        .map(|member| member.name)
        .filter(|name| moved.contains(&(value, *name)))
        .collect()
}

/// The discriminators of two objects, matched.
struct Selection<'m, 's> {
    old: Option<&'m Union<'s>>,
    new: Option<&'m Union<'s>>,
    /// The discriminator that both have.
    same_tag: Option<&'s str>,
    /// The values that select a branch on at least one side and may occur on both.
    shared: Vec<Shared<'s>>,
}

/// A value of the discriminator and the branches it selects.
struct Shared<'s> {
    value: &'s str,
    old: Content,
    new: Content,
    /// The builds in which both sides have the value.
    builds: Builds,
    marks: Marks,
}

/// A branch on one side, and the builds in which it has its members.
#[derive(Debug, Clone, Copy)]
struct Content {
    ty: Option<TypeIx>,
    builds: Builds,
}

impl Content {
    /// The side has no branches.
    const NONE: Self = Self {
        ty: None,
        builds: Builds::ALL,
    };
}
