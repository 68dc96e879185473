//! Structs: types without branches, arguments of commands, data of events.

use proc_macro2::TokenStream;
use qapi_parser::ir::Builtin;
use quote::quote;

use crate::plan::{Field, Head, Ty};
use crate::tokens::{
    FileContext, Part, condition, deprecated, derives, doc_lines, ident, item_attributes,
    non_exhaustive,
};

/// The number of parameters that Clippy allows a function.
const PARAMETERS: usize = 7;

/// A struct with constructor and setters. `extra` names the field for members that the schema lacks.
pub(super) fn definition(
    file: &FileContext<'_>,
    head: &Head,
    fields: &[Field],
    extra: Option<&str>,
    is_non_exhaustive: bool,
) -> TokenStream {
    let name = ident(&head.name);
    let attributes = item_attributes(head);
    let cfg = condition(head.cfg.as_deref());
    let derives = derives(head.derives, &head.extras);
    let non_exhaustive = non_exhaustive(is_non_exhaustive);
    let features = features(head, fields.iter().map(|field| &field.head));
    if fields.is_empty() && extra.is_none() {
        let doc = doc_lines("There is nothing to set.");
        return quote! {
            #attributes
            #derives
            #non_exhaustive
            pub struct #name;

            #cfg
            impl #name {
                #features
                #doc
                #[inline]
                pub fn new() -> Self {
                    Self
                }
            }
        };
    }
    let members = fields.iter().map(|field| member(file, field));
    let extra_member = extra.map(|name| extra_field(file, name));
    let new = constructor(
        file,
        fields.iter().map(|field| parameter(file, field)),
        extra,
    );
    let setters = fields
        .iter()
        .filter(|field| field.optional)
        .map(|field| setter(file, field));
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

fn extra_field(file: &FileContext<'_>, name: &str) -> TokenStream {
    let name = ident(name);
    let object = file.runtime("Object");
    let doc = doc_lines("Members that the schema does not describe.");
    quote! { #doc pub #name: #object, }
}

/// The declaration of a field.
pub(super) fn member(file: &FileContext<'_>, field: &Field) -> Part {
    let name = ident(&field.head.name);
    let attributes = item_attributes(&field.head);
    let held = file.held(&field.ty, field.boxed);
    let ty = if field.optional {
        quote! { Option<#held> }
    } else {
        held
    };
    quote! { #attributes pub #name: #ty, }.into()
}

/// A parameter of the constructor, for a field.
pub(super) struct Parameter {
    /// The parameter, if the field is mandatory.
    pub(super) declaration: Option<Part>,
    /// The field's initial value.
    pub(super) value: Part,
    /// It comes and goes with a condition.
    pub(super) is_conditional: bool,
}

/// Makes the parameter of the constructor for a field.
pub(super) fn parameter(file: &FileContext<'_>, field: &Field) -> Parameter {
    let name = ident(&field.head.name);
    let cfg = condition(field.head.cfg.as_deref());
    let is_conditional = cfg.is_some();
    if field.optional {
        let value = quote! { #cfg #name: None };
        return Parameter {
            declaration: None,
            value: value.into(),
            is_conditional,
        };
    }
    let (ty, value) = argument(file, field);
    let value = value.map(|value| quote! { : #value });
    Parameter {
        declaration: Some(quote! { #cfg #name: #ty }.into()),
        value: quote! { #cfg #name #value }.into(),
        is_conditional,
    }
}

/// The type of a parameter, and how it becomes the field's value, unless it is that already.
fn argument(file: &FileContext<'_>, field: &Field) -> (TokenStream, Option<TokenStream>) {
    let name = ident(&field.head.name);
    let ty = file.ty(&field.ty);
    if matches!(
        field.ty,
        Ty::Bytes | Ty::Builtin(Builtin::Str | Builtin::Any)
    ) {
        (quote! { impl Into<#ty> }, Some(quote! { #name.into() }))
    } else if field.boxed {
        (ty, Some(quote! { Box::new(#name) }))
    } else {
        (ty, None)
    }
}

/// The constructor.
pub(super) fn constructor(
    file: &FileContext<'_>,
    parts: impl Iterator<Item = Parameter>,
    extra: Option<&str>,
) -> Part {
    let (mut parameters, mut values) = (Vec::new(), Vec::new());
    // Where conditions can leave no parameter, a `Default` would come and go with them.
    let mut may_be_none = true;
    for part in parts {
        may_be_none &= part.declaration.is_none() || part.is_conditional;
        parameters.extend(part.declaration);
        values.push(part.value);
    }
    let no_default = (may_be_none && !parameters.is_empty()).then(|| {
        quote! { #[allow(clippy::new_without_default, reason = "conditions decide on parameters")] }
    });
    let extra = extra.map(|name| {
        let name = ident(name);
        let object = file.runtime("Object");
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
    let doc = doc_lines(doc);
    quote! {
        #doc
        #allow
        #no_default
        #[inline]
        pub fn new(#(#parameters),*) -> Self {
            Self { #(#values,)* #extra }
        }
    }
    .into()
}

/// The method that sets an optional member.
pub(super) fn setter(file: &FileContext<'_>, field: &Field) -> Part {
    let name = ident(&field.head.name);
    let method = format!("with_{}", field.head.name.trim_matches('_'));
    let method = ident(&method);
    let cfg = condition(field.head.cfg.as_deref());
    let deprecated = deprecated(&field.head);
    let (ty, value) = argument(file, field);
    let value = value.unwrap_or_else(|| quote! { #name });
    let doc = doc_lines(format!("Sets `{}`.", field.head.wire));
    quote! {
        #doc
        #cfg
        #deprecated
        #[must_use]
        #[inline]
        pub fn #method(mut self, #name: #ty) -> Self {
            self.#name = Some(#value);
            self
        }
    }
    .into()
}

/// Constants that list features, where there are any.
pub(super) fn features<'p>(head: &Head, parts: impl Iterator<Item = &'p Head>) -> TokenStream {
    let own = (!head.features.is_empty()).then(|| {
        let doc = doc_lines("Features of the definition.");
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
        let doc = doc_lines("Features of members: the name of the member and that of the feature.");
        quote! {
            #doc
            pub const MEMBER_FEATURES: &'static [(&'static str, &'static str)] = &[#(#parts),*];
        }
    });
    quote! { #own #of_members }
}
