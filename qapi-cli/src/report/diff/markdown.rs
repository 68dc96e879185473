//! Markdown, for a release note: the worst changes first, additions last.

use std::io::{self, Write};

use qapi_diff::Level;

use super::{DiffReport, Group, tell};
use crate::console::one_line;
use crate::report::markup::code;

/// The number of further places of a difference that are listed.
const FEW: usize = 5;

/// Writes the sections.
pub(crate) fn write(report: &DiffReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let groups = report.groups();
    let sections = [
        (Level::Breaking, "Breaking changes"),
        (Level::Risky, "Risky changes"),
        (Level::Compatible, "Compatible changes"),
    ];
    let (old, new) = (code(&report.old.name), code(&report.new.name));
    writeln!(out, "# Changes from {old} to {new}\n")?;
    let counts = sentence(&report.counts());
    writeln!(out, "{counts}")?;
    for (level, title) in sections {
        let of_level: Vec<_> = groups
            .iter()
            .filter(|group| group.finding.level == level)
            .collect();
        if of_level.is_empty() {
            continue;
        }
        writeln!(out, "\n## {title}\n")?;
        for group in of_level {
            write_group(out, group)?;
        }
    }
    if let Some(unmet) = report.unmet() {
        writeln!(out, "\n{}", sentence(&unmet))?;
    }
    if !report.renamed.is_empty() {
        writeln!(out, "\n## Types treated as the same\n")?;
        for (old, new) in report.renamed {
            writeln!(out, "* {} and {}", code(old), code(new))?;
        }
    }
    Ok(())
}

fn write_group(out: &mut dyn Write, group: &Group<'_>) -> io::Result<()> {
    let finding = group.finding;
    let place = &finding.change.path;
    let also = places(group);
    writeln!(
        out,
        "* {}: {} (`{}`){also}",
        code(&place.to_string()),
        sentence(&one_line(&finding.message())),
        finding.rule.id
    )?;
    if let Some(witness) = group.witness {
        let (allows, message, rejects) = tell(witness);
        let violation = witness.violation.to_string();
        writeln!(
            out,
            "  The {allows} revision allows {}; the {rejects} one says: {}",
            code(&message),
            one_line(&violation)
        )?;
    }
    for note in finding.notes() {
        writeln!(out, "  Note: {}", one_line(&note))?;
    }
    Ok(())
}

fn places(group: &Group<'_>) -> String {
    if group.also.is_empty() {
        return String::new();
    }
    let named: Vec<_> = group
        .also
        .iter()
        .take(FEW)
        .map(|finding| code(&finding.change.path.to_string()))
        .collect();
    let rest = match group.also.len().saturating_sub(FEW) {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    format!("; also {}{rest}", named.join(", "))
}

/// Text with a capital at the front and a full stop at the end.
fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    let first = rest.next().map(char::to_uppercase);
    let first = first.into_iter().flatten();
    first.chain(rest).chain(['.']).collect()
}
