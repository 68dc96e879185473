//! Annotations of a GitHub workflow: one command per line, in the newer revision, or in the older one if only that has
//! the place. GitHub shows ten annotations of each kind for a step, so the last one of a kind counts the others, and
//! the job's summary has them all.

use std::fs::OpenOptions;
use std::io::{self, Write};

use qapi_diff::Level;

use super::{DiffReport, Group, tell};
use crate::diagnostics::{data, property};

/// The number of annotations of a kind that are shown.
const MOST_ANNOTATIONS: usize = 10;

/// The limit on bytes of a job's summary (1 MiB), with some room for other steps.
const MOST_SUMMARY: usize = 900_000;

/// Writes the commands, the worst first.
pub(crate) fn write(report: &DiffReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let groups = report.groups();
    for level in [Level::Breaking, Level::Risky, Level::Compatible] {
        let groups: Vec<_> = groups
            .iter()
            .filter(|group| group.finding.level == level)
            .collect();
        let shown = if groups.len() > MOST_ANNOTATIONS {
            MOST_ANNOTATIONS - 1
        } else {
            groups.len()
        };
        for group in &groups[..shown] {
            write_annotation(report, out, group)?;
        }
        let rest = groups.len() - shown;
        if rest > 0 {
            let title = format!("{rest} further {level} changes");
            let message = "GitHub shows ten annotations of a kind: see the summary of the job";
            let command = command(level);
            writeln!(
                out,
                "::{command} title={}::{}",
                property(&title),
                data(message)
            )?;
        }
    }
    Ok(())
}

/// Adds all changes to the summary of the job, if a GitHub workflow asks for one.
pub(crate) fn write_job_summary(report: &DiffReport<'_>) -> io::Result<()> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let mut text = Vec::new();
    super::markdown::write(report, &mut text)?;
    if text.len() > MOST_SUMMARY {
        let mut lines = text[..MOST_SUMMARY].iter();
        let end = lines.rposition(|byte| *byte == b'\n').unwrap_or(0);
        text.truncate(end);
        text.extend_from_slice(b"\n\nThe summary is cut off here, at GitHub's limit.\n");
    }
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    file.write_all(&text)
}

fn command(level: Level) -> &'static str {
    match level {
        Level::Breaking => "error",
        Level::Risky => "warning",
        Level::Compatible => "notice",
    }
}

fn write_annotation(
    report: &DiffReport<'_>,
    out: &mut dyn Write,
    group: &Group<'_>,
) -> io::Result<()> {
    let finding = group.finding;
    write!(out, "::{} ", command(finding.level))?;
    let (old, new) = report.places(finding);
    if let Some(place) = new.or(old) {
        // The column of a definition says nothing that its line does not.
        write!(out, "file={},line={},", property(&place.path), place.line)?;
    }
    let title = format!("{} change: {}", finding.level, finding.rule.id);
    let mut message = format!("{}: {}", finding.change.path, finding.message());
    if let Some(witness) = group.witness {
        let (allows, sent, rejects) = tell(witness);
        message.push_str(&["\nthe ", allows, " revision allows ", &sent].concat());
        let violation = witness.violation.to_string();
        message.push_str(&["\nthe ", rejects, " one says: ", &violation].concat());
    }
    for note in finding.notes() {
        message.push_str("\nnote: ");
        message.push_str(&note);
    }
    for finding in &group.also {
        message.push_str("\nalso ");
        message.push_str(&finding.change.path.to_string());
    }
    writeln!(out, "title={}::{}", property(&title), data(&message))
}
