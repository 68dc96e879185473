//! A line for each row, in words.

use std::io::{self, Write};

use annotate_snippets::renderer::DEFAULT_EMPHASIS_STYLE;

use super::MatrixReport;
use crate::console::{one_line, styled};

/// Writes the lines.
pub(crate) fn write(report: &MatrixReport<'_>, out: &mut dyn Write, color: bool) -> io::Result<()> {
    let labels: Vec<_> = report.labels.iter().map(|label| one_line(label)).collect();
    writeln!(out, "revisions: {}\n", labels.join(", "))?;
    for row in report.rows() {
        let story = report.story(row);
        let story = one_line(&story);
        if row.parent.is_none() {
            let title = format!("{} {}", row.path.kind.as_str(), one_line(&row.path.root));
            let title = styled(&title, DEFAULT_EMPHASIS_STYLE, color);
            writeln!(out, "{title}: {story}")?;
        } else {
            // With the name of the command, so that a line found by searching says it all.
            writeln!(out, "  {}: {story}", one_line(&row.path.to_string()))?;
        }
    }
    Ok(())
}
