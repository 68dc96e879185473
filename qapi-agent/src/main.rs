//! The guest agent's program: command line in, exit status out.

use std::io::Write;
use std::process::ExitCode;

use qapi_agent::cli::Request;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    if let Some(status) = qapi_agent::become_user(&arguments) {
        return ExitCode::from(status);
    }
    let done = match qapi_agent::parse(arguments) {
        Ok(Request::Print(text)) => {
            // Whoever closed standard output does not want the text.
            let _ = std::io::stdout().write_all(text.as_bytes());
            return ExitCode::SUCCESS;
        }
        Ok(Request::Dump { text, warnings }) => {
            let mut stderr = std::io::stderr();
            for warning in warnings {
                let _ = writeln!(stderr, "warning: {warning}");
            }
            let _ = std::io::stdout().write_all(text.as_bytes());
            return ExitCode::SUCCESS;
        }
        // What goes wrong from here on has been told.
        Ok(Request::Run(settings)) => qapi_agent::run(&settings).map_err(drop),
        Err(error) => {
            let _ = std::io::stderr().write_all(error.as_bytes());
            Err(())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(()) => ExitCode::FAILURE,
    }
}
