//! SARIF 2.1.0: a result per finding, the rules with their pages. What the configuration ignores is there as suppressed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use qapi_diff::{Finding, Level, Witness};
use serde_json::{Value, json};

use super::{DiffReport, tell};
use crate::revision::SourcePlace;

/// Writes the log.
pub(crate) fn write(report: &DiffReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let ignored = &report.judgement.ignored;
    let shown = report.findings.iter().copied();
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
                "help": { "text": rule.explanation(), "markdown": rule.explanation() },
                "defaultConfiguration": { "level": level(rule.argument.max(rule.output)) },
            })
        })
        .collect();
    let results: Vec<Value> = report
        .findings
        .iter()
        .zip(&report.witnesses)
        .map(|(finding, witness)| result(report, finding, witness.as_ref(), index[finding.rule.id]))
        .chain(ignored.iter().map(|(finding, reason)| {
            let mut result = result(report, finding, None, index[finding.rule.id]);
            result["suppressions"] = json!([{ "kind": "external", "justification": reason }]);
            result
        }))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "qapi diff",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

fn result(
    report: &DiffReport<'_>,
    finding: &Finding,
    witness: Option<&Witness>,
    rule_index: usize,
) -> Value {
    let place = finding.change.path.to_string();
    let mut text = format!("{place}: {}", finding.message());
    if let Some(witness) = witness {
        let (allows, message, rejects) = tell(witness);
        let violation = witness.violation.to_string();
        text.push_str(&["; the ", allows, " revision allows ", &message].concat());
        text.push_str(&[", the ", rejects, " one says: ", &violation].concat());
    }
    for note in finding.notes() {
        text.push_str("; ");
        text.push_str(&note);
    }
    let (old, new) = report.places(finding);
    let (main, related) = match (old, new) {
        (old, Some(new)) => (Some(new), old),
        (old, None) => (old, None),
    };
    let mut location = json!({ "logicalLocations": [{ "fullyQualifiedName": place }] });
    if let Some(main) = main {
        location["physicalLocation"] = physical(&main);
    }
    let mut result = json!({
        "ruleId": finding.rule.id,
        "ruleIndex": rule_index,
        "level": level(finding.level),
        "message": { "text": text },
        "locations": [location],
        "partialFingerprints": { "place/v1": format!("{} {place}", finding.rule.id) },
    });
    if let Some(related) = related {
        result["relatedLocations"] = json!([{
            "id": 0,
            "message": { "text": "the older revision" },
            "physicalLocation": physical(&related),
        }]);
    }
    result
}

fn physical(place: &SourcePlace) -> Value {
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

/// A path as a URI reference.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            write!(uri, "%{byte:02X}").expect("strings take any text");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_uri_references() {
        assert_eq!(uri("qapi/a-b.json"), "qapi/a-b.json");
        assert_eq!(uri("a b:ü"), "a%20b%3A%C3%BC");
    }
}
