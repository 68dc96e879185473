//! SARIF 2.1.0: one log for a run, with a result per diagnostic and the pages of their codes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use qapi_parser::diag::explain::explain;
use qapi_parser::diag::{Applicability, Code, Diagnostic, Severity};
use qapi_parser::source::{SourceMap, Span};
use serde_json::{Value, json};

use super::location::{Location, exact};
use super::paths::without_detours;

/// The results of a run so far.
#[derive(Default)]
pub(super) struct SarifLog {
    rules: BTreeMap<Code, Severity>,
    results: Vec<(Code, Value)>,
}

impl SarifLog {
    /// Adds a result.
    pub(super) fn add(&mut self, sources: &SourceMap, diagnostic: &Diagnostic) {
        let severity = self.rules.entry(diagnostic.code);
        severity.or_insert(diagnostic.severity);
        self.results
            .push((diagnostic.code, result(sources, diagnostic)));
    }

    /// Writes the log.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let rules: Vec<Value> = self.rules.iter().map(rule).collect();
        let codes: Vec<Code> = self.rules.keys().copied().collect();
        let results = self.results.iter().map(|(code, result)| {
            let mut result = result.clone();
            result["ruleIndex"] = json!(codes.binary_search(code).unwrap_or_default());
            result
        });
        let run = json!({
            "tool": { "driver": {
                "name": "qapi check",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        });
        write_sarif_log(out, &run)
    }
}

/// Writes a log of one run.
pub(crate) fn write_sarif_log(out: &mut dyn Write, run: &Value) -> io::Result<()> {
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

fn rule((code, severity): (&Code, &Severity)) -> Value {
    let title = Code::ALL.iter().find(|(known, _)| known == code);
    let page = explain(*code);
    json!({
        "id": code.as_str(),
        "shortDescription": { "text": title.map_or("", |(_, title)| title) },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": severity.as_str() },
    })
}

fn result(sources: &SourceMap, diagnostic: &Diagnostic) -> Value {
    let location = Location::of(diagnostic, sources);
    let mut text = diagnostic.message.clone();
    for more in diagnostic.notes.iter().chain(&diagnostic.help) {
        text.push_str("; ");
        text.push_str(more);
    }
    let mut place = json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(location.file) },
    } });
    if let Some(span) = exact(diagnostic) {
        place["physicalLocation"]["region"] = region(sources, span);
    }
    if let Some(entity) = &diagnostic.entity {
        place["logicalLocations"] = json!([{
            "name": entity.name,
            "kind": entity.meta.as_str(),
        }]);
    }
    let mut result = json!({
        "ruleId": diagnostic.code.as_str(),
        "level": diagnostic.severity.as_str(),
        "message": { "text": text },
        "locations": [place],
    });
    if !diagnostic.labels.is_empty() {
        let labels = diagnostic.labels.iter().zip(0..).map(|(label, id)| {
            json!({
                "id": id,
                "message": { "text": label.text },
                "physicalLocation": {
                    "artifactLocation": { "uri": uri(&sources.file(label.span.file).path) },
                    "region": region(sources, label.span),
                },
            })
        });
        result["relatedLocations"] = labels.collect();
    }
    let certain =
        |it: &&qapi_parser::diag::Suggestion| it.applicability == Applicability::MachineApplicable;
    let fixes: Vec<Value> = diagnostic
        .suggestions
        .iter()
        .filter(certain)
        .map(|fix| {
            json!({
                "description": { "text": fix.message },
                "artifactChanges": [{
                    "artifactLocation": { "uri": uri(&sources.file(fix.span.file).path) },
                    "replacements": [{
                        "deletedRegion": region(sources, fix.span),
                        "insertedContent": { "text": fix.replacement },
                    }],
                }],
            })
        })
        .collect();
    if !fixes.is_empty() {
        result["fixes"] = Value::Array(fixes);
    }
    result
}

fn region(sources: &SourceMap, span: Span) -> Value {
    let (start, end) = (sources.position(span), sources.end(span));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

/// Returns a path as a URI: relative to the working directory where it lies in it, as code hosts want.
pub(crate) fn uri(path: &str) -> String {
    let path = &*without_detours(path);
    let working = std::env::current_dir().ok();
    let relative = working
        .as_deref()
        .and_then(|working| std::path::Path::new(path).strip_prefix(working).ok())
        .and_then(std::path::Path::to_str)
        .unwrap_or(path);
    let relative = relative.trim_start_matches("./");
    let mut uri = String::with_capacity(relative.len());
    if relative.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in relative.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            write!(uri, "%{byte:02X}").expect("writing to a string cannot fail");
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
        assert_eq!(uri("./a.json"), "a.json");
        assert_eq!(uri("a/../b.json"), "b.json");
        assert_eq!(uri("/elsewhere/a.json"), "file:///elsewhere/a.json");
    }
}
