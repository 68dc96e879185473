//! The core that everything is measured on.

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// Keeps this process, and those that it starts from here on, to the last core that it may use.
pub(crate) fn keep_to_one() {
    let this = Pid::from_raw(0);
    let permitted = sched_getaffinity(this).expect("the kernel tells the cores");
    let is_permitted = |core: &usize| permitted.is_set(*core).unwrap_or(false);
    let last = (0..CpuSet::count()).rev().find(is_permitted);
    let mut chosen = CpuSet::new();
    chosen
        .set(last.expect("this runs on one"))
        .expect("the set has room for it");
    sched_setaffinity(this, &chosen).expect("a permitted core can be chosen");
}
