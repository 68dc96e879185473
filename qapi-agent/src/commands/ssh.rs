//! guest-ssh-get-, -add- and -remove-authorized-keys (docs/reference/agent-behaviour.md §6.10).

pub(crate) mod account;
mod file;

use crate::failure::Failure;
pub(crate) use account::{Account, account};
use file::KeyFile;

/// Refuses what would not be one key in the file.
pub(crate) fn check_keys(keys: &[String]) -> Result<(), Failure> {
    match keys
        .iter()
        .find(|key| key.starts_with('#') || key.contains(['\n', '\0']))
    {
        Some(key) => Err(Failure::new(format!("invalid OpenSSH public key: '{key}'"))),
        None => Ok(()),
    }
}

/// Returns the keys of a user's file, last first, without blank lines and comments.
pub(crate) fn keys(account: &Account) -> Result<Vec<String>, Failure> {
    let file = KeyFile::of(account);
    let text = file.read()?.ok_or_else(|| file.missing())?;
    Ok(text
        .lines()
        .rev()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::to_owned)
        .collect())
}

/// Adds those keys that are not in the user's file yet, or with `reset` puts them in place of all
/// that is in it. There need not be a file.
pub(crate) fn add_keys(account: &Account, keys: &[String], reset: bool) -> Result<(), Failure> {
    let file = KeyFile::of(account);
    let text = if reset { None } else { file.read()? };
    let mut lines = text.as_deref().map(lines).unwrap_or_default();
    for key in keys {
        if !lines.contains(&key.as_str()) {
            lines.push(key);
        }
    }
    file.write(&lines.join("\n"))
}

/// Removes every line that is one of the keys; everything else stays as it is. A missing file has
/// none of them.
pub(crate) fn remove_keys(account: &Account, keys: &[String]) -> Result<(), Failure> {
    let file = KeyFile::of(account);
    let Some(text) = file.read()? else {
        return Ok(());
    };
    let rest: Vec<_> = lines(&text)
        .into_iter()
        .filter(|line| keys.iter().all(|key| key != line))
        .collect();
    file.write(&rest.join("\n"))
}

/// Returns the pieces between line ends: one that is empty if there is a line end at the very end, none
/// of an empty text.
fn lines(text: &str) -> Vec<&str> {
    if text.is_empty() {
        Vec::new()
    } else {
        text.split('\n').collect()
    }
}

#[cfg(test)]
mod tests;
