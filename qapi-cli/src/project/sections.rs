//! The sections of `qapi.toml` that are for the command line.

use std::collections::BTreeMap;
use std::path::PathBuf;

use qapi_codegen::docgen::Format;
use qapi_codegen::documentation::{LinkError, Links};
use qapi_diff::config::{IgnoreEntry, LevelEntry};
use qapi_parser::diag::Code;
use qapi_parser::suggest;
use serde::Deserialize;

use crate::diagnostics::Lint;

/// `docs`: the reference.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct DocsSection {
    pub(crate) out_dir: Option<PathBuf>,
    pub(crate) format: Option<DocsFormat>,
    pub(crate) title: Option<String>,
    pub(crate) links: DocsLinks,
}

/// Addresses of documents that the reference refers to.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub(crate) struct DocsLinks(pub(crate) Links);

impl TryFrom<BTreeMap<String, String>> for DocsLinks {
    type Error = LinkError;

    fn try_from(given: BTreeMap<String, String>) -> Result<Self, LinkError> {
        let mut links = Links::default();
        for (name, url) in given {
            links.insert(name, url)?;
        }
        Ok(Self(links))
    }
}

/// Formats of the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DocsFormat {
    /// Static pages with search, for a browser
    #[default]
    Html,
    /// A Markdown file per module, for GitHub
    Markdown,
    /// One manual page of section 7
    Man,
}

/// `diff`: levels of changes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct DiffSection {
    pub(crate) levels: Vec<LevelEntry>,
    pub(crate) ignore: Vec<IgnoreEntry>,
}

/// `lints`: the treatment of a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum LintLevel {
    Allow,
    Warn,
    Deny,
}

impl From<DocsFormat> for Format {
    fn from(format: DocsFormat) -> Self {
        match format {
            DocsFormat::Html => Self::Html,
            DocsFormat::Markdown => Self::Markdown,
            DocsFormat::Man => Self::Man,
        }
    }
}

impl From<LintLevel> for Lint {
    fn from(level: LintLevel) -> Self {
        match level {
            LintLevel::Allow => Self::Allow,
            LintLevel::Warn => Self::Warn,
            LintLevel::Deny => Self::Deny,
        }
    }
}

/// The code of a diagnostic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct LintCode(pub(super) String);

impl TryFrom<String> for LintCode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let codes = Code::ALL.iter().map(|(code, _)| code.as_str());
        if codes.clone().any(|code| code == text) {
            return Ok(Self(text));
        }
        Err(match suggest::closest(&text, codes) {
            Some(closest) => format!("there is no diagnostic `{text}`; did you mean `{closest}`?"),
            None => format!("there is no diagnostic `{text}`; `qapi explain` lists them all"),
        })
    }
}
