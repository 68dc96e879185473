//! Events: a struct of data each, and the enum of all.

use super::commands::{arguments, revisions};
use super::context::{Cx, condition, deprecated, ident, large};
use super::piece::{Piece, piece};
use crate::plan::Event;

/// The data of an event, with its name.
pub(super) fn definition<'p>(cx: &Cx<'p>, event: &'p Event) -> Piece {
    let item = arguments(cx, &event.head, &event.arguments, "The data.");
    let (name, wire) = (ident(&event.head.name), &event.head.wire);
    let cfg = condition(event.head.cfg.as_deref());
    let doc = cx.doc("The name on the wire.");
    let revisions = revisions(cx, &event.head, &event.revisions);
    piece! {
        #item

        #revisions

        #cfg
        impl #name {
            #doc
            pub const NAME: &'static str = #wire;
        }
    }
}

/// The enum of all events.
pub(super) fn all(cx: &Cx<'_>) -> Piece {
    let doc = cx.doc("Any event. One that the schema does not have is kept as received.");
    let large = large(cx.plan.large_events);
    let (object, in_box) = (cx.runtime("Object"), cx.prelude("Box"));
    let variants = cx.plan.events.iter().map(|event| {
        let name = ident(&event.head.name);
        let cfg = condition(event.head.cfg.as_deref());
        let deprecated = deprecated(&event.head);
        let doc = cx.doc(format!("`{}`", event.head.wire));
        piece! { #doc #cfg #deprecated #name(#name), }
    });
    let about_unlisted = cx.doc("An event that the schema does not have.");
    let (about_name, about_data) = (cx.doc("The name on the wire."), cx.doc("The data."));
    let about_method = cx.doc("The name on the wire.");
    let arms = cx.plan.events.iter().map(|event| {
        let name = ident(&event.head.name);
        let cfg = condition(event.head.cfg.as_deref());
        piece! { #cfg Self::#name(_) => #name::NAME, }
    });
    piece! {
        #doc
        #[derive(Debug, Clone, PartialEq)]
        #large
        #[non_exhaustive]
        pub enum Event {
            #(#variants)*
            #about_unlisted
            Unlisted {
                #about_name
                name: #in_box<str>,
                #about_data
                data: #object,
            },
        }

        impl Event {
            #about_method
            #[inline]
            pub fn name(&self) -> &str {
                match self {
                    #(#arms)*
                    Self::Unlisted { name, .. } => name,
                }
            }
        }
    }
}

/// From a name and the data to an event, and back.
pub(super) fn marshal(cx: &Cx<'_>) -> Piece {
    if cx.plan.events.is_empty() {
        return piece! {};
    }
    cx.uses_module("events");
    let (members, error) = (cx.runtime("Members"), cx.runtime("DecodeError"));
    let (encode, writer) = (cx.runtime("Encode"), cx.runtime("ObjectWriter"));
    let doc = cx.doc(
        "The event of this name, with its data. One that the schema does not have keeps both.\n\n\
         # Errors\n\nThe data do not fit the event.",
    );
    let reads = cx.plan.events.iter().map(|event| {
        let (name, wire) = (ident(&event.head.name), &event.head.wire);
        let cfg = condition(event.head.cfg.as_deref());
        piece! { #cfg #wire => #members::decode(data).map(Self::#name), }
    });
    let writes = cx.plan.events.iter().map(|event| {
        let name = ident(&event.head.name);
        let cfg = condition(event.head.cfg.as_deref());
        piece! { #cfg Self::#name(data) => data.encode_members(out), }
    });
    let about_encode = cx.doc("Writes the data.");
    piece! {
        impl events::Event {
            #doc
            #[inline]
            pub fn decode(name: &str, data: #members<'_>) -> Result<Self, #error> {
                match name {
                    #(#reads)*
                    _ => {
                        let mut data = data;
                        let (name, data) = (name.into(), data.rest());
                        Ok(Self::Unlisted { name, data })
                    }
                }
            }
        }

        #about_encode
        impl #encode for events::Event {
            #[inline]
            fn encode_members(&self, out: &mut #writer<'_>) {
                match self {
                    #(#writes)*
                    Self::Unlisted { data, .. } => data.encode_members(out),
                }
            }
        }
    }
}
