//! The client side: extension traits with one method per command.

use proc_macro2::TokenStream;
use quote::quote;

use super::commands::{MethodParameter, method_parameter};
use super::forms::Forms;
use crate::plan::Command;
use crate::tokens::{FileContext, MovedTokens, ident};

/// Returns the traits, each implemented for everything that executes commands in its way.
pub(super) fn methods(file: &FileContext<'_>, forms: Forms) -> TokenStream {
    let blocking = forms.blocking.then(|| MovedTokens::from(blocking(file)));
    let asynchronous = forms
        .asynchronous
        .then(|| MovedTokens::from(asynchronous(file)));
    quote! {
        #blocking
        #asynchronous
    }
}

fn blocking(file: &FileContext<'_>) -> TokenStream {
    let doc = file.doc("One method per command, for every type that executes commands.");
    let execute = file.runtime("Execute");
    let methods = file
        .plan
        .commands
        .iter()
        .map(|it| MovedTokens::from(blocking_method(file, it)));
    quote! {
        #doc
        pub trait ClientMethods: #execute {
            #(#methods)*
        }

        impl<T: #execute + ?Sized> ClientMethods for T {}
    }
}

fn blocking_method(file: &FileContext<'_>, command: &Command) -> TokenStream {
    file.uses_module("commands");
    let about = file.about_method(&command.head);
    let (method, name) = (ident(&command.method), ident(&command.head.name));
    let (execute, error) = (file.runtime("Execute"), file.runtime("ClientError"));
    let reply = MovedTokens::from(file.reply(command.returns.as_ref()));
    if let Some(MethodParameter { ty, command }) = method_parameter(file, command) {
        quote! {
            #about
            fn #method(&mut self, arguments: #ty) -> Result<#reply, #error> {
                #execute::execute(self, &#command)
            }
        }
    } else {
        quote! {
            #about
            fn #method(&mut self) -> Result<#reply, #error> {
                #execute::execute(self, &commands::#name)
            }
        }
    }
}

fn asynchronous(file: &FileContext<'_>) -> TokenStream {
    let doc =
        file.doc("One method per command, for every type that executes commands without blocking.");
    let execute = file.runtime("AsyncExecute");
    let methods = file.plan.commands.iter();
    let methods = methods.map(|it| MovedTokens::from(async_method(file, it)));
    quote! {
        #doc
        pub trait AsyncClientMethods: #execute {
            #(#methods)*
        }

        impl<T: #execute + ?Sized> AsyncClientMethods for T {}
    }
}

fn async_method(file: &FileContext<'_>, command: &Command) -> TokenStream {
    file.uses_module("commands");
    let about = file.about_method(&command.head);
    let (method, name) = (ident(&command.method), ident(&command.head.name));
    let (execute, pending) = (file.runtime("AsyncExecute"), file.runtime("Pending"));
    let reply = MovedTokens::from(file.reply(command.returns.as_ref()));
    if let Some(MethodParameter { ty, command }) = method_parameter(file, command) {
        quote! {
            #about
            fn #method(&self, arguments: #ty) -> impl #pending<#reply> {
                async move { #execute::execute(self, &#command).await }
            }
        }
    } else {
        quote! {
            #about
            fn #method(&self) -> impl #pending<#reply> {
                #execute::execute(self, &commands::#name)
            }
        }
    }
}
