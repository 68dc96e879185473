//! Verdicts on revisions as a Markdown table, with a list of problems for each revision that has some.

use std::io::{self, Write};

use super::ProgramSupport;
use crate::console::counted;
use crate::report::markup::{code, escaped};

/// Writes table and lists.
pub(crate) fn write(revisions: &[ProgramSupport<'_, '_>], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| revision | verdict |\n|---|---|")?;
    for support in revisions {
        let mark = if support.is_supported() { "✓" } else { "✗" };
        let (label, verdict) = (escaped(support.label), escaped(&support.verdict()));
        writeln!(out, "| {label} | {mark} {verdict} |")?;
    }
    for support in revisions.iter().filter(|support| support.has_problems()) {
        writeln!(out, "\n**{}**\n", escaped(support.label))?;
        for (title, problems) in support.problems() {
            let (shown, more) = problems.few();
            for problem in shown {
                let path = match problem.path {
                    "" => String::new(),
                    path => format!(" {}", code(path)),
                };
                let (root, what) = (code(problem.root), escaped(problem.problem));
                let (place, message) = (escaped(&problem.place()), code(&problem.message()));
                writeln!(out, "- {title} {root}{path}: {what} ({place})")?;
                writeln!(out, "  {message}")?;
            }
            if more > 0 {
                writeln!(out, "- and {}", counted(more, "further problem"))?;
            }
        }
    }
    Ok(())
}
