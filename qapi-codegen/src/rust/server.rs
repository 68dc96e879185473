//! The server side: the trait to implement, and what calls it.

use proc_macro2::Literal;

use super::context::{Cx, condition, ident};
use super::marshal::has_arguments;
use super::piece::{Piece, piece};
use crate::plan::Command;

/// Trait, service and the calls between them.
pub(super) fn service(cx: &Cx<'_>) -> Piece {
    let about_handler =
        cx.doc("A method per command. A method that is not written answers that it is not.");
    let methods: Vec<_> = cx
        .plan
        .commands
        .iter()
        .map(|command| method(cx, command))
        .collect();
    let about_server = cx.doc("Reads arguments for a handler and writes its replies.");
    let about_field = cx.doc("What runs the commands.");
    let (service, info) = (cx.runtime("Service"), cx.runtime("CommandInfo"));
    let (members, writer, error) = (
        cx.runtime("Members"),
        cx.runtime("Writer"),
        cx.runtime("Error"),
    );
    cx.uses_module("commands");
    let call = call(cx);
    piece! {
        #about_handler
        pub trait Handler {
            #(#methods)*
        }

        #about_server
        #[derive(Debug, Clone, Default)]
        pub struct Server<H>(
            #about_field
            pub H,
        );

        impl<H: Handler> #service for Server<H> {
            fn commands(&self) -> &'static [#info] {
                commands::COMMANDS
            }

            fn call(
                &self,
                index: usize,
                arguments: #members<'_>,
                reply: &mut #writer,
            ) -> Result<(), #error> {
                #call
            }
        }
    }
}

fn method<'p>(cx: &Cx<'p>, command: &'p Command) -> Piece {
    let attributes = cx.about(&command.head);
    let (method, name) = (ident(&command.method), ident(&command.head.name));
    let wire = &command.head.wire;
    let error = cx.runtime("Error");
    let reply = cx.reply(command.returns.as_ref());
    if has_arguments(&command.arguments) {
        piece! {
            #attributes
            fn #method(&self, arguments: commands::#name) -> Result<#reply, #error> {
                let _ = arguments;
                Err(#error::not_implemented(#wire))
            }
        }
    } else {
        piece! {
            #attributes
            fn #method(&self) -> Result<#reply, #error> {
                Err(#error::not_implemented(#wire))
            }
        }
    }
}

fn call(cx: &Cx<'_>) -> Piece {
    if cx.plan.commands.is_empty() {
        let error = cx.runtime("Error");
        return piece! {
            let _ = (index, arguments, reply);
            Err(#error::generic("there is no command with this index"))
        };
    }
    let conditional = cx
        .plan
        .commands
        .iter()
        .any(|command| command.head.cfg.is_some());
    if conditional {
        call_by_name(cx)
    } else {
        call_by_index(cx)
    }
}

fn call_by_index(cx: &Cx<'_>) -> Piece {
    let error = cx.runtime("Error");
    let arms = cx.plan.commands.iter().enumerate().map(|(index, command)| {
        let index = Literal::usize_unsuffixed(index);
        let body = run(cx, command);
        piece! { #index => { #body } }
    });
    piece! {
        match index {
            #(#arms)*
            _ => return Err(#error::generic("there is no command with this index")),
        }
        Ok(())
    }
}

/// Where commands come and go with `cfg`, so do their indices.
fn call_by_name(cx: &Cx<'_>) -> Piece {
    let error = cx.runtime("Error");
    let arms = cx.plan.commands.iter().map(|command| {
        let wire = &command.head.wire;
        let cfg = condition(command.head.cfg.as_deref());
        let body = run(cx, command);
        piece! { #cfg Some(#wire) => { #body } }
    });
    piece! {
        let command = commands::COMMANDS.get(index);
        match command.map(|command| command.name) {
            #(#arms)*
            _ => return Err(#error::generic("there is no command with this index")),
        }
        Ok(())
    }
}

fn run(cx: &Cx<'_>, command: &Command) -> Piece {
    let method = ident(&command.method);
    if command.returns.is_none() {
        let encode = cx.runtime("Encode");
        let written = piece! { #encode::encode(&(), reply); };
        return if has_arguments(&command.arguments) {
            piece! {
                let arguments = arguments.decode()?;
                Handler::#method(&self.0, arguments)?;
                #written
            }
        } else {
            piece! {
                arguments.finish()?;
                Handler::#method(&self.0)?;
                #written
            }
        };
    }
    cx.runtime("Encode");
    if has_arguments(&command.arguments) {
        piece! {
            let arguments = arguments.decode()?;
            let value = Handler::#method(&self.0, arguments)?;
            value.encode(reply);
        }
    } else {
        piece! {
            arguments.finish()?;
            let value = Handler::#method(&self.0)?;
            value.encode(reply);
        }
    }
}
