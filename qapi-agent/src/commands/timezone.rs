//! guest-get-timezone (docs/reference/agent-behaviour.md §6.11).

use std::time::{SystemTime, UNIX_EPOCH};

use crate::failure::Failure;
use crate::platform::sys::{self, LocalZone};

/// Returns the local time zone as it is now.
pub(crate) fn timezone() -> Result<LocalZone, Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    now.and_then(|now| i64::try_from(now.as_secs()).ok())
        .and_then(sys::local_zone)
        .ok_or_else(|| Failure::new("cannot convert the time to local time"))
}
