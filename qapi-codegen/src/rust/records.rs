//! Structs: types without branches, arguments of commands, data of events.

use qapi_parser::ir::Builtin;

use super::context::{Cx, condition, deprecated, derives, ident, non_exhaustive};
use super::piece::{Piece, piece};
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
) -> Piece {
    let name = ident(&head.name);
    let attributes = cx.attributes(head);
    let cfg = condition(head.cfg.as_deref());
    let derives = derives(head.derives, &head.extras);
    let non_exhaustive = non_exhaustive(is_non_exhaustive);
    let features = features(cx, head, fields.iter().map(|field| &field.head));
    if fields.is_empty() && extra.is_none() {
        let doc = cx.doc("There is nothing to set.");
        return piece! {
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
    let members = fields.iter().map(|field| member(cx, field));
    let extra_member = extra.map(|name| extra_field(cx, name));
    let new = constructor(cx, fields.iter().map(|field| parameter(cx, field)), extra);
    let setters = fields
        .iter()
        .filter(|field| field.optional)
        .map(|field| setter(cx, field));
    piece! {
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

fn extra_field(cx: &Cx<'_>, name: &str) -> Piece {
    let name = ident(name);
    let object = cx.runtime("Object");
    let doc = cx.doc("Members that the schema does not describe.");
    piece! { #doc pub #name: #object, }
}

/// The declaration of a field.
pub(super) fn member<'p>(cx: &Cx<'p>, field: &'p Field) -> Piece {
    let name = ident(&field.head.name);
    let attributes = cx.attributes(&field.head);
    let held = cx.held(&field.ty, field.boxed);
    let ty = if field.optional {
        let option = cx.prelude("Option");
        piece! { #option<#held> }
    } else {
        held
    };
    piece! { #attributes pub #name: #ty, }
}

/// What a field means to the constructor.
pub(super) struct Parameter {
    /// The parameter, if the field is mandatory.
    pub(super) declaration: Option<Piece>,
    /// The field's initial value.
    pub(super) value: Piece,
    /// It comes and goes with a condition.
    pub(super) is_conditional: bool,
}

/// What a field means to the constructor.
pub(super) fn parameter(cx: &Cx<'_>, field: &Field) -> Parameter {
    let name = ident(&field.head.name);
    let cfg = condition(field.head.cfg.as_deref());
    let is_conditional = cfg.is_some();
    if field.optional {
        let none = cx.prelude("None");
        let value = piece! { #cfg #name: #none };
        return Parameter {
            declaration: None,
            value,
            is_conditional,
        };
    }
    let (ty, value) = argument(cx, field);
    let value = value.map(|value| piece! { : #value });
    Parameter {
        declaration: Some(piece! { #cfg #name: #ty }),
        value: piece! { #cfg #name #value },
        is_conditional,
    }
}

/// The type of a parameter, and how it becomes the field's value, unless it is that already.
fn argument(cx: &Cx<'_>, field: &Field) -> (Piece, Option<Piece>) {
    let name = ident(&field.head.name);
    let ty = cx.ty(&field.ty);
    if matches!(
        field.ty,
        Ty::Bytes | Ty::Builtin(Builtin::Str | Builtin::Any)
    ) {
        let into = cx.prelude("Into");
        (piece! { impl #into<#ty> }, Some(piece! { #name.into() }))
    } else if field.boxed {
        let in_box = cx.prelude("Box");
        (ty, Some(piece! { #in_box::new(#name) }))
    } else {
        (ty, None)
    }
}

/// The constructor.
pub(super) fn constructor(
    cx: &Cx<'_>,
    parts: impl Iterator<Item = Parameter>,
    extra: Option<&str>,
) -> Piece {
    let (mut parameters, mut values) = (Vec::new(), Vec::new());
    // Where conditions can leave no parameter, a `Default` would come and go with them.
    let mut may_be_none = true;
    for part in parts {
        may_be_none &= part.declaration.is_none() || part.is_conditional;
        parameters.extend(part.declaration);
        values.push(part.value);
    }
    let no_default = (may_be_none && !parameters.is_empty()).then(|| {
        piece! { #[allow(clippy::new_without_default, reason = "conditions decide on parameters")] }
    });
    let extra = extra.map(|name| {
        let name = ident(name);
        let object = cx.runtime("Object");
        piece! { #name: #object::new(), }
    });
    let allow = (parameters.len() > PARAMETERS).then(|| {
        piece! { #[allow(clippy::too_many_arguments, reason = "one for each mandatory member")] }
    });
    let doc = match (parameters.is_empty(), values.len() - parameters.len()) {
        (true, _) => "All members are absent.",
        (false, 0) => "With all members.",
        (false, _) => "With the mandatory members; the others are absent.",
    };
    let doc = cx.doc(doc);
    piece! {
        #doc
        #allow
        #no_default
        #[inline]
        pub fn new(#(#parameters),*) -> Self {
            Self { #(#values,)* #extra }
        }
    }
}

/// The method that sets an optional member.
pub(super) fn setter(cx: &Cx<'_>, field: &Field) -> Piece {
    let name = ident(&field.head.name);
    let method = format!("with_{}", field.head.name.trim_matches('_'));
    let method = ident(&method);
    let cfg = condition(field.head.cfg.as_deref());
    let deprecated = deprecated(&field.head);
    let (ty, value) = argument(cx, field);
    let value = value.unwrap_or_else(|| piece! { #name });
    let some = cx.prelude("Some");
    let doc = cx.doc(format!("Sets `{}`.", field.head.wire));
    piece! {
        #doc
        #cfg
        #deprecated
        #[must_use]
        #[inline]
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
) -> Piece {
    let own = (!head.features.is_empty()).then(|| {
        let doc = cx.doc("Features of the definition.");
        let features = &head.features;
        piece! { #doc pub const FEATURES: &'static [&'static str] = &[#(#features),*]; }
    });
    let parts: Vec<_> = parts
        .flat_map(|part| {
            part.features
                .iter()
                .map(|feature| (part.wire.as_str(), feature))
        })
        .map(|(wire, feature)| piece! { (#wire, #feature) })
        .collect();
    let of_members = (!parts.is_empty()).then(|| {
        let doc = cx.doc("Features of members: the name of the member and that of the feature.");
        piece! {
            #doc
            pub const MEMBER_FEATURES: &'static [(&'static str, &'static str)] = &[#(#parts),*];
        }
    });
    piece! { #own #of_members }
}
