//! Our QMP servers as their clients see them: beside QEMU's own, and with clients that others wrote.

#[cfg(test)]
mod clients;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod out_of_band;
