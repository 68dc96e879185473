//! For people: by command and event, the worst said loudest.

use std::io::{self, Write};

use annotate_snippets::renderer::{
    DEFAULT_EMPHASIS_STYLE, DEFAULT_ERROR_STYLE, DEFAULT_NOTE_STYLE, DEFAULT_WARNING_STYLE, Style,
};
use qapi_diff::{Finding, Level};

use super::{DiffReport, Group, tell};
use crate::console::{counted, one_line, styled};

/// So many further places of the same difference are named.
const FEW: usize = 3;

/// Writes the report.
pub(crate) fn write(
    report: &DiffReport<'_>,
    out: &mut dyn Write,
    color: bool,
    verbose: bool,
    quiet: bool,
) -> io::Result<()> {
    let mut heading = None;
    for group in report.groups() {
        let place = &group.finding.change.path;
        let this = (place.kind, place.root.as_str());
        if heading != Some(this) {
            if heading.is_some() {
                writeln!(out)?;
            }
            heading = Some(this);
            let root = one_line(&place.root);
            let title = format!("{} {root}", place.kind.as_str());
            writeln!(out, "{}", styled(&title, DEFAULT_EMPHASIS_STYLE, color))?;
        }
        write_group(report, out, &group, color, verbose)?;
    }
    if quiet {
        return Ok(());
    }
    if heading.is_some() {
        writeln!(out)?;
    }
    summary(report, out)
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
            "    the {allows} revision allows {}",
            one_line(&message)
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

fn summary(report: &DiffReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    for (old, new) in report.renamed {
        let (old, new) = (one_line(old), one_line(new));
        writeln!(out, "took `{old}` and `{new}` for the same type")?;
    }
    let ignored = report.judgement.ignored.len();
    if ignored > 0 {
        writeln!(out, "ignored {}, as configured", counted(ignored, "change"))?;
    }
    let parts: Vec<_> = [Level::Breaking, Level::Risky, Level::Compatible]
        .into_iter()
        .filter_map(|level| {
            let (differences, places) = report.count(level);
            let changes = match differences {
                0 => return None,
                differences => counted(differences, &format!("{level} change")),
            };
            Some(match places {
                places if places == differences => changes,
                places => format!("{changes} at {}", counted(places, "place")),
            })
        })
        .collect();
    if parts.is_empty() {
        writeln!(
            out,
            "no changes in the eyes of the lens `{}`",
            report.lens.as_str()
        )
    } else {
        writeln!(out, "{}", parts.join(", "))
    }
}
