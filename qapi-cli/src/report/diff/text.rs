//! Text, for people: by command and event, the worst changes emphasised.

use std::io::{self, Write};

use annotate_snippets::renderer::{
    DEFAULT_EMPHASIS_STYLE, DEFAULT_ERROR_STYLE, DEFAULT_NOTE_STYLE, DEFAULT_WARNING_STYLE, Style,
};
use qapi_diff::{Finding, Level};

use super::{DiffReport, Group, recorded, tell};
use crate::console::{counted, one_line, styled};

/// The number of further places of a difference that are listed.
const FEW: usize = 3;

/// Options of the text format.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(crate) struct TextOptions {
    pub(crate) color: bool,
    /// Name every place.
    pub(crate) verbose: bool,
    /// Print the changes alone.
    pub(crate) quiet: bool,
    /// Count the changes of each command and event instead of printing them.
    pub(crate) summary: bool,
}

/// Writes the report: the counts first, then command by command.
pub(crate) fn write(
    report: &DiffReport<'_>,
    out: &mut dyn Write,
    options: &TextOptions,
) -> io::Result<()> {
    let groups = report.groups();
    if !options.quiet {
        writeln!(out, "{}", title(report))?;
        if !groups.is_empty() {
            writeln!(out)?;
        }
    }
    if options.summary {
        write_counts(out, &groups, options)?;
    } else {
        write_groups(report, out, &groups, options)?;
    }
    if options.quiet {
        return Ok(());
    }
    write_remarks(report, out, !groups.is_empty())
}

fn write_groups(
    report: &DiffReport<'_>,
    out: &mut dyn Write,
    groups: &[Group<'_>],
    options: &TextOptions,
) -> io::Result<()> {
    let mut heading = None;
    for group in groups {
        let path = &group.finding.change.path;
        let this = (path.kind, path.root.as_str());
        if heading != Some(this) {
            if heading.is_some() {
                writeln!(out)?;
            }
            heading = Some(this);
            let title = format!("{} {}", path.kind.as_str(), one_line(&path.root));
            let title = styled(&title, DEFAULT_EMPHASIS_STYLE, options.color);
            writeln!(out, "{title}")?;
        }
        write_group(report, out, group, options.color, options.verbose)?;
    }
    Ok(())
}

/// Writes a line for each command and event, the worst first.
fn write_counts(
    out: &mut dyn Write,
    groups: &[Group<'_>],
    options: &TextOptions,
) -> io::Result<()> {
    let mut counts: Vec<((&str, &str), [usize; 3])> = Vec::new();
    for group in groups {
        let path = &group.finding.change.path;
        let this = (path.kind.as_str(), path.root.as_str());
        if counts.last().is_none_or(|(last, _)| *last != this) {
            counts.push((this, [0; 3]));
        }
        if let Some((_, levels)) = counts.last_mut() {
            levels[2 - group.finding.level as usize] += 1;
        }
    }
    counts.sort_by_key(|(_, levels)| std::cmp::Reverse(*levels));
    for ((kind, root), levels) in counts {
        let parts: Vec<_> = [Level::Breaking, Level::Risky, Level::Compatible]
            .into_iter()
            .zip(levels)
            .filter(|(_, count)| *count > 0)
            .map(|(level, count)| styled(&format!("{count} {level}"), style(level), options.color))
            .collect();
        writeln!(out, "{kind} {}: {}", one_line(root), parts.join(", "))?;
    }
    Ok(())
}

fn write_group(
    report: &DiffReport<'_>,
    out: &mut dyn Write,
    group: &Group<'_>,
    color: bool,
    verbose: bool,
) -> io::Result<()> {
    let finding = group.finding;
    let level = styled(finding.level.as_str(), style(finding.level), color);
    let path = finding.change.path.below_root();
    write!(out, "  {level}: ")?;
    if !path.is_empty() {
        let path = styled(&one_line(&path), DEFAULT_EMPHASIS_STYLE, color);
        write!(out, "{path}: ")?;
    }
    writeln!(
        out,
        "{} [{}]",
        one_line(&finding.message()),
        finding.rule.id
    )?;
    let (old, new) = report.places(finding);
    for (side, place) in [("old", old), ("new", new)] {
        if let Some(place) = place {
            let file = format!("{}{}", place.prefix, place.path);
            writeln!(out, "    {side} {}:{}", one_line(&file), place.line)?;
        }
    }
    if let Some(witness) = group.witness {
        let (allows, message, rejects) = tell(witness);
        writeln!(
            out,
            "    the {allows} revision allows {}{}",
            one_line(&message),
            one_line(&recorded(witness))
        )?;
        let violation = witness.violation.to_string();
        writeln!(out, "    the {rejects} one says: {}", one_line(&violation))?;
    }
    for note in finding.notes() {
        writeln!(out, "    note: {}", one_line(&note))?;
    }
    also(out, &group.also, verbose)
}

fn also(out: &mut dyn Write, also: &[&Finding], verbose: bool) -> io::Result<()> {
    let shown = if verbose { also.len() } else { FEW };
    for finding in also.iter().take(shown) {
        let place = finding.change.path.to_string();
        writeln!(out, "    also {}", one_line(&place))?;
    }
    match also.len().saturating_sub(shown) {
        0 => Ok(()),
        rest => writeln!(out, "    and at {}", counted(rest, "further place")),
    }
}

fn style(level: Level) -> Style {
    match level {
        Level::Breaking => DEFAULT_ERROR_STYLE,
        Level::Risky => DEFAULT_WARNING_STYLE,
        Level::Compatible => DEFAULT_NOTE_STYLE,
    }
}

/// Returns the two revisions, and how many changes of each level there are.
fn title(report: &DiffReport<'_>) -> String {
    let (old, new) = (one_line(&report.old.name), one_line(&report.new.name));
    format!("{old} to {new}: {}", report.counts())
}

fn write_remarks(
    report: &DiffReport<'_>,
    out: &mut dyn Write,
    has_changes: bool,
) -> io::Result<()> {
    if let Some(usage) = report.usage {
        for found in &usage.unexplained {
            let message = found.message.to_json().to_string();
            let (file, line) = (&found.origin.file, found.origin.line);
            writeln!(
                out,
                "\nrefused {} ({}:{line})",
                one_line(&message),
                one_line(file)
            )?;
            writeln!(
                out,
                "    the newer revision says: {}",
                one_line(&found.violation.to_string())
            )?;
        }
    }
    if let Some(unmet) = report.unmet() {
        writeln!(out, "{}{unmet}", if has_changes { "\n" } else { "" })?;
    }
    let ignored = report.judgement.ignored.len();
    if has_changes && (ignored > 0 || !report.renamed.is_empty()) {
        writeln!(out)?;
    }
    for (old, new) in report.renamed {
        let (old, new) = (one_line(old), one_line(new));
        writeln!(out, "took `{old}` and `{new}` for the same type")?;
    }
    if ignored > 0 {
        writeln!(out, "ignored {}, as configured", counted(ignored, "change"))?;
    }
    Ok(())
}
