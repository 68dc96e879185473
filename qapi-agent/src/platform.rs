//! System calls that the standard library does not offer.
//!
//! Apart from these modules, only `commands`, which acts on the system, and `transport`, which accepts hosts, depend on
//! the system. Nothing here depends on commands or on the agent.

pub(crate) mod child_exits;
pub(crate) mod daemon;
pub(crate) mod helper;
pub(crate) mod notify;
pub(crate) mod own_file;
pub(crate) mod places;
pub(crate) mod poller;
pub(crate) mod resolved_path;
pub(crate) mod signals;
pub(crate) mod spawn;
pub(crate) mod sys;
pub(crate) mod syslog;
pub(crate) mod system;
pub(crate) mod wake_pipe;
