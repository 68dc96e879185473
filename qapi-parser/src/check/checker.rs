//! The state of checking: the facts about each entity, and the progress of its check.

use super::member_index::{MemberIndex, MemberRef, NameCounts};
use crate::declare::{DeclarationKind, Entities, Id};
use crate::definition::{Context, SchemaAge};
use crate::diag::{Code, Diagnostics};
use crate::dialect::Reading;
use crate::name_map::{NameMap, NameSet};
use crate::source::Span;

/// The findings about one entity.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// Types of the members or alternatives; none for one that is invalid or dropped.
    pub members: Vec<Option<Id>>,
    /// Types of the branches, likewise.
    pub branches: Vec<Option<Id>>,
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
    /// True if its arguments are boxed although it does not say so.
    pub boxed: bool,
    /// Not all members are known, own or inherited.
    pub(super) open: bool,
    /// It contains itself; the types it is built on are not followed.
    pub(super) circular: bool,
    /// The number of bases above an object.
    pub(super) depth: usize,
    /// The first common member that is conditional.
    pub(super) conditional: Option<MemberRef>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CheckState {
    New,
    Entered,
    Done,
}

/// Progress of the check of one object.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    Start,
    /// The base, if there is one, is checked or found to contain itself.
    Members(Option<Id>),
    /// The next branch to check.
    Branches(usize),
}

/// The limit on names that are compared to find similar ones, which needs a pass over all names.
pub(super) const COMPARISONS: usize = 250_000;

pub(super) struct Checker<'c, 't> {
    pub(super) out: &'c mut Diagnostics,
    pub(super) reading: Reading,
    pub(super) entities: &'c Entities<'t>,
    pub(super) facts: Vec<Facts>,
    pub(super) states: Vec<CheckState>,
    /// The objects that are being checked; empty between two checks.
    pub(super) stack: Vec<(Id, Stage)>,
    /// The number of names that may still be compared.
    pub(super) comparisons: usize,
    pub(super) uses: NameCounts<'c>,
    pub(super) names: MemberIndex<'c>,
    /// Names of the values of discriminators' enumerations.
    pub(super) values: NameMap<Id, NameSet<&'c str>>,
}

impl<'c, 't> Checker<'c, 't> {
    pub(super) fn tolerant(&self) -> bool {
        self.reading == Reading::Tolerant
    }

    pub(super) fn age(&self) -> SchemaAge {
        self.entities.age
    }

    pub(super) fn kind(&self, id: Id) -> &'c DeclarationKind<'t> {
        &self.entities.list[id].kind
    }

    pub(super) fn name(&self, id: Id) -> &'c str {
        &self.entities.list[id].name
    }

    /// Returns the name of a type, arrays included, as a user would write it.
    pub(super) fn type_name(&self, id: Id) -> String {
        match self.kind(id) {
            DeclarationKind::Array { element } => format!("[{}]", element.name),
            _ => self.name(id).to_owned(),
        }
    }

    /// Returns whether an enumeration has a value of this name.
    pub(super) fn has_value(&mut self, id: Id, name: &str) -> bool {
        let DeclarationKind::Enum { values, .. } = self.kind(id) else {
            return false;
        };
        let names = || values.iter().map(|value| &*value.name).collect();
        self.values.entry(id).or_insert_with(names).contains(name)
    }

    pub(super) fn error(
        &mut self,
        context: &Context<'_>,
        code: Code,
        span: Span,
        message: impl Into<String>,
    ) {
        self.out.report(context.error(code, span, message));
    }
}
