//! The guest's description of itself, on the wire.

use std::path::PathBuf;

use qapi_runtime::Error;

use super::Reply;
use super::deferred::run_in_background;
use crate::agent::Agent;
use crate::commands::{host_name, os_info, timezone, users};
use crate::guest_agent as schema;

/// Names another os-release file.
const RELEASE_FILE: &str = "QGA_OS_RELEASE";

pub(super) fn host_name() -> Result<schema::GuestHostName, Error> {
    Ok(schema::GuestHostName::new(host_name::host_name()?))
}

pub(super) fn timezone() -> Result<schema::GuestTimezone, Error> {
    let zone = timezone::timezone()?;
    Ok(schema::GuestTimezone {
        zone: zone.name,
        offset: zone.offset,
    })
}

/// In the background: a program may have to be asked.
pub(super) fn users(agent: &Agent) -> Result<Reply<Vec<schema::GuestUser>>, Error> {
    run_in_background(agent, |system| {
        Ok(users::users(system)
            .into_iter()
            .map(|user| schema::GuestUser::new(user.name, user.login_time))
            .collect())
    })
}

pub(super) fn os_info(agent: &Agent) -> Result<schema::GuestOSInfo, Error> {
    let kernel = os_info::kernel()?;
    let chosen = std::env::var_os(RELEASE_FILE).map(PathBuf::from);
    let release = os_info::release(chosen, agent.system().root());
    Ok(schema::GuestOSInfo {
        kernel_release: Some(kernel.release),
        kernel_version: Some(kernel.version),
        machine: Some(kernel.machine),
        id: release.id,
        name: release.name,
        pretty_name: release.pretty_name,
        version: release.version,
        version_id: release.version_id,
        variant: release.variant,
        variant_id: release.variant_id,
    })
}
