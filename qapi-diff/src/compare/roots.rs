//! Compares the commands and events themselves, and starts the comparison of their types.

use super::graph::{Differences, Graph, LocalChange, PairIx, Spans};
use super::marks::Marks;
use crate::builds::Builds;
use crate::change::ChangeKind;
use crate::model::{Command, Event, Facts, HiddenFlags, Member, Model, Object, TypeIx};
use crate::path::{Direction, RootKind};

/// A command or event of either revision.
pub(super) struct Root<'s> {
    pub(super) kind: RootKind,
    pub(super) name: &'s str,
    /// Its definitions.
    pub(super) spans: Spans,
    /// Arguments that the newer revision does not know are left to the handler.
    pub(super) is_open: bool,
    /// The builds in which both revisions have it.
    pub(super) builds: Builds,
    pub(super) marks: Marks,
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
            builds: Builds::ALL,
            marks: Marks::NONE,
            changes: Vec::new(),
            pairs: Vec::new(),
        }
    }

    /// Returns the type of the messages that can show a change of it; none if this side does not have it.
    pub(super) fn message_type(
        &self,
        model: &Model<'_>,
        direction: Option<Direction>,
        kind: &ChangeKind,
    ) -> Option<TypeIx> {
        if self.kind == RootKind::Event {
            return Some(model.event(self.name)?.data);
        }
        let command = model.command(self.name)?;
        let is_reply = direction == Some(Direction::Reply)
            || matches!(
                kind,
                ChangeKind::ReplySuppressed | ChangeKind::ReplyRestored
            );
        Some(if is_reply {
            command.reply
        } else {
            command.arguments
        })
    }
}

impl<'m, 's> Graph<'m, 's> {
    /// Returns all commands by name, then all events by name.
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

    fn command(
        &mut self,
        name: &'s str,
        old: Option<&'m Command<'s>>,
        new: Option<&'m Command<'s>>,
    ) -> Root<'s> {
        let mut root = Root::new(RootKind::Command, name);
        let facts = (old.map(|it| &it.facts), new.map(|it| &it.facts));
        let mut found = self.root(&mut root, facts);
        let (Some(old), Some(new)) = (old, new) else {
            root.changes = whole(found.changes);
            return root;
        };
        root.is_open = new.hidden.is_some_and(|flags| !flags.checked);
        found.flags(old, new);
        root.changes = whole(std::mem::take(&mut found.changes));
        let is_silent = |flags: HiddenFlags| !flags.success_response;
        let silent = [old.hidden, new.hidden]
            .into_iter()
            .flatten()
            .any(is_silent);
        // A message that is never sent cannot have changed.
        let reply = !silent && found.reply(old.reply, new.reply);
        let changes = found.changes.into_iter();
        root.changes
            .extend(changes.map(|change| (Some(Direction::Reply), change)));
        let pair = self.pair(old.arguments, new.arguments);
        root.pairs.push((Direction::Argument, pair));
        if reply {
            let pair = self.pair(old.reply, new.reply);
            root.pairs.push((Direction::Reply, pair));
        }
        root
    }

    fn event(
        &mut self,
        name: &'s str,
        old: Option<&'m Event<'s>>,
        new: Option<&'m Event<'s>>,
    ) -> Root<'s> {
        let mut root = Root::new(RootKind::Event, name);
        let facts = (old.map(|it| &it.facts), new.map(|it| &it.facts));
        let found = self.root(&mut root, facts);
        root.changes = whole(found.changes);
        if let (Some(old), Some(new)) = (old, new) {
            let pair = self.pair(old.data, new.data);
            root.pairs.push((Direction::Event, pair));
        }
        root
    }

    /// Compares the presence and the features of a command or event. Compares the parts in the builds in which both
    /// revisions have it.
    fn root(
        &mut self,
        root: &mut Root<'s>,
        facts: (Option<&Facts<'s>>, Option<&Facts<'s>>),
    ) -> Differences<'_, 'm, 's> {
        let mut found = Differences::new(self);
        match facts {
            (Some(old), None) => {
                let builds = found.graph.builds(old.condition.as_ref());
                let marks = found.marks(root.name, old);
                found.within(Builds::ALL, marks, |this| {
                    this.report_removed(&[], ChangeKind::RootRemoved, old, builds);
                });
            }
            (None, Some(new)) => {
                let builds = found.graph.builds(new.condition.as_ref());
                found.report_added(&[], ChangeKind::RootAdded, new, builds);
            }
            (Some(old), Some(new)) => {
                root.spans = Spans::of(old, new);
                root.marks = found.marks(root.name, old);
                found.marks = root.marks;
                found.old_definition = old.span;
                found.new_definition = new.span;
                let kinds = (ChangeKind::RootAdded, ChangeKind::RootRemoved);
                root.builds = found.presence(&[], (old, new), kinds);
                found.builds = root.builds;
                found.features(&[], &old.features, &new.features, root.spans);
            }
            (None, None) => {}
        }
        found
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
        match (before.object(old), after.object(new)) {
            (Some(_), Some(newer)) if before.is_empty(old) && !after.is_empty(new) => {
                let builds = self.builds_with_member(newer, |_| true);
                self.within(builds, Marks::NONE, |this| {
                    this.report(&[], ChangeKind::ReplyAdded, spans);
                });
                false
            }
            (Some(older), Some(_)) if !before.is_empty(old) && after.is_empty(new) => {
                let promised = self.builds_with_member(older, |member| !member.optional);
                let any = self.builds_with_member(older, |_| true);
                let unpromised = self.graph.sets.minus(any, promised);
                for (builds, promised) in [(promised, true), (unpromised, false)] {
                    self.within(builds, Marks::NONE, |this| {
                        this.report(&[], ChangeKind::ReplyRemoved { promised }, spans);
                    });
                }
                false
            }
            _ => true,
        }
    }

    /// Returns the builds in which an object has such a member.
    fn builds_with_member(
        &mut self,
        object: &Object<'_>,
        fits: impl Fn(&Member<'_>) -> bool,
    ) -> Builds {
        let mut builds = Builds::NONE;
        for member in object.members.iter().filter(|member| fits(member)) {
            let present = self.graph.builds(member.facts.condition.as_ref());
            builds = self.graph.sets.or(builds, present);
        }
        builds
    }
}
