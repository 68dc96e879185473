//! Compares features, members and values.

use super::graph::{Differences, Spans, StepRef, join};
use super::marks::Marks;
use super::partner::Positions;
use crate::builds::Builds;
use crate::change::ChangeKind;
use crate::model::{Facts, Feature, Member, Value};

impl<'m, 's> Differences<'_, 'm, 's> {
    /// Compares the features of a part or type, in the current builds, in which both revisions have it.
    pub(super) fn features(
        &mut self,
        moves: &[StepRef<'s>],
        old: &[Feature<'s>],
        new: &[Feature<'s>],
        spans: Spans,
    ) {
        if old.is_empty() && new.is_empty() {
            return;
        }
        let find =
            |list: &'_ [Feature<'s>], name: &str| list.iter().position(|other| other.name == name);
        for feature in old {
            let facts = feature.facts(spans.old);
            let moves = join(moves, StepRef::Feature(feature.name));
            let removed = ChangeKind::FeatureRemoved(feature.name.to_owned());
            if let Some(position) = find(new, feature.name) {
                let newer = new[position].facts(spans.new);
                let added = ChangeKind::FeatureAdded(feature.name.to_owned());
                self.presence(&moves, (&facts, &newer), (added, removed));
            } else {
                let builds = self.graph.builds(facts.condition.as_ref());
                self.report_removed(&moves, removed, &facts, builds);
            }
        }
        for feature in new
            .iter()
            .filter(|feature| find(old, feature.name).is_none())
        {
            let kind = ChangeKind::FeatureAdded(feature.name.to_owned());
            let facts = feature.facts(spans.new);
            let builds = self.graph.builds(facts.condition.as_ref());
            self.report_added(
                &join(moves, StepRef::Feature(feature.name)),
                kind,
                &facts,
                builds,
            );
        }
    }

    /// Compares the features of a part that both revisions have under this name.
    pub(super) fn facts(
        &mut self,
        moves: &[StepRef<'s>],
        name: &str,
        old: &Facts<'s>,
        new: &Facts<'s>,
    ) {
        if old.features.is_empty() && new.features.is_empty() {
            return;
        }
        let marks = self.marks(name, old);
        self.within(self.builds, marks, |this| {
            this.features(moves, &old.features, &new.features, Spans::of(old, new));
        });
    }

    /// Compares a member that both revisions have in this place.
    pub(super) fn member(&mut self, moves: &[StepRef<'s>], old: &Member<'s>, new: &Member<'s>) {
        let both = self.member_presence(moves, old, new);
        self.member_and_type(moves, old, new, both);
    }

    /// Returns the builds in which both revisions have a member.
    pub(super) fn member_presence(
        &mut self,
        moves: &[StepRef<'s>],
        old: &Member<'s>,
        new: &Member<'s>,
    ) -> Builds {
        let added = ChangeKind::MemberAdded {
            optional: new.optional,
        };
        let removed = ChangeKind::MemberRemoved {
            optional: old.optional,
        };
        self.presence(moves, (&old.facts, &new.facts), (added, removed))
    }

    /// Compares a member and its type, in builds in which both revisions have it.
    pub(super) fn member_and_type(
        &mut self,
        moves: &[StepRef<'s>],
        old: &Member<'s>,
        new: &Member<'s>,
        builds: Builds,
    ) {
        let marks = self.marks(old.name, &old.facts);
        self.within(builds, marks, |this| {
            this.member_itself(moves, old, new);
            this.descend(moves, (old.ty, new.ty), Spans::of(&old.facts, &new.facts));
        });
    }

    /// Compares a member except for its type, in the given builds.
    pub(super) fn member_itself(
        &mut self,
        moves: &[StepRef<'s>],
        old: &Member<'s>,
        new: &Member<'s>,
    ) {
        let spans = Spans::of(&old.facts, &new.facts);
        match (old.optional, new.optional) {
            (true, false) => self.report(moves, ChangeKind::BecameMandatory, spans),
            (false, true) => self.report(moves, ChangeKind::BecameOptional, spans),
            _ => {}
        }
        self.features(moves, &old.facts.features, &new.facts.features, spans);
    }

    /// Compares the values of an enumeration.
    pub(super) fn values(&mut self, old: &'m [Value<'s>], new: &'m [Value<'s>]) {
        let olds = Positions::new(old, |value| value.name);
        let news = Positions::new(new, |value| value.name);
        let kinds = || (ChangeKind::ValueAdded, ChangeKind::ValueRemoved);
        for (index, value) in old.iter().enumerate() {
            let moves = [StepRef::Value(value.name)];
            if let Some(newer) = news.find(value.name, index) {
                let both = self.presence(&moves, (&value.facts, &newer.facts), kinds());
                self.within(both, Marks::NONE, |this| {
                    this.facts(&moves, value.name, &value.facts, &newer.facts);
                });
            } else {
                let builds = self.graph.builds(value.facts.condition.as_ref());
                self.report_removed(&moves, ChangeKind::ValueRemoved, &value.facts, builds);
            }
        }
        for (index, value) in new.iter().enumerate() {
            if olds.find(value.name, index).is_none() {
                let moves = [StepRef::Value(value.name)];
                let builds = self.graph.builds(value.facts.condition.as_ref());
                self.report_added(&moves, ChangeKind::ValueAdded, &value.facts, builds);
            }
        }
    }
}
