//! Enumerations: open where only servers send them, closed where servers judge them.

use super::context::{Cx, OnSelf, Target, condition, derives, ident, non_exhaustive};
use super::piece::{Piece, piece};
use super::records::features;
use crate::plan::{Enum, Type};

/// The enum with its names.
pub(super) fn definition<'p>(cx: &Cx<'p>, ty: &'p Type, enum_: &'p Enum) -> Piece {
    let name = ident(&ty.head.name);
    let attributes = cx.attributes(&ty.head);
    let cfg = condition(ty.head.cfg.as_deref());
    let derives = derives(ty.head.derives, &ty.head.extras);
    let non_exhaustive = non_exhaustive(ty.is_non_exhaustive());
    let variants = enum_.values.iter().map(|value| {
        let name = ident(&value.name);
        let attributes = cx.attributes(value);
        piece! { #attributes #name, }
    });
    let unlisted = enum_.open.then(|| {
        let doc = cx.doc("A value that the schema does not list, kept as received.");
        let in_box = cx.prelude("Box");
        piece! { #doc Unlisted(#in_box<str>), }
    });
    let values = values(cx, enum_);
    let features = features(cx, &ty.head, enum_.values.iter());
    let as_str = as_str(cx, enum_);
    piece! {
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

fn values(cx: &Cx<'_>, enum_: &Enum) -> Piece {
    let doc = cx.doc("The values that the schema lists, in its order.");
    let values = enum_.values.iter().map(|value| {
        let name = ident(&value.name);
        let cfg = condition(value.cfg.as_deref());
        piece! { #cfg Self::#name }
    });
    piece! { #doc pub const VALUES: &'static [Self] = &[#(#values),*]; }
}

fn as_str(cx: &Cx<'_>, enum_: &Enum) -> Piece {
    let doc = cx.doc("The name in the schema and on the wire.");
    if enum_.values.is_empty() && !enum_.open {
        return piece! {
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
        piece! { #cfg Self::#name => #wire, }
    });
    let unlisted = enum_
        .open
        .then(|| piece! { Self::Unlisted(value) => value, });
    let text = if enum_.open {
        piece! { &str }
    } else {
        piece! { &'static str }
    };
    let OnSelf { subject, .. } = if enum_.open {
        OnSelf::never_empty()
    } else {
        OnSelf::new(enum_.values.iter())
    };
    piece! {
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
pub(super) fn marshal(cx: &Cx<'_>, target: &Target, enum_: &Enum) -> Piece {
    let Target { path, cfg } = target;
    let parse = if enum_.open {
        open(cx, target)
    } else {
        closed(cx, target)
    };
    let (encode, writer) = (cx.runtime("Encode"), cx.runtime("Writer"));
    cx.imports_std("std::fmt");
    piece! {
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

fn open(cx: &Cx<'_>, target: &Target) -> Piece {
    let Target { path, cfg } = target;
    let (decode, value) = (cx.runtime("Decode"), cx.runtime("Value"));
    let error = cx.runtime("DecodeError");
    cx.imports_std("std::convert::Infallible");
    cx.imports_std("std::str::FromStr");
    piece! {
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

fn closed(cx: &Cx<'_>, target: &Target) -> Piece {
    let Target { path, cfg } = target;
    let (decode, value) = (cx.runtime("Decode"), cx.runtime("Value"));
    let error = cx.runtime("DecodeError");
    cx.imports_std("std::str::FromStr");
    piece! {
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
