//! The commands as the schema has them, each handed to the code that knows how. Where that takes
//! more than a line, a module per family turns the schema's types into the commands' and back.

mod accounts;
mod aside;
mod files;
mod freeze;
mod hardware;
mod identity;
mod network;
mod programs;
mod statistics;
mod storage;

use qapi_runtime::Error;

use self::aside::aside;
use crate::agent::Agent;
use crate::commands::suspend::{self, Mode};
use crate::commands::{shutdown, time};
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
    "guest-set-time",
    "guest-info",
    "guest-shutdown",
    "guest-file-open",
    "guest-file-close",
    "guest-file-read",
    "guest-file-write",
    "guest-file-seek",
    "guest-file-flush",
    "guest-fsfreeze-status",
    "guest-fsfreeze-freeze",
    "guest-fsfreeze-freeze-list",
    "guest-fsfreeze-thaw",
    "guest-fstrim",
    "guest-get-disks",
    "guest-get-fsinfo",
    "guest-suspend-disk",
    "guest-suspend-ram",
    "guest-suspend-hybrid",
    "guest-network-get-interfaces",
    "guest-get-vcpus",
    "guest-set-vcpus",
    "guest-set-user-password",
    "guest-get-memory-blocks",
    "guest-set-memory-blocks",
    "guest-get-memory-block-info",
    "guest-exec-status",
    "guest-exec",
    "guest-get-host-name",
    "guest-get-users",
    "guest-get-timezone",
    "guest-get-osinfo",
    "guest-ssh-get-authorized-keys",
    "guest-ssh-add-authorized-keys",
    "guest-ssh-remove-authorized-keys",
    "guest-get-diskstats",
    "guest-get-cpustats",
    "guest-get-load",
    "guest-network-get-route",
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
        self.late().synchronise();
        Ok(arguments.id)
    }

    fn guest_sync(&self, arguments: commands::GuestSync) -> Result<i64, Error> {
        self.late().synchronise();
        Ok(arguments.id)
    }

    fn guest_ping(&self) -> Result<(), Error> {
        Ok(())
    }

    fn guest_get_time(&self) -> Result<i64, Error> {
        Ok(time::get_time())
    }

    fn guest_set_time(&self, arguments: commands::GuestSetTime) -> Result<(), Error> {
        aside(self, move |system| time::set_time(system, arguments.time))
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

    fn guest_shutdown(&self, arguments: commands::GuestShutdown) -> Result<(), Error> {
        aside(self, move |system| {
            shutdown::shut_down(system, arguments.mode.as_deref())
        })
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

    fn guest_fsfreeze_status(&self) -> Result<schema::GuestFsfreezeStatus, Error> {
        Ok(freeze::status(self))
    }

    fn guest_fsfreeze_freeze(&self) -> Result<i64, Error> {
        freeze::freeze(self, None)
    }

    fn guest_fsfreeze_freeze_list(
        &self,
        arguments: commands::GuestFsfreezeFreezeList,
    ) -> Result<i64, Error> {
        freeze::freeze(self, arguments.mountpoints)
    }

    fn guest_fsfreeze_thaw(&self) -> Result<i64, Error> {
        freeze::thaw(self)
    }

    fn guest_get_fsinfo(&self) -> Result<Vec<schema::GuestFilesystemInfo>, Error> {
        storage::file_systems(self)
    }

    fn guest_get_disks(&self) -> Result<Vec<schema::GuestDiskInfo>, Error> {
        storage::disks(self)
    }

    fn guest_fstrim(
        &self,
        arguments: commands::GuestFstrim,
    ) -> Result<schema::GuestFilesystemTrimResponse, Error> {
        freeze::trim(self, arguments.minimum.unwrap_or(0))
    }

    fn guest_suspend_disk(&self) -> Result<(), Error> {
        aside(self, |system| suspend::suspend(system, Mode::Disk))
    }

    fn guest_suspend_ram(&self) -> Result<(), Error> {
        aside(self, |system| suspend::suspend(system, Mode::Ram))
    }

    fn guest_suspend_hybrid(&self) -> Result<(), Error> {
        aside(self, |system| suspend::suspend(system, Mode::Hybrid))
    }

    fn guest_network_get_interfaces(&self) -> Result<Vec<schema::GuestNetworkInterface>, Error> {
        network::interfaces(self)
    }

    fn guest_get_vcpus(&self) -> Result<Vec<schema::GuestLogicalProcessor>, Error> {
        hardware::processors(self)
    }

    fn guest_set_vcpus(&self, arguments: commands::GuestSetVcpus) -> Result<i64, Error> {
        hardware::set_processors(self, arguments)
    }

    fn guest_set_user_password(
        &self,
        arguments: commands::GuestSetUserPassword,
    ) -> Result<(), Error> {
        accounts::set_password(self, arguments)
    }

    fn guest_get_memory_blocks(&self) -> Result<Vec<schema::GuestMemoryBlock>, Error> {
        hardware::blocks(self)
    }

    fn guest_set_memory_blocks(
        &self,
        arguments: commands::GuestSetMemoryBlocks,
    ) -> Result<Vec<schema::GuestMemoryBlockResponse>, Error> {
        hardware::set_blocks(self, arguments)
    }

    fn guest_get_memory_block_info(&self) -> Result<schema::GuestMemoryBlockInfo, Error> {
        hardware::block_info(self)
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

    fn guest_get_host_name(&self) -> Result<schema::GuestHostName, Error> {
        identity::host_name()
    }

    fn guest_get_users(&self) -> Result<Vec<schema::GuestUser>, Error> {
        Ok(identity::users(self))
    }

    fn guest_get_timezone(&self) -> Result<schema::GuestTimezone, Error> {
        identity::timezone()
    }

    fn guest_get_osinfo(&self) -> Result<schema::GuestOSInfo, Error> {
        identity::os_info(self)
    }

    fn guest_ssh_get_authorized_keys(
        &self,
        arguments: commands::GuestSshGetAuthorizedKeys,
    ) -> Result<schema::GuestAuthorizedKeys, Error> {
        accounts::keys(self, arguments)
    }

    fn guest_ssh_add_authorized_keys(
        &self,
        arguments: commands::GuestSshAddAuthorizedKeys,
    ) -> Result<(), Error> {
        accounts::add_keys(self, arguments)
    }

    fn guest_ssh_remove_authorized_keys(
        &self,
        arguments: commands::GuestSshRemoveAuthorizedKeys,
    ) -> Result<(), Error> {
        accounts::remove_keys(self, arguments)
    }

    fn guest_get_diskstats(&self) -> Result<Vec<schema::GuestDiskStatsInfo>, Error> {
        statistics::disks(self)
    }

    fn guest_get_cpustats(&self) -> Result<Vec<schema::GuestCpuStats>, Error> {
        statistics::processors(self)
    }

    fn guest_get_load(&self) -> Result<schema::GuestLoadAverage, Error> {
        statistics::load()
    }

    fn guest_network_get_route(&self) -> Result<Vec<schema::GuestNetworkRoute>, Error> {
        network::routes(self)
    }
}

#[cfg(test)]
mod tests;
