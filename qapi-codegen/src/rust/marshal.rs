//! Decoding and encoding of objects, one expression per member. Structs use a macro of the runtime.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::plan::{Field, Ty};
use crate::tokens::{ItemPath, MovedTokens, condition, ident};

/// Members of a struct: a table of them, for the macro that writes the code.
pub(super) fn record(target: &ItemPath, fields: &[Field], extra: Option<&str>) -> TokenStream {
    let ItemPath { path, cfg } = target;
    let members = fields.iter().map(|field| {
        let name = ident(&field.head.name);
        let cfg = condition(field.head.cfg.as_deref());
        let (kind, wire) = (ident(kind(field)), &field.head.wire);
        MovedTokens::from(quote! { #cfg #name: #kind(#wire), })
    });
    let rest = extra.map(|name| {
        let name = ident(name);
        quote! { ..#name }
    });
    quote! {
        #cfg
        qapi_runtime::impl_members! { #path { #(#members)* #rest } }
    }
}

/// Returns a struct that holds its members as one value.
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

/// Returns the expression that reads a field.
pub(super) fn read(cursor: &Ident, field: &Field) -> TokenStream {
    let (wire, kind) = (&field.head.wire, kind(field));
    // Errors of these wait in the cursor.
    let waits = matches!(kind, "option" | "value");
    let (kind, question) = (ident(kind), (!waits).then(|| quote! { ? }));
    quote! { #cursor.#kind(#wire)#question }
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

/// Returns the statement that writes a field.
pub(super) fn write(field: &Field) -> TokenStream {
    let (name, wire) = (ident(&field.head.name), &field.head.wire);
    let cfg = condition(field.head.cfg.as_deref());
    let method = match (field.optional, field.ty.is_bytes()) {
        (true, true) => "optional_bytes",
        (true, false) => "optional",
        (false, true) => "bytes",
        (false, false) => "member",
    };
    let method = ident(method);
    quote! { #cfg out.#method(#wire, &self.#name); }
}
