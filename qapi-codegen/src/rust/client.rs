//! The client side: an extension trait with a method per command.

use super::context::{Cx, ident};
use super::marshal::has_arguments;
use super::piece::{Piece, piece};
use crate::plan::Command;

/// The trait, implemented for everything that executes commands.
pub(super) fn methods(cx: &Cx<'_>) -> Piece {
    let doc = cx.doc("A method per command, for anything that can execute commands.");
    let execute = cx.runtime("Execute");
    let methods = cx.plan.commands.iter().map(|command| method(cx, command));
    piece! {
        #doc
        pub trait ClientMethods: #execute {
            #(#methods)*
        }

        impl<T: #execute + ?Sized> ClientMethods for T {}
    }
}

fn method<'p>(cx: &Cx<'p>, command: &'p Command) -> Piece {
    cx.uses_module("commands");
    let attributes = cx.attributes(&command.head);
    let (method, name) = (ident(&command.method), ident(&command.head.name));
    let (execute, error) = (cx.runtime("Execute"), cx.runtime("ClientError"));
    let reply = cx.reply(command.returns.as_ref());
    if has_arguments(&command.arguments) {
        piece! {
            #attributes
            fn #method(&mut self, arguments: commands::#name) -> Result<#reply, #error> {
                #execute::execute(self, &arguments)
            }
        }
    } else {
        piece! {
            #attributes
            fn #method(&mut self) -> Result<#reply, #error> {
                #execute::execute(self, &commands::#name)
            }
        }
    }
}
