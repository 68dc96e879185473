//! For programs. The keys are a contract: `docs/diff-format.md` tells what they mean.

use std::io::{self, Write};

use serde::Serialize;

use super::MatrixReport;

#[derive(Serialize)]
struct MatrixView<'a> {
    format: u32,
    revisions: &'a [String],
    rows: Vec<RowView<'a>>,
}

#[derive(Serialize)]
struct RowView<'a> {
    kind: &'static str,
    root: &'a str,
    direction: Option<&'static str>,
    path: String,
    runs: Vec<RunView<'a>>,
}

#[derive(Serialize)]
struct RunView<'a> {
    from: &'a str,
    to: &'a str,
    r#type: Option<&'a str>,
    optional: Option<bool>,
    features: &'a [String],
    condition: Option<&'a str>,
}

/// Writes the document.
pub(crate) fn write(report: &MatrixReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rows = report.rows().map(|row| RowView {
        kind: row.path.kind.as_str(),
        root: &row.path.root,
        direction: row.path.direction.map(qapi_diff::Direction::as_str),
        path: row.path.below_root(),
        runs: row
            .runs()
            .into_iter()
            .map(|run| RunView {
                from: &report.labels[run.first],
                to: &report.labels[run.last],
                r#type: run.cell.ty.as_deref(),
                optional: run.cell.optional,
                features: &run.cell.features,
                condition: run.cell.condition.as_deref(),
            })
            .collect(),
    });
    let view = MatrixView {
        format: 1,
        revisions: report.labels,
        rows: rows.collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &view)?;
    out.write_all(b"\n")
}
