//! `qapi.toml` as it is written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use qapi_parser::Dialect;
use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;

use crate::settings::Settings;

/// The whole file. Sections of other programs are ignored.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    #[serde(default)]
    pub(super) schemas: Entries,
    #[serde(default)]
    pub(super) generate: Settings,
    #[serde(default, rename = "docs")]
    _docs: IgnoredAny,
    #[serde(default, rename = "diff")]
    _diff: IgnoredAny,
    #[serde(default, rename = "lints")]
    _lints: IgnoredAny,
}

/// Schemas by name, in the order of the names.
type Entries = BTreeMap<Spanned<String>, SchemaEntry>;

/// A schema.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SchemaEntry {
    pub(super) path: Option<PathBuf>,
    #[serde(default)]
    pub(super) revisions: Vec<RevisionEntry>,
    pub(super) dialect: Option<DialectName>,
    #[serde(default)]
    pub(super) define: Vec<String>,
    #[serde(default)]
    pub(super) undefine: Vec<String>,
    #[serde(default)]
    pub(super) generate: Settings,
}

/// A revision of a schema.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RevisionEntry {
    pub(super) name: String,
    pub(super) path: PathBuf,
}

/// Accepted forms of the language.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct DialectName(Dialect);

impl TryFrom<String> for DialectName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let dialect = text.parse();
        dialect
            .map(Self)
            .map_err(|error| format!("`{text}` is neither `auto` nor `strict`, and {error}"))
    }
}

impl From<DialectName> for Dialect {
    fn from(name: DialectName) -> Self {
        name.0
    }
}
