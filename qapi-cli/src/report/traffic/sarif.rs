//! Findings of recordings as a SARIF log.

use std::io::{self, Write};

use qapi_traffic::Finding;
use serde_json::{Value, json};

use super::wording::{sentence, times};
use crate::diagnostics::{uri, write_sarif_log};

/// Writes the log of these results.
pub(super) fn write(out: &mut dyn Write, results: &[Value]) -> io::Result<()> {
    let run = json!({
        "tool": { "driver": {
            "name": "qapi validate",
            "version": env!("CARGO_PKG_VERSION"),
        } },
        "results": results,
    });
    write_sarif_log(out, &run)
}

/// Returns a finding as a result.
pub(super) fn result(finding: &Finding, name: &str) -> Value {
    json!({
        "ruleId": finding.problem.as_str(),
        "level": finding.problem.severity().as_str(),
        "message": { "text": format!("{}{}", sentence(finding), times(finding)) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(name) },
            "region": { "startLine": finding.line },
        } }],
    })
}
