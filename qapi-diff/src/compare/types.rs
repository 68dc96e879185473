//! Compares two types in the same place, by their values on the wire.

use super::graph::{Differences, Graph, Spans, StepRef};
use super::marks::Marks;
use crate::builds::Builds;
use crate::change::ChangeKind;
use crate::model::{Alternative, Kind, Shape, TypeIx};

impl Graph<'_, '_> {
    /// Returns true if there is nothing to compare: the same built-in type on both sides.
    pub(super) fn same_scalar(&self, old: TypeIx, new: TypeIx) -> bool {
        match (self.old.shape(old), self.new.shape(new)) {
            (Shape::Str, Shape::Str)
            | (Shape::Bool, Shape::Bool)
            | (Shape::Null, Shape::Null)
            | (Shape::Any, Shape::Any) => true,
            (Shape::Number(old), Shape::Number(new)) => old.same_as(*new),
            _ => false,
        }
    }
}

impl<'m, 's> Differences<'_, 'm, 's> {
    /// Finds the differences of two types and the pairs of types below them.
    pub(super) fn types(&mut self, old: TypeIx, new: TypeIx) {
        if self.graph.same_scalar(old, new) {
            return;
        }
        let (old_model, new_model) = (self.graph.old, self.graph.new);
        let (old_type, new_type) = (old_model.ty(old), new_model.ty(new));
        let spans = Spans {
            old: old_type.span,
            new: new_type.span,
        };
        self.old_definition = old_type.span;
        self.new_definition = new_type.span;
        // A type's own marks cover all that is reached through it.
        self.marks = self.marks_by_features(&old_type.features);
        match (&old_type.shape, &new_type.shape) {
            (Shape::Object(_), Shape::Object(_)) => self.objects(old, new),
            (Shape::Array(old), Shape::Array(new)) => {
                self.descend(&[StepRef::Element], (*old, *new), Spans::default());
            }
            (Shape::Enum(old), Shape::Enum(new)) => self.values(old, new),
            (Shape::Alternate(old), Shape::Alternate(new)) => self.alternates(old, new),
            (Shape::Number(old), Shape::Number(new)) => {
                let kind = ChangeKind::NumberChanged {
                    old: *old,
                    new: *new,
                };
                return self.report_type(kind);
            }
            (Shape::Str, Shape::Enum(_)) => return self.report_type(ChangeKind::StrBecameEnum),
            (Shape::Enum(_), Shape::Str) => return self.report_type(ChangeKind::EnumBecameStr),
            (_, Shape::Any) => {
                let old = old_model.label(old);
                return self.report_type(ChangeKind::BecameAny { old });
            }
            (Shape::Any, _) => {
                let new = new_model.label(new);
                return self.report_type(ChangeKind::NoLongerAny { new });
            }
            (plain, Shape::Alternate(alternatives)) => {
                return self.became_alternate((old, new), plain.kind(), alternatives);
            }
            (Shape::Alternate(alternatives), plain) => {
                return self.became_plain((old, new), plain.kind(), alternatives);
            }
            _ => return self.type_changed(old, new),
        }
        self.features(&[], &old_type.features, &new_type.features, spans);
    }

    fn type_changed(&mut self, old: TypeIx, new: TypeIx) {
        let kind = ChangeKind::TypeChanged {
            old: self.graph.old.label(old),
            new: self.graph.new.label(new),
        };
        self.report_type(kind);
    }

    /// One alternative takes what the plain type took, in builds that have the alternative.
    fn became_alternate(
        &mut self,
        (old, new): (TypeIx, TypeIx),
        kind: Option<Kind>,
        alternatives: &'m [Alternative<'s>],
    ) {
        let (same, others) = self.split(kind, alternatives);
        let kept = self.with_and_without(same, (old, new));
        let Some(same) = same else { return };
        let spans = Spans {
            old: None,
            new: same.facts.span,
        };
        self.within(kept, Marks::NONE, |this| {
            if !others.kinds.is_empty() {
                this.within(others.builds, Marks::NONE, |this| {
                    this.report_type(ChangeKind::BecameAlternate {
                        added: others.kinds,
                    });
                });
            }
            this.descend(&[StepRef::Alternative(same.kind)], (old, same.ty), spans);
        });
    }

    fn became_plain(
        &mut self,
        (old, new): (TypeIx, TypeIx),
        kind: Option<Kind>,
        alternatives: &'m [Alternative<'s>],
    ) {
        let (same, others) = self.split(kind, alternatives);
        let kept = self.with_and_without(same, (old, new));
        let Some(same) = same else { return };
        let spans = Spans {
            old: same.facts.span,
            new: None,
        };
        self.within(kept, Marks::NONE, |this| {
            if !others.kinds.is_empty() {
                this.within(others.builds, Marks::NONE, |this| {
                    this.report_type(ChangeKind::BecamePlain {
                        removed: others.kinds,
                    });
                });
            }
            this.descend(&[StepRef::Alternative(same.kind)], (same.ty, new), spans);
        });
    }

    /// Returns the builds that have an alternative; in the others the type changed completely.
    fn with_and_without(
        &mut self,
        same: Option<&Alternative<'s>>,
        (old, new): (TypeIx, TypeIx),
    ) -> Builds {
        let with = same.map_or(Builds::NONE, |same| {
            self.graph.builds(same.facts.condition.as_ref())
        });
        let without = self.graph.sets.minus(Builds::ALL, with);
        self.within(without, Marks::NONE, |this| this.type_changed(old, new));
        with
    }

    /// Returns the alternative of this kind, and the others.
    fn split<'a>(
        &mut self,
        kind: Option<Kind>,
        alternatives: &'a [Alternative<'s>],
    ) -> (Option<&'a Alternative<'s>>, Others) {
        let mut same = None;
        let mut others = Others {
            kinds: Vec::new(),
            builds: Builds::NONE,
        };
        for alternative in alternatives {
            if Some(alternative.kind) == kind {
                same = Some(alternative);
            } else {
                let builds = self.graph.builds(alternative.facts.condition.as_ref());
                others.kinds.push(alternative.kind.as_str());
                others.builds = self.graph.sets.or(others.builds, builds);
            }
        }
        (same, others)
    }

    fn alternates(&mut self, old: &'m [Alternative<'s>], new: &'m [Alternative<'s>]) {
        let changed = self.builds_without_a_common_kind(old, new);
        self.within(changed, Marks::NONE, |this| {
            this.report_type(ChangeKind::TypeChanged {
                old: label(old),
                new: label(new),
            });
        });
        let others = self.graph.sets.minus(Builds::ALL, changed);
        self.within(others, Marks::NONE, |this| this.alternatives(old, new));
    }

    /// Returns the builds in which both alternates take something, but nothing of the same JSON kind.
    fn builds_without_a_common_kind(
        &mut self,
        old: &[Alternative<'s>],
        new: &[Alternative<'s>],
    ) -> Builds {
        let (mut before, mut common) = (Builds::NONE, Builds::NONE);
        for alternative in old {
            let builds = self.graph.builds(alternative.facts.condition.as_ref());
            before = self.graph.sets.or(before, builds);
            if let Some(newer) = new.iter().find(|other| other.kind == alternative.kind) {
                let newer = self.graph.builds(newer.facts.condition.as_ref());
                let both = self.graph.sets.and(builds, newer);
                common = self.graph.sets.or(common, both);
            }
        }
        let mut after = Builds::NONE;
        for alternative in new {
            let builds = self.graph.builds(alternative.facts.condition.as_ref());
            after = self.graph.sets.or(after, builds);
        }
        let both = self.graph.sets.and(before, after);
        self.graph.sets.minus(both, common)
    }

    fn alternatives(&mut self, old: &'m [Alternative<'s>], new: &'m [Alternative<'s>]) {
        let kinds = || (ChangeKind::AlternativeAdded, ChangeKind::AlternativeRemoved);
        for alternative in old {
            let moves = [StepRef::Alternative(alternative.kind)];
            if let Some(newer) = new.iter().find(|other| other.kind == alternative.kind) {
                let both = self.presence(&moves, (&alternative.facts, &newer.facts), kinds());
                let spans = Spans::of(&alternative.facts, &newer.facts);
                self.within(both, Marks::NONE, |this| {
                    this.facts(&moves, "", &alternative.facts, &newer.facts);
                    this.descend(&moves, (alternative.ty, newer.ty), spans);
                });
            } else {
                let kind = ChangeKind::AlternativeRemoved;
                let builds = self.graph.builds(alternative.facts.condition.as_ref());
                self.report_removed(&moves, kind, &alternative.facts, builds);
            }
        }
        for alternative in new {
            if !old.iter().any(|other| other.kind == alternative.kind) {
                let moves = [StepRef::Alternative(alternative.kind)];
                let kind = ChangeKind::AlternativeAdded;
                let builds = self.graph.builds(alternative.facts.condition.as_ref());
                self.report_added(&moves, kind, &alternative.facts, builds);
            }
        }
    }
}

/// Returns an alternate by the JSON kinds that it takes.
fn label(alternatives: &[Alternative<'_>]) -> String {
    let kinds: Vec<_> = alternatives.iter().map(|it| it.kind.as_str()).collect();
    format!("alternate of {}", kinds.join(", "))
}

/// The alternatives of further kinds, and the builds that have one of them.
struct Others {
    kinds: Vec<&'static str>,
    builds: Builds,
}
