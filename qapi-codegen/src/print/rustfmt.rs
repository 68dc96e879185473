//! Formats output with the user's rustfmt. No other module of this crate runs a program.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::config::Edition;
use crate::parallel;

/// Returns the texts, formatted, in their order. A configuration file is looked for in `folder` and the folders around it.
///
/// # Errors
/// There is no rustfmt, or it fails; the text is for users.
pub(crate) fn format(
    texts: &[&str],
    folder: &Path,
    edition: Edition,
) -> Result<Vec<String>, String> {
    let folder = existing(folder);
    let formatted = parallel::map(texts.len(), 1, &|range| {
        format_one(texts[range.start], &folder, edition)
    });
    formatted.into_iter().collect()
}

fn format_one(text: &str, folder: &Path, edition: Edition) -> Result<String, String> {
    let program = program();
    let name = program.to_string_lossy();
    let output = run(&program, text, folder, edition).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("there is no `{name}`: {error}"),
        _ => format!("`{name}` cannot be run: {error}"),
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "`{name}` failed ({}): {}",
            output.status,
            said.trim()
        ));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("`{name}` printed text that is not UTF-8"))
}

/// The program that `RUSTFMT` names, as for Cargo, or the one in the search path.
#[expect(
    clippy::disallowed_methods,
    reason = "the settings ask for the user's rustfmt, and that is how users name it"
)]
fn program() -> OsString {
    std::env::var_os("RUSTFMT")
        .filter(|program| !program.is_empty())
        .unwrap_or_else(|| "rustfmt".into())
}

fn run(program: &OsString, text: &str, folder: &Path, edition: Edition) -> io::Result<Output> {
    let mut child = Command::new(program)
        .args(["--edition", edition.as_str(), "--emit", "stdout"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let stdin = child.stdin.take();
    std::thread::scope(|scope| {
        // Both at once: a pipe holds less than a file.
        let writer =
            scope.spawn(move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(text.as_bytes())));
        let output = child.wait_with_output()?;
        match writer.join() {
            // A program that fails before it has read everything reports the reason itself.
            Ok(Err(error)) if output.status.success() => Err(error),
            _ => Ok(output),
        }
    })
}

/// Returns the folder, or the innermost folder around it that exists already.
fn existing(folder: &Path) -> PathBuf {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let found = folder.ancestors().find(|folder| folder.is_dir());
    found.unwrap_or(&folder).to_owned()
}
