//! The commands as the schema has them, each handed to the code that knows how. Where that takes
//! more than a line, a module per family turns the schema's types into the commands' and back.

mod files;
mod network;
mod programs;

use qapi_runtime::Error;

use crate::agent::Agent;
use crate::commands::time;
use crate::failure::Failure;
use crate::guest_agent::server::Handler;
use crate::guest_agent::{self as schema, commands};

/// The commands that [`Handler`] is implemented for below. All others are disabled, so that
/// guest-info tells the truth about them.
pub(crate) const IMPLEMENTED: &[&str] = &[
    "guest-sync-delimited",
    "guest-sync",
    "guest-ping",
    "guest-get-time",
    "guest-info",
    "guest-file-open",
    "guest-file-close",
    "guest-file-read",
    "guest-file-write",
    "guest-file-seek",
    "guest-file-flush",
    "guest-network-get-interfaces",
    "guest-exec-status",
    "guest-exec",
];

/// Why a caller cannot use one of the others.
pub(crate) const NOT_IMPLEMENTED: &str = "not implemented";

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::generic(failure.to_string())
    }
}

impl Handler for &Agent {
    // The sentinel byte before the reply is the dispatcher's.
    fn guest_sync_delimited(&self, arguments: commands::GuestSyncDelimited) -> Result<i64, Error> {
        Ok(arguments.id)
    }

    fn guest_sync(&self, arguments: commands::GuestSync) -> Result<i64, Error> {
        Ok(arguments.id)
    }

    fn guest_ping(&self) -> Result<(), Error> {
        Ok(())
    }

    fn guest_get_time(&self) -> Result<i64, Error> {
        Ok(time::get_time())
    }

    fn guest_info(&self) -> Result<schema::GuestAgentInfo, Error> {
        let commands = self.table().iter().map(|(command, enabled)| {
            let name = command.name.to_owned();
            schema::GuestAgentCommandInfo::new(name, enabled, command.success_response)
        });
        Ok(schema::GuestAgentInfo::new(
            crate::VERSION.to_owned(),
            commands.collect(),
        ))
    }

    fn guest_file_open(&self, arguments: commands::GuestFileOpen) -> Result<i64, Error> {
        files::open(self, &arguments)
    }

    fn guest_file_close(&self, arguments: commands::GuestFileClose) -> Result<(), Error> {
        Ok(self.files().close(arguments.handle)?)
    }

    fn guest_file_read(
        &self,
        arguments: commands::GuestFileRead,
    ) -> Result<schema::GuestFileRead, Error> {
        files::read(self, &arguments)
    }

    fn guest_file_write(
        &self,
        arguments: commands::GuestFileWrite,
    ) -> Result<schema::GuestFileWrite, Error> {
        files::write(self, &arguments)
    }

    fn guest_file_seek(
        &self,
        arguments: commands::GuestFileSeek,
    ) -> Result<schema::GuestFileSeek, Error> {
        files::seek(self, &arguments)
    }

    fn guest_file_flush(&self, arguments: commands::GuestFileFlush) -> Result<(), Error> {
        Ok(self.files().flush(arguments.handle)?)
    }

    fn guest_network_get_interfaces(&self) -> Result<Vec<schema::GuestNetworkInterface>, Error> {
        network::interfaces()
    }

    fn guest_exec(&self, arguments: commands::GuestExec) -> Result<schema::GuestExec, Error> {
        programs::start(self, arguments)
    }

    fn guest_exec_status(
        &self,
        arguments: commands::GuestExecStatus,
    ) -> Result<schema::GuestExecStatus, Error> {
        programs::status(self, &arguments)
    }
}

#[cfg(test)]
mod tests;
