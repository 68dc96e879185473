//! Enumerations: open where clients receive them, closed where only servers do.

use proc_macro2::TokenStream;
use quote::quote;

use super::structs::features;
use crate::plan::{Enum, Type};
use crate::tokens::{FileContext, ItemPath, MovedTokens, condition, ident, non_exhaustive};

/// Returns the enum with its names.
pub(super) fn definition(file: &FileContext<'_>, ty: &Type, enum_: &Enum) -> TokenStream {
    let name = ident(&ty.head.name);
    let attributes = file.item_attributes(&ty.head);
    let cfg = condition(ty.head.cfg.as_deref());
    let derives = file.derives(ty.head.derives, &ty.head.extras);
    let non_exhaustive = non_exhaustive(ty.is_non_exhaustive());
    let variants = enum_.values.iter().map(|value| {
        let name = ident(&value.name);
        let attributes = file.item_attributes(value);
        MovedTokens::from(quote! { #attributes #name, })
    });
    let unlisted = enum_.open.then(|| {
        let doc = file.doc("A value that is not in the schema, kept as received.");
        quote! { #doc Unlisted(Box<str>), }
    });
    let features = features(file, &ty.head, enum_.values.iter());
    let features = (!features.is_empty()).then(|| quote! { #cfg impl #name { #features } });
    quote! {
        #attributes
        #derives
        #non_exhaustive
        pub enum #name {
            #(#variants)*
            #unlisted
        }

        #features
    }
}

/// Returns the names of the values, for the macro that writes the code: from and to text, from and to the wire.
pub(super) fn marshal(target: &ItemPath, enum_: &Enum) -> TokenStream {
    let ItemPath { path, cfg } = target;
    let values = enum_.values.iter().map(|value| {
        let (name, wire) = (ident(&value.name), &value.wire);
        let cfg = condition(value.cfg.as_deref());
        MovedTokens::from(quote! { #cfg #name: #wire, })
    });
    let unlisted = enum_.open.then(|| quote! { ..Unlisted });
    quote! {
        #cfg
        qapi_runtime::impl_enum! { #path { #(#values)* #unlisted } }
    }
}
