//! The version that the agent claims.

/// The version that the agent claims, in guest-info and with `--version`: the package's, or that of
/// the environment variable `QAPI_AGENT_VERSION` at build time for hosts that look for a certain
/// one.
pub const VERSION: &str = match option_env!("QAPI_AGENT_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};
