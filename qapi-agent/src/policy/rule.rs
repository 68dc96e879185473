//! Rules, and the calls that they concern.

use std::path::Path;

use super::pattern::{PathPattern, Pattern};
use crate::platform::spawn::UserIdentity;

/// A kind of call to a program.
#[derive(Debug, Default)]
pub(super) struct ProgramRule {
    pub(super) name: String,
    pub(super) paths: Vec<PathPattern>,
    /// Each as it was written, and as it is compared.
    pub(super) arguments: Vec<(String, Pattern)>,
    /// True if any more arguments may follow.
    pub(super) any_more: bool,
    pub(super) environment: Vec<Pattern>,
    pub(super) input: Option<bool>,
    /// The user that it runs as, instead of the agent's.
    pub(super) user: Option<String>,
    /// The same user as the system knows it.
    pub(super) identity: Option<UserIdentity>,
}

/// Files and what may be done to them.
#[derive(Debug, Default)]
pub(super) struct FileRule {
    pub(super) name: String,
    pub(super) paths: Vec<PathPattern>,
    /// Reading and writing; the default is reading only.
    pub(super) access: Option<(bool, bool)>,
}

/// A call to a program that is checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProgramCall<'a> {
    /// The file that would be executed.
    pub(crate) path: &'a Path,
    pub(crate) arguments: &'a [String],
    pub(crate) environment: &'a [String],
    /// True if the host sends data for its standard input.
    pub(crate) has_input: bool,
}

impl ProgramRule {
    pub(super) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// Why a call of the right program does not fit. Arguments may be secrets, so only their number is given.
    pub(super) fn fault(&self, call: &ProgramCall<'_>) -> Option<String> {
        for (index, (written, pattern)) in self.arguments.iter().enumerate() {
            let number = index + 1;
            match call.arguments.get(index) {
                None => return Some(format!("argument {number} is missing: `{written}`")),
                Some(argument) if !pattern.fits(argument) => {
                    return Some(format!("argument {number} does not fit `{written}`"));
                }
                Some(_) => {}
            }
        }
        if !self.any_more && call.arguments.len() > self.arguments.len() {
            let most = self.arguments.len();
            return Some(format!(
                "{} arguments, {most} at most",
                call.arguments.len()
            ));
        }
        let fits = |entry: &String| self.environment.iter().any(|pattern| pattern.fits(entry));
        if let Some(index) = call.environment.iter().position(|entry| !fits(entry)) {
            return Some(format!(
                "entry {} of `env` fits no `environment`",
                index + 1
            ));
        }
        if call.has_input && self.input != Some(true) {
            return Some("it may not have `input-data`".to_owned());
        }
        None
    }
}

impl FileRule {
    pub(super) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }
}
