//! Alternates: an enum whose variant is selected by the JSON kind.

use proc_macro2::TokenStream;
use quote::quote;

use crate::plan::{Alternate, Type};
use crate::tokens::{
    FileContext, ItemPath, MovedTokens, OnSelf, condition, ident, large, non_exhaustive,
};

/// Returns the enum.
pub(super) fn definition(file: &FileContext<'_>, ty: &Type, alternate: &Alternate) -> TokenStream {
    let name = ident(&ty.head.name);
    let attributes = file.item_attributes(&ty.head);
    let cfg = condition(ty.head.cfg.as_deref());
    let derives = file.derives(ty.head.derives, &ty.head.extras);
    let large = large(alternate.large);
    let non_exhaustive = non_exhaustive(ty.is_non_exhaustive());
    let features = super::structs::features(file, &ty.head, std::iter::empty());
    let features = (!features.is_empty()).then(|| quote! { #cfg impl #name { #features } });
    let variants = alternate.choices.iter().map(|choice| {
        let name = ident(&choice.head.name);
        let attributes = file.item_attributes(&choice.head);
        let held = file.held(&choice.ty, choice.boxed);
        MovedTokens::from(quote! { #attributes #name(#held), })
    });
    let unlisted = alternate.open.then(|| {
        let doc = file.doc("A value of a JSON type that is not in the schema, kept as received.");
        let any = file.runtime("Any");
        quote! { #doc Unlisted(#any), }
    });
    quote! {
        #attributes
        #derives
        #large
        #non_exhaustive
        pub enum #name {
            #(#variants)*
            #unlisted
        }

        #features
    }
}

/// Returns the choice by kind.
pub(super) fn marshal(
    file: &FileContext<'_>,
    target: &ItemPath,
    wire: &str,
    alternate: &Alternate,
) -> TokenStream {
    let ItemPath { path, cfg } = target;
    let (decode, value, error) = (
        file.runtime("Decode"),
        file.runtime("Value"),
        file.runtime("DecodeError"),
    );
    let (encode, writer) = (file.runtime("Encode"), file.runtime("Writer"));
    let reads = alternate.choices.iter().map(|choice| {
        let name = ident(&choice.head.name);
        let cfg = condition(choice.head.cfg.as_deref());
        let kind = file.runtime("Kind");
        let kinds = choice.kinds.iter().enumerate().map(|(index, name)| {
            let or = (index > 0).then(|| quote! { | });
            let name = ident(name);
            quote! { #or #kind::#name }
        });
        if choice.ty.is_bytes() {
            return quote! { #cfg #(#kinds)* => value.bytes().map(Self::#name), };
        }
        quote! { #cfg #(#kinds)* => #decode::decode(value).map(Self::#name), }
    });
    let OnSelf { subject, by } = if alternate.open {
        OnSelf {
            subject: quote! { self },
            by: None,
        }
    } else {
        OnSelf::new(alternate.choices.iter().map(|it| &it.head))
    };
    let writes = alternate.choices.iter().map(|choice| {
        let name = ident(&choice.head.name);
        let cfg = condition(choice.head.cfg.as_deref());
        if choice.ty.is_bytes() {
            return quote! { #cfg Self::#name(#by value) => out.bytes(value), };
        }
        quote! { #cfg Self::#name(#by value) => value.encode(out), }
    });
    let whole = quote! {
        #cfg
        qapi_runtime::impl_alternate!(#path);
    };
    if alternate.choices.is_empty() && !alternate.open {
        return quote! {
            #whole

            #cfg
            impl #decode for #path {
                #[inline]
                fn decode(value: #value<'_>) -> Result<Self, #error> {
                    Err(value.wrong_kind(#wire))
                }
            }

            #cfg
            impl #encode for #path {
                #[inline]
                fn encode(&self, _: &mut #writer) {
                    match *self {}
                }
            }
        };
    }
    let unlisted = alternate
        .open
        .then(|| quote! { Self::Unlisted(value) => value.encode(out), });
    let other = other_kinds(file, alternate, wire);
    quote! {
        #whole

        #cfg
        impl #decode for #path {
            #[inline]
            fn decode(value: #value<'_>) -> Result<Self, #error> {
                match value.kind() {
                    #(#reads)*
                    #other
                }
            }
        }

        #cfg
        impl #encode for #path {
            #[inline]
            fn encode(&self, out: &mut #writer) {
                match #subject {
                    #(#writes)*
                    #unlisted
                }
            }
        }
    }
}

/// The number of JSON kinds, integers and other numbers being two.
const KINDS: usize = 7;

/// Returns the arms for JSON kinds that select nothing, if there can be any.
fn other_kinds(file: &FileContext<'_>, alternate: &Alternate, wire: &str) -> Option<TokenStream> {
    let decode = file.runtime("Decode");
    let unlisted =
        quote! { _ if !value.is_strict() => #decode::decode(value).map(Self::Unlisted), };
    let unlisted = alternate.open.then_some(unlisted);
    let kinds = alternate.choices.iter().flat_map(|choice| choice.kinds);
    if kinds.count() < KINDS {
        return Some(quote! {
            #unlisted
            _ => Err(value.wrong_kind(#wire)),
        });
    }
    let has_conditions = alternate.choices.iter().any(|it| it.head.cfg.is_some());
    has_conditions.then(|| {
        let reason = "conditions decide which JSON types remain";
        let allow = quote! { #[allow(unreachable_patterns, reason = #reason)] };
        let unlisted = unlisted.map(|arm| quote! { #allow #arm });
        quote! {
            #unlisted
            #allow
            _ => Err(value.wrong_kind(#wire)),
        }
    })
}
