//! The forms of the language that are accepted.

/// Which forms of the language are accepted (design: "Dialects").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// Every form that any QEMU release from 1.1 to 10.2 accepted, with a warning for each
    /// form that the current one does not; documentation style is never an error.
    #[default]
    Auto,
    /// Exactly what QEMU 10.2.2 accepts.
    Strict,
}

/// Options for reading a schema.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Options {
    /// The dialect.
    pub dialect: Dialect,
}
