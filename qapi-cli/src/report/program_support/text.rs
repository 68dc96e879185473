//! Verdicts on revisions as lines.

use std::io::{self, Write};

use super::ProgramSupport;
use crate::console::{counted, one_line};

/// Writes a line for each revision, and its first problems.
pub(crate) fn write(revisions: &[ProgramSupport<'_, '_>], out: &mut dyn Write) -> io::Result<()> {
    for support in revisions {
        writeln!(out, "{}: {}", one_line(support.label), support.verdict())?;
        for (title, problems) in support.problems() {
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
