//! Events: a struct of data for each, and the enum of all.

use proc_macro2::TokenStream;
use quote::quote;

use super::commands::{arguments, revisions};
use crate::plan::Event;
use crate::tokens::{FileContext, MovedTokens, condition, deprecated, ident, large};

/// Returns the data of an event, with its name.
pub(super) fn definition(file: &FileContext<'_>, event: &Event) -> TokenStream {
    let wire = &event.head.wire;
    let doc = file.doc("The name on the wire.");
    let revisions = revisions(file, &event.revisions);
    let constants = quote! {
        #doc
        pub const NAME: &'static str = #wire;
        #revisions
    };
    let constants = MovedTokens::from(constants);
    let about = "The data.";
    arguments(file, &event.head, &event.arguments, about, Some(&constants))
}

/// Returns the enum of all events.
pub(super) fn all(file: &FileContext<'_>) -> TokenStream {
    let doc = file.doc("Any event. An event that is not in the schema is kept as received.");
    let large = large(file.plan.large_events);
    let object = file.runtime("Object");
    let variants = file.plan.events.iter().map(|event| {
        let name = ident(&event.head.name);
        let cfg = condition(event.head.cfg.as_deref());
        let deprecated = deprecated(&event.head);
        let doc = file.doc(format!("`{}`", event.head.wire));
        MovedTokens::from(quote! { #doc #cfg #deprecated #name(#name), })
    });
    let about_unlisted = file.doc("An event that is not in the schema.");
    let (about_name, about_data) = (file.doc("The name on the wire."), file.doc("The data."));
    let about_method = file.doc("The name on the wire.");
    let arms = file.plan.events.iter().map(|event| {
        let name = ident(&event.head.name);
        let cfg = condition(event.head.cfg.as_deref());
        quote! { #cfg Self::#name(_) => #name::NAME, }
    });
    quote! {
        #doc
        #[derive(Debug, Clone, PartialEq)]
        #large
        #[non_exhaustive]
        pub enum Event {
            #(#variants)*
            #about_unlisted
            Unlisted {
                #about_name
                name: Box<str>,
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

/// Returns the code that decodes an event from name and data, and encodes its data.
pub(super) fn marshal(file: &FileContext<'_>) -> TokenStream {
    if file.plan.events.is_empty() {
        return quote! {};
    }
    file.uses_module("events");
    let (members, error) = (file.runtime("Members"), file.runtime("DecodeError"));
    let encode_members = file.runtime("EncodeMembers");
    let object = file.runtime("ObjectWriter");
    let doc = file.doc(
        "Decodes the event with this name and data. An event that is not in the schema keeps both.\n\n\
         # Errors\n\nThe data does not match the event's schema.",
    );
    let reads = file.plan.events.iter().map(|event| {
        let (name, wire) = (ident(&event.head.name), &event.head.wire);
        let cfg = condition(event.head.cfg.as_deref());
        quote! { #cfg #wire => #members::decode(data).map(Self::#name), }
    });
    let writes = file.plan.events.iter().map(|event| {
        let name = ident(&event.head.name);
        let cfg = condition(event.head.cfg.as_deref());
        quote! { #cfg Self::#name(data) => data.encode_members(out), }
    });
    let types = file.plan.events.iter().map(|event| {
        let name = ident(&event.head.name);
        let cfg = condition(event.head.cfg.as_deref());
        quote! { #cfg events::#name }
    });
    let about_encode = file.doc("Writes the data.");
    quote! {
        qapi_runtime::impl_events! { events::Event: #(#types,)* }

        impl events::Event {
            #doc
            #[inline]
            pub fn decode(name: &str, mut data: #members<'_>) -> Result<Self, #error> {
                match name {
                    #(#reads)*
                    _ => {
                        let (name, data) = (name.into(), data.rest());
                        Ok(Self::Unlisted { name, data })
                    }
                }
            }
        }

        #about_encode
        impl #encode_members for events::Event {
            #[inline]
            fn encode_members(&self, out: &mut #object<'_>) {
                match self {
                    #(#writes)*
                    Self::Unlisted { data, .. } => data.encode_members(out),
                }
            }
        }
    }
}
