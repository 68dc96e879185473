//! Tokens that are moved into a template.

use std::cell::Cell;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// Tokens for one place of a template. `quote!` copies those of a `TokenStream`, with every name and text in them, once for
/// each template around them; these are moved.
pub(crate) struct MovedTokens(Cell<Option<TokenStream>>);

impl From<TokenStream> for MovedTokens {
    fn from(tokens: TokenStream) -> Self {
        Self(Cell::new(Some(tokens)))
    }
}

impl ToTokens for MovedTokens {
    /// # Panics
    /// If it was used before.
    fn to_tokens(&self, out: &mut TokenStream) {
        let tokens = self.0.take().expect("a part has one place");
        if out.is_empty() {
            *out = tokens;
        } else {
            out.extend(tokens);
        }
    }
}
