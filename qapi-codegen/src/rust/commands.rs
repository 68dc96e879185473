//! Commands: a struct of arguments for each, and the table of all.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::structs::{self, StructParts};
use crate::plan::{Arguments, Command, ItemHead};
use crate::tokens::{FileContext, MovedTokens, condition, ident};

/// Returns the struct for the arguments of a command, with its implementation of `Command`.
pub(super) fn definition(file: &FileContext<'_>, command: &Command) -> TokenStream {
    let revisions = revisions(file, &command.revisions);
    let about = "The arguments.";
    let revisions = revisions.as_ref();
    let item = arguments(file, &command.head, &command.arguments, about, revisions);
    let item = MovedTokens::from(item);
    let (name, wire) = (ident(&command.head.name), &command.head.wire);
    let cfg = condition(command.head.cfg.as_deref());
    let trait_ = file.runtime("Command");
    let reply = file.reply(command.returns.as_ref());
    let silent =
        (!command.success_response).then(|| quote! { const SUCCESS_RESPONSE: bool = false; });
    let oob = command
        .allow_oob
        .then(|| quote! { const ALLOW_OOB: bool = true; });
    let preconfig = command
        .allow_preconfig
        .then(|| quote! { const ALLOW_PRECONFIG: bool = true; });
    quote! {
        #item

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

/// Returns the struct for arguments of a command or data of an event, with constants that belong to it.
pub(super) fn arguments(
    file: &FileContext<'_>,
    head: &ItemHead,
    arguments: &Arguments,
    about: &'static str,
    constants: Option<&MovedTokens>,
) -> TokenStream {
    match arguments {
        Arguments::None => {
            let parts = StructParts {
                constants,
                ..StructParts::default()
            };
            structs::definition(file, head, parts)
        }
        Arguments::Fields { fields, extra } => {
            let parts = StructParts {
                fields,
                mandatory: arguments.mandatory(head),
                extra: extra.as_deref(),
                constants,
                ..StructParts::default()
            };
            structs::definition(file, head, parts)
        }
        Arguments::Own(id) => {
            let name = file.plan.type_names[id.index()].as_str();
            let name = ident(name);
            let doc = file.doc(&head.doc);
            let cfg = condition(head.cfg.as_deref());
            let constants = constants_of(file, head, &name, constants);
            quote! {
                #doc
                #cfg
                pub use super::types::#name;

                #constants
            }
        }
        Arguments::Whole(id) => {
            let name = ident(&head.name);
            let ty = file.named(*id);
            let attributes = file.item_attributes(head);
            let cfg = condition(head.cfg.as_deref());
            let derives = file.derives(head.derives, &head.extras);
            let constants = constants_of(file, head, &name, constants);
            let about = file.doc(about);
            quote! {
                #attributes
                #derives
                pub struct #name(
                    #about
                    pub #ty,
                );

                #constants

                #cfg
                impl From<#ty> for #name {
                    #[inline]
                    fn from(value: #ty) -> Self {
                        Self(value)
                    }
                }
            }
        }
    }
}

/// Returns the implementation for constants alone, where there are any: those given, and the features.
fn constants_of(
    file: &FileContext<'_>,
    head: &ItemHead,
    name: &Ident,
    constants: Option<&MovedTokens>,
) -> Option<TokenStream> {
    let features = structs::features(file, head, std::iter::empty());
    if constants.is_none() && features.is_empty() {
        return None;
    }
    let cfg = condition(head.cfg.as_deref());
    Some(quote! {
        #cfg
        impl #name {
            #constants
            #features
        }
    })
}

/// The parameter of a command's methods.
pub(super) struct MethodParameter {
    /// Its type.
    pub(super) ty: MovedTokens,
    /// The command that it becomes.
    pub(super) command: MovedTokens,
}

/// Returns the parameter of a command's methods, if the command has arguments. It is the value that a command is given as one.
pub(super) fn method_parameter(
    file: &FileContext<'_>,
    command: &Command,
) -> Option<MethodParameter> {
    let name = ident(&command.head.name);
    match &command.arguments {
        Arguments::None => None,
        Arguments::Fields { .. } | Arguments::Own(_) => Some(MethodParameter {
            ty: quote! { commands::#name }.into(),
            command: quote! { arguments }.into(),
        }),
        Arguments::Whole(id) => Some(MethodParameter {
            ty: file.named(*id).into(),
            command: quote! { commands::#name(arguments) }.into(),
        }),
    }
}

/// Returns a constant that says which revisions have a command or event, if there are several.
pub(super) fn revisions(file: &FileContext<'_>, revisions: &[String]) -> Option<MovedTokens> {
    if revisions.is_empty() {
        return None;
    }
    let doc = file.doc("The revisions of the schema in which it exists, oldest first.");
    Some(
        quote! {
            #doc
            pub const REVISIONS: &'static [&'static str] = &[#(#revisions),*];
        }
        .into(),
    )
}

/// Returns the table of commands for servers.
pub(super) fn table(file: &FileContext<'_>) -> TokenStream {
    let doc = file.doc("All commands, in schema order.");
    let info = file.runtime("CommandInfo");
    let commands = file.plan.commands.iter().map(|command| {
        let name = ident(&command.head.name);
        let cfg = condition(command.head.cfg.as_deref());
        MovedTokens::from(quote! { #cfg #info::of::<#name>() })
    });
    let revisions = &file.plan.revisions;
    let revisions = (!revisions.is_empty()).then(|| {
        let doc = file.doc("The revisions of the schema, oldest first.");
        quote! { #doc pub const REVISIONS: &[&str] = &[#(#revisions),*]; }
    });
    quote! {
        #doc
        pub const COMMANDS: &[#info] = &[#(#commands),*];
        #revisions
    }
}
