//! Compares two object types: common members, branches, and members that moved between them.
//!
//! A union is, for each value of its discriminator, an object with the common members and those
//! of one branch. So a member that only one side has in common is looked for in the branches of
//! the other side, value by value, before it is called added or removed.

use std::collections::HashSet;

use super::names::Positions;
use super::{Differences, Spans, StepRef, join};
use crate::change::ChangeKind;
use crate::model::{Member, Object, Shape, TypeIx, Union};

/// Two objects that are still to be compared, below the pair at hand.
struct Task<'s> {
    moves: Vec<StepRef<'s>>,
    old: TypeIx,
    new: TypeIx,
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
            old_skip: HashSet::new(),
            new_skip: HashSet::new(),
        }];
        while let Some(task) = tasks.pop() {
            self.task(&task, &mut tasks);
        }
    }

    fn task(&mut self, task: &Task<'s>, tasks: &mut Vec<Task<'s>>) {
        let (old_model, new_model) = (self.graph.old, self.graph.new);
        let (Some(old), Some(new)) = (old_model.object(task.old), new_model.object(task.new))
        else {
            return;
        };
        let selection = Selection::of(self, old, new);
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
            let moves = join(&task.moves, StepRef::Member(member.name));
            match news.find(member.name, index) {
                Some(newer) if selection.same_tag == Some(member.name) => {
                    self.member_itself(&moves, member, newer);
                    self.tag(task, selection);
                }
                Some(newer) if !task.new_skip.contains(newer.name) => {
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

    /// The values of a discriminator that both spans have. Every value has a branch.
    fn tag(&mut self, task: &Task<'s>, selection: &Selection<'m, 's>) {
        let (Some(old), Some(new)) = (selection.old, selection.new) else {
            return;
        };
        let olds = Positions::new(&old.branches, |branch| branch.value);
        let news = Positions::new(&new.branches, |branch| branch.value);
        for (index, branch) in old.branches.iter().enumerate() {
            let moves = join(&task.moves, StepRef::Branch(branch.value));
            match news.find(branch.value, index) {
                Some(newer) => self.facts(&moves, &branch.facts, &newer.facts),
                None => self.report_removed(&moves, ChangeKind::BranchRemoved, &branch.facts),
            }
        }
        for (index, branch) in new.branches.iter().enumerate() {
            if olds.find(branch.value, index).is_none() {
                let moves = join(&task.moves, StepRef::Branch(branch.value));
                self.report_added(&moves, ChangeKind::BranchAdded, &branch.facts);
            }
        }
    }

    /// A common member of the older side that the newer side does not have in common.
    fn gone_from_common(
        &mut self,
        task: &Task<'s>,
        member: &'m Member<'s>,
        selection: &Selection<'m, 's>,
        moved: &mut Moved<'s>,
    ) {
        let model = self.graph.new;
        let mut without = Vec::new();
        let mut found = Vec::new();
        for shared in &selection.shared {
            match shared
                .new
                .and_then(|ty| model.object(ty)?.member(member.name))
            {
                Some(newer) => found.push((shared.value, newer)),
                None => without.push(shared.value.to_owned()),
            }
        }
        let moves = join(&task.moves, StepRef::Member(member.name));
        if found.is_empty() {
            return self.member_removed(&moves, member);
        }
        for (value, newer) in found {
            moved.new.insert((value, member.name));
            let moves = join(
                &join(&task.moves, StepRef::Branch(value)),
                StepRef::Member(member.name),
            );
            self.member(&moves, member, newer);
        }
        if !without.is_empty() {
            let kind = ChangeKind::MovedToBranches {
                optional: member.optional,
                without,
            };
            self.report_removed(&moves, kind, &member.facts);
        }
    }

    /// A common member of the newer side that the older side does not have in common.
    fn new_in_common(
        &mut self,
        task: &Task<'s>,
        member: &'m Member<'s>,
        selection: &Selection<'m, 's>,
        moved: &mut Moved<'s>,
    ) {
        let model = self.graph.old;
        let mut without = Vec::new();
        let mut found = Vec::new();
        for shared in &selection.shared {
            match shared
                .old
                .and_then(|ty| model.object(ty)?.member(member.name))
            {
                Some(older) => found.push((shared.value, older)),
                None => without.push(shared.value.to_owned()),
            }
        }
        let moves = join(&task.moves, StepRef::Member(member.name));
        if found.is_empty() {
            return self.member_added(&moves, member);
        }
        for (value, older) in found {
            moved.old.insert((value, member.name));
            let moves = join(
                &join(&task.moves, StepRef::Branch(value)),
                StepRef::Member(member.name),
            );
            self.member(&moves, older, member);
        }
        if !without.is_empty() {
            let kind = ChangeKind::MovedToCommon {
                optional: member.optional,
                without,
            };
            self.report_added(&moves, kind, &member.facts);
        }
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
            let old = shared.old.unwrap_or(old_empty);
            let new = shared.new.unwrap_or(new_empty);
            if self.graph.old.is_empty(old) && self.graph.new.is_empty(new) {
                continue;
            }
            let moves = join(&task.moves, StepRef::Branch(shared.value));
            let of_value = |set: &HashSet<(&'s str, &'s str)>| -> HashSet<&'s str> {
                if set.is_empty() {
                    return HashSet::new();
                }
                let object = [self.graph.old.object(old), self.graph.new.object(new)];
                let members = object
                    .into_iter()
                    .flatten()
                    .flat_map(|object| &object.members);
                members
                    .map(|member| member.name)
                    .filter(|name| set.contains(&(shared.value, *name)))
                    .collect()
            };
            let (old_skip, new_skip) = (of_value(&moved.old), of_value(&moved.new));
            if old_skip.is_empty() && new_skip.is_empty() {
                // A branch without members has no place of its own; the union has.
                let union = Spans {
                    old: self.old_definition,
                    new: self.new_definition,
                };
                self.descend(&moves, (old, new), union);
            } else {
                tasks.push(Task {
                    moves,
                    old,
                    new,
                    old_skip,
                    new_skip,
                });
            }
        }
    }
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

/// A value of the discriminator and the branches it selects; none on a side without branches.
struct Shared<'s> {
    value: &'s str,
    old: Option<TypeIx>,
    new: Option<TypeIx>,
}

impl<'m, 's> Selection<'m, 's> {
    fn of(found: &Differences<'_, 'm, 's>, old: &'m Object<'s>, new: &'m Object<'s>) -> Self {
        let mut selection = Self {
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
                        selection.shared.push(Shared {
                            value: branch.value,
                            old: Some(branch.ty),
                            new: Some(other.ty),
                        });
                    }
                }
            }
            (Some(union), None) => {
                let values = possible(new, union.tag, |ty| found.graph.new.shape(ty));
                selection.shared = shared(union, values.as_ref(), true);
            }
            (None, Some(union)) => {
                let values = possible(old, union.tag, |ty| found.graph.old.shape(ty));
                selection.shared = shared(union, values.as_ref(), false);
            }
            _ => {}
        }
        selection
    }
}

/// The values that a member of this name can have; none if there is no telling.
fn possible<'m, 's: 'm>(
    object: &Object<'s>,
    name: &str,
    shape: impl Fn(TypeIx) -> &'m Shape<'s>,
) -> Option<HashSet<&'s str>> {
    match shape(object.member(name)?.ty) {
        Shape::Enum(values) => Some(values.iter().map(|value| value.name).collect()),
        _ => None,
    }
}

fn shared<'s>(
    union: &Union<'s>,
    values: Option<&HashSet<&'s str>>,
    union_is_old: bool,
) -> Vec<Shared<'s>> {
    union
        .branches
        .iter()
        .filter(|branch| values.is_none_or(|values| values.contains(branch.value)))
        .map(|branch| Shared {
            value: branch.value,
            old: union_is_old.then_some(branch.ty),
            new: (!union_is_old).then_some(branch.ty),
        })
        .collect()
}
