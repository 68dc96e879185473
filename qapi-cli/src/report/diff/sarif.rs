//! SARIF 2.1.0: a result per difference, the rules with their pages. Ignored findings are included as suppressed.
//!
//! GitHub shows only results with a place in a file, reads 5,000 results of a run, 1,000 locations of a result and
//! 1,000 rules, and rejects paths that lead out of the repository.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use qapi_diff::{Finding, Level};
use serde_json::{Value, json};

use super::{DiffReport, Group, tell};
use crate::diagnostics::{uri, write_sarif_log};
use crate::revision::SourcePlace;

/// The largest number of listed further places of a difference.
const MOST_PLACES: usize = 100;

/// The largest number of listed further places in a log, shared equally by the results.
const MOST_PLACES_IN_ALL: usize = 20_000;

/// The largest number of results; the worst are written.
const MOST_RESULTS: usize = 5_000;

/// Writes the log.
pub(crate) fn write(report: &DiffReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let ignored = &report.judgement.ignored;
    let mut groups = report.groups();
    let left_out = groups.len().saturating_sub(MOST_RESULTS);
    if left_out > 0 {
        groups.sort_by_key(|group| std::cmp::Reverse(group.finding.level));
        groups.truncate(MOST_RESULTS);
    }
    let shown = groups.iter().map(|group| group.finding);
    let log = ChangeLog {
        report,
        places: MOST_PLACES.min(MOST_PLACES_IN_ALL / groups.len().max(1)),
    };
    let used: BTreeMap<&str, _> = shown
        .chain(ignored.iter().map(|(finding, _)| finding))
        .map(|finding| (finding.rule.id, finding.rule))
        .collect();
    let index: BTreeMap<&str, usize> = used.keys().copied().zip(0..).collect();
    let rules: Vec<Value> = used
        .values()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": { "text": rule.title },
                "fullDescription": { "text": rule.title },
                "help": { "text": rule.explanation(), "markdown": rule.explanation() },
                "defaultConfiguration": { "level": level(rule.argument.max(rule.output)) },
            })
        })
        .collect();
    let suppressed = ignored.iter().map(|(finding, reason)| {
        let group = Group {
            finding,
            witness: None,
            also: Vec::new(),
        };
        let mut result = log.result(&group, index[finding.rule.id]);
        result["suppressions"] = json!([{ "kind": "external", "justification": reason }]);
        result
    });
    let results: Vec<Value> = groups
        .iter()
        .map(|group| log.result(group, index[group.finding.rule.id]))
        .chain(suppressed)
        .collect();
    let mut run = json!({
        "tool": { "driver": {
            "name": "qapi diff",
            "version": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        } },
        "columnKind": "unicodeCodePoints",
        "results": results,
    });
    if left_out > 0 {
        run["properties"] = json!({ "resultsLeftOut": left_out });
    }
    write_sarif_log(out, &run)
}

/// A report that is being written into a log.
struct ChangeLog<'a> {
    report: &'a DiffReport<'a>,
    /// The number of further places of a result that are listed.
    places: usize,
}

impl ChangeLog<'_> {
    fn result(&self, group: &Group<'_>, rule_index: usize) -> Value {
        let finding = group.finding;
        let place = finding.change.path.to_string();
        let (old, new) = self.report.places(finding);
        let (main, related) = match (old, new) {
            (old, Some(new)) => (location_of(&new), old),
            (Some(old), None) => (location_of(&old), None),
            // A server has no lines: uses the beginning of its file, or of the other side's.
            (None, None) => (file_location(self.report), None),
        };
        let mut result = json!({
            "ruleId": finding.rule.id,
            "ruleIndex": rule_index,
            "level": level(finding.level),
            "message": { "text": self.text(group, &place) },
            "locations": [{
                "physicalLocation": main,
                "logicalLocations": [{ "fullyQualifiedName": place }],
            }],
            "partialFingerprints": { "place/v1": format!("{} {place}", finding.rule.id) },
        });
        let mut related_locations = Vec::new();
        if let Some(related) = related {
            related_locations.push(json!({
                "id": 0,
                "message": { "text": "the older revision" },
                "physicalLocation": location_of(&related),
            }));
        }
        for also in group.also.iter().take(self.places) {
            let place = also.change.path.to_string();
            related_locations.push(json!({
                "id": related_locations.len(),
                "message": { "text": format!("also {place}") },
                "physicalLocation": self.location_of_finding(also),
            }));
        }
        if !related_locations.is_empty() {
            result["relatedLocations"] = related_locations.into();
        }
        result
    }

    fn text(&self, group: &Group<'_>, place: &str) -> String {
        let finding = group.finding;
        let mut text = format!("{place}: {}", finding.message());
        if let Some(witness) = group.witness {
            let (allows, message, rejects) = tell(witness);
            let violation = witness.violation.to_string();
            text.push_str(&["; the ", allows, " revision allows ", &message].concat());
            text.push_str(&[", the ", rejects, " one says: ", &violation].concat());
        }
        for note in finding.notes() {
            text.push_str("; ");
            text.push_str(&note);
        }
        match group.also.len().saturating_sub(self.places) {
            0 => {}
            rest => {
                write!(text, "; also at {rest} places that are not listed")
                    .expect("writing to a string cannot fail");
            }
        }
        text
    }

    fn location_of_finding(&self, finding: &Finding) -> Value {
        let (old, new) = self.report.places(finding);
        new.or(old)
            .map_or_else(|| file_location(self.report), |place| location_of(&place))
    }
}

/// Returns the first line of a file: of the newer revision, or of the older one if only that is a file.
fn file_location(report: &DiffReport<'_>) -> Value {
    let path = report.new.file().or_else(|| report.old.file());
    json!({
        "artifactLocation": { "uri": uri(path.unwrap_or("query-qmp-schema.json")) },
        "region": { "startLine": 1, "startColumn": 1 },
    })
}

fn location_of(place: &SourcePlace) -> Value {
    json!({
        "artifactLocation": { "uri": uri(&place.path) },
        "region": { "startLine": place.line, "startColumn": place.column },
    })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Breaking => "error",
        Level::Risky => "warning",
        Level::Compatible => "note",
    }
}
