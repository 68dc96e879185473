//! The server side: the trait to implement, and what calls it.

use super::context::{Cx, condition, ident};
use super::marshal::has_arguments;
use super::piece::{Ident, Piece, piece};
use crate::plan::Command;

/// Trait, service and the calls between them.
pub(super) fn service(cx: &Cx<'_>, asynchronous: bool) -> Piece {
    let about_handler =
        cx.doc("A method per command. A method that is not written answers that it is not.");
    let commands = cx.plan.commands.iter();
    let methods = commands.map(|command| method(cx, command, asynchronous));
    let methods: Vec<_> = methods.collect();
    let about_server = cx.doc("Reads arguments for a handler and writes its replies.");
    let about_field = cx.doc("What runs the commands.");
    let info = cx.runtime("CommandInfo");
    let (members, writer, error) = (
        cx.runtime("Members"),
        cx.runtime("Writer"),
        cx.runtime("Error"),
    );
    cx.uses_module("commands");
    let call = call(cx, asynchronous);
    let handler = handler(asynchronous);
    let (bounds, service) = if asynchronous {
        (piece! { : Send + Sync }, cx.runtime("AsyncService"))
    } else {
        (piece! {}, cx.runtime("Service"))
    };
    let signature = if asynchronous {
        piece! {
            async fn call<'c>(
                &'c self,
                index: usize,
                arguments: #members<'c>,
                reply: &'c mut #writer,
            ) -> Result<(), #error>
        }
    } else {
        piece! {
            fn call(
                &self,
                index: usize,
                arguments: #members<'_>,
                reply: &mut #writer,
            ) -> Result<(), #error>
        }
    };
    piece! {
        #about_handler
        pub trait #handler #bounds {
            #(#methods)*
        }

        #about_server
        #[derive(Debug, Clone, Default)]
        pub struct Server<H>(
            #about_field
            pub H,
        );

        impl<H: #handler> #service for Server<H> {
            fn commands(&self) -> &'static [#info] {
                commands::COMMANDS
            }

            #signature {
                #call
            }
        }
    }
}

/// The name of the trait to implement.
fn handler(asynchronous: bool) -> Ident<'static> {
    ident(if asynchronous {
        "AsyncHandler"
    } else {
        "Handler"
    })
}

fn method<'p>(cx: &Cx<'p>, command: &'p Command, asynchronous: bool) -> Piece {
    let attributes = cx.about(&command.head);
    let (method, name) = (ident(&command.method), ident(&command.head.name));
    let wire = &command.head.wire;
    let error = cx.runtime("Error");
    let reply = cx.reply(command.returns.as_ref());
    let (output, refusal) = if asynchronous {
        let answering = cx.runtime("Answering");
        (
            piece! { impl #answering<#reply> },
            piece! { #error::not_implemented_future(#wire) },
        )
    } else {
        (
            piece! { Result<#reply, #error> },
            piece! { Err(#error::not_implemented(#wire)) },
        )
    };
    if has_arguments(&command.arguments) {
        piece! {
            #attributes
            fn #method(&self, arguments: commands::#name) -> #output {
                let _ = arguments;
                #refusal
            }
        }
    } else {
        piece! {
            #attributes
            fn #method(&self) -> #output {
                #refusal
            }
        }
    }
}

fn call(cx: &Cx<'_>, asynchronous: bool) -> Piece {
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
        call_by_name(cx, asynchronous)
    } else {
        call_by_index(cx, asynchronous)
    }
}

fn call_by_index(cx: &Cx<'_>, asynchronous: bool) -> Piece {
    let error = cx.runtime("Error");
    let arms = cx.plan.commands.iter().enumerate().map(|(index, command)| {
        let body = run(cx, command, asynchronous);
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
fn call_by_name(cx: &Cx<'_>, asynchronous: bool) -> Piece {
    let error = cx.runtime("Error");
    let arms = cx.plan.commands.iter().map(|command| {
        let wire = &command.head.wire;
        let cfg = condition(command.head.cfg.as_deref());
        let body = run(cx, command, asynchronous);
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

fn run(cx: &Cx<'_>, command: &Command, asynchronous: bool) -> Piece {
    let (handler, method) = (handler(asynchronous), ident(&command.method));
    let (read, call) = if has_arguments(&command.arguments) {
        (
            piece! { let arguments = arguments.decode()?; },
            piece! { #handler::#method(&self.0, arguments) },
        )
    } else {
        (
            piece! { arguments.finish()?; },
            piece! { #handler::#method(&self.0) },
        )
    };
    // A statement of its own: long calls look alike then, whether they are waited for or not.
    let (begin, value) = if asynchronous {
        (piece! { let answer = #call; }, piece! { answer.await? })
    } else {
        (piece! {}, piece! { #call? })
    };
    let encode = cx.runtime("Encode");
    let end = if command.returns.is_none() {
        piece! {
            #value;
            #encode::encode(&(), reply);
        }
    } else {
        piece! {
            let value = #value;
            value.encode(reply);
        }
    };
    piece! { #read #begin #end }
}
