//! `qapi man`: manual pages, made from the command line's own help.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Command};
use clap_mangen::Man;

use crate::console::Console;
use crate::status::{Failure, Status};

/// Print a manual page, or write all manual pages
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi man | man -l -
  qapi man check | man -l -
  qapi man --out-dir ~/.local/share/man/man1

Exit status:
  0  printed or written
  2  wrong usage, or a directory that cannot be written to")]
pub(crate) struct ManOpts {
    /// Command of the page; by default, `qapi` itself
    #[arg(conflicts_with = "out_dir")]
    verb: Option<String>,
    /// Write qapi.1 and a page for each command to DIR
    #[arg(long, value_name = "DIR")]
    out_dir: Option<PathBuf>,
}

/// Prints or writes the pages of a command line.
pub(crate) fn run(
    opts: &ManOpts,
    command: Command,
    console: &mut Console,
) -> Result<Status, Failure> {
    let mut command = command.disable_help_subcommand(true);
    // Gives each verb its shared flags and its full name.
    command.build();
    if let Some(dir) = &opts.out_dir {
        let failure = |error| Failure::cannot("write to", dir, &error);
        fs::create_dir_all(dir).map_err(failure)?;
        for (name, page) in pages(&command)? {
            fs::write(dir.join(name), page).map_err(failure)?;
        }
        return Ok(Status::Clean);
    }
    let page = match &opts.verb {
        None => render(command)?,
        Some(name) => {
            let verb = command.find_subcommand(name);
            let verb =
                verb.ok_or_else(|| Failure::new(format_args!("there is no verb `{name}`")))?;
            render(verb.clone())?
        }
    };
    console.stdout.write_all(&page)?;
    Ok(Status::Clean)
}

/// File names and contents, the page of the whole command first.
fn pages(command: &Command) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    std::iter::once(command)
        .chain(command.get_subcommands())
        .map(|command| {
            let name = command.get_display_name().unwrap_or(command.get_name());
            Ok((format!("{name}.1"), render(command.clone())?))
        })
        .collect()
}

fn render(command: Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    // The date is left out: it would be that of the build.
    let source = concat!("qapi ", env!("CARGO_PKG_VERSION"));
    Man::new(command)
        .date("")
        .source(source)
        .render(&mut page)?;
    Ok(page)
}
