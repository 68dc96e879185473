//! Enumerations: open where only servers send them, closed where servers judge them.

use proc_macro2::TokenStream;
use quote::quote;

use super::records::features;
use crate::plan::{Enum, Type};
use crate::tokens::{
    FileContext, OnSelf, Target, condition, derives, doc_lines, ident, item_attributes,
    non_exhaustive,
};

/// The enum with its names.
pub(super) fn definition(ty: &Type, enum_: &Enum) -> TokenStream {
    let name = ident(&ty.head.name);
    let attributes = item_attributes(&ty.head);
    let cfg = condition(ty.head.cfg.as_deref());
    let derives = derives(ty.head.derives, &ty.head.extras);
    let non_exhaustive = non_exhaustive(ty.is_non_exhaustive());
    let variants = enum_.values.iter().map(|value| {
        let name = ident(&value.name);
        let attributes = item_attributes(value);
        quote! { #attributes #name, }
    });
    let unlisted = enum_.open.then(|| {
        let doc = doc_lines("A value that the schema does not list, kept as received.");
        quote! { #doc Unlisted(Box<str>), }
    });
    let values = values(enum_);
    let features = features(&ty.head, enum_.values.iter());
    let as_str = as_str(enum_);
    quote! {
        #attributes
        #derives
        #non_exhaustive
        pub enum #name {
            #(#variants)*
            #unlisted
        }

        #cfg
        impl #name {
            #values
            #features
            #as_str
        }
    }
}

fn values(enum_: &Enum) -> TokenStream {
    let doc = doc_lines("The values that the schema lists, in its order.");
    let values = enum_.values.iter().map(|value| {
        let name = ident(&value.name);
        let cfg = condition(value.cfg.as_deref());
        quote! { #cfg Self::#name }
    });
    quote! { #doc pub const VALUES: &'static [Self] = &[#(#values),*]; }
}

fn as_str(enum_: &Enum) -> TokenStream {
    let doc = doc_lines("The name in the schema and on the wire.");
    if enum_.values.is_empty() && !enum_.open {
        return quote! {
            #doc
            #[inline]
            pub fn as_str(&self) -> &'static str {
                match *self {}
            }
        };
    }
    let arms = enum_.values.iter().map(|value| {
        let (name, wire) = (ident(&value.name), &value.wire);
        let cfg = condition(value.cfg.as_deref());
        quote! { #cfg Self::#name => #wire, }
    });
    let unlisted = enum_
        .open
        .then(|| quote! { Self::Unlisted(value) => value, });
    let text = if enum_.open {
        quote! { &str }
    } else {
        quote! { &'static str }
    };
    let OnSelf { subject, .. } = if enum_.open {
        OnSelf::never_empty()
    } else {
        OnSelf::new(enum_.values.iter())
    };
    quote! {
        #doc
        #[inline]
        pub fn as_str(&self) -> #text {
            match #subject {
                #(#arms)*
                #unlisted
            }
        }
    }
}

/// From and to text, from and to the wire.
pub(super) fn marshal(file: &FileContext<'_>, target: &Target, enum_: &Enum) -> TokenStream {
    let Target { path, cfg } = target;
    let parse = if enum_.open {
        open(file, target)
    } else {
        closed(file, target)
    };
    let (encode, writer) = (file.runtime("Encode"), file.runtime("Writer"));
    file.imports_std("std::fmt");
    quote! {
        #parse

        #cfg
        impl fmt::Display for #path {
            #[inline]
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        #cfg
        impl #encode for #path {
            #[inline]
            fn encode(&self, out: &mut #writer) {
                out.string(self.as_str());
            }
        }
    }
}

fn open(file: &FileContext<'_>, target: &Target) -> TokenStream {
    let Target { path, cfg } = target;
    let (decode, value) = (file.runtime("Decode"), file.runtime("Value"));
    let error = file.runtime("DecodeError");
    file.imports_std("std::convert::Infallible");
    file.imports_std("std::str::FromStr");
    quote! {
        #cfg
        impl From<&str> for #path {
            #[inline]
            fn from(text: &str) -> Self {
                let mut values = Self::VALUES.iter();
                match values.find(|value| value.as_str() == text) {
                    Some(value) => value.clone(),
                    None => Self::Unlisted(text.into()),
                }
            }
        }

        #cfg
        impl FromStr for #path {
            type Err = Infallible;

            #[inline]
            fn from_str(text: &str) -> Result<Self, Infallible> {
                Ok(text.into())
            }
        }

        #cfg
        impl #decode for #path {
            #[inline]
            fn decode(value: #value<'_>) -> Result<Self, #error> {
                Ok(value.str()?.into())
            }
        }
    }
}

fn closed(file: &FileContext<'_>, target: &Target) -> TokenStream {
    let Target { path, cfg } = target;
    let (decode, value) = (file.runtime("Decode"), file.runtime("Value"));
    let error = file.runtime("DecodeError");
    file.imports_std("std::str::FromStr");
    quote! {
        #cfg
        impl FromStr for #path {
            type Err = #error;

            #[inline]
            fn from_str(text: &str) -> Result<Self, #error> {
                let mut values = Self::VALUES.iter();
                match values.find(|value| value.as_str() == text) {
                    Some(value) => Ok(*value),
                    None => Err(#error::unknown_value(text)),
                }
            }
        }

        #cfg
        impl #decode for #path {
            #[inline]
            fn decode(value: #value<'_>) -> Result<Self, #error> {
                value.str()?.parse()
            }
        }
    }
}
