//! The server side: the traits to implement, and the code that calls them.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::commands::{MethodParameter, method_parameter};
use super::forms::Forms;
use crate::plan::Command;
use crate::tokens::{FileContext, MovedTokens, condition, ident};

/// Returns the traits, the server that calls them, and its calls.
pub(super) fn service(file: &FileContext<'_>, forms: Forms) -> TokenStream {
    file.uses_module("commands");
    let blocking_handler = forms
        .blocking
        .then(|| MovedTokens::from(blocking_handler(file)));
    let async_handler = forms
        .asynchronous
        .then(|| MovedTokens::from(async_handler(file)));
    let blocking_service = forms
        .blocking
        .then(|| MovedTokens::from(blocking_service(file)));
    let async_service = forms
        .asynchronous
        .then(|| MovedTokens::from(async_service(file)));
    let about_server =
        file.doc("Serves commands with a handler: decodes the arguments and encodes the replies.");
    let about_field = file.doc("The handler that runs the commands.");
    quote! {
        #blocking_handler

        #async_handler

        #about_server
        #[derive(Debug, Clone, Default)]
        pub struct Server<H>(
            #about_field
            pub H,
        );

        #blocking_service

        #async_service
    }
}

const ABOUT_HANDLER: &str =
    "One method per command. The default methods answer that the command is not implemented.";

fn blocking_handler(file: &FileContext<'_>) -> TokenStream {
    let doc = file.doc(ABOUT_HANDLER);
    let error = file.runtime("Error");
    let methods = file.plan.commands.iter().map(|command| {
        let wire = &command.head.wire;
        let mut reply = file.reply(command.returns.as_ref());
        if file.plan.deferred_replies {
            let maybe_deferred = file.runtime("MaybeDeferred");
            reply = quote! { #maybe_deferred<#reply> };
        }
        method(
            file,
            command,
            &quote! { Result<#reply, #error> },
            &quote! { Err(#error::not_implemented(#wire)) },
        )
    });
    quote! {
        #doc
        pub trait Handler {
            #(#methods)*
        }
    }
}

fn async_handler(file: &FileContext<'_>) -> TokenStream {
    let doc = file.doc(ABOUT_HANDLER);
    let methods = file.plan.commands.iter().map(|command| {
        let wire = &command.head.wire;
        let reply = file.reply(command.returns.as_ref());
        let (error, future) = (file.runtime("Error"), file.runtime("ReplyFuture"));
        method(
            file,
            command,
            &quote! { impl #future<#reply> },
            &quote! { #error::not_implemented_future(#wire) },
        )
    });
    quote! {
        #doc
        pub trait AsyncHandler: Send + Sync {
            #(#methods)*
        }
    }
}

/// Returns a method with a default body.
fn method(
    file: &FileContext<'_>,
    command: &Command,
    output: &TokenStream,
    refusal: &TokenStream,
) -> MovedTokens {
    let about = file.about_method(&command.head);
    let method = ident(&command.method);
    if let Some(MethodParameter { ty, .. }) = method_parameter(file, command) {
        quote! {
            #about
            fn #method(&self, arguments: #ty) -> #output {
                let _ = arguments;
                #refusal
            }
        }
        .into()
    } else {
        quote! {
            #about
            fn #method(&self) -> #output {
                #refusal
            }
        }
        .into()
    }
}

const ABOUT_CALL: &str = "Runs the command at this index in [`commands::COMMANDS`].";

fn blocking_service(file: &FileContext<'_>) -> TokenStream {
    let (members, writer) = (file.runtime("Members"), file.runtime("Writer"));
    let (service, info) = (file.runtime("Service"), file.runtime("CommandInfo"));
    let (error, outcome) = (file.runtime("Error"), file.runtime("Outcome"));
    let about_call = file.doc(ABOUT_CALL);
    let call = call(file, &|command| {
        let call = handler_call(command, &ident("Handler"));
        if file.plan.deferred_replies {
            return run_deferring(command, &call);
        }
        run(file, command, &TokenStream::new(), &quote! { #call? })
    });
    quote! {
        impl<H: Handler> #service for Server<H> {
            fn commands(&self) -> &'static [#info] {
                commands::COMMANDS
            }

            #about_call
            fn call(
                &self,
                index: usize,
                arguments: #members<'_>,
                reply: &mut #writer,
            ) -> Result<#outcome, #error> {
                #call
            }
        }
    }
}

fn async_service(file: &FileContext<'_>) -> TokenStream {
    let (members, writer) = (file.runtime("Members"), file.runtime("Writer"));
    let (service, info) = (file.runtime("AsyncService"), file.runtime("CommandInfo"));
    let (error, outcome) = (file.runtime("Error"), file.runtime("Outcome"));
    let about_call = file.doc(ABOUT_CALL);
    let call = call(file, &|command| {
        let call = handler_call(command, &ident("AsyncHandler"));
        // A statement of its own, as calls can be long.
        let begin = quote! { let answer = #call; };
        run(file, command, &begin, &quote! { answer.await? })
    });
    quote! {
        impl<H: AsyncHandler> #service for Server<H> {
            fn commands(&self) -> &'static [#info] {
                commands::COMMANDS
            }

            #about_call
            async fn call<'c>(
                &'c self,
                index: usize,
                arguments: #members<'c>,
                reply: &'c mut #writer,
            ) -> Result<#outcome, #error> {
                #call
            }
        }
    }
}

/// Returns the body of `call`; `run` gives the statements for a command.
fn call(file: &FileContext<'_>, run: &dyn Fn(&Command) -> TokenStream) -> MovedTokens {
    let commands = &file.plan.commands;
    let error = file.runtime("Error");
    if commands.is_empty() {
        return quote! {
            let _ = (index, arguments, reply);
            Err(#error::generic("there is no command with this index"))
        }
        .into();
    }
    if commands.iter().any(|command| command.head.cfg.is_some()) {
        return call_by_name(file, run).into();
    }
    let arms = commands.iter().enumerate().map(|(index, command)| {
        let index = Literal::usize_unsuffixed(index);
        let body = MovedTokens::from(run(command));
        MovedTokens::from(quote! { #index => { #body } })
    });
    quote! {
        let outcome = match index {
            #(#arms)*
            _ => return Err(#error::generic("there is no command with this index")),
        };
        Ok(outcome)
    }
    .into()
}

/// Calls commands by name: their indices depend on `cfg` as they do.
fn call_by_name(file: &FileContext<'_>, run: &dyn Fn(&Command) -> TokenStream) -> TokenStream {
    let error = file.runtime("Error");
    let arms = file.plan.commands.iter().map(|command| {
        let wire = &command.head.wire;
        let cfg = condition(command.head.cfg.as_deref());
        let body = run(command);
        quote! { #cfg Some(#wire) => { #body } }
    });
    quote! {
        let command = commands::COMMANDS.get(index);
        let outcome = match command.map(|command| command.name) {
            #(#arms)*
            _ => return Err(#error::generic("there is no command with this index")),
        };
        Ok(outcome)
    }
}

fn handler_call(command: &Command, handler: &Ident) -> TokenStream {
    let method = ident(&command.method);
    if command.arguments.is_some() {
        quote! { #handler::#method(&self.0, arguments) }
    } else {
        quote! { #handler::#method(&self.0) }
    }
}

/// Reads the arguments, begins to run the command, writes the value that it gives.
fn run(
    file: &FileContext<'_>,
    command: &Command,
    begin: &TokenStream,
    value: &TokenStream,
) -> TokenStream {
    let (read, outcome) = (read(command), file.runtime("Outcome"));
    if !command.success_response {
        return quote! {
            #read
            #begin
            #value;
            #outcome::Silent
        };
    }
    let encode = file.runtime("Encode");
    if command.returns.is_none() {
        quote! {
            #read
            #begin
            #value;
            #encode::encode(&(), reply);
            #outcome::Done
        }
    } else {
        quote! {
            #read
            #begin
            let value = #value;
            value.encode(reply);
            #outcome::Done
        }
    }
}

/// Returns the same for a handler that may put off its reply.
fn run_deferring(command: &Command, call: &TokenStream) -> TokenStream {
    let read = read(command);
    let silent = (!command.success_response).then(|| quote! { .silent() });
    quote! {
        #read
        #call?.write(reply)#silent
    }
}

fn read(command: &Command) -> TokenStream {
    if command.arguments.is_some() {
        quote! { let arguments = arguments.decode()?; }
    } else {
        quote! { arguments.finish()?; }
    }
}
