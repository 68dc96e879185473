//! The rules: a table of changes, with levels and reasons.
//!
//! A rule matches changes and gives them a level in each direction. Its page, which `qapi explain` shows, is its doc
//! comment; its example is the pair of schemas under `tests/data` that its test compares.

use crate::change::Change;
use crate::level::{Lens, Level};
use crate::path::Direction;

/// Makes the table of one family: per rule its page, id, purpose, levels and condition.
macro_rules! rules {
    ($lens:ident; $(
        $(#[doc = $page:literal])+
        $id:literal, $title:literal, $argument:ident / $output:ident, $when:expr;
    )+) => {
        /// The rules of this family.
        pub(super) const RULES: &[crate::rules::Rule] = &[$(crate::rules::Rule {
            id: $id,
            title: $title,
            lens: crate::level::Lens::$lens,
            argument: crate::level::Level::$argument,
            output: crate::level::Level::$output,
            when: $when,
            page: concat!($($page, "\n"),+),
            old: include_str!(concat!("../../tests/data/", $id, "/old.json")),
            new: include_str!(concat!("../../tests/data/", $id, "/new.json")),
        },)+];
    };
}

mod api;
mod docs;
mod features;
mod flags;
mod members;
mod replies;
mod roots;
mod types;
mod values;

/// A judgement of one kind of change.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// Its name in reports and configurations: lower case, with hyphens; never reused.
    pub id: &'static str,
    /// The change, in a few words.
    pub title: &'static str,
    /// The promise that it protects.
    pub lens: Lens,
    /// Its level in arguments, and for a command or event as a whole.
    pub argument: Level,
    /// Its level in replies and events.
    pub output: Level,
    /// Matches the changes it judges.
    when: fn(&Change) -> bool,
    page: &'static str,
    old: &'static str,
    new: &'static str,
}

impl Rule {
    /// Returns its judgement in this direction, none being that of a command or event as a whole.
    pub fn level(&self, direction: Option<Direction>) -> Level {
        match direction {
            None | Some(Direction::Argument) => self.argument,
            Some(Direction::Reply | Direction::Event) => self.output,
        }
    }

    /// Matches the changes it judges.
    pub fn matches(&self, change: &Change) -> bool {
        (self.when)(change)
    }

    /// Returns its page as Markdown: the change, the reason, the levels, and an example.
    pub fn explanation(&self) -> String {
        let lines = self.page.lines();
        let page: Vec<_> = lines
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect();
        let level = if self.argument == self.output {
            self.argument.to_string()
        } else {
            format!(
                "{} in arguments, {} in replies and events",
                self.argument, self.output
            )
        };
        format!(
            "# {}: {}\n\n{}\n\nLevel: {level}.\n\n\
             Example, lens `{}`. Before:\n\n```\n{}\n```\n\nAfter:\n\n```\n{}\n```\n",
            self.id,
            self.title,
            page.join("\n").trim_end(),
            self.lens.as_str(),
            self.old.trim(),
            self.new.trim(),
        )
    }
}

/// Returns all rules, by lens and family.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [
        roots::RULES,
        flags::RULES,
        replies::RULES,
        members::RULES,
        types::RULES,
        values::RULES,
        features::RULES,
        api::RULES,
        docs::RULES,
    ]
    .into_iter()
    .flatten()
}

/// Returns the rule with this id.
pub fn by_id(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}
