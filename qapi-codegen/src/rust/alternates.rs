//! Alternates: an enum whose variant follows from the JSON kind.

use super::context::{Cx, OnSelf, Target, condition, derives, ident, large, non_exhaustive};
use super::piece::{Piece, piece};
use crate::plan::{Alternate, Type};

/// The enum.
pub(super) fn definition<'p>(cx: &Cx<'p>, ty: &'p Type, alternate: &'p Alternate) -> Piece {
    let name = ident(&ty.head.name);
    let attributes = cx.attributes(&ty.head);
    let cfg = condition(ty.head.cfg.as_deref());
    let derives = derives(ty.head.derives, &ty.head.extras);
    let large = large(alternate.large);
    let non_exhaustive = non_exhaustive(ty.is_non_exhaustive());
    let features = super::records::features(cx, &ty.head, std::iter::empty());
    let features = (!features.is_empty()).then(|| piece! { #cfg impl #name { #features } });
    let variants = alternate.choices.iter().map(|choice| {
        let name = ident(&choice.head.name);
        let attributes = cx.attributes(&choice.head);
        let held = cx.held(&choice.ty, choice.boxed);
        piece! { #attributes #name(#held), }
    });
    piece! {
        #attributes
        #derives
        #large
        #non_exhaustive
        pub enum #name {
            #(#variants)*
        }

        #features
    }
}

/// The choice by kind.
pub(super) fn marshal(cx: &Cx<'_>, target: &Target, wire: &str, alternate: &Alternate) -> Piece {
    let Target { path, cfg } = target;
    let (decode, value, error) = (
        cx.runtime("Decode"),
        cx.runtime("Value"),
        cx.runtime("DecodeError"),
    );
    let (encode, writer) = (cx.runtime("Encode"), cx.runtime("Writer"));
    let reads = alternate.choices.iter().map(|choice| {
        let name = ident(&choice.head.name);
        let cfg = condition(choice.head.cfg.as_deref());
        let kind = cx.runtime("Kind");
        let kinds = choice.kinds.iter().enumerate().map(|(index, name)| {
            let or = (index > 0).then(|| piece! { | });
            let name = ident(name);
            piece! { #or #kind::#name }
        });
        if choice.ty.is_bytes() {
            return piece! { #cfg #(#kinds)* => value.bytes().map(Self::#name), };
        }
        piece! { #cfg #(#kinds)* => #decode::decode(value).map(Self::#name), }
    });
    let OnSelf { subject, by } = OnSelf::new(alternate.choices.iter().map(|it| &it.head));
    let writes = alternate.choices.iter().map(|choice| {
        let name = ident(&choice.head.name);
        let cfg = condition(choice.head.cfg.as_deref());
        if choice.ty.is_bytes() {
            return piece! { #cfg Self::#name(#by value) => out.bytes(value), };
        }
        piece! { #cfg Self::#name(#by value) => value.encode(out), }
    });
    if alternate.choices.is_empty() {
        return piece! {
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
    let other = other_kinds(alternate, wire);
    piece! {
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
                }
            }
        }
    }
}

/// How many JSON kinds there are, integers and other numbers being two.
const KINDS: usize = 7;

/// The arm for JSON kinds that select nothing, if there can be any.
fn other_kinds(alternate: &Alternate, wire: &str) -> Option<Piece> {
    let kinds = alternate.choices.iter().flat_map(|choice| choice.kinds);
    if kinds.count() < KINDS {
        return Some(piece! { _ => Err(value.wrong_kind(#wire)), });
    }
    let has_conditions = alternate.choices.iter().any(|it| it.head.cfg.is_some());
    has_conditions.then(|| {
        let reason = "conditions decide whether other kinds are left";
        piece! {
            #[allow(unreachable_patterns, reason = #reason)]
            _ => Err(value.wrong_kind(#wire)),
        }
    })
}
