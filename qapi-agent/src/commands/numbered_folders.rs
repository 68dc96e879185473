//! The kernel's folders with a number in their name.

use std::fs;
use std::path::Path;

use nix::errno::Errno;

use crate::platform::sys::errno_of;

/// Returns the numbers `N` of all folders `<prefix><N>` in `directory`, in ascending order.
pub(crate) fn in_order(directory: &Path, prefix: &str) -> Result<Vec<u64>, Errno> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(directory).map_err(|error| errno_of(&error))? {
        let entry = entry.map_err(|error| errno_of(&error))?;
        let name = entry.file_name();
        let number = name
            .to_str()
            .and_then(|name| name.strip_prefix(prefix))
            .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|number| number.parse().ok());
        // Some of these folders may be symbolic links.
        if let Some(number) = number.filter(|_| entry.path().is_dir()) {
            numbers.push(number);
        }
    }
    numbers.sort_unstable();
    Ok(numbers)
}
