//! Compares the commands and events themselves, and starts the comparison of their types.

use super::{Differences, Graph, LocalChange, PairIx, Spans};
use crate::change::ChangeKind;
use crate::model::{Command, Event, HiddenFlags, TypeIx};
use crate::path::{Direction, RootKind};

/// A command or event of either revision.
pub(super) struct Root<'s> {
    pub(super) kind: RootKind,
    pub(super) name: &'s str,
    /// Its definitions.
    pub(super) spans: Spans,
    /// Arguments that the newer revision does not know are left to the handler.
    pub(super) is_open: bool,
    /// Changes of the whole, and of a direction as a whole.
    pub(super) changes: Vec<(Option<Direction>, LocalChange<'s>)>,
    /// The pair of types for each direction.
    pub(super) pairs: Vec<(Direction, PairIx)>,
}

impl<'s> Root<'s> {
    fn new(kind: RootKind, name: &'s str) -> Self {
        Self {
            kind,
            name,
            spans: Spans::default(),
            is_open: false,
            changes: Vec::new(),
            pairs: Vec::new(),
        }
    }
}

impl<'m, 's> Graph<'m, 's> {
    /// All commands by name, then all events by name.
    pub(super) fn roots(&mut self) -> Vec<Root<'s>> {
        let (old, new) = (self.old, self.new);
        let mut names: Vec<_> = old.commands.iter().map(|command| command.name).collect();
        names.extend(
            new.commands
                .iter()
                .map(|command| command.name)
                .filter(|name| old.command(name).is_none()),
        );
        names.sort_unstable();
        let mut roots: Vec<_> = names
            .into_iter()
            .map(|name| self.command(name, old.command(name), new.command(name)))
            .collect();
        let mut names: Vec<_> = old.events.iter().map(|event| event.name).collect();
        names.extend(
            new.events
                .iter()
                .map(|event| event.name)
                .filter(|name| old.event(name).is_none()),
        );
        names.sort_unstable();
        roots.extend(
            names
                .into_iter()
                .map(|name| self.event(name, old.event(name), new.event(name))),
        );
        roots
    }

    fn differences(&mut self) -> Differences<'_, 'm, 's> {
        Differences {
            graph: self,
            old_definition: None,
            new_definition: None,
            changes: Vec::new(),
            edges: Vec::new(),
        }
    }

    fn command(
        &mut self,
        name: &'s str,
        old: Option<&'m Command<'s>>,
        new: Option<&'m Command<'s>>,
    ) -> Root<'s> {
        let mut root = Root::new(RootKind::Command, name);
        let mut found = self.differences();
        match (old, new) {
            (Some(old), None) => found.report_removed(&[], ChangeKind::RootRemoved, &old.facts),
            (None, Some(new)) => found.report_added(&[], ChangeKind::RootAdded, &new.facts),
            (Some(old), Some(new)) => {
                root.spans = Spans::of(&old.facts, &new.facts);
                root.is_open = new.hidden.is_some_and(|flags| !flags.checked);
                found.old_definition = old.facts.span;
                found.new_definition = new.facts.span;
                found.flags(old, new);
                found.facts(&[], &old.facts, &new.facts);
                root.changes = whole(found.changes);
                let pair = self.pair(old.arguments, new.arguments);
                root.pairs.push((Direction::Argument, pair));
                let is_silent = |flags: HiddenFlags| !flags.success_response;
                if [old.hidden, new.hidden]
                    .into_iter()
                    .flatten()
                    .any(is_silent)
                {
                    // What is never sent cannot have changed.
                    return root;
                }
                let mut found = self.differences();
                found.old_definition = old.facts.span;
                found.new_definition = new.facts.span;
                if found.reply(old.reply, new.reply) {
                    let pair = self.pair(old.reply, new.reply);
                    root.pairs.push((Direction::Reply, pair));
                } else {
                    let changes = found.changes.into_iter();
                    root.changes
                        .extend(changes.map(|change| (Some(Direction::Reply), change)));
                }
                return root;
            }
            (None, None) => {}
        }
        root.changes = whole(found.changes);
        root
    }

    fn event(
        &mut self,
        name: &'s str,
        old: Option<&'m Event<'s>>,
        new: Option<&'m Event<'s>>,
    ) -> Root<'s> {
        let mut root = Root::new(RootKind::Event, name);
        let mut found = self.differences();
        match (old, new) {
            (Some(old), None) => found.report_removed(&[], ChangeKind::RootRemoved, &old.facts),
            (None, Some(new)) => found.report_added(&[], ChangeKind::RootAdded, &new.facts),
            (Some(old), Some(new)) => {
                found.facts(&[], &old.facts, &new.facts);
                root.spans = Spans::of(&old.facts, &new.facts);
                root.changes = whole(found.changes);
                let pair = self.pair(old.data, new.data);
                root.pairs.push((Direction::Event, pair));
                return root;
            }
            (None, None) => {}
        }
        root.changes = whole(found.changes);
        root
    }
}

fn whole(changes: Vec<LocalChange<'_>>) -> Vec<(Option<Direction>, LocalChange<'_>)> {
    changes.into_iter().map(|change| (None, change)).collect()
}

impl Differences<'_, '_, '_> {
    fn flags(&mut self, old: &Command<'_>, new: &Command<'_>) {
        let spans = Spans {
            old: old.facts.span,
            new: new.facts.span,
        };
        let mut flag =
            |before: bool, after: bool, gained: ChangeKind, lost: ChangeKind| match (before, after)
            {
                (false, true) => self.report(&[], gained, spans),
                (true, false) => self.report(&[], lost, spans),
                _ => {}
            };
        flag(
            old.allow_oob,
            new.allow_oob,
            ChangeKind::OobGained,
            ChangeKind::OobLost,
        );
        let (Some(old), Some(new)) = (old.hidden, new.hidden) else {
            return;
        };
        let HiddenFlags {
            checked,
            success_response,
            allow_preconfig,
        } = old;
        flag(
            allow_preconfig,
            new.allow_preconfig,
            ChangeKind::PreconfigGained,
            ChangeKind::PreconfigLost,
        );
        flag(
            success_response,
            new.success_response,
            ChangeKind::ReplyRestored,
            ChangeKind::ReplySuppressed,
        );
        flag(
            checked,
            new.checked,
            ChangeKind::ArgumentsChecked,
            ChangeKind::ArgumentsUnchecked,
        );
    }

    /// Returns true if the types of two replies are to be compared; else reports why not.
    fn reply(&mut self, old: TypeIx, new: TypeIx) -> bool {
        let (before, after) = (self.graph.old, self.graph.new);
        let spans = Spans {
            old: self.old_definition,
            new: self.new_definition,
        };
        match (before.is_empty(old), after.is_empty(new)) {
            (true, false) if after.object(new).is_some() => {
                self.report(&[], ChangeKind::ReplyAdded, spans);
                false
            }
            (false, true) if before.object(old).is_some() => {
                let promised = before
                    .object(old)
                    .is_some_and(|object| object.members.iter().any(|member| !member.optional));
                self.report(&[], ChangeKind::ReplyRemoved { promised }, spans);
                false
            }
            _ => true,
        }
    }
}
