//! Several revisions of one interface, and the parts that each of them has.

use std::collections::HashMap;

use qapi_parser::ir::Schema;

use crate::documentation::stem;

/// One of several revisions of an interface.
#[derive(Debug)]
#[non_exhaustive]
pub struct Revision<'r> {
    /// Its name: `10.2`.
    pub name: &'r str,
    /// Its schema.
    pub schema: &'r Schema,
    /// The revisions that have each part of this one.
    pub presence: Presence,
}

impl<'r> Revision<'r> {
    /// Creates a revision of this name.
    pub fn new(name: &'r str, schema: &'r Schema, presence: Presence) -> Self {
        Self {
            name,
            schema,
            presence,
        }
    }
}

/// One of several interfaces of a program, such as QMP and the guest agent.
#[derive(Debug)]
#[non_exhaustive]
pub struct Interface<'r> {
    /// Its name: `Guest agent`.
    pub name: &'r str,
    /// Its revisions, the oldest first; one at least.
    pub revisions: Vec<Revision<'r>>,
}

impl<'r> Interface<'r> {
    /// Creates an interface of this name; `revisions` must not be empty.
    pub fn new(name: &'r str, revisions: Vec<Revision<'r>>) -> Self {
        Self { name, revisions }
    }
}

/// The state of a part in a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It does not exist.
    Absent,
    /// It exists; a member is mandatory.
    Present,
    /// It is an optional member.
    Optional,
}

/// The revisions in which each definition of a schema and each of its parts (arguments, data, members and values)
/// exists. Parts that are not in it have no remark.
#[derive(Debug, Clone, Default)]
pub struct Presence {
    definitions: HashMap<String, HashMap<String, Vec<State>>>,
}

impl Presence {
    /// The part of a definition that is the definition itself.
    pub const WHOLE: &'static str = "";

    /// The part of a command that is its reply.
    pub const REPLY: &'static str = ":reply";

    /// Sets the states of a part of a definition, one per revision, oldest first.
    pub fn insert(&mut self, definition: &str, part: &str, states: Vec<State>) {
        let parts = self.definitions.entry(definition.to_owned()).or_default();
        parts.insert(part.to_owned(), states);
    }

    fn get(&self, definition: &str, part: &str) -> Option<&[State]> {
        let parts = self.definitions.get(definition)?;
        parts.get(part).map(Vec::as_slice)
    }

    /// Returns whether a revision has it, as far as is known.
    pub(super) fn is_in(&self, definition: &str, part: &str, revision: usize) -> Option<bool> {
        let state = self.get(definition, part)?.get(revision)?;
        Some(*state != State::Absent)
    }

    /// From when to when it exists, and how long it has been what it is in a revision; none if there is nothing to tell,
    /// because all revisions have it alike or, for a part, the same as have its definition.
    pub(super) fn life(
        &self,
        definition: &str,
        part: &str,
        names: &[&str],
        revision: usize,
    ) -> Option<String> {
        let states = self.get(definition, part)?;
        let in_each = |states: &[State]| -> Vec<bool> {
            states.iter().map(|state| *state != State::Absent).collect()
        };
        let present = in_each(states);
        let whole = self.get(definition, Self::WHOLE).map(in_each);
        let is_told = part != Self::WHOLE && whole.as_ref() == Some(&present);
        let existence = life(&present, names).filter(|_| !is_told);
        let words = existence.into_iter().chain(kind(states, names, revision));
        let words: Vec<_> = words.collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}

/// `since 1.5`, `until 2.3`: the runs of revisions that have something; none if all have it.
fn life(present: &[bool], names: &[&str]) -> Option<String> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for revision in (0..names.len()).filter(|revision| present.get(*revision) == Some(&true)) {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == revision => *last = revision,
            _ => runs.push((revision, revision)),
        }
    }
    let newest = names.len().saturating_sub(1);
    let runs = runs.iter().map(|(first, last)| {
        let (since, until) = (names[*first], names[*last]);
        match (*first, *last) {
            (0, last) if last == newest => String::new(),
            (first, last) if first == last && last != newest => format!("only in {since}"),
            (0, _) => format!("until {until}"),
            (_, last) if last == newest => format!("since {since}"),
            _ => format!("since {since}, until {until}"),
        }
    });
    let words: Vec<_> = runs.collect();
    let words = words.join(", ");
    (!words.is_empty()).then_some(words)
}

/// `optional since 2.3`: how long a member has been as optional or mandatory as it is in a revision, and stays so; none if
/// it is that in all revisions that have it.
fn kind(states: &[State], names: &[&str], revision: usize) -> Option<String> {
    let state = *states.get(revision)?;
    let differs = |other: &State| *other != State::Absent && *other != state;
    let word = match state {
        State::Absent => return None,
        State::Present => "mandatory",
        State::Optional => "optional",
    };
    let before = states[..revision].iter().rposition(differs);
    let after = states[revision..].iter().position(differs);
    let since = before.and_then(|before| names.get(before + 1));
    let until = after.and_then(|after| names.get(revision + after - 1));
    match (since, until) {
        (None, None) => None,
        (Some(since), None) => Some(format!("{word} since {since}")),
        (None, Some(until)) => Some(format!("{word} until {until}")),
        (Some(since), Some(until)) if since == until => Some(format!("{word} only in {since}")),
        (Some(since), Some(until)) => Some(format!("{word} since {since}, until {until}")),
    }
}

/// Names of folders for revisions or interfaces: made from what they are called, each its own, also where capitals do not
/// count.
pub(super) fn folders(names: &[&str]) -> Vec<String> {
    let mut folders: Vec<String> = Vec::new();
    for name in names {
        // Of a path, all of it counts.
        let wanted = stem(&name.replace(['/', '\\'], "-"));
        let mut folder = wanted.clone();
        let mut number = 2;
        let is_taken = |folder: &str| {
            let is_file = [".html", ".css", ".js"]
                .iter()
                .any(|end| folder.ends_with(end));
            is_file
                || folders
                    .iter()
                    .any(|taken| taken.eq_ignore_ascii_case(folder))
        };
        while is_taken(&folder) {
            folder = format!("{wanted}-{number}");
            number += 1;
        }
        folders.push(folder);
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_are_shown_for_parts_that_are_not_in_all_of_them() {
        let names = ["1", "2", "3", "4"];
        for (present, expected) in [
            ("xxxx", None),
            ("--xx", Some("since 3")),
            ("xx--", Some("until 2")),
            ("-xx-", Some("since 2, until 3")),
            ("x---", Some("only in 1")),
            ("---x", Some("since 4")),
            ("x-xx", Some("only in 1, since 3")),
            ("xx-x", Some("until 2, since 4")),
        ] {
            let present: Vec<_> = present.chars().map(|it| it == 'x').collect();
            assert_eq!(life(&present, &names).as_deref(), expected);
        }
        assert_eq!(life(&[true], &["1"]), None);
        assert_eq!(life(&[], &[]), None);
    }

    fn states(text: &str) -> Vec<State> {
        let states = text.chars().map(|state| match state {
            'x' => State::Present,
            'o' => State::Optional,
            _ => State::Absent,
        });
        states.collect()
    }

    #[test]
    fn parts_that_live_as_long_as_their_definition_have_nothing_to_tell() {
        let mut presence = Presence::default();
        for (definition, part, text) in [
            ("a", "", "-x"),
            ("a", "x", "-x"),
            ("b", "", "xx"),
            ("b", "x", "-x"),
        ] {
            presence.insert(definition, part, states(text));
        }
        let life = |definition, part| presence.life(definition, part, &["1", "2"], 1);
        assert_eq!(life("a", "").as_deref(), Some("since 2"));
        assert_eq!(life("a", "x"), None);
        assert_eq!(life("b", ""), None);
        assert_eq!(life("b", "x").as_deref(), Some("since 2"));
        assert_eq!(life("c", ""), None);
    }

    #[test]
    fn members_tell_how_long_they_have_been_optional_or_mandatory() {
        let mut presence = Presence::default();
        presence.insert("a", "", states("xxxx"));
        for (text, revision, expected) in [
            ("xxoo", 3, Some("optional since 3")),
            ("xxoo", 0, Some("mandatory until 2")),
            ("xoxx", 1, Some("optional only in 2")),
            ("oooo", 2, None),
            ("--oo", 2, Some("since 3")),
            ("-xoo", 2, Some("since 2, optional since 3")),
        ] {
            presence.insert("a", "x", states(text));
            let told = presence.life("a", "x", &["1", "2", "3", "4"], revision);
            assert_eq!(told.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn folders_of_revisions_are_their_own() {
        for (names, expected) in [
            (&["1.1", "1.5"][..], &["1.1", "1.5"][..]),
            (&["A", "a", "origin/main"], &["A", "a-2", "origin-main"]),
            (&["..", "aux"], &["module", "module-aux"]),
            (&["all.html"], &["all.html-2"]),
            (&[], &[]),
        ] {
            assert_eq!(folders(names), expected);
        }
    }
}
