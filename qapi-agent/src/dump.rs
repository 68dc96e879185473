//! The effective configuration as a configuration file (`--dump-conf`, docs/reference/agent-behaviour.md §1.3).

use std::fmt::{Display, Write};
use std::path::Path;

use crate::config::key_file::escape;

/// The configuration to dump. Keys without a value are left out.
#[derive(Debug)]
pub(crate) struct Dump<'a> {
    pub(crate) daemon: bool,
    pub(crate) method: &'a str,
    pub(crate) path: Option<&'a Path>,
    pub(crate) log_file: Option<&'a Path>,
    pub(crate) pid_file: &'a Path,
    pub(crate) freeze_hook: Option<&'a Path>,
    pub(crate) state_directory: &'a Path,
    pub(crate) verbose: bool,
    pub(crate) retry_path: bool,
    pub(crate) block: &'a [String],
    pub(crate) allow: &'a [String],
    /// In seconds. The reference does not know these and the following, so they are left out unless they were set.
    pub(crate) max_freeze_time: Option<u32>,
    pub(crate) max_hook_time: Option<u32>,
    pub(crate) max_idle_time: Option<u32>,
    pub(crate) vsock_peers: Option<&'a str>,
    pub(crate) policy: Option<&'a Path>,
    pub(crate) policy_dry_run: Option<bool>,
}

impl Dump<'_> {
    /// Returns the file. Returns a text if a path cannot be written in one.
    pub(crate) fn text(&self) -> Result<String, String> {
        let mut text = String::from("[general]\n");
        line(&mut text, "daemon", self.daemon);
        line(&mut text, "method", escape(self.method));
        file(&mut text, "path", self.path)?;
        file(&mut text, "logfile", self.log_file)?;
        file(&mut text, "pidfile", Some(self.pid_file))?;
        file(&mut text, "fsfreeze-hook", self.freeze_hook)?;
        file(&mut text, "statedir", Some(self.state_directory))?;
        line(&mut text, "verbose", self.verbose);
        line(&mut text, "retry-path", self.retry_path);
        line(&mut text, "block-rpcs", escape(&list(self.block)));
        line(&mut text, "allow-rpcs", escape(&list(self.allow)));
        for (key, seconds) in [
            ("max-freeze-time", self.max_freeze_time),
            ("max-hook-time", self.max_hook_time),
            ("max-idle-time", self.max_idle_time),
        ] {
            if let Some(seconds) = seconds {
                line(&mut text, key, seconds);
            }
        }
        if let Some(peers) = self.vsock_peers {
            line(&mut text, "vsock-peers", escape(peers));
        }
        file(&mut text, "policy", self.policy)?;
        if let Some(is_dry) = self.policy_dry_run {
            line(&mut text, "policy-dry-run", is_dry);
        }
        Ok(text)
    }
}

fn line(text: &mut String, key: &str, value: impl Display) {
    writeln!(text, "{key}={value}").expect("writing to a string does not fail");
}

fn file(text: &mut String, key: &str, path: Option<&Path>) -> Result<(), String> {
    let Some(path) = path else {
        return Ok(());
    };
    let value = path.to_str().ok_or_else(|| {
        let path = path.display();
        format!("the value of `{key}`, `{path}`, is not UTF-8: a configuration file cannot hold it")
    })?;
    line(text, key, escape(value));
    Ok(())
}

/// Returns the names of each occurrence, last one first, as the reference has them. Only commas are taken
/// for separators, so that semicolons come out as they went in: readers of the dump may split
/// there.
fn list(occurrences: &[String]) -> String {
    let names: Vec<_> = occurrences
        .iter()
        .filter(|value| !value.is_empty())
        .flat_map(|value| value.rsplit(','))
        .collect();
    names.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_dumped_back_to_front_per_occurrence_and_semicolons_stay() {
        for (occurrences, expected) in [
            (&["a,b,c", "d"][..], "c,b,a,d"),
            (&["a;b"], "a;b"),
            (&["", "a"], "a"),
            (&[], ""),
        ] {
            let occurrences: Vec<_> = occurrences.iter().map(|&text| text.to_owned()).collect();
            assert_eq!(list(&occurrences), expected);
        }
    }
}
