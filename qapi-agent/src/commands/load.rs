//! guest-get-load (docs/reference/agent-behaviour.md §6.7).

use nix::sys::sysinfo::sysinfo;

use crate::failure::Failure;

/// Returns the average number of runnable processes over the last 1, 5 and 15 minutes, in steps of 2⁻¹⁶ as
/// the kernel counts it; /proc/loadavg rounds to hundredths.
pub(crate) fn load() -> Result<[f64; 3], Failure> {
    let info =
        sysinfo().map_err(|errno| Failure::with_errno("cannot query load average", errno))?;
    let (one, five, fifteen) = info.load_average();
    Ok([one, five, fifteen])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_are_those_of_the_kernel() {
        let shown = std::fs::read_to_string("/proc/loadavg").unwrap();
        for (shown, average) in shown.split_whitespace().zip(load().unwrap()) {
            let shown: f64 = shown.parse().unwrap();
            // Tests run meanwhile, which is load; the slowest average moves least.
            assert!((shown - average).abs() < 1.0, "{shown} {average}");
        }
    }
}
