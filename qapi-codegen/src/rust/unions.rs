//! Unions: the common members, and an enum of branches, which determines the tag.

use proc_macro2::TokenStream;
use quote::quote;

use super::marshal::{read, required, write};
use super::setters::{
    Constructor, Form, branch_constructor, branch_parameter, constructor, parameter, setter,
};
use super::structs::{features, member};
use crate::plan::{Branch, Derives, Payload, Type, Union};
use crate::tokens::{
    FileContext, ItemPath, MovedTokens, OnSelf, added_attributes, condition, derives, ident, large,
    non_exhaustive,
};

/// Returns the struct and the enum.
pub(super) fn definition(file: &FileContext<'_>, ty: &Type, union_: &Union) -> TokenStream {
    let name = ident(&ty.head.name);
    let attributes = file.item_attributes(&ty.head);
    let cfg = condition(ty.head.cfg.as_deref());
    let derives = derives(ty.head.derives, &ty.head.extras);
    let non_exhaustive = non_exhaustive(ty.is_non_exhaustive());
    let (before, after) = union_.fields.split_at(union_.tag_at);
    let (before_fields, after_fields) = (
        before.iter().map(|field| member(file, field)),
        after.iter().map(|field| member(file, field)),
    );
    let (tag, branch) = (ident(&union_.tag.name), ident(&union_.branch_name));
    let tag_attributes = file.item_attributes(&union_.tag);
    let heads = union_
        .fields
        .iter()
        .map(|field| &field.head)
        .chain([&union_.tag]);
    let features = features(file, &ty.head, heads);
    let form = Form::new(&ty.head, ty.body.mandatory(&ty.head));
    let parts = before.iter().map(|field| parameter(file, &form, field));
    let parts = parts
        .chain([branch_parameter(file, &form, &tag, &branch)])
        .chain(after.iter().map(|field| parameter(file, &form, field)));
    let Constructor { function, named } = constructor(file, &ty.head, &form, parts, None);
    let of_branches = union_
        .branches
        .iter()
        .filter_map(|it| branch_constructor(file, &branch, it));
    let setters = union_
        .fields
        .iter()
        .filter(|field| field.optional)
        .map(|field| setter(file, field));
    let only_tag = union_.fields.iter().all(|field| field.optional);
    let from = only_tag.then(|| {
        quote! {
            #cfg
            impl From<#branch> for #name {
                #[inline]
                fn from(branch: #branch) -> Self {
                    Self::new(branch)
                }
            }
        }
    });
    let branches = MovedTokens::from(branches(file, ty, union_));
    quote! {
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
            #function
            #(#of_branches)*
            #(#setters)*
        }

        #named

        #from

        #branches
    }
}

fn branches(file: &FileContext<'_>, ty: &Type, union_: &Union) -> TokenStream {
    let name = ident(&union_.branch_name);
    let cfg = condition(ty.head.cfg.as_deref());
    let derives = derives(Derives::CHOICE, &ty.head.extras);
    let large = large(union_.large);
    let non_exhaustive = non_exhaustive(union_.open && !ty.exhaustive);
    let wire = &union_.tag.wire;
    let doc = file.doc(format!(
        "The branches of [`{}`], selected by its discriminator `{wire}`.",
        ty.head.name
    ));
    let variants = union_.branches.iter().map(|branch| {
        let name = ident(&branch.head.name);
        let attributes = file.item_attributes(&branch.head);
        let held = branch.held().map(|ty| file.held(&ty, branch.boxed));
        let held = held.map(|held| quote! { (#held) });
        MovedTokens::from(quote! { #attributes #name #held, })
    });
    let unlisted = union_.open.then(|| {
        let doc = file.doc("A branch that is not in the schema, kept as received.");
        let about_tag = file.doc(format!("The value of `{wire}`."));
        let about_rest = file.doc("The members that are not common to all branches.");
        let object = file.runtime("Object");
        quote! {
            #doc
            Unlisted {
                #about_tag
                tag: Box<str>,
                #about_rest
                rest: #object,
            },
        }
    });
    let tag = MovedTokens::from(tag(file, union_));
    let as_str = MovedTokens::from(as_str(file, union_));
    let added = added_attributes(&ty.head);
    quote! {
        #doc
        #cfg
        #added
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

/// Returns the form of a match on the enum of branches.
fn on_self(union_: &Union) -> OnSelf {
    if union_.open {
        OnSelf::never_empty()
    } else {
        OnSelf::new(union_.branches.iter().map(|branch| &branch.head))
    }
}

fn tag(file: &FileContext<'_>, union_: &Union) -> TokenStream {
    let tag = file.named(union_.tag_type);
    let wire = &union_.tag.wire;
    if !union_.tag_is_total {
        let doc = file.doc(format!(
            "The value of `{wire}`, or `None` if it is not in the schema."
        ));
        return quote! {
            #doc
            #[inline]
            pub fn tag(&self) -> Option<#tag> {
                self.as_str().parse().ok()
            }
        };
    }
    let doc = file.doc(format!("The value of `{wire}`."));
    if union_.open {
        return quote! {
            #doc
            #[inline]
            pub fn tag(&self) -> #tag {
                #tag::from_wire(self.as_str())
            }
        };
    }
    if union_.branches.is_empty() {
        return quote! {
            #doc
            #[inline]
            pub fn tag(&self) -> #tag {
                match *self {}
            }
        };
    }
    let values = file.plan.ty(union_.tag_type);
    let arms = union_.branches.iter().map(|branch| {
        let pattern = pattern(branch);
        let cfg = condition(branch.head.cfg.as_deref());
        let value = value_name(values, &branch.head.wire);
        let value = ident(value.unwrap_or(&branch.head.name));
        MovedTokens::from(quote! { #cfg #pattern => #tag::#value, })
    });
    let OnSelf { subject, .. } = on_self(union_);
    quote! {
        #doc
        #[inline]
        pub fn tag(&self) -> #tag {
            match #subject {
                #(#arms)*
            }
        }
    }
}

/// Returns the variant of the tag's enumeration for a value.
fn value_name<'t>(tag: Option<&'t Type>, wire: &str) -> Option<&'t str> {
    let crate::plan::Body::Enum(enum_) = &tag?.body else {
        return None;
    };
    let value = enum_.values.iter().find(|value| value.wire == wire)?;
    Some(&value.name)
}

/// Returns the pattern for a branch whose payload does not matter.
fn pattern(branch: &Branch) -> MovedTokens {
    let name = ident(&branch.head.name);
    match branch.payload {
        Payload::Empty => quote! { Self::#name },
        Payload::Members(_) | Payload::Member { .. } => quote! { Self::#name(_) },
    }
    .into()
}

fn as_str(file: &FileContext<'_>, union_: &Union) -> TokenStream {
    let doc = file.doc(format!("The value of `{}` on the wire.", union_.tag.wire));
    if !union_.open && !union_.tag_is_open {
        return quote! {
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
        MovedTokens::from(quote! { #cfg #pattern => #wire, })
    });
    if !union_.open {
        // The tag's enumeration can hold any text, so it has no `'static` name.
        let OnSelf { subject, .. } = on_self(union_);
        return quote! {
            #doc
            #[inline]
            pub fn as_str(&self) -> &'static str {
                match #subject {
                    #(#arms)*
                }
            }
        };
    }
    quote! {
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

/// Returns the code that decodes and encodes a union: the common members in schema order, then the branch from the same
/// cursor.
pub(super) fn marshal(file: &FileContext<'_>, target: &ItemPath, union_: &Union) -> TokenStream {
    let ItemPath { path, cfg } = target;
    let (decode, error) = (file.runtime("DecodeMembers"), file.runtime("DecodeError"));
    let (encode, writer) = (file.runtime("EncodeMembers"), file.runtime("ObjectWriter"));
    let members = file.runtime("Members");
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
            let read = read(&cursor, field);
            MovedTokens::from(quote! { #cfg let #name = #read; })
        });
        MovedTokens::from(quote! { #(#reads)* })
    };
    let (reads_before, reads_after) = (reads(before), reads(after));
    let names = union_.fields.iter().map(|field| {
        let name = ident(&field.head.name);
        let cfg = condition(field.head.cfg.as_deref());
        quote! { #cfg #name, }
    });
    let (tag, wire) = (ident(&union_.tag.name), &union_.tag.wire);
    let branch = ident(&union_.branch_name);
    let (writes_before, writes_after) = (before.iter().map(write), after.iter().map(write));
    let branches = MovedTokens::from(marshal_branches(file, target, union_));
    quote! {
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

        #cfg
        qapi_runtime::impl_union!(#path);

        #branches
    }
}

fn marshal_branches(file: &FileContext<'_>, target: &ItemPath, union_: &Union) -> TokenStream {
    let cfg = &target.cfg;
    let branch = ident(&union_.branch_name);
    let writer = file.runtime("ObjectWriter");
    let decode = MovedTokens::from(decode_branch(file, union_));
    if union_.branches.is_empty() && !union_.open {
        return quote! {
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
        MovedTokens::from(match &branch.payload {
            Payload::Empty => quote! { #cfg Self::#name => {} },
            Payload::Members(_) => {
                quote! { #cfg Self::#name(#by branch) => branch.encode_members(out), }
            }
            Payload::Member { wire, ty } if ty.is_bytes() => {
                quote! { #cfg Self::#name(#by value) => out.bytes(#wire, value), }
            }
            Payload::Member { wire, .. } => {
                quote! { #cfg Self::#name(#by value) => out.member(#wire, value), }
            }
        })
    });
    let unlisted = union_
        .open
        .then(|| quote! { Self::Unlisted { rest, .. } => rest.encode_members(out), });
    let all_empty = !union_.open
        && union_
            .branches
            .iter()
            .all(|it| it.payload == Payload::Empty);
    let out = if all_empty {
        quote! { _ }
    } else {
        quote! { out }
    };
    quote! {
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

/// Returns the branch for a tag. If a tag may be unlisted and its enumeration is closed, the tag is text.
fn decode_branch(file: &FileContext<'_>, union_: &Union) -> TokenStream {
    let (members, error) = (file.runtime("Members"), file.runtime("DecodeError"));
    let by_text = union_.open && !union_.tag_is_open;
    let tag_type = file.named(union_.tag_type);
    let values = file.plan.ty(union_.tag_type);
    let arms: Vec<_> = union_
        .branches
        .iter()
        .map(|branch| {
            let name = ident(&branch.head.name);
            let cfg = condition(branch.head.cfg.as_deref());
            let wire = &branch.head.wire;
            let pattern = MovedTokens::from(match value_name(values, wire) {
                Some(value) if !by_text => {
                    let value = ident(value);
                    quote! { #tag_type::#value }
                }
                _ => quote! { #wire },
            });
            MovedTokens::from(match &branch.payload {
                Payload::Empty => quote! { #cfg #pattern => Ok(Self::#name), },
                Payload::Members(_) => {
                    let decode = file.runtime("DecodeMembers");
                    quote! { #cfg #pattern => #decode::decode_members(members).map(Self::#name), }
                }
                Payload::Member { wire, ty } => {
                    let required = ident(required(ty));
                    quote! { #cfg #pattern => #members::#required(members, #wire).map(Self::#name), }
                }
            })
        })
        .collect();
    let reads = union_.open
        || union_
            .branches
            .iter()
            .any(|it| it.payload != Payload::Empty);
    let cursor = if reads {
        quote! { members }
    } else {
        quote! { _ }
    };
    let wire = &union_.tag.wire;
    if by_text {
        return quote! {
            #[inline]
            fn decode(tag: Box<str>, #cursor: &mut #members<'_>) -> Result<Self, #error> {
                match &*tag {
                    #(#arms)*
                    _ if members.is_strict() => Err(#error::unknown_value(&tag).in_member(#wire)),
                    _ => {
                        let rest = members.rest();
                        Ok(Self::Unlisted { tag, rest })
                    }
                }
            }
        };
    }
    let unlisted = union_.open.then(|| {
        quote! {
            #tag_type::Unlisted(tag) => {
                let rest = members.rest();
                Ok(Self::Unlisted { tag, rest })
            }
        }
    });
    if union_.has_gaps && union_.branches.is_empty() && !union_.open {
        return quote! {
            fn decode(tag: #tag_type, _: &mut #members<'_>) -> Result<Self, #error> {
                Err(#error::unknown_value(tag.as_str()).in_member(#wire))
            }
        };
    }
    let gaps = union_.has_gaps.then(|| {
        let always_reached = union_.tag_is_open && !union_.open;
        let allow = (!always_reached).then(|| {
            let reason = "conditions can leave every value with a branch";
            quote! { #[allow(unreachable_patterns, reason = #reason)] }
        });
        quote! {
            #allow
            tag => Err(#error::unknown_value(tag.as_str()).in_member(#wire)),
        }
    });
    quote! {
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
