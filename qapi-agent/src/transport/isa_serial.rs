//! A serial line (docs/reference/agent-behaviour.md §2.2).

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::libc::{B38400, CBAUD};
use nix::sys::stat::Mode;
use nix::sys::termios::{
    ControlFlags, FlushArg, InputFlags, LocalFlags, OutputFlags, SetArg, SpecialCharacterIndices,
    tcflush, tcgetattr, tcsetattr,
};
use qapi_runtime::server::{Dispatcher, Service, TaskId};
use qapi_runtime::{Encode, Error};

use super::channel::{Channel, Watch};
use crate::failure::errno_text;
use crate::log::Log;
use crate::transport::connection::{Connection, Delivery, Progress};

/// The line. Clients cannot be distinguished, so there is one permanent connection; a client begins with the sentinel
/// byte.
#[derive(Debug)]
pub(crate) struct IsaSerial {
    connection: Connection<File>,
    name: String,
}

impl IsaSerial {
    /// Opens the line and makes it carry bytes as they are. Earlier input is dropped.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let name = path.display().to_string();
        let line = open_raw(path)
            .map_err(|errno| format!("cannot open serial line `{name}`: {}", errno_text(errno)))?;
        Ok(Self {
            connection: Connection::new(line),
            name,
        })
    }
}

fn open_raw(path: &Path) -> Result<File, Errno> {
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    let line = open(path, flags, Mode::empty())?;
    let mut settings = tcgetattr(&line)?;
    settings.input_flags = InputFlags::empty();
    settings.output_flags = OutputFlags::empty();
    settings.local_flags = LocalFlags::empty();
    // Sets the kernel's bits directly, because the C library's function has a versioned name, which static linking does
    // not find.
    settings
        .control_flags
        .remove(ControlFlags::from_bits_retain(CBAUD));
    settings
        .control_flags
        .insert(ControlFlags::from_bits_retain(B38400));
    settings.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
    settings.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
    tcflush(&line, FlushArg::TCIFLUSH)?;
    tcsetattr(&line, SetArg::TCSANOW, &settings)?;
    Ok(File::from(line))
}

impl<S: Service> Channel<S> for IsaSerial {
    fn watch(&mut self) -> Watch<'_> {
        Watch {
            descriptor: self.connection.watched(),
            timeout: None,
        }
    }

    /// Ends the agent when the line hangs up, because it would be deaf otherwise (D6).
    fn advance(&mut self, dispatcher: &Dispatcher<S>, _: &Log) -> Result<(), String> {
        let name = &self.name;
        match self.connection.advance(dispatcher) {
            Ok(Progress::Gone) => Err(format!("serial line `{name}` hung up")),
            Ok(Progress::Some | Progress::Blocked) => Ok(()),
            Err(error) => Err(format!(
                "error reading channel: serial line `{name}`: {error}"
            )),
        }
    }

    fn complete(&mut self, task: TaskId, result: Result<&dyn Encode, &Error>) -> bool {
        self.connection.complete(task, result)
    }

    fn delivery(&mut self) -> Delivery {
        self.connection.delivery()
    }

    fn finish(&mut self, refusal: &Error, patience: Duration) {
        self.connection.finish(refusal, patience);
    }
}
