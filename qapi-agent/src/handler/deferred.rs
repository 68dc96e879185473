//! Commands that do not run on the event loop's thread.

use qapi_runtime::{Encode, Error};

use super::Reply;
use crate::agent::Agent;
use crate::failure::Failure;
use crate::platform::system::System;

/// Runs slow work on a worker thread, so that the safe commands are served meanwhile (D26).
pub(super) fn run_in_background<T: Encode + Send + 'static>(
    agent: &Agent,
    work: impl FnOnce(&System) -> Result<T, Failure> + Send + 'static,
) -> Result<Reply<T>, Error> {
    let system = agent.system().clone();
    Ok(agent.background().run(move || work(&system))?)
}
