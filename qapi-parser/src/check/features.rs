//! Features (docs/reference/language.md §5).

use super::c_name_clash;
use super::checker::Checker;
use crate::declare::{Declaration, DeclarationKind, Entities, Link};
use crate::definition::{Context, RawMember};
use crate::diag::{Code, Diagnostics};
use crate::dialect::Reading;
use crate::ir::Feature;
use crate::name_map::NameSet;
use crate::name_rules;

/// Special features, which types cannot have.
const SPECIAL: [&str; 2] = ["deprecated", "unstable"];

/// The limit on the different features of a schema; the special ones always count.
const LIMIT: usize = 64;

impl Checker<'_, '_> {
    /// No two features of a list may clash.
    pub(super) fn features(&mut self, context: &Context<'_>, features: &[Feature]) {
        if features.len() < 2 {
            return;
        }
        for (index, earlier) in
            c_name_clash::duplicates(features.iter().map(|feature| &*feature.name))
        {
            let (feature, first) = (&features[index], &features[earlier]);
            if self.is_misnamed(name_rules::plain, [&feature.name, &first.name]) {
                continue;
            }
            let message = format!(
                "feature `{}` clashes with feature `{}`",
                feature.name, first.name
            );
            let error = context
                .error(Code::CLASH, feature.span, message)
                .label(first.span, "the first one");
            self.out.report(error);
        }
    }

    /// Checks the features of a type.
    pub(super) fn type_features(&mut self, context: &Context<'_>, features: &[Feature]) {
        self.features(context, features);
        for feature in features {
            if SPECIAL.contains(&&*feature.name) {
                let message = format!(
                    "feature `{}` is not for types, but for commands, events, members and values",
                    feature.name
                );
                self.error(context, Code::FEAT_SPECIAL_TYPE, feature.span, message);
            }
        }
    }
}

/// Reports the definition that is the first to use one feature too many.
pub(super) fn limit(out: &mut Diagnostics, reading: Reading, entities: &Entities<'_>) {
    let mut known: NameSet<&str> = SPECIAL.into_iter().collect();
    for entity in entities.list.iter().filter(|entity| is_written(entity)) {
        let Some(context) = &entity.context else {
            continue;
        };
        let excess = all_features(entities, entity)
            .find(|feature| known.insert(&feature.name) && known.len() > LIMIT);
        let Some(feature) = excess else { continue };
        let message = format!(
            "feature `{}` exceeds the limit: a schema can have {LIMIT} different features",
            feature.name
        );
        // QEMU 7.2 had no limit.
        let diagnostic = match reading {
            Reading::Tolerant => context.warning(Code::FEAT_LIMIT, feature.span, message),
            Reading::Strict => context.error(Code::FEAT_LIMIT, feature.span, message),
        };
        out.report(
            diagnostic.note("`deprecated` and `unstable` count even where they are not used"),
        );
        return;
    }
}

/// Returns the features of a definition: its own, then those of its values or members, implicit base
/// and arguments included.
fn all_features<'c>(
    entities: &'c Entities<'_>,
    entity: &'c Declaration<'_>,
) -> impl Iterator<Item = &'c Feature> {
    let values = match &entity.kind {
        DeclarationKind::Enum { values, .. } => &values[..],
        _ => &[],
    };
    let of_values = values.iter().flat_map(|value| &value.features);
    let of_members = documented_members(entities, entity).flat_map(|member| &member.features);
    entity.features.iter().chain(of_values).chain(of_members)
}

/// Returns the members that are written in a definition: those of its implicit base or arguments, and
/// its own.
pub(super) fn documented_members<'c, 't>(
    entities: &'c Entities<'t>,
    entity: &'c Declaration<'t>,
) -> impl Iterator<Item = &'c RawMember<'t>> {
    let (link, own) = match &entity.kind {
        DeclarationKind::Object { base, members, .. } => (Some(base), &members[..]),
        DeclarationKind::Command { arguments, .. } | DeclarationKind::Event { arguments, .. } => {
            (Some(arguments), &[][..])
        }
        _ => (None, &[][..]),
    };
    let implicit = match link {
        Some(Link::Implicit(id)) => match &entities.list[*id].kind {
            DeclarationKind::Object { members, .. } => &members[..],
            _ => &[],
        },
        _ => &[],
    };
    implicit.iter().chain(own)
}

fn is_written(entity: &Declaration<'_>) -> bool {
    !entity.implicit && !matches!(entity.kind, DeclarationKind::Array { .. })
}
