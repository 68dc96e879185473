//! Reading and writing of objects, one expression per member.

use std::fmt::Write as _;

use proc_macro2::Ident;

use super::context::{Cx, Target, condition, ident};
use super::piece::{Piece, piece};
use crate::plan::{Arguments, Body, Field, Plan, Ty};

/// Members of a struct.
pub(super) fn record(cx: &Cx<'_>, target: &Target, fields: &[Field], extra: Option<&str>) -> Piece {
    let Target { path, cfg } = target;
    let (decode, error) = (cx.runtime("DecodeMembers"), cx.runtime("DecodeError"));
    let (encode, writer) = (cx.runtime("EncodeMembers"), cx.runtime("ObjectWriter"));
    let members = cx.runtime("Members");
    if fields.is_empty() && extra.is_none() {
        return piece! {
            #cfg
            impl #decode for #path {
                fn decode_members(_: &mut #members<'_>) -> Result<Self, #error> {
                    Ok(Self)
                }
            }

            #cfg
            impl #encode for #path {
                fn encode_members(&self, _: &mut #writer<'_>) {}
            }
        };
    }
    let reads = fields.iter().map(|field| {
        let name = ident(&field.head.name);
        let cfg = condition(field.head.cfg.as_deref());
        let read = read(&ident("members"), field);
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
            fn decode_members(members: &mut #members<'_>) -> Result<Self, #error> {
                Ok(Self { #(#reads)* #rest })
            }
        }

        #cfg
        impl #encode for #path {
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
    let (decode, error) = (cx.runtime("DecodeMembers"), cx.runtime("DecodeError"));
    let (encode, writer) = (cx.runtime("EncodeMembers"), cx.runtime("ObjectWriter"));
    let members = cx.runtime("Members");
    piece! {
        #cfg
        impl #decode for #path {
            fn decode_members(members: &mut #members<'_>) -> Result<Self, #error> {
                Ok(Self(#decode::decode_members(members)?))
            }
        }

        #cfg
        impl #encode for #path {
            fn encode_members(&self, out: &mut #writer<'_>) {
                self.0.encode_members(out);
            }
        }
    }
}

/// The expression that reads a field.
pub(super) fn read(cursor: &Ident, field: &Field) -> Piece {
    let wire = &field.head.wire;
    let method = match (field.optional, field.ty.is_bytes()) {
        (true, true) => "optional_bytes",
        (true, false) => "optional",
        (false, _) => required(&field.ty),
    };
    let method = ident(method);
    piece! { #cursor.#method(#wire)? }
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

/// Whole objects are read and written by way of their members, the same for all of them: a macro says it once.
pub(super) fn objects(plan: &Plan) -> String {
    let types = plan
        .types
        .iter()
        .filter(|ty| matches!(ty.body, Body::Struct(_) | Body::Union(_)));
    let heads = types.map(|ty| ("types", &ty.head));
    let heads = heads.chain(
        plan.commands
            .iter()
            .map(|command| ("commands", &command.head)),
    );
    let heads = heads.chain(plan.events.iter().map(|event| ("events", &event.head)));
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
    format!("{MACRO}\nobjects! {{\n{list}}}\n")
}

/// The imports that the macro needs.
pub(super) const MACRO_IMPORTS: [&str; 5] = ["Decode", "DecodeError", "Encode", "Value", "Writer"];

const MACRO: &str = "\
/// Reads and writes whole objects by way of their members.
macro_rules! objects {
    ($($(#[$condition:meta])* $object:ty,)*) => {$(
        $(#[$condition])*
        impl Decode for $object {
            fn decode(value: Value<'_>) -> Result<Self, DecodeError> {
                value.object()?.decode()
            }
        }

        $(#[$condition])*
        impl Encode for $object {
            fn encode(&self, out: &mut Writer) {
                out.object(|out| self.encode_members(out));
            }
        }
    )*};
}
";

/// Whether arguments are written one by one, which needs the trait for the members that the schema lacks.
pub(super) fn has_arguments(arguments: &Arguments) -> bool {
    !matches!(arguments, Arguments::None)
}
