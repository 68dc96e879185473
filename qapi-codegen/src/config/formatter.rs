//! The formatters of the output.

/// A formatter of generated code, see [`Config::formatter`](super::Config::formatter).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(
    feature = "project",
    derive(serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[non_exhaustive]
pub enum Formatter {
    /// Built in; close to rustfmt's style, and the same on every machine
    #[default]
    Prettyplease,
    /// The program named by `RUSTFMT`, or `rustfmt`, with the user's configuration
    Rustfmt,
    /// No formatting, for code that only the compiler reads
    ///
    /// The code is the same, and is generated in a fraction of the time.
    None,
}

/// The edition of the crate that generated code is part of, see [`Config::edition`](super::Config::edition).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(
    feature = "project",
    derive(serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[non_exhaustive]
pub enum Edition {
    /// Rust 2021
    #[cfg_attr(feature = "project", serde(rename = "2021"))]
    #[cfg_attr(feature = "clap", value(name = "2021"))]
    E2021,
    /// Rust 2024
    #[cfg_attr(feature = "project", serde(rename = "2024"))]
    #[cfg_attr(feature = "clap", value(name = "2024"))]
    #[default]
    E2024,
}

impl Edition {
    /// Returns the year, as tools take it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::E2021 => "2021",
            Self::E2024 => "2024",
        }
    }
}
