//! Common parts of templates: the file in the making, its imports, names, documentation and attributes as tokens.

mod context;
mod ident;
mod imports;
mod marks;
mod part;

pub(crate) use context::{
    FileContext, FileScope, ItemPath, OnSelf, added_attributes, condition, deprecated, large,
    non_exhaustive,
};
pub(crate) use ident::ident;
pub(crate) use imports::Imports;
pub(crate) use marks::{MarkName, MarkedText, TextMarks};
pub(crate) use part::MovedTokens;
