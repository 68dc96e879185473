//! The user's configuration of rules and places, and the resulting findings.
//!
//! A configuration is JSON, so that other programs can write it and no further dependency is
//! needed to read it:
//!
//! ```json
//! { "levels": [ { "rule": "value-added", "in": "reply", "level": "compatible" } ],
//!   "ignore": [ { "path": "query-foo reply.*", "rule": "member-*",
//!                 "reason": "nobody uses it", "until": "2030-01-31" } ] }
//! ```
//!
//! In patterns `*` stands for any text. `in` (`argument`, `reply` or `event`) limits a level to one
//! direction, `announced` (`deprecated` or `unstable`) to parts that were marked so before. If several levels match,
//! the last one wins, across files as well. An `ignore` needs only `path` and `reason`. An expired one no longer
//! counts. The caller gives the date, so that the same input gives the same output on every day.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use crate::change::{Announcement, Change, ChangeKind};
use crate::finding::Finding;
use crate::level::{Lens, Level};
use crate::path::Direction;
use crate::rules;
use crate::witness::Witnesses;

/// Levels that the user chose for rules, and paths to ignore.
#[derive(Debug, Clone, Default)]
pub struct Config {
    levels: Vec<LevelEntry>,
    ignore: Vec<IgnoreEntry>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigDocument {
    #[serde(default)]
    levels: Vec<LevelEntry>,
    #[serde(default)]
    ignore: Vec<IgnoreEntry>,
}

/// The level of a rule: an entry of `levels`, in any format that serde reads.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelEntry {
    rule: String,
    #[serde(rename = "in")]
    direction: Option<DirectionName>,
    announced: Option<AnnouncedName>,
    level: LevelName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AnnouncedName {
    Deprecated,
    Unstable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum DirectionName {
    Argument,
    Reply,
    Event,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum LevelName {
    Compatible,
    Risky,
    Breaking,
}

/// A place to ignore: an entry of `ignore`, in any format that serde reads.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IgnoreEntry {
    path: String,
    rule: Option<String>,
    reason: String,
    until: Option<Date>,
}

/// A day: `2030-01-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl FromStr for Date {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let wrong = || ConfigError(format!("`{text}` is not a date of the form YYYY-MM-DD"));
        let bytes = text.as_bytes();
        let shape = bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-';
        let digits = bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| at == 4 || at == 7 || byte.is_ascii_digit());
        if !shape || !digits {
            return Err(wrong());
        }
        let number =
            |range: std::ops::Range<usize>| text[range].parse::<u16>().map_err(|_| wrong());
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return Err(wrong()),
        };
        if !(1..=days).contains(&day) {
            return Err(wrong());
        }
        let small = |number: u16| u8::try_from(number).map_err(|_| wrong());
        Ok(Self {
            year,
            month: small(month)?,
            day: small(day)?,
        })
    }
}

impl TryFrom<String> for Date {
    type Error = ConfigError;

    fn try_from(text: String) -> Result<Self, ConfigError> {
        text.parse()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The reason why a configuration is invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for ConfigError {}

impl Config {
    /// Adds what a configuration file says, to be looked at after what was added before.
    pub fn add(&mut self, document: &[u8]) -> Result<(), ConfigError> {
        let document: ConfigDocument = serde_json::from_slice(document)
            .map_err(|error| ConfigError(format!("not a configuration: {error}")))?;
        self.add_entries(document.levels, document.ignore)
    }

    /// Adds entries, to be looked at after what was added before.
    ///
    /// # Errors
    /// An unknown rule, or an ignored place without a reason. Nothing is added then.
    pub fn add_entries(
        &mut self,
        levels: Vec<LevelEntry>,
        ignore: Vec<IgnoreEntry>,
    ) -> Result<(), ConfigError> {
        let rules = levels.iter().map(|entry| &entry.rule);
        let ignored = ignore.iter().filter_map(|entry| entry.rule.as_ref());
        for pattern in rules.chain(ignored) {
            check_rule(pattern)?;
        }
        for entry in &ignore {
            if entry.reason.trim().is_empty() {
                return Err(ConfigError(format!(
                    "`{}` is ignored without a reason",
                    entry.path
                )));
            }
        }
        self.levels.extend(levels);
        self.ignore.extend(ignore);
        Ok(())
    }

    /// Sets the level of the rules that `rule` fits, in every direction.
    pub fn set_level(&mut self, rule: &str, level: Level) -> Result<(), ConfigError> {
        check_rule(rule)?;
        self.levels.push(LevelEntry {
            rule: rule.to_owned(),
            direction: None,
            announced: None,
            level: match level {
                Level::Compatible => LevelName::Compatible,
                Level::Risky => LevelName::Risky,
                Level::Breaking => LevelName::Breaking,
            },
        });
        Ok(())
    }

    /// Judges changes. Without `today` nothing expires.
    pub fn judge(&self, changes: Vec<Change>, today: Option<Date>) -> Judgement {
        let mut judgement = Judgement::default();
        let mut used = vec![false; self.ignore.len()];
        let expired = |entry: &IgnoreEntry| matches!((entry.until, today), (Some(until), Some(today)) if until < today);
        for change in changes {
            let path = change.path.to_string();
            for rule in rules::all().filter(|rule| rule.matches(&change)) {
                let configured = self.configured_level(rule, &change);
                let finding = Finding {
                    rule,
                    level: configured.unwrap_or_else(|| default_level(rule, &change)),
                    change: change.clone(),
                    witness: None,
                    is_configured: configured.is_some(),
                    is_unproved: false,
                };
                let fits = |entry: &IgnoreEntry| {
                    fits(&entry.path, &path)
                        && entry
                            .rule
                            .as_ref()
                            .is_none_or(|pattern| fits_rule(pattern, rule))
                };
                let entry = (self.ignore.iter().enumerate())
                    .rfind(|(_, entry)| !expired(entry) && fits(entry));
                match entry {
                    Some((index, entry)) => {
                        used[index] = true;
                        judgement.ignored.push((finding, entry.reason.clone()));
                    }
                    None => judgement.findings.push(finding),
                }
            }
        }
        for (entry, used) in self.ignore.iter().zip(used) {
            if expired(entry) {
                judgement.stale.push(Stale::Expired {
                    path: entry.path.clone(),
                    until: entry
                        .until
                        .map_or_else(String::new, |date| date.to_string()),
                });
            } else if !used {
                judgement.stale.push(Stale::Unused {
                    path: entry.path.clone(),
                });
            }
        }
        judgement
    }

    /// Returns the level that the user chose.
    fn configured_level(&self, rule: &'static rules::Rule, change: &Change) -> Option<Level> {
        let direction = change.path.direction;
        let entry = self.levels.iter().rfind(|entry| {
            let direction_fits = match entry.direction {
                None => true,
                Some(DirectionName::Argument) => direction == Some(Direction::Argument),
                Some(DirectionName::Reply) => direction == Some(Direction::Reply),
                Some(DirectionName::Event) => direction == Some(Direction::Event),
            };
            let announced_fits = match entry.announced {
                None => true,
                Some(AnnouncedName::Deprecated) => {
                    change.announced == Some(Announcement::Deprecated)
                }
                Some(AnnouncedName::Unstable) => change.announced == Some(Announcement::Unstable),
            };
            direction_fits && announced_fits && fits_rule(&entry.rule, rule)
        })?;
        Some(match entry.level {
            LevelName::Compatible => Level::Compatible,
            LevelName::Risky => Level::Risky,
            LevelName::Breaking => Level::Breaking,
        })
    }
}

fn default_level(rule: &rules::Rule, change: &Change) -> Level {
    let level = rule.level(change.path.direction);
    // Unstable parts may change at any time. For the others, the schemas do not tell if anything changed.
    let is_unstable = change.announced == Some(Announcement::Unstable);
    if is_unstable || change.unless_built.is_some() || change.left_to_handler {
        level.min(Level::Risky)
    } else {
        level
    }
}

/// The number of places of one difference that get a witness.
const MOST_WITNESSES: usize = 8;

/// The result of judging.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Judgement {
    /// In the order of the changes.
    pub findings: Vec<Finding>,
    /// The findings that the configuration ignores, with its reasons.
    pub ignored: Vec<(Finding, String)>,
    /// Entries of the configuration that have no effect.
    pub stale: Vec<Stale>,
}

impl Judgement {
    /// Looks for a witness of every breaking change of the wire, A change
    /// that no message shows is risky at most, unless the user calls it breaking: there is no
    /// value for some type on the way, or only one that is nested deeper than servers read.
    pub fn prove(&mut self, witnesses: &Witnesses<'_, '_>) {
        // The first few places of a difference have a witness each.
        let mut proved = HashMap::new();
        for finding in &mut self.findings {
            let is_wire = finding.rule.lens == Lens::Wire;
            if !is_wire || finding.level != Level::Breaking {
                continue;
            }
            let is_argument = finding.change.path.direction == Some(Direction::Argument);
            let count: &mut usize = proved
                .entry((finding.change.cause, is_argument))
                .or_default();
            if *count >= MOST_WITNESSES {
                continue;
            }
            // Changes without a search keep the level of their rule.
            if witnesses.is_spent() {
                continue;
            }
            finding.witness = witnesses.find(&finding.change);
            *count += usize::from(finding.witness.is_some());
            // Features are visible in introspection only.
            let is_feature = matches!(finding.change.kind, ChangeKind::FeatureRemoved(_));
            if finding.witness.is_none() && !is_feature && !finding.is_configured {
                finding.level = Level::Risky;
                finding.is_unproved = true;
            }
        }
    }

    /// Returns the severest level that was found.
    pub fn worst(&self) -> Option<Level> {
        self.findings.iter().map(|finding| finding.level).max()
    }
}

/// An entry of `ignore` that does nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stale {
    /// Its day has passed.
    Expired {
        /// The path it would ignore.
        path: String,
        /// Its last day.
        until: String,
    },
    /// It matches no finding.
    Unused {
        /// The path it would ignore.
        path: String,
    },
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { path, until } => {
                write!(f, "`{path}` was ignored until {until}, and no longer is")
            }
            Self::Unused { path } => {
                write!(f, "`{path}` is ignored, but matches nothing")
            }
        }
    }
}

fn check_rule(pattern: &str) -> Result<(), ConfigError> {
    if rules::all().any(|rule| fits_rule(pattern, rule)) {
        Ok(())
    } else {
        Err(ConfigError(format!("`{pattern}` fits no rule")))
    }
}

fn fits_rule(pattern: &str, rule: &rules::Rule) -> bool {
    fits(pattern, rule.id)
}

/// Matches a text against a pattern, in which `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    // The first possible place for each part leaves the most for the following parts.
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::{RootKind, SchemaPath};

    fn removed(name: &str) -> Change {
        let path = SchemaPath::whole(RootKind::Command, name);
        Change::new(path, ChangeKind::RootRemoved, None, None)
    }

    fn config(documents: &[&str]) -> Config {
        let mut config = Config::default();
        for document in documents {
            config.add(document.as_bytes()).unwrap();
        }
        config
    }

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c", "ac", true),
            ("a*b*c", "axbyc", true),
            ("a*b*c", "acb", false),
            ("ab*ba", "aba", false),
            ("**", "x", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn the_last_level_that_fits_wins_across_files() {
        let first = r#"{"levels": [{"rule": "command-removed", "level": "compatible"}]}"#;
        let second = r#"{"levels": [{"rule": "command-*", "level": "risky"}]}"#;
        let level = |config: Config| config.judge(vec![removed("a")], None).findings[0].level;
        assert_eq!(level(config(&[first, second])), Level::Risky);
        assert_eq!(level(config(&[second, first])), Level::Compatible);
        assert_eq!(level(Config::default()), Level::Breaking);
    }

    #[test]
    fn ignored_paths_need_a_reason_and_come_back_when_they_expire() {
        let no_reason = br#"{"ignore": [{"path": "a", "reason": " "}]}"#;
        assert!(Config::default().add(no_reason).is_err());
        let config =
            config(&[r#"{"ignore": [{"path": "a*", "reason": "unused", "until": "2030-02-28"}]}"#]);
        let judge = |today: Option<&str>| {
            let today = today.map(|today| today.parse().unwrap());
            config.judge(vec![removed("ab"), removed("b")], today)
        };
        for today in [None, Some("2030-02-28")] {
            let judgement = judge(today);
            assert_eq!(judgement.findings.len(), 1);
            assert_eq!(judgement.ignored.len(), 1);
            assert!(judgement.stale.is_empty());
        }
        let judgement = judge(Some("2030-03-01"));
        assert_eq!(judgement.findings.len(), 2);
        assert!(matches!(judgement.stale[..], [Stale::Expired { .. }]));
    }

    #[test]
    fn invalid_configurations_are_errors() {
        for wrong in [
            r#"{"level": []}"#,
            r#"{"levels": [{"rule": "no-such-rule", "level": "risky"}]}"#,
            r#"{"levels": [{"rule": "value-added", "level": "fatal"}]}"#,
            r#"{"ignore": [{"path": "a", "reason": "b", "until": "2030-02-29"}]}"#,
            r#"{"ignore": [{"path": "a", "reason": "b", "until": "2030-2-1"}]}"#,
        ] {
            assert!(Config::default().add(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn announced_changes_can_have_a_level_of_their_own() {
        let config = config(&[
            r#"{"levels": [{"rule": "*", "announced": "unstable", "level": "compatible"}]}"#,
        ]);
        let mut unstable = removed("x-a");
        unstable.announced = Some(Announcement::Unstable);
        let judgement = config.judge(vec![unstable, removed("b")], None);
        let levels: Vec<_> = judgement.findings.iter().map(|it| it.level).collect();
        assert_eq!(levels, [Level::Compatible, Level::Breaking]);
    }

    #[test]
    fn changes_that_depend_on_an_unknown_build_are_never_breaking() {
        let mut change = removed("a");
        change.unless_built = Some("CONFIG_A".to_owned());
        let judgement = Config::default().judge(vec![change], None);
        assert_eq!(judgement.worst(), Some(Level::Risky));
    }
}
