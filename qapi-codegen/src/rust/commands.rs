//! Commands: a struct of arguments each, and the table of all.

use super::context::{Cx, condition, derives, ident};
use super::piece::{Piece, piece};
use super::records;
use crate::plan::{Arguments, Command, Head};

/// The arguments of a command, as a command.
pub(super) fn definition<'p>(cx: &Cx<'p>, command: &'p Command) -> Piece {
    let item = arguments(cx, &command.head, &command.arguments, "The arguments.");
    let (name, wire) = (ident(&command.head.name), &command.head.wire);
    let cfg = condition(command.head.cfg.as_deref());
    let trait_ = cx.runtime("Command");
    let reply = cx.reply(command.returns.as_ref());
    let silent =
        (!command.success_response).then(|| piece! { const SUCCESS_RESPONSE: bool = false; });
    let oob = command
        .allow_oob
        .then(|| piece! { const ALLOW_OOB: bool = true; });
    let preconfig = command
        .allow_preconfig
        .then(|| piece! { const ALLOW_PRECONFIG: bool = true; });
    let revisions = revisions(cx, &command.head, &command.revisions);
    piece! {
        #item

        #revisions

        #cfg
        impl #trait_ for #name {
            const NAME: &'static str = #wire;
            #silent
            #oob
            #preconfig
            type Reply = #reply;
        }
    }
}

/// The struct for arguments of a command or data of an event.
pub(super) fn arguments<'p>(
    cx: &Cx<'p>,
    head: &'p Head,
    arguments: &'p Arguments,
    about: &'static str,
) -> Piece {
    match arguments {
        Arguments::None => records::definition(cx, head, &[], None, false),
        Arguments::Fields { fields, extra } => {
            records::definition(cx, head, fields, extra.as_deref(), false)
        }
        Arguments::Whole(id) => {
            let name = ident(&head.name);
            let ty = cx.named(*id);
            let attributes = cx.attributes(head);
            let cfg = condition(head.cfg.as_deref());
            let derives = derives(head.derives, &head.extras);
            let features = records::features(cx, head, std::iter::empty());
            let from = cx.prelude("From");
            let features = (!features.is_empty()).then(|| piece! { #cfg impl #name { #features } });
            let about = cx.doc(about);
            piece! {
                #attributes
                #derives
                pub struct #name(
                    #about
                    pub #ty,
                );

                #features

                #cfg
                impl #from<#ty> for #name {
                    #[inline]
                    fn from(value: #ty) -> Self {
                        Self(value)
                    }
                }
            }
        }
    }
}

/// A constant that says which revisions have a command or event, if there are several.
pub(super) fn revisions(cx: &Cx<'_>, head: &Head, revisions: &[String]) -> Option<Piece> {
    if revisions.is_empty() {
        return None;
    }
    let name = ident(&head.name);
    let cfg = condition(head.cfg.as_deref());
    let doc = cx.doc("The revisions of the schema that have it, oldest first.");
    Some(piece! {
        #cfg
        impl #name {
            #doc
            pub const REVISIONS: &'static [&'static str] = &[#(#revisions),*];
        }
    })
}

/// What a server knows of its commands.
pub(super) fn table(cx: &Cx<'_>) -> Piece {
    let doc = cx.doc("All commands, in schema order.");
    let info = cx.runtime("CommandInfo");
    let commands = cx.plan.commands.iter().map(|command| {
        let name = ident(&command.head.name);
        let cfg = condition(command.head.cfg.as_deref());
        piece! { #cfg #info::of::<#name>() }
    });
    let revisions = &cx.plan.revisions;
    let revisions = (!revisions.is_empty()).then(|| {
        let doc = cx.doc("The revisions of the schema, oldest first.");
        piece! { #doc pub const REVISIONS: &[&str] = &[#(#revisions),*]; }
    });
    piece! {
        #doc
        pub const COMMANDS: &[#info] = &[#(#commands),*];
        #revisions
    }
}
