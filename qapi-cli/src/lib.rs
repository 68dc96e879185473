//! The `qapi` command as a library: a thin `main` calls [`run`].
//!
//! Command line → [`qapi_parser::load`] → diagnostics → a renderer of `diagnostics`; the checked schema → [`dump`],
//! the back ends of `qapi_codegen`, or a client of `qapi_runtime`. The commands only connect the libraries with files
//! and terminals.

use std::ffi::OsString;
use std::io::Write;

use clap::Parser;

mod arguments;
mod cli;
mod commands;
mod connection;
mod console;
mod diagnostics;
mod directory;
pub mod dump;
mod fixes;
mod history;
#[cfg(feature = "lsp")]
mod lsp;
mod mock;
mod private_file;
#[cfg(unix)]
mod private_socket;
mod program_use;
mod project;
#[cfg(unix)]
mod proxy;
mod qemu_source;
mod report;
mod revision;
mod rewrite;
mod schema;
mod standard_input;
mod status;
mod vocabulary;

use cli::Cli;
use console::{Console, error_word};
pub use status::Status;

/// Runs the command with these arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Status {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let mut console = Console::new(&cli.console);
    let result = cli.verb.run(&mut console);
    let result = result.and_then(|status| {
        console.stdout.flush()?;
        Ok(status)
    });
    result.unwrap_or_else(|failure| {
        // When standard error is gone, too, the exit status has to do.
        let _ = writeln!(
            console.stderr,
            "{}: {failure}",
            error_word(console.stderr.color)
        );
        Status::Failed
    })
}

/// Prints what clap has to say: help and version are results, the rest is wrong usage.
fn usage(error: &clap::Error) -> Status {
    // The reader of the help may have gone away.
    let _ = error.print();
    match error.kind() {
        clap::error::ErrorKind::DisplayHelp | clap::error::ErrorKind::DisplayVersion => {
            Status::Clean
        }
        _ => Status::Failed,
    }
}
