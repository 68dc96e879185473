//! Passwords and SSH keys on the wire.

use qapi_runtime::Error;

use super::Reply;
use super::deferred::run_in_background;
use crate::agent::Agent;
use crate::commands::{password, ssh};
use crate::guest_agent::{self as schema, commands};

pub(super) fn set_password(
    agent: &Agent,
    arguments: commands::GuestSetUserPassword,
) -> Result<Reply<()>, Error> {
    run_in_background(agent, move |system| {
        password::set_password(
            system,
            &arguments.username,
            &arguments.password,
            arguments.crypted,
        )
    })
}

pub(super) fn keys(
    agent: &Agent,
    arguments: commands::GuestSshGetAuthorizedKeys,
) -> Result<Reply<schema::GuestAuthorizedKeys>, Error> {
    run_in_background(agent, move |system| {
        let account = ssh::account(system, &arguments.username)?;
        Ok(schema::GuestAuthorizedKeys::new(ssh::keys(&account)?))
    })
}

pub(super) fn add_keys(
    agent: &Agent,
    arguments: commands::GuestSshAddAuthorizedKeys,
) -> Result<Reply<()>, Error> {
    ssh::check_keys(&arguments.keys)?;
    run_in_background(agent, move |system| {
        let account = ssh::account(system, &arguments.username)?;
        let reset = arguments.reset.unwrap_or(false);
        ssh::add_keys(&account, &arguments.keys, reset)
    })
}

pub(super) fn remove_keys(
    agent: &Agent,
    arguments: commands::GuestSshRemoveAuthorizedKeys,
) -> Result<Reply<()>, Error> {
    ssh::check_keys(&arguments.keys)?;
    run_in_background(agent, move |system| {
        let account = ssh::account(system, &arguments.username)?;
        ssh::remove_keys(&account, &arguments.keys)
    })
}
