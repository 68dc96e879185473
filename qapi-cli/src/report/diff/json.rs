//! JSON, for programs. The keys are a contract, described in `docs/diff-format.md`.

use std::io::{self, Write};

use qapi_diff::{Finding, Level, Origin};
use serde::Serialize;
use serde_json::Value;

use super::DiffReport;
use crate::program_use::ProgramUse;
use crate::revision::SourcePlace;

#[derive(Serialize)]
struct ReportView<'a> {
    format: u32,
    lens: &'static str,
    old: &'a str,
    new: &'a str,
    summary: SummaryView,
    renamed: Vec<RenamedView<'a>>,
    findings: Vec<FindingView<'a>>,
    usage: Option<ProgramUseView<'a>>,
    ignored: Vec<IgnoredView<'a>>,
}

#[derive(Serialize)]
struct SummaryView {
    breaking: usize,
    risky: usize,
    compatible: usize,
    ignored: usize,
}

#[derive(Serialize)]
struct ProgramUseView<'a> {
    unmet: LevelsView,
    refused: Vec<RefusedView<'a>>,
}

#[derive(Serialize)]
struct LevelsView {
    breaking: usize,
    risky: usize,
    compatible: usize,
}

#[derive(Serialize)]
struct RefusedView<'a> {
    message: Value,
    path: &'a str,
    problem: &'a str,
    recorded: RecordedView<'a>,
}

#[derive(Serialize)]
struct RecordedView<'a> {
    file: &'a str,
    line: u64,
}

#[derive(Serialize)]
struct RenamedView<'a> {
    old: &'a str,
    new: &'a str,
}

#[derive(Serialize)]
struct FindingView<'a> {
    rule: &'static str,
    level: &'static str,
    message: String,
    kind: &'static str,
    root: &'a str,
    direction: Option<&'static str>,
    path: String,
    cause: u32,
    old: Option<ChangePlaceView>,
    new: Option<ChangePlaceView>,
    announced: Option<&'static str>,
    builds: Option<&'a str>,
    further_places: u32,
    notes: Vec<String>,
    witness: Option<WitnessView<'a>>,
}

#[derive(Serialize)]
struct ChangePlaceView {
    file: String,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct WitnessView<'a> {
    allowed_by: &'static str,
    message: Value,
    elided: bool,
    path: String,
    problem: String,
    recorded: Option<RecordedView<'a>>,
}

#[derive(Serialize)]
struct IgnoredView<'a> {
    #[serde(flatten)]
    finding: FindingView<'a>,
    reason: &'a str,
}

/// Writes the document.
pub(crate) fn write(report: &DiffReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let places = |level| report.count(level).1;
    let ignored = &report.judgement.ignored;
    let view = ReportView {
        format: 1,
        lens: report.lens.as_str(),
        old: &report.old.name,
        new: &report.new.name,
        summary: SummaryView {
            breaking: places(Level::Breaking),
            risky: places(Level::Risky),
            compatible: places(Level::Compatible),
            ignored: ignored.len(),
        },
        renamed: (report.renamed.iter())
            .map(|(old, new)| RenamedView { old, new })
            .collect(),
        findings: (report.findings.iter())
            .map(|finding| view(report, finding))
            .collect(),
        usage: report.usage.map(usage),
        ignored: (ignored.iter())
            .map(|(finding, reason)| IgnoredView {
                finding: view(report, finding),
                reason,
            })
            .collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &view)?;
    out.write_all(b"\n")
}

fn view<'a>(report: &DiffReport<'_>, finding: &'a Finding) -> FindingView<'a> {
    let change = &finding.change;
    let (old, new) = report.places(finding);
    FindingView {
        rule: finding.rule.id,
        level: finding.level.as_str(),
        message: finding.message(),
        kind: change.path.kind.as_str(),
        root: &change.path.root,
        direction: change.path.direction.map(qapi_diff::Direction::as_str),
        path: change.path.below_root(),
        cause: change.cause,
        old: old.as_ref().map(place),
        new: new.as_ref().map(place),
        announced: change.announced.map(qapi_diff::Announcement::as_str),
        builds: change.builds.as_deref(),
        further_places: change.further_places,
        notes: finding.notes(),
        witness: finding.witness.as_ref().map(|witness| WitnessView {
            allowed_by: if witness.allowed_by_old { "old" } else { "new" },
            message: witness.message.to_json(),
            elided: witness.is_elided,
            path: witness.violation.path.clone(),
            problem: witness.violation.problem.clone(),
            recorded: witness.origin.as_ref().map(recorded),
        }),
    }
}

fn usage(usage: &ProgramUse) -> ProgramUseView<'_> {
    let places = |level| usage.unmet.get(&level).copied().unwrap_or_default();
    ProgramUseView {
        unmet: LevelsView {
            breaking: places(Level::Breaking),
            risky: places(Level::Risky),
            compatible: places(Level::Compatible),
        },
        refused: (usage.unexplained.iter())
            .map(|found| RefusedView {
                message: found.message.to_json(),
                path: &found.violation.path,
                problem: &found.violation.problem,
                recorded: recorded(&found.origin),
            })
            .collect(),
    }
}

fn recorded(origin: &Origin) -> RecordedView<'_> {
    RecordedView {
        file: &origin.file,
        line: origin.line,
    }
}

fn place(place: &SourcePlace) -> ChangePlaceView {
    ChangePlaceView {
        file: format!("{}{}", place.prefix, place.path),
        line: place.line,
        column: place.column,
    }
}
