//! `qapi completions`: completion scripts for shells.

use std::io::Write;

use clap::{Args, Command};
use clap_complete::Shell;

use crate::console::Console;
use crate::status::{Failure, Status};

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  qapi completions bash > ~/.local/share/bash-completion/completions/qapi
  qapi completions zsh > \"${fpath[1]}/_qapi\"
  qapi completions fish > ~/.config/fish/completions/qapi.fish

Exit status:
  0  printed
  2  wrong usage")]
pub(crate) struct CompletionsOpts {
    /// Shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script for a command line.
pub(crate) fn run(
    opts: &CompletionsOpts,
    mut command: Command,
    console: &mut Console,
) -> Result<Status, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(opts.shell, &mut command, "qapi", &mut script);
    console.stdout.write_all(&script)?;
    Ok(Status::Clean)
}
