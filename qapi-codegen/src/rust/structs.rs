//! Structs: types without branches, arguments of commands, data of events.

use proc_macro2::TokenStream;
use quote::quote;

use super::fields::FieldTokens;
use super::setters::{Constructor, Form, constructor, extra_setter, parameter, setter};
use crate::plan::{Field, ItemHead};
use crate::tokens::{FileContext, MovedTokens, condition, ident, non_exhaustive};

/// The parts of a struct; none by default.
#[derive(Default)]
pub(super) struct StructParts<'p> {
    pub(super) fields: &'p [Field],
    /// The name of the struct for the constructor's parameters, if there is one.
    pub(super) mandatory: Option<String>,
    /// The field for members that are not in the schema.
    pub(super) extra: Option<&'p str>,
    pub(super) is_non_exhaustive: bool,
    /// Constants that belong to the type.
    pub(super) constants: Option<&'p MovedTokens>,
}

/// Returns a struct with constructor and setters.
pub(super) fn definition(
    file: &FileContext<'_>,
    head: &ItemHead,
    parts: StructParts<'_>,
) -> TokenStream {
    let StructParts {
        fields,
        mandatory,
        extra,
        is_non_exhaustive,
        constants,
    } = parts;
    let name = ident(&head.name);
    let attributes = file.item_attributes(head);
    let cfg = condition(head.cfg.as_deref());
    let derives = file.derives(head.derives, &head.extras);
    let non_exhaustive = non_exhaustive(is_non_exhaustive);
    let features = features(file, head, fields.iter().map(|field| &field.head));
    if fields.is_empty() && extra.is_none() {
        let doc = file.doc("Creates the value, which has no members.");
        return quote! {
            #attributes
            #derives
            #non_exhaustive
            pub struct #name;

            #cfg
            impl #name {
                #constants
                #features
                #doc
                #[inline]
                pub fn new() -> Self {
                    Self
                }
            }
        };
    }
    let fields = FieldTokens::of(file, fields);
    let members = fields.iter().map(|field| field.member(file));
    let extra_member = extra.map(|name| extra_field(file, name));
    let form = Form::new(head, mandatory);
    let parts = fields.iter().map(|field| parameter(file, &form, field));
    let Constructor { function, named } = constructor(file, head, &form, parts, extra);
    let setters = fields.iter().filter_map(|field| setter(file, field));
    let extra_setter = extra.map(|name| extra_setter(file, name));
    quote! {
        #attributes
        #derives
        #non_exhaustive
        pub struct #name {
            #(#members)*
            #extra_member
        }

        #cfg
        impl #name {
            #constants
            #features
            #function
            #(#setters)*
            #extra_setter
        }

        #named
    }
}

fn extra_field(file: &FileContext<'_>, name: &str) -> TokenStream {
    let name = ident(name);
    let object = file.runtime("Object");
    let doc = file.doc("Members that are not in the schema.");
    quote! { #doc pub #name: #object, }
}

/// Constants that list features, where there are any.
pub(super) fn features<'p>(
    file: &FileContext<'_>,
    head: &ItemHead,
    parts: impl Iterator<Item = &'p ItemHead> + Clone,
) -> TokenStream {
    if head.features.is_empty() && parts.clone().all(|part| part.features.is_empty()) {
        return TokenStream::new();
    }
    let own = (!head.features.is_empty()).then(|| {
        let doc = file.doc("Features of the definition.");
        let features = &head.features;
        quote! { #doc pub const FEATURES: &'static [&'static str] = &[#(#features),*]; }
    });
    let parts: Vec<_> = parts
        .flat_map(|part| {
            part.features
                .iter()
                .map(|feature| (part.wire.as_str(), feature))
        })
        .map(|(wire, feature)| quote! { (#wire, #feature) })
        .collect();
    let of_members = (!parts.is_empty()).then(|| {
        let doc = file.doc("Features of members, as pairs of member name and feature name.");
        quote! {
            #doc
            pub const MEMBER_FEATURES: &'static [(&'static str, &'static str)] = &[#(#parts),*];
        }
    });
    quote! { #own #of_members }
}
