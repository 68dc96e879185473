//! Limits of messages.

/// Limits of one message; see [`Lexer`](super::Lexer).
///
/// The defaults are those of the reference (docs/reference/agent-behaviour.md §3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The bytes of all tokens of a message stay below this; white space does not count. 64 MiB by default.
    pub token_bytes: usize,
    /// Tokens of a message. 2²¹ by default.
    pub tokens: usize,
    /// Arrays and objects inside each other. 1024 by default, and never more: code that reads documents may use the
    /// stack.
    pub nesting: usize,
}

impl Limits {
    /// The deepest nesting there can be.
    pub const MAX_NESTING: usize = 1024;

    /// Returns the limits, brought into the range that offsets and the stack allow.
    pub(super) fn clamped(self) -> Self {
        // The text of a document has a blank for each comma and colon, at most.
        let offsets = u32::MAX as usize / 2;
        Self {
            token_bytes: self.token_bytes.min(offsets),
            tokens: self.tokens.min(offsets),
            nesting: self.nesting.min(Self::MAX_NESTING),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            token_bytes: 64 << 20,
            tokens: 2 << 20,
            nesting: Self::MAX_NESTING,
        }
    }
}
