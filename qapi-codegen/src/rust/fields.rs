//! Fields of structs and unions.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::plan::Field;
use crate::tokens::{FileContext, MovedTokens, ident};

/// A field, with the tokens of it that several templates need.
pub(super) struct FieldTokens<'p> {
    pub(super) field: &'p Field,
    pub(super) name: Ident,
    /// Its type, without the box and the option around it.
    pub(super) ty: TokenStream,
}

impl<'p> FieldTokens<'p> {
    pub(super) fn of(file: &FileContext<'_>, fields: &'p [Field]) -> Vec<Self> {
        let fields = fields.iter().map(|field| Self {
            field,
            name: ident(&field.head.name),
            ty: file.ty(&field.ty),
        });
        fields.collect()
    }

    /// Returns the declaration of the field.
    pub(super) fn member(&self, file: &FileContext<'_>) -> MovedTokens {
        let Self { field, name, ty } = self;
        let attributes = file.item_attributes(&field.head);
        match (field.optional, field.boxed) {
            (true, true) => quote! { #attributes pub #name: Option<Box<#ty>>, },
            (true, false) => quote! { #attributes pub #name: Option<#ty>, },
            (false, true) => quote! { #attributes pub #name: Box<#ty>, },
            (false, false) => quote! { #attributes pub #name: #ty, },
        }
        .into()
    }
}
