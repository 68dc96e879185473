//! Phases 4 and 5 of language.md §9: does everything fit together?
//!
//! Entities are judged in entity order, each with what it is built on, and its documentation
//! right after it. What is found out on the way is kept in [`Facts`], from which the IR is made.

use crate::declare::{Entities, Entity, Id, Kind};
use crate::definition::{Context, Era};
use crate::diag::{Code, Diagnostics};
use crate::dialect::Dialect;
use crate::ir::Doc;
use crate::source::Span;

mod alternates;
mod clash;
mod commands;
mod docs;
mod enums;
mod features;
mod objects;
mod resolve;
mod unions;

use clash::{MemberIndex, MemberRef, NameCounts};

pub(crate) use docs::Bogus;

/// The findings about one entity.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// Types of the members or alternatives; none for one that is at fault or dropped.
    pub members: Vec<Option<Id>>,
    /// Types of the branches, likewise.
    pub branches: Vec<Option<Id>>,
    /// Values of the discriminator's enumeration that have no branch of their own.
    pub uncovered: Vec<usize>,
    /// Values of an enumeration that are dropped.
    pub dropped: Vec<usize>,
    /// The base of an object; the arguments of a command or event.
    pub base: Option<Id>,
    /// The enumeration of a union's discriminator.
    pub tag: Option<Id>,
    /// The return type of a command.
    pub returns: Option<Id>,
    /// The element of an array.
    pub element: Option<Id>,
    /// Arguments that are boxed though it does not say so.
    pub boxed: bool,
    /// Not all members are known, own or inherited.
    open: bool,
    /// It contains itself; what it is built on is not followed.
    circular: bool,
    /// The number of bases above an object.
    depth: usize,
    /// The first common member that is conditional.
    conditional: Option<MemberRef>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Entered,
    Done,
}

/// The result of phase 4.
#[derive(Debug)]
pub(crate) struct Checked {
    /// Of every entity.
    pub facts: Vec<Facts>,
    /// Descriptions of things that do not exist.
    pub bogus: Vec<Bogus>,
}

/// Phase 4. Stubs for what documentation leaves out are added to `docs`.
pub(crate) fn all(
    out: &mut Diagnostics,
    dialect: Dialect,
    entities: &Entities<'_>,
    docs: &mut [Doc],
) -> Checked {
    let mut bogus = Vec::new();
    let mut checker = Checker {
        out,
        dialect,
        entities,
        facts: std::iter::repeat_with(Facts::default)
            .take(entities.list.len())
            .collect(),
        states: vec![State::New; entities.list.len()],
        comparisons: COMPARISONS,
        uses: NameCounts::default(),
        names: MemberIndex::default(),
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
    dialect: Dialect,
    entities: &Entities<'_>,
    docs: &[Doc],
    bogus: Vec<Bogus>,
) {
    docs::report_bogus(out, dialect, docs, bogus);
    features::limit(out, dialect, entities);
}

/// Finding a similar name takes a look at all of them, so it is not done without end: no more
/// names than these are compared.
const COMPARISONS: usize = 250_000;

struct Checker<'c, 't> {
    out: &'c mut Diagnostics,
    dialect: Dialect,
    entities: &'c Entities<'t>,
    facts: Vec<Facts>,
    states: Vec<State>,
    /// The number of names that may still be compared.
    comparisons: usize,
    uses: NameCounts<'c>,
    names: MemberIndex<'c>,
}

impl<'c, 't> Checker<'c, 't> {
    fn tolerant(&self) -> bool {
        self.dialect == Dialect::Auto
    }

    fn era(&self) -> Era {
        self.entities.era
    }

    fn kind(&self, id: Id) -> &'c Kind<'t> {
        &self.entities.list[id].kind
    }

    fn name(&self, id: Id) -> &'c str {
        &self.entities.list[id].name
    }

    /// The name of a type, arrays included, as a user would write it.
    fn type_name(&self, id: Id) -> String {
        match self.kind(id) {
            Kind::Array { element } => format!("[{}]", element.name),
            _ => self.name(id).to_owned(),
        }
    }

    fn error(&mut self, context: &Context<'_>, code: Code, span: Span, message: impl Into<String>) {
        self.out.report(context.error(code, span, message));
    }

    fn entity(&mut self, id: Id, entity: &'c Entity<'t>) {
        let Some(context) = &entity.context else {
            self.predefined(id);
            return;
        };
        match &entity.kind {
            Kind::Array { element } => self.facts[id].element = self.element(element, context),
            Kind::Enum { values, .. } => self.enum_(id, entity, context, values),
            Kind::Object { .. } => self.object(id),
            Kind::Alternate { alternatives } => self.alternate(id, entity, context, alternatives),
            Kind::Command {
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
            Kind::Event { arguments, boxed } => {
                self.features(context, &entity.features);
                self.arguments(id, context, arguments, *boxed);
            }
            Kind::Builtin(_) | Kind::Include { .. } => {}
        }
    }

    /// Predefined entities are right; only arrays have something to find out.
    fn predefined(&mut self, id: Id) {
        self.states[id] = State::Done;
        if let Kind::Array { element } = self.kind(id) {
            self.facts[id].element = self.entities.named(&element.name);
        }
    }
}
