//! The commands as the schema has them, each handed to the code that knows how.

use qapi_runtime::Error;

use crate::agent::Agent;
use crate::base64;
use crate::commands::exec::{self, Captured, Status};
use crate::commands::{network, time};
use crate::failure::Failure;
use crate::guest_agent::server::Handler;
use crate::guest_agent::{self as schema, commands};
use crate::sys::Exit;

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
        Ok(self
            .files()
            .open(&arguments.path, arguments.mode.as_deref())?)
    }

    fn guest_file_close(&self, arguments: commands::GuestFileClose) -> Result<(), Error> {
        Ok(self.files().close(arguments.handle)?)
    }

    fn guest_file_read(
        &self,
        arguments: commands::GuestFileRead,
    ) -> Result<schema::GuestFileRead, Error> {
        let read = self.files().read(arguments.handle, arguments.count)?;
        Ok(schema::GuestFileRead::new(
            read.count,
            read.base64,
            read.end_of_file,
        ))
    }

    fn guest_file_write(
        &self,
        arguments: commands::GuestFileWrite,
    ) -> Result<schema::GuestFileWrite, Error> {
        let count = self
            .files()
            .write(arguments.handle, &arguments.buf_b64, arguments.count)?;
        Ok(schema::GuestFileWrite::new(count, false))
    }

    fn guest_file_seek(
        &self,
        arguments: commands::GuestFileSeek,
    ) -> Result<schema::GuestFileSeek, Error> {
        let position = self
            .files()
            .seek(arguments.handle, arguments.offset, arguments.whence)?;
        Ok(schema::GuestFileSeek::new(position, false))
    }

    fn guest_file_flush(&self, arguments: commands::GuestFileFlush) -> Result<(), Error> {
        Ok(self.files().flush(arguments.handle)?)
    }

    fn guest_network_get_interfaces(&self) -> Result<Vec<schema::GuestNetworkInterface>, Error> {
        Ok(network::interfaces()?.into_iter().map(interface).collect())
    }

    fn guest_exec(&self, arguments: commands::GuestExec) -> Result<schema::GuestExec, Error> {
        let request = exec::Request {
            path: arguments.path,
            arguments: arguments.arg.unwrap_or_default(),
            environment: arguments.env,
            input: arguments.input_data,
            capture: arguments.capture_output.unwrap_or(false),
        };
        Ok(schema::GuestExec::new(self.children().start(&request)?))
    }

    fn guest_exec_status(
        &self,
        arguments: commands::GuestExecStatus,
    ) -> Result<schema::GuestExecStatus, Error> {
        Ok(exec_status(self.children().status(arguments.pid)?))
    }
}

fn interface(interface: network::Interface) -> schema::GuestNetworkInterface {
    let mut reply = schema::GuestNetworkInterface::new(interface.name);
    reply.hardware_address = interface.hardware_address;
    if !interface.addresses.is_empty() {
        let addresses = interface.addresses.into_iter().map(|address| {
            let kind = if address.address.is_ipv4() {
                schema::GuestIpAddressType::Ipv4
            } else {
                schema::GuestIpAddressType::Ipv6
            };
            let prefix = i64::from(address.prefix);
            schema::GuestIpAddress::new(address.address.to_string(), kind, prefix)
        });
        reply.ip_addresses = Some(addresses.collect());
    }
    reply
}

/// A stream that brought nothing has no members.
fn exec_status(status: Status) -> schema::GuestExecStatus {
    let Status::Ended {
        exit,
        output,
        errors,
    } = status
    else {
        return schema::GuestExecStatus::new(false);
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
            any.then_some(captured.truncated),
        )
    };
    (reply.out_data, reply.out_truncated) = stream(output);
    (reply.err_data, reply.err_truncated) = stream(errors);
    reply
}

#[cfg(test)]
mod tests;
