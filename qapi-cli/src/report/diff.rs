//! Changes between two revisions: one file per format.

use std::collections::{HashMap, HashSet};

use qapi_diff::config::Judgement;
use qapi_diff::{Finding, Lens, Level, Origin, Witness};

use crate::console::counted;
use crate::program_use::ProgramUse;
use crate::revision::{Revision, SourcePlace};

pub(crate) mod github;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod sarif;
pub(crate) mod text;

/// A comparison to print.
pub(crate) struct DiffReport<'a> {
    old: &'a Revision,
    new: &'a Revision,
    lens: Lens,
    /// Findings to show, in order.
    findings: Vec<&'a Finding>,
    judgement: &'a Judgement,
    renamed: &'a [(String, String)],
    /// The use of the older revision by a program, if the report is limited to it.
    usage: Option<&'a ProgramUse>,
}

/// One difference with the same level at one or more places.
struct Group<'a> {
    finding: &'a Finding,
    witness: Option<&'a Witness>,
    /// The same at other places.
    also: Vec<&'a Finding>,
}

impl<'a> DiffReport<'a> {
    /// Prepares what was found at or above a level.
    pub(crate) fn new(
        (old, new): (&'a Revision, &'a Revision),
        lens: Lens,
        judgement: &'a Judgement,
        renamed: &'a [(String, String)],
        at_least: Level,
    ) -> Self {
        let findings: Vec<&Finding> = judgement
            .findings
            .iter()
            .filter(|finding| finding.level >= at_least)
            .collect();
        Self {
            old,
            new,
            lens,
            findings,
            judgement,
            renamed,
            usage: None,
        }
    }

    /// Returns the same, of which only the part that a program meets is shown.
    pub(crate) fn with_usage(self, usage: Option<&'a ProgramUse>) -> Self {
        Self { usage, ..self }
    }

    /// Returns the numbers of changes that do not affect the program, in words; none if everything is shown.
    fn unmet(&self) -> Option<String> {
        let unmet = &self.usage?.unmet;
        let parts: Vec<_> = unmet
            .iter()
            .rev()
            .map(|(level, places)| format!("{places} {level}"))
            .collect();
        let total = unmet.values().sum();
        let parts = if parts.is_empty() {
            String::new()
        } else {
            format!(" ({})", parts.join(", "))
        };
        Some(format!(
            "{} that do not affect the program{parts}",
            counted(total, "further place")
        ))
    }

    /// Returns the findings, each difference once: under its first place.
    fn groups(&self) -> Vec<Group<'a>> {
        let mut groups: Vec<Group<'a>> = Vec::new();
        let mut by_cause = HashMap::new();
        for finding in &self.findings {
            let witness = finding.witness.as_ref();
            let key = (finding.change.cause, finding.rule.id, finding.level);
            if let Some(index) = by_cause.get(&key) {
                let group: &mut Group<'a> = &mut groups[*index];
                group.also.push(finding);
                group.witness = group.witness.or(witness);
            } else {
                by_cause.insert(key, groups.len());
                groups.push(Group {
                    finding,
                    witness,
                    also: Vec::new(),
                });
            }
        }
        groups
    }

    /// Number of differences of a level, shown or not, and of their places.
    fn count(&self, level: Level) -> (usize, usize) {
        let findings = self.judgement.findings.iter();
        let of_level: Vec<_> = findings
            .filter(|finding| finding.level == level)
            .map(|finding| (finding.change.cause, finding.rule.id))
            .collect();
        let differences: HashSet<_> = of_level.iter().collect();
        (differences.len(), of_level.len())
    }

    /// Returns the counts of changes by level in words, the worst first.
    fn counts(&self) -> String {
        let parts: Vec<_> = [Level::Breaking, Level::Risky, Level::Compatible]
            .into_iter()
            .filter_map(|level| {
                let (differences, places) = self.count(level);
                let changes = match differences {
                    0 => return None,
                    differences => counted(differences, &format!("{level} change")),
                };
                Some(match places {
                    places if places == differences => changes,
                    places => format!("{changes} at {}", counted(places, "place")),
                })
            })
            .collect();
        if parts.is_empty() && self.usage.is_some() {
            return "no changes that affect the program".to_owned();
        }
        if parts.is_empty() {
            return match self.lens {
                Lens::Wire => "no changes on the wire".to_owned(),
                Lens::Rust => "no changes of the generated Rust interface".to_owned(),
                _ => "no changes of the documentation".to_owned(),
            };
        }
        parts.join(", ")
    }

    /// Places of a finding's subject in both revisions.
    fn places(&self, finding: &Finding) -> (Option<SourcePlace>, Option<SourcePlace>) {
        (
            finding.change.old.and_then(|span| self.old.place(span)),
            finding.change.new.and_then(|span| self.new.place(span)),
        )
    }
}

/// Returns the place where a witness was recorded, in brackets.
fn recorded(witness: &Witness) -> String {
    let place = |origin: &Origin| format!(" ({}:{})", origin.file, origin.line);
    witness.origin.as_ref().map(place).unwrap_or_default()
}

/// Returns a witness in words: the side that allows it, and the verdict of the other.
fn tell(witness: &Witness) -> (&'static str, String, &'static str) {
    let (allows, rejects) = if witness.allowed_by_old {
        ("older", "newer")
    } else {
        ("newer", "older")
    };
    (allows, witness.message.to_json().to_string(), rejects)
}
