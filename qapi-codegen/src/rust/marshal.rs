//! Reading and writing of objects, one expression per member.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::plan::{Arguments, Body, Field, Head, Plan, Ty};
use crate::tokens::{FileContext, Target, condition, ident};

/// Members of a struct.
pub(super) fn record(
    file: &FileContext<'_>,
    target: &Target,
    fields: &[Field],
    extra: Option<&str>,
) -> TokenStream {
    let Target { path, cfg } = target;
    let (decode, error) = (file.runtime("DecodeMembers"), file.runtime("DecodeError"));
    let (encode, writer) = (file.runtime("EncodeMembers"), file.runtime("ObjectWriter"));
    let members = file.runtime("Members");
    if fields.is_empty() && extra.is_none() {
        return quote! {
            #cfg
            impl #decode for #path {
                #[inline]
                fn decode_members(_: &mut #members<'_>) -> Result<Self, #error> {
                    Ok(Self)
                }
            }

            #cfg
            impl #encode for #path {
                #[inline]
                fn encode_members(&self, _: &mut #writer<'_>) {}
            }
        };
    }
    let reads = fields.iter().map(|field| {
        let name = ident(&field.head.name);
        let cfg = condition(field.head.cfg.as_deref());
        let read = read(&ident("members"), field);
        quote! { #cfg #name: #read, }
    });
    let rest = extra.map(|name| {
        let name = ident(name);
        quote! { #name: members.rest(), }
    });
    let writes = fields.iter().map(write);
    let write_rest = extra.map(|name| {
        let name = ident(name);
        quote! { #encode::encode_members(&self.#name, out); }
    });
    quote! {
        #cfg
        impl #decode for #path {
            #[inline]
            fn decode_members(members: &mut #members<'_>) -> Result<Self, #error> {
                Ok(Self { #(#reads)* #rest })
            }
        }

        #cfg
        impl #encode for #path {
            #[inline]
            fn encode_members(&self, out: &mut #writer<'_>) {
                #(#writes)*
                #write_rest
            }
        }
    }
}

/// A struct that holds its members as one value.
pub(super) fn whole(file: &FileContext<'_>, target: &Target) -> TokenStream {
    let Target { path, cfg } = target;
    let (decode, error) = (file.runtime("DecodeMembers"), file.runtime("DecodeError"));
    let (encode, writer) = (file.runtime("EncodeMembers"), file.runtime("ObjectWriter"));
    let members = file.runtime("Members");
    quote! {
        #cfg
        impl #decode for #path {
            #[inline]
            fn decode_members(members: &mut #members<'_>) -> Result<Self, #error> {
                Ok(Self(#decode::decode_members(members)?))
            }
        }

        #cfg
        impl #encode for #path {
            #[inline]
            fn encode_members(&self, out: &mut #writer<'_>) {
                self.0.encode_members(out);
            }
        }
    }
}

/// The expression that reads a field.
pub(super) fn read(cursor: &Ident, field: &Field) -> TokenStream {
    let wire = &field.head.wire;
    let method = match (field.optional, field.ty.is_bytes()) {
        (true, true) => "optional_bytes",
        (true, false) => return quote! { #cursor.option(#wire) },
        (false, _) if has_default(field) => return quote! { #cursor.value(#wire) },
        (false, _) => required(&field.ty),
    };
    let method = ident(method);
    quote! { #cursor.#method(#wire)? }
}

/// Returns true if there is a value to go on with where the field cannot be read, so that its error can wait.
fn has_default(field: &Field) -> bool {
    match field.ty {
        Ty::Builtin(_) | Ty::Empty | Ty::Array(_) => !field.boxed && !field.ty.is_bytes(),
        Ty::Bytes | Ty::Named(_) => false,
    }
}

/// The method that reads a mandatory member of this type.
pub(super) fn required(ty: &Ty) -> &'static str {
    if ty.is_bytes() {
        "required_bytes"
    } else {
        "required"
    }
}

/// The statement that writes a field.
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

/// Calls of the runtime's macros with all types, for impls that are the same for all.
pub(super) fn lists(plan: &Plan) -> TokenStream {
    let types = || plan.types.iter().map(|ty| ("types", &ty.head));
    let structs = || {
        let objects = |body: &_| matches!(body, Body::Struct(_) | Body::Union(_));
        let types = plan.types.iter().filter(move |ty| objects(&ty.body));
        types.map(|ty| ("types", &ty.head))
    };
    let calls = || {
        let commands = plan.commands.iter().map(|it| ("commands", &it.head));
        commands.chain(plan.events.iter().map(|it| ("events", &it.head)))
    };
    let object = list("impl_object", structs().chain(calls()));
    let debug = list("impl_debug", structs().chain(calls()));
    let serde = list("impl_serde", types().chain(calls()));
    quote! { #object #debug #serde }
}

/// The call of a macro for these items; nothing for none.
fn list<'p>(
    name: &str,
    heads: impl Iterator<Item = (&'static str, &'p Head)>,
) -> Option<TokenStream> {
    let items = heads.map(|(module, head)| {
        let cfg = condition(head.cfg.as_deref());
        let (module, name) = (ident(module), ident(&head.name));
        quote! { #cfg #module::#name }
    });
    let items: Vec<_> = items.collect();
    let name = ident(name);
    (!items.is_empty()).then(|| quote! { qapi_runtime::#name! { #(#items,)* } })
}

/// Returns true if arguments are written one by one, which needs the trait for the members that the schema lacks.
pub(super) fn has_arguments(arguments: &Arguments) -> bool {
    !matches!(arguments, Arguments::None)
}
