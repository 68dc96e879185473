//! Settings for schemas.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use qapi_parser::Dialect;

/// Treatments of a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// It is not shown.
    Allow,
    /// It is a warning.
    Warn,
    /// It is an error.
    Deny,
}

/// Settings for one schema.
#[derive(Debug, Clone, Default)]
pub struct SchemaSettings {
    /// The accepted forms of the language.
    pub dialect: Dialect,
    /// The symbols that are defined in conditions, all others being undefined; none if symbols are unknown.
    pub defined: Option<BTreeSet<String>>,
    /// Treatments of warnings by code.
    pub lints: BTreeMap<String, Level>,
    /// Old forms are shown each in its place, not as one line for the whole schema.
    pub shows_old_forms: bool,
}

/// A source of settings: the editor, and files such as `qapi.toml`.
pub trait Configuration {
    /// Returns the settings for the schema with this main file.
    fn schema(&self, root: &Path) -> SchemaSettings;

    /// Returns the main files of schemas that are named for the folder of this file, by absolute paths.
    fn roots(&self, file: &Path) -> Vec<PathBuf>;
}

/// The default settings.
#[derive(Debug, Clone, Copy, Default)]
pub struct Defaults;

impl Configuration for Defaults {
    fn schema(&self, _: &Path) -> SchemaSettings {
        SchemaSettings::default()
    }

    fn roots(&self, _: &Path) -> Vec<PathBuf> {
        Vec::new()
    }
}
