//! Compares two types that stand in the same place, by what they put on the wire.

use super::{Found, Graph, Move, Sides};
use crate::change::ChangeKind;
use crate::model::{Alternative, Shape, TypeIx};

impl Graph<'_, '_> {
    /// Whether there is nothing to compare: the same built-in type on both sides.
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

impl<'m, 's> Found<'_, 'm, 's> {
    /// Finds the differences of two types and the pairs of types below them.
    pub(super) fn types(&mut self, old: TypeIx, new: TypeIx) {
        if self.graph.same_scalar(old, new) {
            return;
        }
        let (old_model, new_model) = (self.graph.old, self.graph.new);
        let (old_type, new_type) = (old_model.ty(old), new_model.ty(new));
        let sides = Sides {
            old: old_type.span,
            new: new_type.span,
        };
        self.old_place = old_type.span;
        self.new_place = new_type.span;
        match (&old_type.shape, &new_type.shape) {
            (Shape::Object(_), Shape::Object(_)) => self.objects(old, new),
            (Shape::Array(old), Shape::Array(new)) => self.descend(&[Move::Element], *old, *new),
            (Shape::Enum(old), Shape::Enum(new)) => self.values(old, new),
            (Shape::Alternate(old), Shape::Alternate(new)) => self.alternates(old, new),
            (Shape::Number(old), Shape::Number(new)) => {
                let kind = ChangeKind::NumberChanged {
                    old: *old,
                    new: *new,
                };
                return self.report(&[], kind, sides);
            }
            (Shape::Str, Shape::Enum(_)) => {
                return self.report(&[], ChangeKind::StrBecameEnum, sides);
            }
            (Shape::Enum(_), Shape::Str) => {
                return self.report(&[], ChangeKind::EnumBecameStr, sides);
            }
            (_, Shape::Any) => {
                let old = old_model.label(old);
                return self.report(&[], ChangeKind::BecameAny { old }, sides);
            }
            (Shape::Any, _) => {
                let new = new_model.label(new);
                return self.report(&[], ChangeKind::NoLongerAny { new }, sides);
            }
            (plain, Shape::Alternate(alternatives)) => {
                return match split(plain, alternatives) {
                    Some((same, added)) => {
                        if !added.is_empty() {
                            self.report(&[], ChangeKind::BecameAlternate { added }, sides);
                        }
                        self.descend(&[Move::Alternative(same.kind)], old, same.ty);
                    }
                    None => self.type_changed(old, new, sides),
                };
            }
            (Shape::Alternate(alternatives), plain) => {
                return match split(plain, alternatives) {
                    Some((same, removed)) => {
                        if !removed.is_empty() {
                            self.report(&[], ChangeKind::BecamePlain { removed }, sides);
                        }
                        self.descend(&[Move::Alternative(same.kind)], same.ty, new);
                    }
                    None => self.type_changed(old, new, sides),
                };
            }
            _ => return self.type_changed(old, new, sides),
        }
        self.features(&[], &old_type.features, &new_type.features, sides);
    }

    fn type_changed(&mut self, old: TypeIx, new: TypeIx, sides: Sides) {
        let kind = ChangeKind::TypeChanged {
            old: self.graph.old.label(old),
            new: self.graph.new.label(new),
        };
        self.report(&[], kind, sides);
    }

    fn alternates(&mut self, old: &'m [Alternative<'s>], new: &'m [Alternative<'s>]) {
        for alternative in old {
            let moves = [Move::Alternative(alternative.kind)];
            if let Some(newer) = new.iter().find(|other| other.kind == alternative.kind) {
                self.facts(&moves, &alternative.facts, &newer.facts);
                self.descend(&moves, alternative.ty, newer.ty);
            } else {
                let kind = ChangeKind::AlternativeRemoved;
                self.report_removed(&moves, kind, &alternative.facts);
            }
        }
        for alternative in new {
            if !old.iter().any(|other| other.kind == alternative.kind) {
                let moves = [Move::Alternative(alternative.kind)];
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
