//! The limit on the expansion of a schema by definitions that repeat others.
//!
//! Members of a base are members of every type with that base, in generated code as in documentation and introspection.
//! So a small schema can cause very large output. This is detected here, before any output is made.

use std::sync::Arc;

use super::Facts;
use crate::declare::{Declaration, DeclarationKind, Entities, Id, Link};
use crate::diag::{Code, Diagnostics};
use crate::ir::Doc;
use crate::limits::REPEATED_BYTES;
use crate::name_map::NameMap;
use crate::source::Span;

/// Reports the definition that is the first to repeat too much.
pub(super) fn judge(
    out: &mut Diagnostics,
    entities: &Entities<'_>,
    facts: &[Facts],
    docs: &[Arc<Doc>],
) {
    let mut sizes = Sizes {
        entities,
        facts,
        docs,
        known: vec![None; facts.len()],
        chain: Vec::new(),
        enums: NameMap::default(),
    };
    let mut total: u64 = 0;
    for (id, entity) in entities.list.iter().enumerate() {
        let Some(context) = &entity.context else {
            continue;
        };
        total = total.saturating_add(sizes.repeated(id, entity));
        if total <= REPEATED_BYTES {
            continue;
        }
        let message = format!(
            "{} `{}` exceeds the limit: definitions can repeat at most {} MiB of others",
            context.meta.as_str(),
            context.name,
            REPEATED_BYTES >> 20,
        );
        let error = context.error(Code::LIMIT_REPEATS, context.name_span, message);
        out.report(
            error
                .note("a definition repeats the members of its base, branches, named arguments and reply, and the values of its discriminator that have no branch")
                .help("put members that many definitions share into a struct, and give each definition one member of that type"),
        );
        return;
    }
}

/// The bytes that a value takes beside its name.
const VALUE_BYTES: u64 = 16;

/// Sizes of definitions in the text of the schema, their documentation included.
struct Sizes<'a> {
    entities: &'a Entities<'a>,
    facts: &'a [Facts],
    docs: &'a [Arc<Doc>],
    /// The sizes of types with their bases, as far as they have been requested.
    known: Vec<Option<u64>>,
    /// A type and its bases; empty between two questions.
    chain: Vec<Id>,
    /// Numbers and sizes of the values of enumerations.
    enums: NameMap<Id, (u64, u64)>,
}

impl Sizes<'_> {
    /// Returns the bytes of other definitions that are to be written again for this one.
    fn repeated(&mut self, id: Id, entity: &Declaration<'_>) -> u64 {
        let facts = &self.facts[id];
        match &entity.kind {
            DeclarationKind::Object { base, .. } => {
                let base = match base {
                    Link::Named(_) => facts.base.map_or(0, |base| self.whole(base)),
                    Link::None | Link::Broken | Link::Implicit(_) => 0,
                };
                base.saturating_add(self.branches(id))
            }
            DeclarationKind::Command { arguments, .. }
            | DeclarationKind::Event { arguments, .. } => {
                let arguments = match (arguments, facts.base) {
                    (Link::Named(_), Some(ty)) => self.whole(ty).saturating_add(self.branches(ty)),
                    _ => 0,
                };
                let returns = facts
                    .returns
                    .map_or(0, |ty| self.whole(ty).saturating_add(self.branches(ty)));
                arguments.saturating_add(returns)
            }
            _ => 0,
        }
    }

    /// Returns the bytes of the branches of a type. Values without a branch count as well, with the average size of
    /// their enumeration.
    fn branches(&mut self, id: Id) -> u64 {
        let facts = &self.facts[id];
        let mut size: u64 = 0;
        for branch in facts.branches.iter().flatten() {
            size = size.saturating_add(self.whole(*branch));
        }
        let Some(tag) = facts.tag else { return size };
        let (count, bytes) = self.values(tag);
        let left_over = count.saturating_sub(facts.branches.len() as u64);
        size.saturating_add(bytes.saturating_mul(left_over) / count.max(1))
    }

    /// Returns the number and the bytes of the values of an enumeration.
    fn values(&mut self, id: Id) -> (u64, u64) {
        if let Some(known) = self.enums.get(&id) {
            return *known;
        }
        let DeclarationKind::Enum { values, .. } = &self.entities.list[id].kind else {
            return (0, 0);
        };
        let bytes = values
            .iter()
            .map(|value| value.name.len() as u64 + VALUE_BYTES);
        let found = (values.len() as u64, bytes.sum());
        self.enums.insert(id, found);
        found
    }

    /// Returns the bytes of a type with its bases.
    fn whole(&mut self, id: Id) -> u64 {
        // Chains of bases may be long, so the walk is not recursive.
        let mut chain = std::mem::take(&mut self.chain);
        let mut next = Some(id);
        let mut size = 0;
        while let Some(id) = next {
            if let Some(known) = self.known[id] {
                size = known;
                break;
            }
            chain.push(id);
            next = self.facts[id].base;
        }
        while let Some(id) = chain.pop() {
            size = self.own(id).saturating_add(size);
            self.known[id] = Some(size);
        }
        self.chain = chain;
        size
    }

    /// Returns the bytes of a definition; none for one that is part of another.
    fn own(&self, id: Id) -> u64 {
        let entity = &self.entities.list[id];
        let Some(context) = entity.context.as_ref().filter(|_| !entity.implicit) else {
            return 0;
        };
        let doc = context
            .doc
            .map_or(0, |doc| length(self.docs[doc.index()].span));
        length(context.span) + doc
    }
}

fn length(span: Span) -> u64 {
    u64::from(span.end.saturating_sub(span.start))
}
