//! Constructors of structs and unions, and the setters of their optional members.

use proc_macro2::TokenStream;
use qapi_parser::ir::Builtin;
use quote::quote;

use crate::plan::{Field, Ty};
use crate::tokens::{FileContext, MovedTokens, condition, deprecated, doc_lines, ident};

/// The number of parameters that Clippy allows a function.
const PARAMETERS: usize = 7;

/// A parameter of the constructor, for a field.
pub(super) struct Parameter {
    /// The parameter, if the field is mandatory.
    pub(super) declaration: Option<MovedTokens>,
    /// The field's initial value.
    pub(super) value: MovedTokens,
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
) -> MovedTokens {
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
pub(super) fn setter(file: &FileContext<'_>, field: &Field) -> MovedTokens {
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
