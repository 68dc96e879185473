//! The settings of [`Config`] as data: keys of `qapi.toml` and flags of `qapi generate`.

mod assignment;

use std::path::PathBuf;

pub use assignment::Assignment;

use crate::config::{Conditions, Config, Edition, Formatter};

/// Every setting of [`Config`] that does not concern reading a schema. Settings that are not set keep their defaults.
///
/// With the feature `project`, it is the section `generate` of `qapi.toml`; with the feature `clap`, the flags of
/// `qapi generate`. Both have the same definition, so that they cannot differ.
///
/// # Examples
///
/// ```
/// use qapi_codegen::{Config, Settings};
///
/// let mut settings = Settings::default();
/// settings.server = Some(false);
/// settings.bytes.push("GuestFileRead.buf-b64".to_owned());
/// let config = settings.apply(Config::new());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "project",
    derive(serde::Deserialize),
    serde(default, deny_unknown_fields, rename_all = "kebab-case")
)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[non_exhaustive]
pub struct Settings {
    /// Generate a client, and no server unless that is requested too
    #[cfg_attr(feature = "clap", arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true"))]
    pub client: Option<bool>,
    /// Generate a server, and no client unless that is requested too
    #[cfg_attr(feature = "clap", arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true"))]
    pub server: Option<bool>,
    /// Generate a blocking client and server; on by default
    #[cfg_attr(feature = "clap", arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true"))]
    pub blocking: Option<bool>,
    /// Also generate an asynchronous client and server
    #[cfg_attr(feature = "project", serde(rename = "async"))]
    #[cfg_attr(feature = "clap", arg(long = "async", value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true"))]
    pub asynchronous: Option<bool>,
    /// Allow handlers of the blocking server to reply later, from background tasks
    #[cfg_attr(feature = "clap", arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true"))]
    pub deferred_replies: Option<bool>,
    /// Put types into a module per schema file
    #[cfg_attr(feature = "clap", arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true"))]
    pub module_per_file: Option<bool>,
    /// Formatter of the generated code; the default is prettyplease, which is built in
    #[cfg_attr(feature = "clap", arg(long, value_enum, value_name = "FORMATTER"))]
    pub formatter: Option<Formatter>,
    /// Edition of the crate that the code belongs to, for rustfmt; the default is 2024
    #[cfg_attr(feature = "clap", arg(long, value_enum, value_name = "EDITION"))]
    pub edition: Option<Edition>,
    /// Include the schema as data, to compare it with a live server's
    #[cfg_attr(feature = "clap", arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true"))]
    pub introspection: Option<bool>,
    /// Treatment of conditional parts of the schema
    #[cfg_attr(feature = "clap", arg(long, value_enum, value_name = "POLICY"))]
    pub conditions: Option<Conditions>,
    /// Use CFG for SYMBOL in `cfg(...)`; needs --conditions cfg; may be repeated
    #[cfg_attr(feature = "project", serde(deserialize_with = "assignment::table"))]
    #[cfg_attr(feature = "clap", arg(long, value_name = "SYMBOL=CFG"))]
    pub predicate: Vec<Assignment>,
    /// Name a definition, or an OWNER.MEMBER, in Rust as if it were called NAME in the schema; may be repeated
    #[cfg_attr(feature = "project", serde(deserialize_with = "assignment::table"))]
    #[cfg_attr(feature = "clap", arg(long, value_name = "SELECTOR=NAME"))]
    pub rename: Vec<Assignment>,
    /// Decode members that hold base64 text to bytes; may be repeated
    #[cfg_attr(feature = "clap", arg(long, value_name = "SELECTOR"))]
    pub bytes: Vec<String>,
    /// Derive a trait for types; may be repeated
    #[cfg_attr(
        feature = "project",
        serde(deserialize_with = "assignment::table_of_lists")
    )]
    #[cfg_attr(feature = "clap", arg(long, value_name = "SELECTOR=PATH"))]
    pub derive: Vec<Assignment>,
    /// Add an attribute, such as `#[must_use]`, to items, fields and variants; may be repeated
    #[cfg_attr(
        feature = "project",
        serde(deserialize_with = "assignment::table_of_lists")
    )]
    #[cfg_attr(feature = "clap", arg(long, value_name = "SELECTOR=ATTRIBUTE"))]
    pub attribute: Vec<Assignment>,
    /// Use a type of your own for one of the schema; may be repeated
    #[cfg_attr(feature = "project", serde(deserialize_with = "assignment::table"))]
    #[cfg_attr(feature = "clap", arg(long, value_name = "SELECTOR=PATH"))]
    pub extern_type: Vec<Assignment>,
    /// Let enumerations, unions and alternates hold values that are not in the schema; may be repeated
    #[cfg_attr(feature = "clap", arg(long, value_name = "SELECTOR"))]
    pub open: Vec<String>,
    /// Let enumerations, unions and alternates reject values that are not in the schema; may be repeated
    #[cfg_attr(feature = "clap", arg(long, value_name = "SELECTOR"))]
    pub closed: Vec<String>,
    /// Accept replies and events that lack mandatory members; may be repeated
    #[cfg_attr(feature = "clap", arg(long, value_name = "SELECTOR"))]
    pub lenient: Vec<String>,
    /// Generate types without `#[non_exhaustive]`, for struct literals and matches without `..`; may be repeated
    #[cfg_attr(feature = "clap", arg(long, value_name = "SELECTOR"))]
    pub exhaustive: Vec<String>,
    /// Leave out the documentation of the schema; may be repeated
    #[cfg_attr(feature = "clap", arg(long, value_name = "SELECTOR"))]
    pub skip_docs: Vec<String>,
    /// Subdirectory of the output directory for the files of this schema
    #[cfg_attr(
        feature = "project",
        serde(deserialize_with = "crate::module_name::deserialize")
    )]
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME", value_parser = crate::module_name::parse))]
    pub module: Option<String>,
    /// Directory for the files; made if it does not exist
    #[cfg_attr(feature = "clap", arg(long, value_name = "DIR"))]
    pub out_dir: Option<PathBuf>,
}

type Switch = fn(Config, bool) -> Config;
type Select = fn(Config, String) -> Config;
type Assign = fn(Config, String, String) -> Config;

impl Settings {
    /// These settings with paths relative to a directory.
    #[cfg(feature = "project")]
    pub(crate) fn below(mut self, directory: &std::path::Path) -> Self {
        self.out_dir = self.out_dir.map(|path| directory.join(path));
        self
    }

    /// Returns a configuration with these settings in addition.
    #[must_use]
    pub fn apply(&self, mut config: Config) -> Config {
        // One side that is asked for is meant alone.
        let is_other = |side: Option<bool>| side.map(|_| side != Some(true));
        let switches: [(Option<bool>, Switch); 7] = [
            (self.client.or(is_other(self.server)), Config::client),
            (self.server.or(is_other(self.client)), Config::server),
            (self.blocking, Config::blocking),
            (self.asynchronous, Config::asynchronous),
            (self.deferred_replies, Config::deferred_replies),
            (self.module_per_file, Config::module_per_file),
            (self.introspection, Config::introspection),
        ];
        for (value, set) in switches {
            if let Some(yes) = value {
                config = set(config, yes);
            }
        }
        if let Some(formatter) = self.formatter {
            config = config.formatter(formatter);
        }
        if let Some(edition) = self.edition {
            config = config.edition(edition);
        }
        if let Some(policy) = self.conditions {
            config = config.conditions(policy);
        }
        if let Some(name) = &self.module {
            config = config.module(name);
        }
        if let Some(directory) = &self.out_dir {
            config = config.out_dir(directory);
        }
        self.apply_selected(config)
    }

    fn apply_selected(&self, mut config: Config) -> Config {
        let assigned: [(&[Assignment], Assign); 5] = [
            (&self.predicate, Config::predicate),
            (&self.rename, Config::rename),
            (&self.derive, Config::derive),
            (&self.attribute, Config::attribute),
            (&self.extern_type, Config::extern_type),
        ];
        for (assignments, set) in assigned {
            for it in assignments {
                config = set(config, it.name.clone(), it.value.clone());
            }
        }
        let selected: [(&[String], Select); 6] = [
            (&self.bytes, Config::bytes),
            (&self.open, Config::open),
            (&self.closed, Config::closed),
            (&self.lenient, Config::lenient),
            (&self.exhaustive, Config::exhaustive),
            (&self.skip_docs, Config::skip_docs),
        ];
        for (selectors, set) in selected {
            for selector in selectors {
                config = set(config, selector.clone());
            }
        }
        config
    }

    /// Completes these settings with those of `others` where these have none. `client` and `server` go together. Lists
    /// have the entries of both, those of `others` first, so that of two that fit equally well, the one of these
    /// settings counts.
    #[must_use]
    pub fn or(self, others: &Self) -> Self {
        fn both<T: Clone>(these: Vec<T>, others: &[T]) -> Vec<T> {
            others.iter().cloned().chain(these).collect()
        }
        let has_sides = self.client.or(self.server).is_some();
        let sides = if has_sides { &self } else { others };
        let (client, server) = (sides.client, sides.server);
        Self {
            client,
            server,
            blocking: self.blocking.or(others.blocking),
            asynchronous: self.asynchronous.or(others.asynchronous),
            deferred_replies: self.deferred_replies.or(others.deferred_replies),
            module_per_file: self.module_per_file.or(others.module_per_file),
            formatter: self.formatter.or(others.formatter),
            edition: self.edition.or(others.edition),
            introspection: self.introspection.or(others.introspection),
            conditions: self.conditions.or(others.conditions),
            predicate: both(self.predicate, &others.predicate),
            rename: both(self.rename, &others.rename),
            bytes: both(self.bytes, &others.bytes),
            derive: both(self.derive, &others.derive),
            attribute: both(self.attribute, &others.attribute),
            extern_type: both(self.extern_type, &others.extern_type),
            open: both(self.open, &others.open),
            closed: both(self.closed, &others.closed),
            lenient: both(self.lenient, &others.lenient),
            exhaustive: both(self.exhaustive, &others.exhaustive),
            skip_docs: both(self.skip_docs, &others.skip_docs),
            module: self.module.or_else(|| others.module.clone()),
            out_dir: self.out_dir.or_else(|| others.out_dir.clone()),
        }
    }
}
