//! Verdicts on revisions as lines.

use std::io::{self, Write};

use super::Drive;
use crate::console::{counted, one_line};

/// Writes a line for each revision, and its first problems.
pub(crate) fn write(drives: &[Drive<'_, '_>], out: &mut dyn Write) -> io::Result<()> {
    for drive in drives {
        writeln!(out, "{}: {}", one_line(drive.label), drive.verdict())?;
        for (title, problems) in drive.problems() {
            let (shown, more) = problems.few();
            for problem in shown {
                let path = match problem.path {
                    "" => String::new(),
                    path => format!(" `{path}`"),
                };
                let (root, what, place) = (problem.root, problem.problem, problem.place());
                let text = format!("{title} {root}{path}: {what} ({place})");
                writeln!(out, "    {}", one_line(&text))?;
            }
            if more > 0 {
                writeln!(out, "    and {}", counted(more, "further problem"))?;
            }
        }
    }
    Ok(())
}
