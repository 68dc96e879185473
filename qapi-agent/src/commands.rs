//! The implementation of the commands, one module per family, independent of the wire format.

pub(crate) mod cancellation;
pub(crate) mod cpu_stats;
pub(crate) mod disk_stats;
pub(crate) mod disks;
pub(crate) mod exec;
pub(crate) mod file;
pub(crate) mod freeze;
pub(crate) mod fsinfo;
pub(crate) mod hook;
pub(crate) mod host_name;
pub(crate) mod load;
pub(crate) mod memory_blocks;
pub(crate) mod mounts;
pub(crate) mod network;
pub(crate) mod network_stats;
mod numbered_folders;
pub(crate) mod os_info;
pub(crate) mod password;
pub(crate) mod routes;
pub(crate) mod shutdown;
pub(crate) mod ssh;
pub(crate) mod suspend;
pub(crate) mod time;
pub(crate) mod timezone;
pub(crate) mod trim;
pub(crate) mod users;
pub(crate) mod vcpus;

#[cfg(test)]
pub(crate) mod test_root;
