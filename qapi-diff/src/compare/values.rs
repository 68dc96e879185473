//! The builds in which types have values. In some builds a type may have none: an enumeration whose values all have
//! conditions, or an object that must contain a value of such a type.

use std::collections::VecDeque;

use super::graph::StepRef;
use crate::builds::{BuildSets, Builds};
use crate::change::ChangeKind;
use crate::model::{Branch, Facts, Model, Object, Shape, TypeIx};

/// A type that is visited this often, because a type that it needs gains values in more builds, is taken to have values
/// in all builds. So are all others when the sets are nearly full.
const MOST_VISITS: u8 = 64;

/// The builds in which each type of one model has values.
pub(super) struct Values<'m, 's> {
    model: &'m Model<'s>,
    builds: Vec<Builds>,
}

impl<'m, 's> Values<'m, 's> {
    pub(super) fn of(model: &'m Model<'s>, sets: &mut BuildSets) -> Self {
        let count = model.types.len();
        let mut values = Self {
            model,
            builds: vec![Builds::NONE; count],
        };
        let users = values.users();
        let mut visits = vec![0_u8; count];
        let mut waits = vec![true; count];
        // Most types are written before those that use them, or need none.
        let mut queue: VecDeque<usize> = (0..count).collect();
        while let Some(index) = queue.pop_front() {
            waits[index] = false;
            visits[index] += 1;
            let before = values.builds[index];
            let now = if visits[index] < MOST_VISITS && sets.have_room() {
                let found = values.find(&model.types[index].shape, sets);
                sets.or(before, found)
            } else {
                Builds::ALL
            };
            if now == before {
                continue;
            }
            values.builds[index] = now;
            for user in &users[index] {
                if values.builds[*user] != Builds::ALL && !waits[*user] {
                    waits[*user] = true;
                    queue.push_back(*user);
                }
            }
        }
        values
    }

    /// Per type: the types whose values depend on its values.
    fn users(&self) -> Vec<Vec<usize>> {
        let mut users = vec![Vec::new(); self.model.types.len()];
        for (user, ty) in self.model.types.iter().enumerate() {
            let mut note = |needed: TypeIx| users[needed.index()].push(user);
            match &ty.shape {
                Shape::Alternate(alternatives) => alternatives.iter().for_each(|it| note(it.ty)),
                Shape::Object(object) => {
                    let mandatory = object.members.iter().filter(|it| !it.optional);
                    mandatory.for_each(|member| note(member.ty));
                    branches(object).for_each(|branch| note(branch.ty));
                }
                _ => {}
            }
        }
        users
    }

    /// Returns the builds in which values can be made of the values known so far.
    fn find(&self, shape: &Shape<'_>, sets: &mut BuildSets) -> Builds {
        match shape {
            Shape::Str
            | Shape::Bool
            | Shape::Null
            | Shape::Any
            | Shape::Number(_)
            | Shape::Array(_) => Builds::ALL,
            Shape::Enum(values) => values.iter().fold(Builds::NONE, |any, value| {
                let builds = of_facts(&value.facts, sets);
                sets.or(any, builds)
            }),
            Shape::Alternate(alternatives) => alternatives.iter().fold(Builds::NONE, |any, it| {
                let builds = self.with(&it.facts, it.ty, sets);
                sets.or(any, builds)
            }),
            Shape::Object(object) => {
                let mut builds = Builds::ALL;
                for member in object.members.iter().filter(|it| !it.optional) {
                    if self.builds[member.ty.index()] != Builds::ALL {
                        let present = of_facts(&member.facts, sets);
                        let lacking = sets.minus(present, self.builds[member.ty.index()]);
                        builds = sets.minus(builds, lacking);
                    }
                }
                if object.union_.is_none() {
                    return builds;
                }
                let chosen = branches(object).fold(Builds::NONE, |any, branch| {
                    let builds = self.with_branch(branch, sets);
                    sets.or(any, builds)
                });
                sets.and(builds, chosen)
            }
        }
    }

    /// Returns the builds that have a part whose type has values.
    fn with(&self, facts: &Facts<'_>, ty: TypeIx, sets: &mut BuildSets) -> Builds {
        let present = of_facts(facts, sets);
        sets.and(present, self.builds[ty.index()])
    }

    fn with_branch(&self, branch: &Branch<'_>, sets: &mut BuildSets) -> Builds {
        let present = of_facts(&branch.facts, sets);
        let content = sets.of(branch.content.as_ref());
        let lacking = sets.minus(content, self.builds[branch.ty.index()]);
        sets.minus(present, lacking)
    }

    /// Returns those of the builds in which a type has a value with everything on the way, as far as this
    /// model has the way. The first set needs the whole path, the second all but the last move.
    pub(super) fn along(
        &self,
        start: TypeIx,
        moves: &[StepRef<'_>],
        kind: &ChangeKind,
        builds: Builds,
        sets: &mut BuildSets,
    ) -> [Builds; 2] {
        let mut ty = start;
        let mut builds = sets.and(builds, self.builds[ty.index()]);
        let mut before = builds;
        let mut owner = ty;
        for step in moves {
            before = builds;
            owner = ty;
            let Some((next, with)) = self.step(ty, *step, sets) else {
                let chosen = self.choices(owner, kind, sets);
                return [sets.and(builds, chosen), before];
            };
            builds = sets.and(builds, with);
            ty = next;
        }
        let owner = if moved_among_branches(kind).is_some() {
            owner
        } else {
            ty
        };
        let chosen = self.choices(owner, kind, sets);
        [sets.and(builds, chosen), before]
    }

    /// Returns the type to which a move leads, and the builds in which it has values there.
    fn step(
        &self,
        ty: TypeIx,
        step: StepRef<'_>,
        sets: &mut BuildSets,
    ) -> Option<(TypeIx, Builds)> {
        Some(match (step, self.model.shape(ty)) {
            (StepRef::Element, Shape::Array(element)) => (*element, self.builds[element.index()]),
            (StepRef::Member(name), Shape::Object(object)) => {
                let member = object.member(name)?;
                (member.ty, self.with(&member.facts, member.ty, sets))
            }
            (StepRef::Branch(value), Shape::Object(object)) => {
                let branch = branches(object).find(|branch| branch.value == value)?;
                (branch.ty, self.with_branch(branch, sets))
            }
            (StepRef::Alternative(kind), Shape::Alternate(alternatives)) => {
                let alternative = alternatives.iter().find(|it| it.kind == kind)?;
                let builds = self.with(&alternative.facts, alternative.ty, sets);
                (alternative.ty, builds)
            }
            // On this side there is no choice.
            (StepRef::Alternative(_), _) => (ty, Builds::ALL),
            _ => return None,
        })
    }

    /// Returns the builds in which one of the values can be made that show a change: those of the branches or
    /// alternatives that it is about.
    fn choices(&self, ty: TypeIx, kind: &ChangeKind, sets: &mut BuildSets) -> Builds {
        let without = moved_among_branches(kind);
        match (kind, self.model.shape(ty)) {
            (
                ChangeKind::BecamePlain { removed: kinds }
                | ChangeKind::BecameAlternate { added: kinds },
                Shape::Alternate(alternatives),
            ) => {
                let others = alternatives.iter();
                let others = others.filter(|it| kinds.contains(&it.kind.as_str()));
                others.fold(Builds::NONE, |any, it| {
                    let builds = self.with(&it.facts, it.ty, sets);
                    sets.or(any, builds)
                })
            }
            (_, Shape::Object(object)) if without.is_some() && object.union_.is_some() => {
                let chosen = branches(object)
                    .filter(|it| without.is_some_and(|names| names.iter().any(|n| n == it.value)));
                chosen.fold(Builds::NONE, |any, branch| {
                    let builds = self.with_branch(branch, sets);
                    sets.or(any, builds)
                })
            }
            _ => Builds::ALL,
        }
    }
}

/// Returns the values of the discriminator without a member that was moved.
fn moved_among_branches(kind: &ChangeKind) -> Option<&[String]> {
    match kind {
        ChangeKind::MovedToBranches { without, .. } | ChangeKind::MovedToCommon { without, .. } => {
            Some(without)
        }
        _ => None,
    }
}

fn branches<'o, 's>(object: &'o Object<'s>) -> impl Iterator<Item = &'o Branch<'s>> {
    object.union_.iter().flat_map(|union| &union.branches)
}

fn of_facts(facts: &Facts<'_>, sets: &mut BuildSets) -> Builds {
    sets.of(facts.condition.as_ref())
}
