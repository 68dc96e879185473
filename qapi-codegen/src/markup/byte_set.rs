//! Sets of bytes.

/// Returns a table that is true for these bytes. Nothing is faster to ask where code is not optimised, as in build scripts.
pub(super) const fn byte_set(bytes: &[u8]) -> [bool; 256] {
    let mut set = [false; 256];
    let mut at = 0;
    while at < bytes.len() {
        set[bytes[at] as usize] = true;
        at += 1;
    }
    set
}
