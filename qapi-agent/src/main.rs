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
            // If standard output is closed, the text is not wanted.
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
        // Failures from here on have been reported.
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
