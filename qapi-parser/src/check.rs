//! Phases 4 and 5 of docs/reference/language.md §9: checks across definitions.
//!
//! Entities are checked in entity order, each after the types it is built on, and its documentation right after it. The
//! results are kept in [`Facts`], from which the IR is made.

use std::sync::Arc;

use crate::declare::{Declaration, DeclarationKind, Entities, Id};
use crate::diag::Diagnostics;
use crate::dialect::Reading;
use crate::ir::Doc;
use crate::name_map::NameMap;

mod alternates;
mod c_name_clash;
mod checker;
mod commands;
mod docs;
mod enums;
mod expansion_limit;
mod features;
mod member_index;
mod objects;
mod resolve;
mod unions;

use checker::{COMPARISONS, CheckState, Checker};
use member_index::{MemberIndex, NameCounts};

pub(crate) use checker::Facts;
pub(crate) use docs::Bogus;

/// The result of phase 4.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The facts of every entity.
    pub facts: Vec<Facts>,
    /// Descriptions of parts that do not exist.
    pub bogus: Vec<Bogus>,
}

/// Phase 4. Stubs for undescribed parts are added to `docs`.
pub(crate) fn all(
    out: &mut Diagnostics,
    reading: Reading,
    entities: &Entities<'_>,
    docs: &mut [Arc<Doc>],
) -> Checked {
    let mut bogus = Vec::new();
    let mut checker = Checker {
        out,
        reading,
        entities,
        facts: std::iter::repeat_with(Facts::default)
            .take(entities.list.len())
            .collect(),
        states: vec![CheckState::New; entities.list.len()],
        stack: Vec::new(),
        comparisons: COMPARISONS,
        uses: NameCounts::default(),
        names: MemberIndex::default(),
        values: NameMap::default(),
    };
    for (id, entity) in entities.list.iter().enumerate() {
        checker.entity(id, entity);
        checker.connect(entity, docs, &mut bogus);
    }
    Checked {
        facts: checker.facts,
        bogus,
    }
}

/// Phase 5.
pub(crate) fn wrap_up(
    out: &mut Diagnostics,
    reading: Reading,
    entities: &Entities<'_>,
    docs: &[Arc<Doc>],
    facts: &[Facts],
    bogus: Vec<Bogus>,
) {
    docs::report_bogus(out, reading, docs, bogus);
    features::limit(out, reading, entities);
    expansion_limit::judge(out, entities, facts, docs);
}

impl<'c, 't> Checker<'c, 't> {
    fn entity(&mut self, id: Id, entity: &'c Declaration<'t>) {
        let Some(context) = &entity.context else {
            self.predefined(id);
            return;
        };
        match &entity.kind {
            DeclarationKind::Array { element } => {
                self.facts[id].element = self.element(element, context);
            }
            DeclarationKind::Enum { values, .. } => self.enum_(id, entity, context, values),
            DeclarationKind::Object { .. } => self.object(id),
            DeclarationKind::Alternate { alternatives } => {
                self.alternate(id, entity, context, alternatives);
            }
            DeclarationKind::Command {
                arguments,
                returns,
                flags,
            } => {
                self.features(context, &entity.features);
                self.arguments(id, context, arguments, flags.boxed);
                if let Some(returns) = returns {
                    self.returns(id, context, returns);
                }
            }
            DeclarationKind::Event { arguments, boxed } => {
                self.features(context, &entity.features);
                self.arguments(id, context, arguments, *boxed);
            }
            DeclarationKind::Builtin(_) | DeclarationKind::Include { .. } => {}
        }
    }

    /// Predefined entities are right; only arrays need a check.
    fn predefined(&mut self, id: Id) {
        self.states[id] = CheckState::Done;
        if let DeclarationKind::Array { element } = self.kind(id) {
            self.facts[id].element = self.entities.named(&element.name);
        }
    }
}
