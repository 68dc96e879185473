//! The generated trait, implemented by passing each command to its code. If that takes more than a line, a module per
//! family converts the schema's types to the commands' and back.

mod accounts;
mod deferred;
mod files;
pub(crate) mod freeze;
mod hardware;
mod identity;
mod network;
mod programs;
mod statistics;
mod storage;

use qapi_runtime::Error;
use qapi_runtime::server::MaybeDeferred as Reply;

use self::deferred::run_in_background;
use crate::agent::Agent;
use crate::commands::suspend::{self, SuspendMode};
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

/// The reason why other commands are disabled.
pub(crate) const NOT_IMPLEMENTED: &str = "not implemented";

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::generic(failure.to_string())
    }
}

impl Handler for &Agent {
    // The sentinel byte before the reply is the dispatcher's.
    fn guest_sync_delimited(
        &self,
        arguments: commands::GuestSyncDelimited,
    ) -> Result<Reply<i64>, Error> {
        Ok(arguments.id.into())
    }

    fn guest_sync(&self, arguments: commands::GuestSync) -> Result<Reply<i64>, Error> {
        Ok(arguments.id.into())
    }

    fn guest_ping(&self) -> Result<Reply<()>, Error> {
        Ok(().into())
    }

    fn guest_get_time(&self) -> Result<Reply<i64>, Error> {
        Ok(time::get_time().into())
    }

    fn guest_set_time(&self, arguments: commands::GuestSetTime) -> Result<Reply<()>, Error> {
        run_in_background(self, move |system| time::set_time(system, arguments.time))
    }

    fn guest_info(&self) -> Result<Reply<schema::GuestAgentInfo>, Error> {
        let commands = self.table().iter().map(|(command, enabled)| {
            let name = command.name.to_owned();
            schema::GuestAgentCommandInfo::new(schema::GuestAgentCommandInfoMandatory {
                name,
                enabled,
                success_response: command.success_response,
            })
        });
        let commands = commands.collect();
        Ok(schema::GuestAgentInfo::new(crate::version::VERSION.to_owned(), commands).into())
    }

    fn guest_shutdown(&self, arguments: commands::GuestShutdown) -> Result<Reply<()>, Error> {
        run_in_background(self, move |system| {
            shutdown::shut_down(system, arguments.mode.as_deref())
        })
    }

    fn guest_file_open(&self, arguments: commands::GuestFileOpen) -> Result<Reply<i64>, Error> {
        files::open(self, &arguments).map(Reply::Ready)
    }

    fn guest_file_close(&self, arguments: commands::GuestFileClose) -> Result<Reply<()>, Error> {
        Ok(self.files().close(arguments.handle).map(Reply::Ready)?)
    }

    fn guest_file_read(
        &self,
        arguments: commands::GuestFileRead,
    ) -> Result<Reply<schema::GuestFileRead>, Error> {
        files::read(self, &arguments).map(Reply::Ready)
    }

    fn guest_file_write(
        &self,
        arguments: commands::GuestFileWrite,
    ) -> Result<Reply<schema::GuestFileWrite>, Error> {
        files::write(self, &arguments).map(Reply::Ready)
    }

    fn guest_file_seek(
        &self,
        arguments: commands::GuestFileSeek,
    ) -> Result<Reply<schema::GuestFileSeek>, Error> {
        files::seek(self, &arguments).map(Reply::Ready)
    }

    fn guest_file_flush(&self, arguments: commands::GuestFileFlush) -> Result<Reply<()>, Error> {
        Ok(self.files().flush(arguments.handle).map(Reply::Ready)?)
    }

    fn guest_fsfreeze_status(&self) -> Result<Reply<schema::GuestFsfreezeStatus>, Error> {
        Ok(freeze::status(self))
    }

    fn guest_fsfreeze_freeze(&self) -> Result<Reply<i64>, Error> {
        freeze::freeze(self, None)
    }

    fn guest_fsfreeze_freeze_list(
        &self,
        arguments: commands::GuestFsfreezeFreezeList,
    ) -> Result<Reply<i64>, Error> {
        freeze::freeze(self, arguments.mountpoints)
    }

    fn guest_fsfreeze_thaw(&self) -> Result<Reply<i64>, Error> {
        freeze::thaw(self)
    }

    fn guest_get_fsinfo(&self) -> Result<Reply<Vec<schema::GuestFilesystemInfo>>, Error> {
        storage::file_systems(self)
    }

    fn guest_get_disks(&self) -> Result<Reply<Vec<schema::GuestDiskInfo>>, Error> {
        storage::disks(self)
    }

    fn guest_fstrim(
        &self,
        arguments: commands::GuestFstrim,
    ) -> Result<Reply<schema::GuestFilesystemTrimResponse>, Error> {
        freeze::trim(self, arguments.minimum.unwrap_or(0))
    }

    fn guest_suspend_disk(&self) -> Result<Reply<()>, Error> {
        run_in_background(self, |system| suspend::suspend(system, SuspendMode::Disk))
    }

    fn guest_suspend_ram(&self) -> Result<Reply<()>, Error> {
        run_in_background(self, |system| suspend::suspend(system, SuspendMode::Ram))
    }

    fn guest_suspend_hybrid(&self) -> Result<Reply<()>, Error> {
        run_in_background(self, |system| suspend::suspend(system, SuspendMode::Hybrid))
    }

    fn guest_network_get_interfaces(
        &self,
    ) -> Result<Reply<Vec<schema::GuestNetworkInterface>>, Error> {
        network::interfaces(self).map(Reply::Ready)
    }

    fn guest_get_vcpus(&self) -> Result<Reply<Vec<schema::GuestLogicalProcessor>>, Error> {
        hardware::processors(self).map(Reply::Ready)
    }

    fn guest_set_vcpus(&self, arguments: commands::GuestSetVcpus) -> Result<Reply<i64>, Error> {
        hardware::set_processors(self, arguments)
    }

    fn guest_set_user_password(
        &self,
        arguments: commands::GuestSetUserPassword,
    ) -> Result<Reply<()>, Error> {
        accounts::set_password(self, arguments)
    }

    fn guest_get_memory_blocks(&self) -> Result<Reply<Vec<schema::GuestMemoryBlock>>, Error> {
        hardware::blocks(self).map(Reply::Ready)
    }

    fn guest_set_memory_blocks(
        &self,
        arguments: commands::GuestSetMemoryBlocks,
    ) -> Result<Reply<Vec<schema::GuestMemoryBlockResponse>>, Error> {
        hardware::set_blocks(self, arguments)
    }

    fn guest_get_memory_block_info(&self) -> Result<Reply<schema::GuestMemoryBlockInfo>, Error> {
        hardware::block_info(self).map(Reply::Ready)
    }

    fn guest_exec(
        &self,
        arguments: commands::GuestExec,
    ) -> Result<Reply<schema::GuestExec>, Error> {
        programs::start(self, arguments).map(Reply::Ready)
    }

    fn guest_exec_status(
        &self,
        arguments: commands::GuestExecStatus,
    ) -> Result<Reply<schema::GuestExecStatus>, Error> {
        programs::status(self, &arguments).map(Reply::Ready)
    }

    fn guest_get_host_name(&self) -> Result<Reply<schema::GuestHostName>, Error> {
        identity::host_name().map(Reply::Ready)
    }

    fn guest_get_users(&self) -> Result<Reply<Vec<schema::GuestUser>>, Error> {
        identity::users(self)
    }

    fn guest_get_timezone(&self) -> Result<Reply<schema::GuestTimezone>, Error> {
        identity::timezone().map(Reply::Ready)
    }

    fn guest_get_osinfo(&self) -> Result<Reply<schema::GuestOSInfo>, Error> {
        identity::os_info(self).map(Reply::Ready)
    }

    fn guest_ssh_get_authorized_keys(
        &self,
        arguments: commands::GuestSshGetAuthorizedKeys,
    ) -> Result<Reply<schema::GuestAuthorizedKeys>, Error> {
        accounts::keys(self, arguments)
    }

    fn guest_ssh_add_authorized_keys(
        &self,
        arguments: commands::GuestSshAddAuthorizedKeys,
    ) -> Result<Reply<()>, Error> {
        accounts::add_keys(self, arguments)
    }

    fn guest_ssh_remove_authorized_keys(
        &self,
        arguments: commands::GuestSshRemoveAuthorizedKeys,
    ) -> Result<Reply<()>, Error> {
        accounts::remove_keys(self, arguments)
    }

    fn guest_get_diskstats(&self) -> Result<Reply<Vec<schema::GuestDiskStatsInfo>>, Error> {
        statistics::disks(self).map(Reply::Ready)
    }

    fn guest_get_cpustats(&self) -> Result<Reply<Vec<schema::GuestCpuStats>>, Error> {
        statistics::processors(self).map(Reply::Ready)
    }

    fn guest_get_load(&self) -> Result<Reply<schema::GuestLoadAverage>, Error> {
        statistics::load().map(Reply::Ready)
    }

    fn guest_network_get_route(&self) -> Result<Reply<Vec<schema::GuestNetworkRoute>>, Error> {
        network::routes(self).map(Reply::Ready)
    }
}

#[cfg(test)]
mod tests;
