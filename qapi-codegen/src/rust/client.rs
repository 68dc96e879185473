//! The client side: an extension trait with a method per command.

use super::context::{Cx, ident};
use super::marshal::has_arguments;
use super::piece::{Piece, piece};
use crate::plan::Command;

/// The trait, implemented for everything that executes commands.
pub(super) fn methods(cx: &Cx<'_>, asynchronous: bool) -> Piece {
    let (name, execute, doc) = if asynchronous {
        let doc = "A method per command, for anything that can execute commands without blocking.";
        ("AsyncClientMethods", "AsyncExecute", doc)
    } else {
        let doc = "A method per command, for anything that can execute commands.";
        ("ClientMethods", "Execute", doc)
    };
    let (name, execute, doc) = (ident(name), cx.runtime(execute), cx.doc(doc));
    let commands = cx.plan.commands.iter();
    let methods = commands.map(|command| {
        if asynchronous {
            async_method(cx, command)
        } else {
            method(cx, command)
        }
    });
    piece! {
        #doc
        pub trait #name: #execute {
            #(#methods)*
        }

        impl<T: #execute + ?Sized> #name for T {}
    }
}

fn method<'p>(cx: &Cx<'p>, command: &'p Command) -> Piece {
    cx.uses_module("commands");
    let attributes = cx.about(&command.head);
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

fn async_method<'p>(cx: &Cx<'p>, command: &'p Command) -> Piece {
    cx.uses_module("commands");
    let attributes = cx.about(&command.head);
    let (method, name) = (ident(&command.method), ident(&command.head.name));
    let (execute, pending) = (cx.runtime("AsyncExecute"), cx.runtime("Pending"));
    let reply = cx.reply(command.returns.as_ref());
    if has_arguments(&command.arguments) {
        piece! {
            #attributes
            fn #method(&self, arguments: commands::#name) -> impl #pending<#reply> {
                async move { #execute::execute(self, &arguments).await }
            }
        }
    } else {
        piece! {
            #attributes
            fn #method(&self) -> impl #pending<#reply> {
                #execute::execute(self, &commands::#name)
            }
        }
    }
}
