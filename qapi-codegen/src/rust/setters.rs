//! Constructors of structs and unions, and the setters of their optional members.

use proc_macro2::{Ident, TokenStream};
use qapi_parser::ir::Builtin;
use quote::quote;

use super::fields::FieldTokens;
use crate::plan::{Branch, ItemHead, Ty};
use crate::rust_names;
use crate::tokens::{FileContext, MovedTokens, condition, deprecated, ident};

/// The way in which a constructor takes the values of mandatory members.
pub(super) enum Form {
    /// One by one.
    Positions,
    /// As a struct of this name, so that each value is named in the call.
    Named { mandatory: Ident, owner: String },
}

impl Form {
    pub(super) fn new(owner: &ItemHead, mandatory: Option<String>) -> Self {
        match mandatory {
            None => Self::Positions,
            Some(name) => Self::Named {
                mandatory: ident(&name),
                owner: owner.name.clone(),
            },
        }
    }
}

/// A parameter of the constructor, for a field.
pub(super) struct Parameter {
    /// The parameter, or the field of the struct of all, if the field is mandatory.
    declaration: Option<MovedTokens>,
    /// The name of the field in that struct, if there is one.
    name: Option<MovedTokens>,
    /// The field's initial value.
    value: MovedTokens,
    /// It exists under a condition only.
    is_conditional: bool,
}

/// Makes the parameter of the constructor for a field.
pub(super) fn parameter(
    file: &FileContext<'_>,
    form: &Form,
    tokens: &FieldTokens<'_>,
) -> Parameter {
    let FieldTokens { field, name, ty } = tokens;
    let cfg = condition(field.head.cfg.as_deref());
    let is_conditional = cfg.is_some();
    if field.optional {
        return Parameter {
            declaration: None,
            name: None,
            value: quote! { #cfg #name: None }.into(),
            is_conditional,
        };
    }
    let (declaration, named, value) = match form {
        Form::Positions => {
            let (ty, value) = argument(name, &field.ty, ty, field.boxed);
            let value = value.map(|value| quote! { : #value });
            let declaration = quote! { #cfg #name: #ty };
            (declaration, None, quote! { #cfg #name #value })
        }
        Form::Named { owner, .. } => {
            let doc = file.doc(format!("[`{owner}::{}`]", field.head.name));
            let deprecated = deprecated(&field.head);
            let value = field.boxed.then(|| quote! { : Box::new(#name) });
            let declaration = quote! { #doc #cfg #deprecated pub #name: #ty };
            let named = quote! { #cfg #name };
            (declaration, Some(named), quote! { #cfg #name #value })
        }
    };
    Parameter {
        declaration: Some(declaration.into()),
        name: named.map(Into::into),
        value: value.into(),
        is_conditional,
    }
}

/// Makes the parameter of a union's constructor for the branch.
pub(super) fn branch_parameter(
    file: &FileContext<'_>,
    form: &Form,
    tag: &Ident,
    branch: &Ident,
) -> Parameter {
    let (declaration, name) = match form {
        Form::Positions => (quote! { #tag: #branch }, None),
        Form::Named { owner, .. } => {
            let doc = file.doc(format!("[`{owner}::{tag}`]"));
            let declaration = quote! { #doc pub #tag: #branch };
            (declaration, Some(quote! { #tag }.into()))
        }
    };
    Parameter {
        declaration: Some(declaration.into()),
        name,
        value: quote! { #tag }.into(),
        is_conditional: false,
    }
}

/// Returns the type of a parameter, and how it becomes the value of a field or variant, unless it is that already.
fn argument(
    name: &Ident,
    ty: &Ty,
    tokens: &TokenStream,
    boxed: bool,
) -> (TokenStream, Option<MovedTokens>) {
    if matches!(ty, Ty::Bytes | Ty::Builtin(Builtin::Str | Builtin::Any)) {
        let value = quote! { #name.into() };
        (quote! { impl Into<#tokens> }, Some(value.into()))
    } else if boxed {
        (tokens.clone(), Some(quote! { Box::new(#name) }.into()))
    } else {
        (tokens.clone(), None)
    }
}

/// A constructor, and the struct of its parameters if they need names.
pub(super) struct Constructor {
    pub(super) function: MovedTokens,
    pub(super) named: Option<MovedTokens>,
}

/// Makes the constructor of an item.
pub(super) fn constructor(
    file: &FileContext<'_>,
    owner: &ItemHead,
    form: &Form,
    parts: impl Iterator<Item = Parameter>,
    extra: Option<&str>,
) -> Constructor {
    let (mut parameters, mut names, mut values) = (Vec::new(), Vec::new(), Vec::new());
    // If conditions can remove all parameters, a `Default` would depend on them.
    let mut may_be_none = true;
    for part in parts {
        may_be_none &= part.declaration.is_none() || part.is_conditional;
        if let Some(declaration) = part.declaration {
            parameters.push(declaration);
            names.extend(part.name);
        }
        values.push(part.value);
    }
    let doc = match (parameters.is_empty(), values.len() - parameters.len()) {
        (true, _) => "Creates a value in which all members are absent.",
        (false, 0) => "Creates a value from all its members.",
        (false, _) => "Creates a value from the mandatory members; the optional ones are absent.",
    };
    let (doc, inline) = (file.doc(doc), file.inline());
    let extra = extra.map(|name| {
        let name = ident(name);
        let object = file.runtime("Object");
        quote! { #name: #object::new(), }
    });
    if let Form::Named {
        mandatory,
        owner: name,
    } = form
    {
        let function = quote! {
            #doc
            #inline
            pub fn new(#mandatory { #(#names),* }: #mandatory) -> Self {
                Self { #(#values,)* #extra }
            }
        };
        return Constructor {
            function: function.into(),
            named: Some(named(file, owner, name, mandatory, &parameters)),
        };
    }
    let no_default = (may_be_none && !parameters.is_empty()).then(|| {
        quote! { #[allow(clippy::new_without_default, reason = "conditions decide which parameters exist")] }
    });
    let function = quote! {
        #doc
        #no_default
        #inline
        pub fn new(#(#parameters),*) -> Self {
            Self { #(#values,)* #extra }
        }
    };
    Constructor {
        function: function.into(),
        named: None,
    }
}

/// Returns the struct of the parameters of a constructor.
fn named(
    file: &FileContext<'_>,
    owner: &ItemHead,
    name: &str,
    mandatory: &Ident,
    fields: &[MovedTokens],
) -> MovedTokens {
    let doc = file.doc(format!(
        "The mandatory members of [`{name}`], for its constructor."
    ));
    let name = ident(name);
    let cfg = condition(owner.cfg.as_deref());
    quote! {
        #doc
        #cfg
        pub struct #mandatory {
            #(#fields,)*
        }

        #cfg
        qapi_runtime::impl_from!(#name(#mandatory));
    }
    .into()
}

/// Returns the method that sets an optional member.
pub(super) fn setter(file: &FileContext<'_>, tokens: &FieldTokens<'_>) -> Option<MovedTokens> {
    let FieldTokens { field, name, ty } = tokens;
    if !field.optional {
        return None;
    }
    let method = ident(&rust_names::setter(&field.head.name));
    let cfg = condition(field.head.cfg.as_deref());
    let deprecated = deprecated(&field.head);
    let (ty, value) = argument(name, &field.ty, ty, field.boxed);
    let value = value.unwrap_or_else(|| quote! { #name }.into());
    let doc = file.doc(format!("Sets `{}`.", field.head.wire));
    let head = file.setter_head();
    let method = quote! {
        #doc
        #cfg
        #deprecated
        #head #method(mut self, #name: #ty) -> Self {
            self.#name = Some(#value);
            self
        }
    };
    Some(method.into())
}

/// Returns the method that sets a member that is not in the schema.
pub(super) fn extra_setter(file: &FileContext<'_>, field: &str) -> MovedTokens {
    let any = file.runtime("Any");
    let (method, field) = (ident(&rust_names::setter(field)), ident(field));
    let doc = file.doc("Sets a member that is not in the schema.");
    let head = file.setter_head();
    quote! {
        #doc
        #head #method(mut self, name: impl Into<String>, value: impl Into<#any>) -> Self {
            self.#field.insert(name, value);
            self
        }
    }
    .into()
}

/// Returns the function that makes a union of a branch alone.
pub(super) fn branch_constructor(
    file: &FileContext<'_>,
    branches: &Ident,
    branch: &Branch,
) -> Option<MovedTokens> {
    let function = ident(branch.constructor.as_ref()?);
    let variant = ident(&branch.head.name);
    let doc = file.doc(format!(
        "Creates a value with the branch `{}`; members outside the branch are absent.",
        branch.head.wire
    ));
    let cfg = condition(branch.head.cfg.as_deref());
    let deprecated = deprecated(&branch.head);
    let made = match branch.held() {
        None => {
            quote! { pub fn #function() -> Self { Self::new(#branches::#variant) } }
        }
        Some(ty) => {
            let name = ident("value");
            let (ty, value) = argument(&name, &ty, &file.ty(&ty), branch.boxed);
            let value = value.unwrap_or_else(|| quote! { #name }.into());
            quote! {
                pub fn #function(#name: #ty) -> Self {
                    Self::new(#branches::#variant(#value))
                }
            }
        }
    };
    let (made, inline) = (MovedTokens::from(made), file.inline());
    Some(
        quote! {
            #doc
            #cfg
            #deprecated
            #inline
            #made
        }
        .into(),
    )
}
