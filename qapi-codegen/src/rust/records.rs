//! Structs: types without branches, arguments of commands, data of events.

use proc_macro2::{TokenStream, TokenTree};
use qapi_parser::ir::Builtin;
use quote::{format_ident, quote};

use super::context::{Cx, condition, deprecated, derives, ident, non_exhaustive};
use crate::plan::{Field, Head, Ty};

/// How many parameters Clippy allows a function.
const PARAMETERS: usize = 7;

/// A struct with constructor and setters. `extra` names the field for members that the schema lacks.
pub(super) fn definition<'p>(
    cx: &Cx<'p>,
    head: &'p Head,
    fields: &'p [Field],
    extra: Option<&str>,
    is_non_exhaustive: bool,
) -> TokenStream {
    let name = ident(&head.name);
    let attributes = cx.attributes(head);
    let cfg = condition(head.cfg.as_deref());
    let derives = derives(head.derives);
    let non_exhaustive = non_exhaustive(is_non_exhaustive);
    let features = features(cx, head, fields.iter().map(|field| &field.head));
    if fields.is_empty() && extra.is_none() {
        let doc = cx.doc("There is nothing to set.");
        return quote! {
            #attributes
            #derives
            #non_exhaustive
            pub struct #name;

            #cfg
            impl #name {
                #features
                #doc
                pub fn new() -> Self {
                    Self
                }
            }
        };
    }
    let members = fields.iter().map(|field| member(cx, field));
    let extra_member = extra.map(|name| extra_field(cx, name));
    let new = constructor(cx, fields.iter().map(|field| parameter(cx, field)), extra);
    let setters = fields
        .iter()
        .filter(|field| field.optional)
        .map(|field| setter(cx, field));
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
            #features
            #new
            #(#setters)*
        }
    }
}

fn extra_field(cx: &Cx<'_>, name: &str) -> TokenStream {
    let name = ident(name);
    let object = cx.runtime("Object");
    let doc = cx.doc("Members that the schema does not describe.");
    quote! { #doc pub #name: #object, }
}

/// The declaration of a field.
pub(super) fn member<'p>(cx: &Cx<'p>, field: &'p Field) -> TokenStream {
    let name = ident(&field.head.name);
    let attributes = cx.attributes(&field.head);
    let held = cx.held(&field.ty, field.boxed);
    let ty = if field.optional {
        let option = cx.prelude("Option");
        quote! { #option<#held> }
    } else {
        held
    };
    quote! { #attributes pub #name: #ty, }
}

/// A parameter of the constructor, if the field is mandatory, and the field's initial value.
pub(super) fn parameter(cx: &Cx<'_>, field: &Field) -> (Option<TokenStream>, TokenStream) {
    let name = ident(&field.head.name);
    let cfg = condition(field.head.cfg.as_deref());
    if field.optional {
        let none = cx.prelude("None");
        return (None, quote! { #cfg #name: #none });
    }
    let (ty, value) = argument(cx, field);
    let value = value.map(|value| quote! { : #value });
    (
        Some(quote! { #cfg #name: #ty }),
        quote! { #cfg #name #value },
    )
}

/// The type of a parameter, and how it becomes the field's value, unless it is that already.
fn argument(cx: &Cx<'_>, field: &Field) -> (TokenStream, Option<TokenStream>) {
    let name = ident(&field.head.name);
    let ty = cx.ty(&field.ty);
    if matches!(field.ty, Ty::Builtin(Builtin::Str | Builtin::Any)) {
        let into = cx.prelude("Into");
        (quote! { impl #into<#ty> }, Some(quote! { #name.into() }))
    } else if field.boxed {
        let in_box = cx.prelude("Box");
        (ty, Some(quote! { #in_box::new(#name) }))
    } else {
        (ty, None)
    }
}

/// The constructor. Each part is a parameter, where there is one, and the value of the field.
pub(super) fn constructor(
    cx: &Cx<'_>,
    parts: impl Iterator<Item = (Option<TokenStream>, TokenStream)>,
    extra: Option<&str>,
) -> TokenStream {
    let (parameters, values): (Vec<_>, Vec<_>) = parts.unzip();
    // Where conditions can leave no parameter, a `Default` would come and go with them.
    let no_default = parameters
        .iter()
        .flatten()
        .all(|parameter| is_conditional(parameter));
    let no_default = (no_default && parameters.iter().any(Option::is_some)).then(|| {
        quote! { #[allow(clippy::new_without_default, reason = "conditions decide on parameters")] }
    });
    let parameters: Vec<_> = parameters.into_iter().flatten().collect();
    let extra = extra.map(|name| {
        let name = ident(name);
        let object = cx.runtime("Object");
        quote! { #name: #object::new(), }
    });
    let allow = (parameters.len() > PARAMETERS).then(|| {
        quote! { #[allow(clippy::too_many_arguments, reason = "one for each mandatory member")] }
    });
    let doc = match (parameters.is_empty(), values.len() - parameters.len()) {
        (true, _) => "All members are absent.",
        (false, 0) => "With all members.",
        (false, _) => "With the mandatory members; the others are absent.",
    };
    let doc = cx.doc(doc);
    quote! {
        #doc
        #allow
        #no_default
        pub fn new(#(#parameters),*) -> Self {
            Self { #(#values,)* #extra }
        }
    }
}

fn is_conditional(parameter: &TokenStream) -> bool {
    let first = parameter.clone().into_iter().next();
    matches!(first, Some(TokenTree::Punct(punct)) if punct.as_char() == '#')
}

/// The method that sets an optional member.
pub(super) fn setter(cx: &Cx<'_>, field: &Field) -> TokenStream {
    let name = ident(&field.head.name);
    let method = format_ident!("with_{}", field.head.name.trim_matches('_'));
    let cfg = condition(field.head.cfg.as_deref());
    let deprecated = deprecated(&field.head);
    let (ty, value) = argument(cx, field);
    let value = value.unwrap_or_else(|| quote! { #name });
    let some = cx.prelude("Some");
    let doc = cx.doc(format!("Sets `{}`.", field.head.wire));
    quote! {
        #doc
        #cfg
        #deprecated
        #[must_use]
        pub fn #method(mut self, #name: #ty) -> Self {
            self.#name = #some(#value);
            self
        }
    }
}

/// Constants that list features, where there are any.
pub(super) fn features<'p>(
    cx: &Cx<'p>,
    head: &'p Head,
    parts: impl Iterator<Item = &'p Head>,
) -> TokenStream {
    let own = (!head.features.is_empty()).then(|| {
        let doc = cx.doc("Features of the definition.");
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
        let doc = cx.doc("Features of members: the name of the member and that of the feature.");
        quote! {
            #doc
            pub const MEMBER_FEATURES: &'static [(&'static str, &'static str)] = &[#(#parts),*];
        }
    });
    quote! { #own #of_members }
}
