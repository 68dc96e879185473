//! A table with a column for each revision.

use std::io::{self, Write};

use super::{MatrixReport, Varying};
use crate::console::one_line;

/// Writes the table.
pub(crate) fn write(report: &MatrixReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "| |")?;
    for label in report.labels {
        write!(out, " {} |", escape(label))?;
    }
    write!(out, "\n|---|")?;
    for _ in report.labels {
        write!(out, "---|")?;
    }
    writeln!(out)?;
    for row in report.rows() {
        let path = match row.parent {
            None => format!("**{}**", escape(&row.path.root)),
            Some(_) => format!(
                "{} {}",
                escape(&row.path.root),
                escape(&row.path.below_root())
            ),
        };
        write!(out, "| {path} |")?;
        let varying = Varying::of(row);
        for cell in &row.cells {
            let text = match cell {
                None => "–".to_owned(),
                Some(cell) => match varying.words(cell) {
                    words if words.is_empty() => "✓".to_owned(),
                    words => escape(&words.join(", ")),
                },
            };
            write!(out, " {text} |")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Text that is to be read as it is, within a cell of a table.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '&' | '#' | '~'
        ) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn markup_is_taken_literally() {
        assert_eq!(escape("a_b[=c|d]"), "a\\_b\\[=c\\|d\\]");
    }
}
