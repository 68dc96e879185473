//! The system's calls, for all who need more of it than the standard library has.
//!
//! Besides these modules only `commands`, which acts on the system, and `transport`, by which hosts come, know what system
//! it is. Nothing here knows commands, or the agent.

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
