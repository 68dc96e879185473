//! `qapi fmt`: formats schema files.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use qapi_parser::format::{Formatted, format_file};
use qapi_parser::source::{Files, Memory};

use crate::console::{Console, counted};
use crate::diagnostics::{MessageFormat, Report};
use crate::rewrite::{patch, rewrite};
use crate::schema::DialectArgs;
use crate::standard_input::Input;
use crate::status::{Failure, Status};

/// Format schema files
///
/// Corrects spaces, indentation, and lines of more than 79 columns. Other line breaks, comments and documentation are
/// kept, and so is the meaning. Files are rewritten in place, and only if something changes. Included files are not
/// formatted unless they are named.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi fmt schema.json qapi/*.json
  qapi fmt --check qapi/*.json
  qapi fmt - < old.json > new.json

Exit status:
  0  formatted, or nothing to do
  1  syntax errors; such a file is left alone. With --check: files are not formatted
  2  wrong usage, or a FILE that cannot be read or written")]
pub(crate) struct FmtOpts {
    /// Schema file; `-` reads standard input and writes standard output
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write nothing; print the changes as a patch
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    dialect: DialectArgs,
    /// Format of diagnostics
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    message_format: MessageFormat,
}

pub(crate) fn run(opts: &FmtOpts, console: &mut Console) -> Result<Status, Failure> {
    let mut report = Report::new(
        opts.message_format,
        false,
        console.quiet,
        console.stderr.color,
    );
    let input = Input::default();
    let mut changed = 0;
    for path in &opts.files {
        let before = input.read(path);
        let formatted = format(path, &before, &input, opts);
        report.print(
            &mut console.stderr,
            &formatted.sources,
            &formatted.diagnostics,
        )?;
        let (Some(after), Ok(before)) = (formatted.text, before) else {
            continue;
        };
        let differs = before != after.as_bytes();
        changed += usize::from(differs);
        if opts.check && differs {
            if !console.quiet {
                console
                    .stdout
                    .write_all(patch(path, &before, &after).as_bytes())?;
            }
        } else if !opts.check && path == Path::new("-") {
            console.stdout.write_all(after.as_bytes())?;
        } else if !opts.check && differs {
            rewrite(path, &after)?;
            console.tell(|| format!("formatted {}", path.display()))?;
        }
    }
    report.finish(&mut console.stderr)?;
    if opts.check && changed > 0 {
        if !console.quiet {
            let verb = if changed == 1 { "is" } else { "are" };
            writeln!(
                console.stderr,
                "{} {verb} not formatted; run the same command without --check to fix that",
                counted(changed, "file")
            )?;
        }
        return Ok(report.status().max(Status::Findings));
    }
    Ok(report.status())
}

/// Formats the text of a file. The file is opened again only to find out why it cannot be read.
fn format(path: &Path, read: &io::Result<Vec<u8>>, input: &Input, opts: &FmtOpts) -> Formatted {
    match read {
        Ok(bytes) => {
            let files = Memory::new().with(path, bytes.clone());
            format_file(path, &files, opts.dialect.dialect.unwrap_or_default())
        }
        Err(_) => format_file(path, input, opts.dialect.dialect.unwrap_or_default()),
    }
}
