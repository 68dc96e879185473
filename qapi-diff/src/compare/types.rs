//! Compares two types that stand in the same place, by what they put on the wire.

use super::{Differences, Graph, Spans, StepRef};
use crate::change::ChangeKind;
use crate::model::{Alternative, Shape, TypeIx};

impl Graph<'_, '_> {
    /// True if there is nothing to compare: the same built-in type on both spans.
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
            (plain, Shape::Alternate(alternatives)) => match split(plain, alternatives) {
                Some((same, added)) => return self.became_alternate(old, same, added),
                None => return self.type_changed(old, new),
            },
            (Shape::Alternate(alternatives), plain) => match split(plain, alternatives) {
                Some((same, removed)) => return self.became_plain(same, new, removed),
                None => return self.type_changed(old, new),
            },
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

    fn became_alternate(&mut self, old: TypeIx, same: &Alternative<'s>, added: Vec<&'static str>) {
        if !added.is_empty() {
            self.report_type(ChangeKind::BecameAlternate { added });
        }
        let spans = Spans {
            old: None,
            new: same.facts.span,
        };
        self.descend(&[StepRef::Alternative(same.kind)], (old, same.ty), spans);
    }

    fn became_plain(&mut self, same: &Alternative<'s>, new: TypeIx, removed: Vec<&'static str>) {
        if !removed.is_empty() {
            self.report_type(ChangeKind::BecamePlain { removed });
        }
        let spans = Spans {
            old: same.facts.span,
            new: None,
        };
        self.descend(&[StepRef::Alternative(same.kind)], (same.ty, new), spans);
    }

    fn alternates(&mut self, old: &'m [Alternative<'s>], new: &'m [Alternative<'s>]) {
        for alternative in old {
            let moves = [StepRef::Alternative(alternative.kind)];
            if let Some(newer) = new.iter().find(|other| other.kind == alternative.kind) {
                self.facts(&moves, &alternative.facts, &newer.facts);
                let spans = Spans::of(&alternative.facts, &newer.facts);
                self.descend(&moves, (alternative.ty, newer.ty), spans);
            } else {
                let kind = ChangeKind::AlternativeRemoved;
                self.report_removed(&moves, kind, &alternative.facts);
            }
        }
        for alternative in new {
            if !old.iter().any(|other| other.kind == alternative.kind) {
                let moves = [StepRef::Alternative(alternative.kind)];
                let kind = ChangeKind::AlternativeAdded;
                self.report_added(&moves, kind, &alternative.facts);
            }
        }
    }
}

/// The alternative that takes what `plain` takes, and the kinds of the others.
fn split<'a, 's>(
    plain: &Shape<'_>,
    alternatives: &'a [Alternative<'s>],
) -> Option<(&'a Alternative<'s>, Vec<&'static str>)> {
    let kind = plain.kind()?;
    let same = alternatives.iter().find(|other| other.kind == kind)?;
    let others = alternatives
        .iter()
        .filter(|other| other.kind != kind)
        .map(|other| other.kind.as_str())
        .collect();
    Some((same, others))
}
