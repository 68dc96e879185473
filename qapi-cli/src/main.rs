//! The `qapi` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    qapi_cli::run(std::env::args_os()).into()
}
