//! guest-exec and guest-exec-status on the wire.

use qapi_runtime::Error;

use crate::agent::Agent;
use crate::commands::exec::{self, Captured, Status};
use crate::guest_agent::{self as schema, commands};
use crate::platform::spawn::Capture;
use crate::platform::sys::Exit;
use qapi_runtime::base64;

pub(super) fn start(
    agent: &Agent,
    arguments: commands::GuestExec,
) -> Result<schema::GuestExec, Error> {
    let request = exec::ExecRequest {
        path: arguments.path,
        arguments: arguments.arg.unwrap_or_default(),
        environment: arguments.env,
        input: arguments.input_data,
        capture: arguments
            .capture_output
            .as_ref()
            .map_or(Capture::None, capture),
    };
    let started = agent.children().start_permitted(&request, agent.policy())?;
    Ok(schema::GuestExec::new(started))
}

fn capture(wanted: &schema::GuestExecCaptureOutput) -> Capture {
    use schema::{GuestExecCaptureOutput as Output, GuestExecCaptureOutputMode as Mode};
    match wanted {
        Output::Flag(false) | Output::Mode(Mode::None) => Capture::None,
        Output::Flag(true) | Output::Mode(Mode::Separated) => Capture::Separated,
        Output::Mode(Mode::Stdout) => Capture::Output,
        Output::Mode(Mode::Stderr) => Capture::Errors,
        Output::Mode(Mode::Merged) => Capture::Merged,
    }
}

/// Returns a stream that brought nothing has no members; one whose output had to be dropped still tells that.
pub(super) fn status(
    agent: &Agent,
    arguments: &commands::GuestExecStatus,
) -> Result<schema::GuestExecStatus, Error> {
    let Status::Ended {
        exit,
        output,
        errors,
    } = agent.children().status(arguments.pid)?
    else {
        return Ok(schema::GuestExecStatus::new(false));
    };
    let mut reply = schema::GuestExecStatus::new(true);
    match exit {
        Exit::Code(code) => reply.exitcode = Some(i64::from(code)),
        Exit::Signal(signal) => reply.signal = Some(i64::from(signal)),
    }
    let stream = |captured: Captured| {
        let any = !captured.data.is_empty();
        (
            any.then(|| base64::encode(&captured.data)),
            (any || captured.truncated).then_some(captured.truncated),
        )
    };
    (reply.out_data, reply.out_truncated) = stream(output);
    (reply.err_data, reply.err_truncated) = stream(errors);
    Ok(reply)
}
