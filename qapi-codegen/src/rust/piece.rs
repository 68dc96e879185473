//! Tokens that are put into others once.
//!
//! `quote!` copies what it interpolates, token by token, and tokens are strings on the heap. What is made in several steps
//! would be copied as often; a [`Piece`] is moved.

use std::cell::Cell;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// Tokens on their way to one place. Interpolating them takes them out.
pub(crate) struct Piece(Cell<Option<TokenStream>>);

impl Piece {
    pub(super) fn new(tokens: TokenStream) -> Self {
        Self(Cell::new(Some(tokens)))
    }

    pub(super) fn is_empty(&self) -> bool {
        let tokens = self.0.take();
        let is_empty = tokens.as_ref().is_none_or(TokenStream::is_empty);
        self.0.set(tokens);
        is_empty
    }

    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0.into_inner().unwrap_or_default()
    }
}

impl ToTokens for Piece {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let own = self.0.take();
        debug_assert!(own.is_some(), "a piece goes to one place");
        tokens.extend(own);
    }
}

impl FromIterator<Piece> for Piece {
    fn from_iter<I: IntoIterator<Item = Self>>(pieces: I) -> Self {
        Self::new(pieces.into_iter().map(Self::into_tokens).collect())
    }
}

/// `quote!` that makes a [`Piece`].
macro_rules! piece {
    ($($tokens:tt)*) => {
        $crate::rust::piece::Piece::new(quote::quote! { $($tokens)* })
    };
}

pub(super) use piece;
