//! Language features for editors of QAPI schemas: diagnostics, navigation, completion, renaming, code actions.
//!
//! A [`Workspace`] has the texts of open files, which take precedence over those on the disk. It finds the schemas
//! that the files belong to, checks them with [`qapi_parser`], and answers queries about positions in them. All
//! features work on schemas with errors.
//!
//! The crate is independent of any protocol. Positions are byte offsets in texts with LF line ends; [`Text`] converts
//! them.

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
