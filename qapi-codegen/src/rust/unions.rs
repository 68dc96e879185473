//! Unions: the common members, and an enum of branches, which determines the tag.

use proc_macro2::TokenStream;
use quote::quote;

use super::fields::FieldTokens;
use super::marshal::{entry, required};
use super::setters::{
    Constructor, Form, branch_constructor, branch_parameter, constructor, parameter, setter,
};
use super::structs::features;
use crate::plan::{Branch, Derives, Payload, Type, Union};
use crate::tokens::{
    FileContext, ItemPath, MovedTokens, added_attributes, condition, ident, large, non_exhaustive,
};

/// Returns the struct and the enum.
pub(super) fn definition(file: &FileContext<'_>, ty: &Type, union_: &Union) -> TokenStream {
    let name = ident(&ty.head.name);
    let attributes = file.item_attributes(&ty.head);
    let cfg = condition(ty.head.cfg.as_deref());
    let derives = file.derives(ty.head.derives, &ty.head.extras);
    let non_exhaustive = non_exhaustive(ty.is_non_exhaustive());
    let fields = FieldTokens::of(file, &union_.fields);
    let (before, after) = fields.split_at(union_.tag_at);
    let (before_fields, after_fields) = (
        before.iter().map(|field| field.member(file)),
        after.iter().map(|field| field.member(file)),
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
    let setters = fields.iter().filter_map(|field| setter(file, field));
    let only_tag = union_.fields.iter().all(|field| field.optional);
    let from = only_tag.then(|| {
        quote! {
            #cfg
            qapi_runtime::impl_from!(#name(#branch));
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
    let derives = file.derives(Derives::CHOICE, &ty.head.extras);
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

/// Returns the tables of the common members and of the branches.
pub(super) fn marshal(file: &FileContext<'_>, target: &ItemPath, union_: &Union) -> TokenStream {
    let ItemPath { path, cfg } = target;
    let (before, after) = union_.fields.split_at(union_.tag_at);
    let (before, after) = (before.iter().map(entry), after.iter().map(entry));
    let (tag, wire) = (ident(&union_.tag.name), &union_.tag.wire);
    let enum_ = ident(&union_.branch_name);
    // Where a tag may be unlisted and its enumeration cannot say so, it is text.
    let by_text = union_.open && !union_.tag_is_open;
    let kind = ident(if by_text { "text" } else { "tag" });
    let tag_type = file.named(union_.tag_type);
    let values = file.plan.ty(union_.tag_type);
    let branches = union_.branches.iter().map(|it| branch_entry(values, it));
    let unlisted = union_.open.then(|| quote! { ..Unlisted });
    quote! {
        #cfg
        qapi_runtime::impl_union! {
            #path { #(#before)* #tag: tag(#wire, #enum_), #(#after)* }
        }

        #cfg
        qapi_runtime::impl_branches! {
            types::#enum_ { #kind: #tag_type(#wire), #(#branches)* #unlisted }
        }
    }
}

/// Returns the entry of a branch: what it holds, the value of the tag, and its name on the wire.
fn branch_entry(tag: Option<&Type>, branch: &Branch) -> MovedTokens {
    let (name, wire) = (ident(&branch.head.name), &branch.head.wire);
    let cfg = condition(branch.head.cfg.as_deref());
    let value = ident(value_name(tag, wire).unwrap_or(&branch.head.name));
    match &branch.payload {
        Payload::Empty => quote! { #cfg #name: empty(#value, #wire), },
        Payload::Members(_) => quote! { #cfg #name: members(#value, #wire), },
        Payload::Member { wire: member, ty } => {
            let kind = ident(required(ty));
            quote! { #cfg #name: #kind(#value, #wire, #member), }
        }
    }
    .into()
}
