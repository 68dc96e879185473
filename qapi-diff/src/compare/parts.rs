//! Compares what every named part has, conditions and features, and the members of a place.

use qapi_parser::ir::Condition;

use super::names::Positions;
use super::{Differences, Spans, StepRef, join};
use crate::change::ChangeKind;
use crate::condition::{Relation, relate};
use crate::model::{Facts, Feature, Member, Value};

impl<'m, 's> Differences<'_, 'm, 's> {
    /// Condition and features of a part that both revisions have.
    pub(super) fn facts(&mut self, moves: &[StepRef<'s>], old: &Facts<'s>, new: &Facts<'s>) {
        let spans = Spans::of(old, new);
        self.conditions(moves, old.condition.as_ref(), new.condition.as_ref(), spans);
        self.features(moves, &old.features, &new.features, spans);
    }

    fn conditions(
        &mut self,
        moves: &[StepRef<'s>],
        old: Option<&Condition>,
        new: Option<&Condition>,
        spans: Spans,
    ) {
        if self.graph.old.resolved || self.graph.new.resolved {
            // A build has the part, so nothing can be said against its condition.
            return;
        }
        let relation = relate(old, new);
        let kind = match (relation, old, new) {
            (Relation::Same, ..) | (_, None, None) => return,
            (_, None, Some(new)) => ChangeKind::ConditionAdded(format!("{new:#}")),
            (_, Some(old), None) => ChangeKind::ConditionRemoved(format!("{old:#}")),
            (Relation::Narrower, Some(old), Some(new)) => ChangeKind::ConditionNarrowed {
                old: format!("{old:#}"),
                new: format!("{new:#}"),
            },
            (Relation::Wider, Some(old), Some(new)) => ChangeKind::ConditionRelaxed {
                old: format!("{old:#}"),
                new: format!("{new:#}"),
            },
        };
        self.report(moves, kind, spans);
    }

    /// Features of a part or type, where both revisions have it.
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
            if let Some(position) = find(new, feature.name) {
                let newer = new[position].facts(spans.new);
                let moves = join(moves, StepRef::Feature(feature.name));
                self.facts(&moves, &facts, &newer);
            } else {
                let kind = ChangeKind::FeatureRemoved(feature.name.to_owned());
                self.report_removed(moves, kind, &facts);
            }
        }
        for feature in new
            .iter()
            .filter(|feature| find(old, feature.name).is_none())
        {
            let kind = ChangeKind::FeatureAdded(feature.name.to_owned());
            self.report_added(moves, kind, &feature.facts(spans.new));
        }
    }

    /// A member that both revisions have in this place.
    pub(super) fn member(&mut self, moves: &[StepRef<'s>], old: &Member<'s>, new: &Member<'s>) {
        self.member_itself(moves, old, new);
        self.descend(moves, (old.ty, new.ty), Spans::of(&old.facts, &new.facts));
    }

    /// A member but for its type.
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
        self.facts(moves, &old.facts, &new.facts);
    }

    pub(super) fn member_added(&mut self, moves: &[StepRef<'s>], member: &Member<'s>) {
        let optional = member.optional;
        self.report_added(moves, ChangeKind::MemberAdded { optional }, &member.facts);
    }

    pub(super) fn member_removed(&mut self, moves: &[StepRef<'s>], member: &Member<'s>) {
        let optional = member.optional;
        self.report_removed(moves, ChangeKind::MemberRemoved { optional }, &member.facts);
    }

    /// The values of an enumeration.
    pub(super) fn values(&mut self, old: &'m [Value<'s>], new: &'m [Value<'s>]) {
        let olds = Positions::new(old, |value| value.name);
        let news = Positions::new(new, |value| value.name);
        for (index, value) in old.iter().enumerate() {
            let moves = [StepRef::Value(value.name)];
            match news.find(value.name, index) {
                Some(newer) => self.facts(&moves, &value.facts, &newer.facts),
                None => self.report_removed(&moves, ChangeKind::ValueRemoved, &value.facts),
            }
        }
        for (index, value) in new.iter().enumerate() {
            if olds.find(value.name, index).is_none() {
                let moves = [StepRef::Value(value.name)];
                self.report_added(&moves, ChangeKind::ValueAdded, &value.facts);
            }
        }
    }
}
