//! Reading and writing of objects, one expression per member.

use std::fmt::Write as _;

use super::context::{Cx, Target, condition, ident};
use super::piece::{Ident, Piece, piece};
use crate::plan::{Arguments, Body, Field, Head, Plan, Ty};

/// Members of a struct.
pub(super) fn record(cx: &Cx<'_>, target: &Target, fields: &[Field], extra: Option<&str>) -> Piece {
    let Target { path, cfg } = target;
    let (decode, error) = (cx.runtime("Decode"), cx.runtime("DecodeError"));
    let (encode, writer) = (cx.runtime("Encode"), cx.runtime("ObjectWriter"));
    let members = cx.runtime("Members");
    if fields.is_empty() && extra.is_none() {
        return piece! {
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
        let read = read(ident("members"), field);
        piece! { #cfg #name: #read, }
    });
    let rest = extra.map(|name| {
        let name = ident(name);
        piece! { #name: members.rest(), }
    });
    let writes = fields.iter().map(write);
    let write_rest = extra.map(|name| {
        let name = ident(name);
        piece! { #encode::encode_members(&self.#name, out); }
    });
    piece! {
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
pub(super) fn whole(cx: &Cx<'_>, target: &Target) -> Piece {
    let Target { path, cfg } = target;
    let (decode, error) = (cx.runtime("Decode"), cx.runtime("DecodeError"));
    let (encode, writer) = (cx.runtime("Encode"), cx.runtime("ObjectWriter"));
    let members = cx.runtime("Members");
    piece! {
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
pub(super) fn read(cursor: Ident<'_>, field: &Field) -> Piece {
    let wire = &field.head.wire;
    let method = match (field.optional, field.ty.is_bytes()) {
        (true, true) => "optional_bytes",
        (true, false) => return piece! { #cursor.option(#wire) },
        (false, _) if has_default(field) => return piece! { #cursor.value(#wire) },
        (false, _) => required(&field.ty),
    };
    let method = ident(method);
    piece! { #cursor.#method(#wire)? }
}

/// Whether there is a value to go on with where the field cannot be read, so that its error can wait.
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
pub(super) fn write(field: &Field) -> Piece {
    let (name, wire) = (ident(&field.head.name), &field.head.wire);
    let cfg = condition(field.head.cfg.as_deref());
    let method = match (field.optional, field.ty.is_bytes()) {
        (true, true) => "optional_bytes",
        (true, false) => "optional",
        (false, true) => "bytes",
        (false, false) => "member",
    };
    let method = ident(method);
    piece! { #cfg out.#method(#wire, &self.#name); }
}

/// What is the same for all of them and a macro of the runtime says.
pub(super) fn lists(plan: &Plan) -> String {
    let types = || plan.types.iter().map(|ty| ("types", &ty.head));
    let structs = plan
        .types
        .iter()
        .filter(|ty| matches!(ty.body, Body::Struct(_) | Body::Union(_)))
        .map(|ty| ("types", &ty.head));
    let calls = || {
        let commands = plan.commands.iter().map(|it| ("commands", &it.head));
        commands.chain(plan.events.iter().map(|it| ("events", &it.head)))
    };
    let debug = list("impl_debug", structs.chain(calls()));
    let serde = list("impl_serde", types().chain(calls()));
    match (debug.is_empty(), serde.is_empty()) {
        (false, false) => format!("{debug}\n{serde}"),
        _ => debug + &serde,
    }
}

/// The call of a macro for these items; nothing for none.
fn list<'p>(name: &str, heads: impl Iterator<Item = (&'static str, &'p Head)>) -> String {
    let mut list = String::new();
    for (module, head) in heads {
        if let Some(cfg) = &head.cfg {
            let _ = writeln!(list, "    #[cfg({cfg})]");
        }
        let _ = writeln!(list, "    {module}::{},", head.name);
    }
    if list.is_empty() {
        return list;
    }
    format!("qapi_runtime::{name}! {{\n{list}}}\n")
}

/// Whether arguments are written one by one, which needs the trait for the members that the schema lacks.
pub(super) fn has_arguments(arguments: &Arguments) -> bool {
    !matches!(arguments, Arguments::None)
}
