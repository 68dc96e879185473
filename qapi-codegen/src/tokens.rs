//! Common parts of templates: the file in the making, its imports, names, documentation and attributes as tokens.

mod context;
mod ident;
mod imports;
mod part;

pub(crate) use context::{
    FileContext, FileScope, ItemPath, OnSelf, about_method, added_attributes, condition,
    deprecated, derives, doc_lines, item_attributes, large, non_exhaustive,
};
pub(crate) use ident::ident;
pub(crate) use imports::Imports;
pub(crate) use part::MovedTokens;
