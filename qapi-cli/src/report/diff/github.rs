//! Annotations of a GitHub workflow: one command per line, in the place where the newer revision
//! has it, or the older one where the newer has none.

use std::io::{self, Write};

use qapi_diff::Level;

use super::{DiffReport, tell};

/// Writes the commands.
pub(crate) fn write(report: &DiffReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    for group in report.groups() {
        let finding = group.finding;
        let command = match finding.level {
            Level::Breaking => "error",
            Level::Risky => "warning",
            Level::Compatible => "notice",
        };
        write!(out, "::{command} ")?;
        let (old, new) = report.places(finding);
        if let Some(place) = new.or(old) {
            // The column of a definition says nothing that its line does not.
            write!(out, "file={},line={},", property(&place.path), place.line)?;
        }
        let title = format!("{} change: {}", finding.level, finding.rule.id);
        let place = finding.change.path.to_string();
        let mut message = format!("{place}: {}", finding.message());
        if let Some(witness) = group.witness {
            let (allows, sent, rejects) = tell(witness);
            message.push_str(&["\nthe ", allows, " revision allows ", &sent].concat());
            let violation = witness.violation.to_string();
            message.push_str(&["\nthe ", rejects, " one says: ", &violation].concat());
        }
        for note in finding.notes() {
            message.push_str("\nnote: ");
            message.push_str(&note);
        }
        for finding in &group.also {
            message.push_str("\nalso ");
            message.push_str(&finding.change.path.to_string());
        }
        writeln!(out, "title={}::{}", property(&title), data(&message))?;
    }
    Ok(())
}

/// The text of a command: it ends with the line.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property: it also ends at commas and colons.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(data("50 %\r\nnext: a, b"), "50 %25%0D%0Anext: a, b");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
    }
}
