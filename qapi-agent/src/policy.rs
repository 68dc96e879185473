//! Policy: the programs that a host may run, the files that it may open, and limits on the rate of calls, in addition
//! to the lists of commands.
//!
//! Without a policy, the agent behaves like the reference. A policy with rules for programs permits no other programs;
//! likewise for files. A refused call gets an error that names the rule; in a dry run, it causes a warning in the log.

mod file;
mod pattern;
mod rate;
mod rule;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::Instant;

use self::rate::Rate;
use self::rule::{FileRule, ProgramRule};
use crate::config;
use crate::failure::Failure;
use crate::platform::resolved_path;
use crate::platform::spawn::UserIdentity;

pub(crate) use self::rule::ProgramCall;

/// The number of refusals that wait for the log, which is written after every turn of the loop. Only a flooding host
/// causes more, which are not logged.
const UNTOLD_LIMIT: usize = 256;

const NO_PROGRAM: &str = "no group `program` has its path";

const NO_FILE: &str = "no group `file` has its path";

const NOT_UTF8: &str = "its path is not UTF-8";

/// The rules for a host.
#[derive(Debug, Default)]
pub(crate) struct Policy {
    rates: RefCell<Vec<(String, Rate)>>,
    programs: Vec<ProgramRule>,
    files: Vec<FileRule>,
    is_dry_run: bool,
    untold: RefCell<Vec<String>>,
}

/// The requested use of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FileAccess {
    pub(crate) reads: bool,
    pub(crate) writes: bool,
}

/// A permitted call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Permit {
    /// The file to execute, with all links resolved.
    pub(crate) path: PathBuf,
    /// The user to run it as; the agent's without.
    pub(crate) identity: Option<UserIdentity>,
}

impl Policy {
    /// Reads a policy. `commands` are the names that can be limited, and `find_user` looks a user up. The error is a
    /// text for the administrator.
    pub(crate) fn load(
        path: &Path,
        is_dry_run: bool,
        commands: &[&str],
        find_user: impl Fn(&str) -> Result<UserIdentity, String>,
    ) -> Result<Self, String> {
        let failed = |reason: String| {
            format!(
                "error loading policy from path: {}, {reason}",
                path.display()
            )
        };
        let text = config::read(path).map_err(|(_, reason)| failed(reason))?;
        let mut content =
            file::parse(&text, commands).map_err(|error| failed(error.to_string()))?;
        for rule in &mut content.programs {
            let found = rule.user.as_deref().map(&find_user).transpose();
            rule.identity =
                found.map_err(|reason| failed(format!("rule `{}`: {reason}", rule.name)))?;
        }
        Ok(Self {
            rates: RefCell::new(content.rates),
            programs: content.programs,
            files: content.files,
            is_dry_run,
            untold: RefCell::default(),
        })
    }

    /// Warnings about rules that do not do what they seem to. `is_permitted` tells whether a command is served.
    pub(crate) fn warnings(&self, is_permitted: impl Fn(&str) -> bool) -> Vec<String> {
        let mut warnings = Vec::new();
        if !self.files.is_empty() && self.programs.is_empty() && is_permitted("guest-exec") {
            warnings.push(
                "the policy has rules for files and none for programs: a program that the host runs opens what it \
                 likes; add a group `[program NAME]`, or block `guest-exec`"
                    .to_owned(),
            );
        }
        let programs = self.programs.iter().map(|rule| (&rule.name, &rule.paths));
        let files = self.files.iter().map(|rule| (&rule.name, &rule.paths));
        for (name, paths) in programs.chain(files) {
            for path in paths {
                let fixed = Path::new(path.fixed());
                match std::fs::canonicalize(fixed) {
                    Ok(real) if real != fixed => warnings.push(format!(
                        "rule `{name}` of the policy matches nothing for `{}`: `{}` is a link to `{}`, and paths are compared after links are resolved",
                        path.text(),
                        fixed.display(),
                        real.display()
                    )),
                    // A missing file may appear later.
                    _ => {}
                }
            }
        }
        warnings
    }

    /// Returns true if calls of commands are counted.
    pub(crate) fn has_rates(&self) -> bool {
        !self.rates.borrow().is_empty()
    }

    /// Counts a call of a command.
    pub(crate) fn admit(&self, command: &str, now: Instant) -> Result<(), Failure> {
        let mut rates = self.rates.borrow_mut();
        let Some((_, rate)) = rates.iter_mut().find(|(name, _)| name == command) else {
            return Ok(());
        };
        if rate.admit(now) {
            return Ok(());
        }
        self.refuse(command, &format!("rule `rate`: {}", rate.excess()))
    }

    /// Returns true if programs are judged.
    pub(crate) fn has_programs(&self) -> bool {
        !self.programs.is_empty()
    }

    /// Judges a program that is to be started. Nothing without rules for programs.
    pub(crate) fn program(&self, call: &ProgramCall<'_>) -> Result<Option<Permit>, Failure> {
        if self.programs.is_empty() {
            return Ok(None);
        }
        match self.judge_program(call) {
            Ok(permit) => Ok(Some(permit)),
            Err(reason) => {
                let shown = call.path.display();
                self.refuse("guest-exec", &format!("`{shown}`: {reason}"))?;
                Ok(None)
            }
        }
    }

    fn judge_program(&self, call: &ProgramCall<'_>) -> Result<Permit, String> {
        // Nothing is revealed about files that do not exist or have no name.
        let path = resolved_path::resolve_folder(call.path).map_err(|_| NO_PROGRAM.to_owned())?;
        let text = path.to_str().ok_or(NOT_UTF8)?;
        let mut reason = None;
        for rule in &self.programs {
            if !rule.paths.iter().any(|pattern| pattern.fits(text)) {
                continue;
            }
            match rule.fault(call) {
                None => {
                    return Ok(Permit {
                        path,
                        identity: rule.identity.clone(),
                    });
                }
                Some(fault) => reason = reason.or(Some(format!("rule `{}`: {fault}", rule.name))),
            }
        }
        Err(reason.unwrap_or_else(|| NO_PROGRAM.to_owned()))
    }

    /// Judges a file that is to be opened: the path without links, to be opened by [`open_resolved`](resolved_path::open_resolved). Nothing without
    /// rules for files.
    pub(crate) fn file(&self, path: &Path, access: FileAccess) -> Result<Option<PathBuf>, Failure> {
        if self.files.is_empty() {
            return Ok(None);
        }
        match self.judge_file(path, access) {
            Ok(resolved) => Ok(Some(resolved)),
            Err(reason) => {
                let shown = path.display();
                self.refuse("guest-file-open", &format!("`{shown}`: {reason}"))?;
                Ok(None)
            }
        }
    }

    fn judge_file(&self, path: &Path, access: FileAccess) -> Result<PathBuf, String> {
        let FileAccess { reads, writes } = access;
        let path = match resolved_path::resolve(path) {
            Ok(path) => path,
            // Nothing is revealed about missing files in other places.
            Err(error) if self.may_be_there(path) => return Err(error.to_string()),
            Err(_) => return Err(NO_FILE.to_owned()),
        };
        let text = path.to_str().ok_or(NOT_UTF8)?;
        let mut reason = None;
        for rule in &self.files {
            if !rule.paths.iter().any(|pattern| pattern.fits(text)) {
                continue;
            }
            let (may_read, may_write) = rule.access.unwrap_or((true, false));
            if (!reads || may_read) && (!writes || may_write) {
                return Ok(path);
            }
            let fault = if writes && !may_write {
                "writing"
            } else {
                "reading"
            };
            reason = reason.or(Some(format!(
                "rule `{}`: {fault} is not in its `access`",
                rule.name
            )));
        }
        Err(reason.unwrap_or_else(|| NO_FILE.to_owned()))
    }

    /// Returns true if the path as it is written fits a rule for files.
    fn may_be_there(&self, path: &Path) -> bool {
        let mut patterns = self.files.iter().flat_map(|rule| &rule.paths);
        path.to_str()
            .is_some_and(|text| patterns.any(|pattern| pattern.fits(text)))
    }

    /// Refuses a call, or only says so.
    fn refuse(&self, command: &str, reason: &str) -> Result<(), Failure> {
        let would = if self.is_dry_run {
            "would refuse"
        } else {
            "refuses"
        };
        let mut untold = self.untold.borrow_mut();
        if untold.len() < UNTOLD_LIMIT {
            untold.push(format!("the policy {would} {command}: {reason}"));
        }
        if self.is_dry_run {
            return Ok(());
        }
        Err(Failure::new(format!(
            "the policy refuses {command}: {reason}"
        )))
    }

    /// Takes what is to be written to the log.
    pub(crate) fn take_untold(&self) -> Vec<String> {
        std::mem::take(&mut self.untold.borrow_mut())
    }
}

#[cfg(test)]
mod tests;
