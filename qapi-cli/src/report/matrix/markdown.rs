//! A table with a column for each revision.

use std::io::{self, Write};

use super::{MatrixReport, Varying};
use crate::report::markup::escaped;

/// Writes the table.
pub(crate) fn write(report: &MatrixReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "| |")?;
    for label in report.labels {
        write!(out, " {} |", escaped(label))?;
    }
    write!(out, "\n|---|")?;
    for _ in report.labels {
        write!(out, "---|")?;
    }
    writeln!(out)?;
    for row in report.rows() {
        let path = match row.parent {
            None => format!("**{}**", escaped(&row.path.root)),
            Some(_) => format!(
                "{} {}",
                escaped(&row.path.root),
                escaped(&row.path.below_root())
            ),
        };
        write!(out, "| {path} |")?;
        let varying = Varying::of(row);
        for cell in &row.cells {
            let text = match cell {
                None => "–".to_owned(),
                Some(cell) => match varying.words(cell) {
                    words if words.is_empty() => "✓".to_owned(),
                    words => escaped(&words.join(", ")),
                },
            };
            write!(out, " {text} |")?;
        }
        writeln!(out)?;
    }
    Ok(())
}
