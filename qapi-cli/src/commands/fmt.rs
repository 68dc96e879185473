//! `qapi fmt`: formats schema files.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::time::Duration;

use clap::Args;
use qapi_parser::format::{Formatted, format_file};
use qapi_parser::source::{Files, Memory};
use similar::TextDiff;

use crate::console::{Console, counted};
use crate::diagnostics::{MessageFormat, Report};
use crate::schema::DialectArgs;
use crate::standard_input::Input;
use crate::status::{Failure, Status};

/// Limit on comparing the lines of a file; after it the patch is less small.
const PATIENCE: Duration = Duration::from_secs(2);

/// Format schema files
///
/// Comments, documentation and meaning are kept. Files are rewritten in place, and only if something changes. Included
/// files are not formatted unless they are named.
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
pub(crate) struct Opts {
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

pub(crate) fn run(opts: &Opts, console: &mut Console) -> Result<Status, Failure> {
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
            replace(path, &after)?;
            console.tell(|| format!("formatted {}", path.display()))?;
        }
    }
    report.finish(&mut console.stderr)?;
    if opts.check && changed > 0 {
        if !console.quiet {
            let verb = if changed == 1 { "is" } else { "are" };
            writeln!(
                console.stderr,
                "{} {verb} not formatted; the same command without --check mends that",
                counted(changed, "file")
            )?;
        }
        return Ok(report.status().max(Status::Findings));
    }
    Ok(report.status())
}

/// Formats the text of a file. The file is opened again only for the reason why it cannot be read.
fn format(path: &Path, read: &io::Result<Vec<u8>>, input: &Input, opts: &Opts) -> Formatted {
    match read {
        Ok(bytes) => {
            let files = Memory::new().with(path, bytes.clone());
            format_file(path, &files, opts.dialect.dialect.unwrap_or_default())
        }
        Err(_) => format_file(path, input, opts.dialect.dialect.unwrap_or_default()),
    }
}

/// The change of a file as `patch` understands it.
fn patch(path: &Path, before: &[u8], after: &str) -> String {
    let before = String::from_utf8_lossy(before);
    let name = path.display().to_string();
    TextDiff::configure()
        .timeout(PATIENCE)
        .diff_lines(&*before, after)
        .unified_diff()
        .header(&name, &name)
        .to_string()
}

/// Replaces the content of a file as a whole, or not at all. Of a link, the target is replaced.
fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let failure =
        |error: io::Error| Failure::new(format_args!("cannot write {}: {error}", path.display()));
    let target = fs::canonicalize(path).map_err(failure)?;
    let permissions = fs::metadata(&target).map_err(failure)?.permissions();
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let temporary = target.with_file_name(format!(".{name}.{}.tmp", process::id()));
    let written = fs::write(&temporary, text)
        .and_then(|()| fs::set_permissions(&temporary, permissions))
        .and_then(|()| fs::rename(&temporary, &target));
    written.map_err(|error| {
        // There is nothing to be done about one that cannot be removed.
        let _ = fs::remove_file(&temporary);
        failure(error)
    })
}
