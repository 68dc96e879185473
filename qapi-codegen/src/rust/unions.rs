//! Unions: the common members, and an enum for the branches from which the tag follows.

use super::context::{
    Cx, OnSelf, Target, attributes, condition, derives, ident, large, non_exhaustive,
};
use super::marshal::{read, required, write};
use super::piece::{Piece, piece};
use super::records::{Parameter, constructor, features, member, parameter, setter};
use crate::plan::{Branch, Derives, Payload, Type, Union};

/// The struct and the enum.
pub(super) fn definition<'p>(cx: &Cx<'p>, ty: &'p Type, union_: &'p Union) -> Piece {
    let name = ident(&ty.head.name);
    let attributes = cx.attributes(&ty.head);
    let cfg = condition(ty.head.cfg.as_deref());
    let derives = derives(ty.head.derives, &ty.head.extras);
    let non_exhaustive = non_exhaustive(ty.is_non_exhaustive());
    let (before, after) = union_.fields.split_at(union_.tag_at);
    let (before_fields, after_fields) = (
        before.iter().map(|field| member(cx, field)),
        after.iter().map(|field| member(cx, field)),
    );
    let (tag, branch) = (ident(&union_.tag.name), ident(&union_.branch_name));
    let tag_attributes = cx.attributes(&union_.tag);
    let heads = union_
        .fields
        .iter()
        .map(|field| &field.head)
        .chain([&union_.tag]);
    let features = features(cx, &ty.head, heads);
    let parts = before.iter().map(|field| parameter(cx, field));
    let parts = parts.chain([Parameter {
        declaration: Some(piece! { #tag: #branch }),
        value: piece! { #tag },
        is_conditional: false,
    }]);
    let parts = parts.chain(after.iter().map(|field| parameter(cx, field)));
    let new = constructor(cx, parts, None);
    let setters = union_
        .fields
        .iter()
        .filter(|field| field.optional)
        .map(|field| setter(cx, field));
    let only_tag = union_.fields.iter().all(|field| field.optional);
    let from = only_tag.then(|| {
        let from = cx.prelude("From");
        piece! {
            #cfg
            impl #from<#branch> for #name {
                #[inline]
                fn from(branch: #branch) -> Self {
                    Self::new(branch)
                }
            }
        }
    });
    let branches = branches(cx, ty, union_);
    piece! {
        #attributes
        #derives
        #non_exhaustive
        pub struct #name {
            #(#before_fields)*
            #tag_attributes
            pub #tag: #branch,
            #(#after_fields)*
        }

        #cfg
        impl #name {
            #features
            #new
            #(#setters)*
        }

        #from

        #branches
    }
}

fn branches<'p>(cx: &Cx<'p>, ty: &'p Type, union_: &'p Union) -> Piece {
    let name = ident(&union_.branch_name);
    let cfg = condition(ty.head.cfg.as_deref());
    let derives = derives(Derives::CHOICE, &ty.head.extras);
    let large = large(union_.large);
    let non_exhaustive = non_exhaustive(union_.open);
    let wire = &union_.tag.wire;
    let doc = cx.doc(format!(
        "The branches of [`{}`], told apart by `{wire}`.",
        ty.head.name
    ));
    let variants = union_.branches.iter().map(|branch| {
        let name = ident(&branch.head.name);
        let attributes = cx.attributes(&branch.head);
        let held = held(cx, branch).map(|held| piece! { (#held) });
        piece! { #attributes #name #held, }
    });
    let unlisted = union_.open.then(|| {
        let doc = cx.doc("A branch that the schema does not list, kept as received.");
        let about_tag = cx.doc(format!("The value of `{wire}`."));
        let about_rest = cx.doc("The members that are not common to all branches.");
        let (in_box, object) = (cx.prelude("Box"), cx.runtime("Object"));
        piece! {
            #doc
            Unlisted {
                #about_tag
                tag: #in_box<str>,
                #about_rest
                rest: #object,
            },
        }
    });
    let tag = tag(cx, union_);
    let as_str = as_str(cx, union_);
    let extra = attributes(&ty.head);
    piece! {
        #doc
        #cfg
        #extra
        #derives
        #large
        #non_exhaustive
        pub enum #name {
            #(#variants)*
            #unlisted
        }

        #cfg
        impl #name {
            #tag
            #as_str
        }
    }
}

/// How to match on the enum of branches.
fn on_self(union_: &Union) -> OnSelf {
    if union_.open {
        OnSelf::never_empty()
    } else {
        OnSelf::new(union_.branches.iter().map(|branch| &branch.head))
    }
}

/// The type that a variant holds.
fn held(cx: &Cx<'_>, branch: &Branch) -> Option<Piece> {
    let ty = match &branch.payload {
        Payload::Empty => return None,
        Payload::Members(id) => crate::plan::Ty::Named(*id),
        Payload::Member { ty, .. } => ty.clone(),
    };
    Some(cx.held(&ty, branch.boxed))
}

fn tag(cx: &Cx<'_>, union_: &Union) -> Piece {
    let tag = cx.named(union_.tag_type);
    let wire = &union_.tag.wire;
    if !union_.tag_is_total {
        let doc = cx.doc(format!(
            "The value of `{wire}`; none for one that the schema lacks."
        ));
        let option = cx.prelude("Option");
        return piece! {
            #doc
            #[inline]
            pub fn tag(&self) -> #option<#tag> {
                self.as_str().parse().ok()
            }
        };
    }
    let doc = cx.doc(format!("The value of `{wire}`."));
    if union_.open {
        return piece! {
            #doc
            #[inline]
            pub fn tag(&self) -> #tag {
                self.as_str().into()
            }
        };
    }
    if union_.branches.is_empty() {
        return piece! {
            #doc
            #[inline]
            pub fn tag(&self) -> #tag {
                match *self {}
            }
        };
    }
    let values = cx.plan.ty(union_.tag_type);
    let arms = union_.branches.iter().map(|branch| {
        let pattern = pattern(branch);
        let cfg = condition(branch.head.cfg.as_deref());
        let value = value_name(values, &branch.head.wire);
        let value = ident(value.unwrap_or(&branch.head.name));
        piece! { #cfg #pattern => #tag::#value, }
    });
    let OnSelf { subject, .. } = on_self(union_);
    piece! {
        #doc
        #[inline]
        pub fn tag(&self) -> #tag {
            match #subject {
                #(#arms)*
            }
        }
    }
}

/// The variant of the tag's enumeration for a value.
fn value_name<'t>(tag: Option<&'t Type>, wire: &str) -> Option<&'t str> {
    let crate::plan::Body::Enum(enum_) = &tag?.body else {
        return None;
    };
    let value = enum_.values.iter().find(|value| value.wire == wire)?;
    Some(&value.name)
}

/// The pattern for a branch whose payload does not matter.
fn pattern(branch: &Branch) -> Piece {
    let name = ident(&branch.head.name);
    match branch.payload {
        Payload::Empty => piece! { Self::#name },
        Payload::Members(_) | Payload::Member { .. } => piece! { Self::#name(_) },
    }
}

fn as_str(cx: &Cx<'_>, union_: &Union) -> Piece {
    let doc = cx.doc(format!("The value of `{}` on the wire.", union_.tag.wire));
    if !union_.open && !union_.tag_is_open {
        return piece! {
            #doc
            #[inline]
            pub fn as_str(&self) -> &'static str {
                self.tag().as_str()
            }
        };
    }
    let arms = union_.branches.iter().map(|branch| {
        let (pattern, wire) = (pattern(branch), &branch.head.wire);
        let cfg = condition(branch.head.cfg.as_deref());
        piece! { #cfg #pattern => #wire, }
    });
    if !union_.open {
        // The tag's enumeration can hold any text, so it could not be asked for one that lasts.
        let OnSelf { subject, .. } = on_self(union_);
        return piece! {
            #doc
            #[inline]
            pub fn as_str(&self) -> &'static str {
                match #subject {
                    #(#arms)*
                }
            }
        };
    }
    piece! {
        #doc
        #[inline]
        pub fn as_str(&self) -> &str {
            match self {
                #(#arms)*
                Self::Unlisted { tag, .. } => tag,
            }
        }
    }
}

/// The common members in schema order, then the branch from the same cursor.
pub(super) fn marshal(cx: &Cx<'_>, target: &Target, union_: &Union) -> Piece {
    let Target { path, cfg } = target;
    let (decode, error) = (cx.runtime("Decode"), cx.runtime("DecodeError"));
    let (encode, writer) = (cx.runtime("Encode"), cx.runtime("ObjectWriter"));
    let members = cx.runtime("Members");
    let (before, after) = union_.fields.split_at(union_.tag_at);
    // The members become variables; no name made from the schema ends like this one.
    let hidden = union_
        .fields
        .iter()
        .map(|field| &field.head)
        .chain([&union_.tag]);
    let is_hidden = hidden.into_iter().any(|head| head.name == "members");
    let cursor = ident(if is_hidden { "members_" } else { "members" });
    let reads = |fields: &[crate::plan::Field]| {
        let reads = fields.iter().map(|field| {
            let name = ident(&field.head.name);
            let cfg = condition(field.head.cfg.as_deref());
            let read = read(cursor, field);
            piece! { #cfg let #name = #read; }
        });
        reads.collect::<Piece>()
    };
    let (reads_before, reads_after) = (reads(before), reads(after));
    let names = union_.fields.iter().map(|field| {
        let name = ident(&field.head.name);
        let cfg = condition(field.head.cfg.as_deref());
        piece! { #cfg #name, }
    });
    let (tag, wire) = (ident(&union_.tag.name), &union_.tag.wire);
    let branch = ident(&union_.branch_name);
    let (writes_before, writes_after) = (before.iter().map(write), after.iter().map(write));
    let branches = marshal_branches(cx, target, union_);
    piece! {
        #cfg
        impl #decode for #path {
            #[inline]
            fn decode_members(#cursor: &mut #members<'_>) -> Result<Self, #error> {
                #reads_before
                let #tag = #cursor.required(#wire)?;
                #reads_after
                let #tag = types::#branch::decode(#tag, #cursor)?;
                Ok(Self { #(#names)* #tag })
            }
        }

        #cfg
        impl #encode for #path {
            #[inline]
            fn encode_members(&self, out: &mut #writer<'_>) {
                #(#writes_before)*
                out.member(#wire, &self.#tag.as_str());
                #(#writes_after)*
                types::#branch::encode_members(&self.#tag, out);
            }
        }

        #branches
    }
}

fn marshal_branches(cx: &Cx<'_>, target: &Target, union_: &Union) -> Piece {
    let cfg = &target.cfg;
    let branch = ident(&union_.branch_name);
    let writer = cx.runtime("ObjectWriter");
    let decode = decode_branch(cx, union_);
    if union_.branches.is_empty() && !union_.open {
        return piece! {
            #cfg
            impl types::#branch {
                #decode

                #[inline]
                fn encode_members(&self, _: &mut #writer<'_>) {
                    match *self {}
                }
            }
        };
    }
    let OnSelf { subject, by } = on_self(union_);
    let writes = union_.branches.iter().map(|branch| {
        let name = ident(&branch.head.name);
        let cfg = condition(branch.head.cfg.as_deref());
        match &branch.payload {
            Payload::Empty => piece! { #cfg Self::#name => {} },
            Payload::Members(_) => {
                piece! { #cfg Self::#name(#by branch) => branch.encode_members(out), }
            }
            Payload::Member { wire, ty } if ty.is_bytes() => {
                piece! { #cfg Self::#name(#by value) => out.bytes(#wire, value), }
            }
            Payload::Member { wire, .. } => {
                piece! { #cfg Self::#name(#by value) => out.member(#wire, value), }
            }
        }
    });
    let unlisted = union_
        .open
        .then(|| piece! { Self::Unlisted { rest, .. } => rest.encode_members(out), });
    let all_empty = !union_.open
        && union_
            .branches
            .iter()
            .all(|it| it.payload == Payload::Empty);
    let out = if all_empty {
        piece! { _ }
    } else {
        piece! { out }
    };
    piece! {
        #cfg
        impl types::#branch {
            #decode

            #[inline]
            fn encode_members(&self, #out: &mut #writer<'_>) {
                match #subject {
                    #(#writes)*
                    #unlisted
                }
            }
        }
    }
}

/// The branch for a tag. Where a tag may be unlisted and its enumeration cannot say so, it is text.
fn decode_branch(cx: &Cx<'_>, union_: &Union) -> Piece {
    let (members, error) = (cx.runtime("Members"), cx.runtime("DecodeError"));
    let by_text = union_.open && !union_.tag_is_open;
    let tag_type = cx.named(union_.tag_type);
    let values = cx.plan.ty(union_.tag_type);
    let arms: Vec<_> = union_
        .branches
        .iter()
        .map(|branch| {
            let name = ident(&branch.head.name);
            let cfg = condition(branch.head.cfg.as_deref());
            let wire = &branch.head.wire;
            let pattern = match value_name(values, wire) {
                Some(value) if !by_text => {
                    let value = ident(value);
                    piece! { #tag_type::#value }
                }
                _ => piece! { #wire },
            };
            match &branch.payload {
                Payload::Empty => piece! { #cfg #pattern => Ok(Self::#name), },
                Payload::Members(_) => {
                    let decode = cx.runtime("Decode");
                    piece! { #cfg #pattern => #decode::decode_members(members).map(Self::#name), }
                }
                Payload::Member { wire, ty } => {
                    let required = ident(required(ty));
                    piece! { #cfg #pattern => #members::#required(members, #wire).map(Self::#name), }
                }
            }
        })
        .collect();
    let reads = union_.open
        || union_
            .branches
            .iter()
            .any(|it| it.payload != Payload::Empty);
    let cursor = if reads {
        piece! { members }
    } else {
        piece! { _ }
    };
    if by_text {
        return piece! {
            #[inline]
            fn decode(tag: Box<str>, #cursor: &mut #members<'_>) -> Result<Self, #error> {
                match &*tag {
                    #(#arms)*
                    _ => {
                        let rest = members.rest();
                        Ok(Self::Unlisted { tag, rest })
                    }
                }
            }
        };
    }
    let unlisted = union_.open.then(|| {
        piece! {
            #tag_type::Unlisted(tag) => {
                let rest = members.rest();
                Ok(Self::Unlisted { tag, rest })
            }
        }
    });
    let wire = &union_.tag.wire;
    if union_.has_gaps && union_.branches.is_empty() && !union_.open {
        return piece! {
            fn decode(tag: #tag_type, _: &mut #members<'_>) -> Result<Self, #error> {
                Err(#error::unknown_value(tag.as_str()).in_member(#wire))
            }
        };
    }
    let gaps = union_.has_gaps.then(|| {
        piece! {
            #[allow(unreachable_patterns, reason = "conditions may leave no value without a branch")]
            tag => Err(#error::unknown_value(tag.as_str()).in_member(#wire)),
        }
    });
    piece! {
        #[inline]
        fn decode(tag: #tag_type, #cursor: &mut #members<'_>) -> Result<Self, #error> {
            match tag {
                #(#arms)*
                #unlisted
                #gaps
            }
        }
    }
}
