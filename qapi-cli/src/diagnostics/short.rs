//! One line per diagnostic: `FILE:LINE:COLUMN: error[CODE]: message`.

use std::io::{self, Write};

use qapi_parser::diag::Diagnostic;
use qapi_parser::source::SourceMap;

use super::location::Location;
use crate::console::one_line;

/// Writes the line.
pub(super) fn write(
    out: &mut dyn Write,
    sources: &SourceMap,
    diagnostic: &Diagnostic,
) -> io::Result<()> {
    let location = Location::of(diagnostic, sources);
    write!(out, "{}:", one_line(location.file))?;
    if let Some(exact) = location.exact {
        write!(out, "{}:{}:", exact.line, exact.column)?;
    }
    writeln!(
        out,
        " {}[{}]: {}",
        diagnostic.severity.as_str(),
        diagnostic.code,
        one_line(&diagnostic.message)
    )
}
