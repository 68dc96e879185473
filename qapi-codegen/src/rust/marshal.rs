//! Decoding and encoding of objects: tables of their members, for macros of the runtime.

use proc_macro2::TokenStream;
use quote::quote;

use crate::plan::{Field, Ty};
use crate::tokens::{ItemPath, MovedTokens, condition, ident};

/// Members of a struct: a table of them, for the macro that writes the code.
pub(super) fn record(target: &ItemPath, fields: &[Field], extra: Option<&str>) -> TokenStream {
    let ItemPath { path, cfg } = target;
    let members = fields.iter().map(entry);
    let rest = extra.map(|name| {
        let name = ident(name);
        quote! { ..#name }
    });
    quote! {
        #cfg
        qapi_runtime::impl_members! { #path { #(#members)* #rest } }
    }
}

/// Returns the entry of a member: its field, the kind of member, and its name on the wire.
pub(super) fn entry(field: &Field) -> MovedTokens {
    let name = ident(&field.head.name);
    let cfg = condition(field.head.cfg.as_deref());
    let (kind, wire) = (ident(kind(field)), &field.head.wire);
    quote! { #cfg #name: #kind(#wire), }.into()
}

/// Returns the entry of a struct that holds its members as one value.
pub(super) fn whole(target: &ItemPath) -> TokenStream {
    let ItemPath { path, cfg } = target;
    quote! {
        #cfg
        qapi_runtime::impl_members!(#path(..));
    }
}

/// Returns the method that reads a field, which also says how it is written.
fn kind(field: &Field) -> &'static str {
    match (field.optional, field.ty.is_bytes()) {
        (true, true) => "optional_bytes",
        (true, false) => "option",
        (false, _) if has_default(field) => "value",
        (false, _) => required(&field.ty),
    }
}

/// Returns whether there is a value to go on with where the field cannot be read, so that its error can wait.
fn has_default(field: &Field) -> bool {
    match field.ty {
        Ty::Builtin(_) | Ty::Empty | Ty::Array(_) => !field.boxed && !field.ty.is_bytes(),
        Ty::Bytes | Ty::Named(_) => false,
    }
}

/// Returns the method that reads a mandatory member of this type.
pub(super) fn required(ty: &Ty) -> &'static str {
    if ty.is_bytes() {
        "required_bytes"
    } else {
        "required"
    }
}
