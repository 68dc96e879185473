//! One line per diagnostic: `FILE:LINE[:COLUMN]: error[CODE]: message`.

use std::io::{self, Write};

use qapi_parser::diag::Diagnostic;
use qapi_parser::source::SourceMap;

use super::Place;
use super::line::one_line;

/// Writes the line.
pub(super) fn write(
    out: &mut dyn Write,
    sources: &SourceMap,
    diagnostic: &Diagnostic,
) -> io::Result<()> {
    let place = Place::of(diagnostic, sources);
    write!(out, "{}:", one_line(place.file))?;
    for number in [place.line, place.column].into_iter().flatten() {
        write!(out, "{number}:")?;
    }
    writeln!(
        out,
        " {}[{}]: {}",
        diagnostic.severity.as_str(),
        diagnostic.code,
        one_line(&diagnostic.message)
    )
}
