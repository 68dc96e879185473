//! Tokens of names and of text.

use proc_macro2::{Ident, Span, TokenStream};

/// Returns an identifier: a name that went through the table of names, or one of ours.
pub(crate) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// Text of the settings as tokens.
pub(crate) fn parsed(text: &str) -> TokenStream {
    text.parse().expect("settings are parsed when they are set")
}
