//! Answers an editor's questions about QAPI schemas while they are being written.
//!
//! A [`Workspace`] has the texts of the files that are open, over those on the disk. It finds the schemas that the files
//! are part of, checks them with [`qapi_parser`], and answers questions about places in them: what is this, where is it
//! defined, who uses it, what can be written here. Answers do not need a correct schema: they come from the text as it is.
//!
//! Nothing here knows of a protocol. Places are byte offsets in texts with plain line feeds; [`Text`] converts them.

mod actions;
mod calls;
mod complete;
mod completion_context;
mod docs;
mod findings;
mod hover;
mod index;
mod keys;
mod layout;
mod location;
mod navigate;
mod outline;
mod rename;
mod settings;
mod snippets;
mod sources;
mod structure;
mod text;
mod tree;
mod unbuilt;
mod view;
mod workspace;

pub use actions::{Action, ActionKind};
pub use calls::Caller;
pub use complete::{Completion, CompletionKind, Completions};
pub use findings::{Finding, Severity, Tag};
pub use hover::Hover;
pub use index::Kind;
pub use location::{Change, Edit, Location};
pub use navigate::{Access, Highlight};
pub use outline::{Outline, OutlineKind};
pub use settings::{Configuration, Defaults, Level, SchemaSettings};
pub use structure::{Fold, Hint, Token, TokenKind};
pub use text::{Encoding, Position, Range, Text};
pub use workspace::Workspace;
