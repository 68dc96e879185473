//! Names that would be the same in C (docs/reference/language.md §2.7, §6.4, §6.5).

use super::checker::Checker;
use super::member_index::MemberRef;
use crate::declare::{DeclarationKind, Id};
use crate::definition::RawMember;
use crate::name_map::{self, NameMap};
use crate::name_rules::{CName, Case, Fault};

/// Checks the names of one kind.
pub(super) type NameRule = fn(&str, Case) -> Result<(), Fault>;

/// From this number of bases on, names that are used only once are not searched in them.
pub(super) const DEEP: usize = 8;

/// Up to this number, names are compared one by one, which is faster than hashing.
const FEW: usize = 8;

impl<'c, 't> Checker<'c, 't> {
    /// Returns the members that an object declares itself.
    pub(super) fn own(&self, id: Id) -> &'c [RawMember<'t>] {
        match self.kind(id) {
            DeclarationKind::Object { members, .. } => members,
            _ => &[],
        }
    }

    pub(super) fn member(&self, (owner, index): MemberRef) -> &'c RawMember<'t> {
        &self.own(owner)[index]
    }

    /// Returns an object and its bases, from itself upwards. Only checked bases are links of the chain,
    /// so it has an end.
    pub(super) fn chain(&self, id: Id) -> impl Iterator<Item = Id> {
        std::iter::successors(Some(id), |id| self.facts[*id].base)
    }

    /// Returns all common members of an object, with those of its bases.
    pub(super) fn flattened(&self, id: Id) -> impl Iterator<Item = MemberRef> {
        self.chain(id)
            .flat_map(|owner| (0..self.own(owner).len()).map(move |index| (owner, index)))
    }

    /// Returns the common member of an object whose name counts as the same.
    pub(super) fn find(&self, id: Id, name: &str) -> Option<MemberRef> {
        self.chain(id)
            .find_map(|owner| Some((owner, self.find_own(owner, CName(name))?)))
    }

    /// Returns the first of the members that an object declares itself whose name counts as the same.
    fn find_own(&self, owner: Id, name: CName<'_>) -> Option<usize> {
        let own = self.own(owner);
        if own.len() <= FEW {
            return own.iter().position(|member| CName(&member.name) == name);
        }
        let mut known = self.names.0.borrow_mut();
        let names = known.entry(owner).or_insert_with(|| {
            // Backwards, because the first of two clashing names counts.
            let members = own.iter().enumerate().rev();
            members
                .map(|(index, member)| (CName(&member.name), index))
                .collect()
        });
        names.get(&name).copied()
    }

    /// Returns whether no other member of any object has this name.
    pub(super) fn is_unique(&self, name: &str) -> bool {
        let uses = self.uses.0.get_or_init(|| {
            let mut uses = name_map::with_capacity(self.entities.list.len());
            for id in 0..self.entities.list.len() {
                for member in self.own(id) {
                    *uses.entry(CName(&member.name)).or_insert(0) += 1;
                }
            }
            uses
        });
        uses.get(&CName(name)).is_none_or(|count| *count < 2)
    }

    /// Returns whether one of two names that clash was reported by `rule` as one that cannot be, whatever
    /// the case of its letters. The fix is to choose another name.
    pub(super) fn is_misnamed(&self, rule: NameRule, names: [&str; 2]) -> bool {
        let is_wrong = |name| rule(name, Case::Free).is_err();
        !self.tolerant() && names.into_iter().any(is_wrong)
    }

    /// Own members whose name is taken by an earlier one or by one of a base: index and taker,
    /// in order.
    pub(super) fn clashes(&self, id: Id) -> Vec<(usize, MemberRef)> {
        let own = self.own(id);
        let mut found = Vec::new();
        let mut base = self.facts[id].base;
        if self.facts[id].depth > DEEP && own.iter().all(|member| self.is_unique(&member.name)) {
            base = None;
        }
        let inherited = || base.into_iter().flat_map(|base| self.flattened(base));
        if own.len() <= FEW {
            for (index, member) in own.iter().enumerate() {
                let name = CName(&member.name);
                let earlier = (0..index).find(|earlier| CName(&own[*earlier].name) == name);
                let taker = inherited()
                    .find(|place| CName(&self.member(*place).name) == name)
                    .or(earlier.map(|earlier| (id, earlier)));
                found.extend(taker.map(|taker| (index, taker)));
            }
            return found;
        }
        let mut names: NameMap<CName<'_>, usize> = name_map::with_capacity(own.len());
        for (index, member) in own.iter().enumerate() {
            let first = *names.entry(CName(&member.name)).or_insert(index);
            if first != index {
                found.push((index, (id, first)));
            }
        }
        for place in inherited() {
            if let Some(index) = names.get(&CName(&self.member(place).name)) {
                found.push((*index, place));
            }
        }
        found.sort_by_key(|(index, _)| *index);
        found.dedup_by_key(|(index, _)| *index);
        found
    }
}

/// Places in `names` whose name is taken by an earlier one, with the earlier place.
pub(super) fn duplicates<'a>(
    names: impl ExactSizeIterator<Item = &'a str> + Clone,
) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    if names.len() <= FEW {
        for (index, name) in names.clone().enumerate() {
            let earlier = names
                .clone()
                .take(index)
                .position(|earlier| CName(earlier) == CName(name));
            found.extend(earlier.map(|earlier| (index, earlier)));
        }
        return found;
    }
    let mut first: NameMap<CName<'a>, usize> = name_map::with_capacity(names.len());
    for (index, name) in names.enumerate() {
        let earlier = *first.entry(CName(name)).or_insert(index);
        if earlier != index {
            found.push((index, earlier));
        }
    }
    found
}
