//! guest-get-host-name (docs/reference/agent-behaviour.md §6.11).

use crate::failure::Failure;

/// Returns the name that the system has now; The kernel returns `(none)` if none was set.
pub(crate) fn host_name() -> Result<String, Failure> {
    nix::unistd::gethostname()
        .map(|name| name.to_string_lossy().into_owned())
        .map_err(|errno| Failure::with_errno("cannot get hostname", errno))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_is_that_of_the_kernel() {
        let shown = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        assert_eq!(host_name().unwrap(), shown.trim_end());
    }
}
