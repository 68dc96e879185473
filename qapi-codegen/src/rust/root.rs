//! The root module, which contains the others.

use proc_macro2::TokenStream;
use quote::quote;

use crate::plan::{Arguments, Body, Field, Plan};
use crate::print::PrintedFile;
use crate::rustdoc;
use crate::tokens::{FileContext, FileScope, ident};

/// Returns the modules, and the types under their own names.
pub(super) fn modules(
    file: &FileContext<'_>,
    has_client: bool,
    has_server: bool,
    is_skipped: bool,
) -> TokenStream {
    let skip = skip(is_skipped);
    let plan = file.plan;
    let module = |name: &str, doc: &str| {
        let name = ident(name);
        let doc = file.doc(doc);
        quote! { #doc #skip pub mod #name; }
    };
    let has_types = !plan.types.is_empty();
    let about_types = format!("Types of the schema `{}`.", rustdoc::plain(&plan.file));
    let about_commands = "Commands: one struct of arguments for each.";
    // The first module has the introduction of the schema.
    let introduced = |about: &str| match plan.introduction.as_str() {
        "" => about.to_owned(),
        introduction => format!("{about}\n\n{introduction}"),
    };
    let types = has_types.then(|| module("types", &introduced(&about_types)));
    let commands = if has_types {
        module("commands", about_commands)
    } else {
        module("commands", &introduced(about_commands))
    };
    let has_events = !plan.events.is_empty();
    let events = has_events.then(|| module("events", "Events: one struct of data for each."));
    let has_introspection = plan.introspection.is_some();
    let introspect = has_introspection.then(|| module("introspect", "The schema as data."));
    let client = has_client.then(|| module("client", "The client side: one method per command."));
    let server = has_server.then(|| module("server", "The server side: a trait to implement."));
    let export = has_types.then(|| {
        let unused = "callers may use the path of the module instead";
        quote! { #skip #[allow(unused_imports, reason = #unused)] pub use types::*; }
    });
    quote! {
        #types
        #commands
        #events
        #introspect
        #client
        #server
        #skip
        mod marshal;
        #export
    }
}

/// Returns the modules of types, and the types under their own names.
pub(super) fn type_modules(plan: &Plan, is_skipped: bool) -> PrintedFile<'_> {
    PrintedFile::new(
        "types.rs",
        FileScope::Other,
        plan.modules.len(),
        move |file, index| {
            let skip = skip(is_skipped);
            let module = &file.plan.modules[index];
            let name = ident(&module.name);
            let doc = file.doc(format!("Types of `{}`.", rustdoc::plain(&module.file)));
            let unused = "callers may use the path of the module instead";
            quote! {
                #doc
                #skip
                pub mod #name;

                #skip
                #[allow(unused_imports, reason = #unused)]
                pub use self::#name::*;
            }
        },
    )
}

/// Tells rustfmt to leave an item as it is, a module with all that is in it; nothing if rustfmt makes the output.
fn skip(yes: bool) -> Option<TokenStream> {
    yes.then(|| quote! { #[rustfmt::skip] })
}

/// Returns the lints that a file allows.
pub(super) fn allowances(plan: &Plan) -> TokenStream {
    // In a program, unlike in a library, unused parts of a schema would be dead code.
    let deprecated = plan.deprecated.then(|| {
        quote! { #![allow(deprecated, reason = "deprecated items remain usable")] }
    });
    let conditional = plan.conditional.then(|| {
        let reason = "conditions can remove every use";
        quote! { #![allow(unused_imports, unused_variables, reason = #reason)] }
    });
    let names = about_names(plan).into_iter().map(|name| {
        let name = ident(name);
        quote! { clippy::#name }
    });
    quote! {
        #![allow(dead_code, unnameable_types, reason = "a program may use only some of these, and need not export them")]
        #deprecated
        #conditional
        #![allow(#(#names,)* reason = "the names come from the schema")]
    }
}

/// Clippy's opinions on names, as far as the schema gives rise to them. They concern private items only.
fn about_names(plan: &Plan) -> Vec<&'static str> {
    let method = |found: &dyn Fn(&str) -> bool| plan.commands.iter().any(|it| found(&it.method));
    let converts = |name: &str| {
        ["as_", "from_", "into_", "is_", "to_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
    };
    let is_example = |field: &Field| matches!(&*field.head.name, "foo" | "baz" | "quux");
    let lints = [
        ("disallowed_names", all_fields(plan).any(is_example)),
        ("enum_variant_names", true),
        ("len_without_is_empty", method(&|name| name == "len")),
        ("module_inception", true),
        ("new_ret_no_self", method(&|name| name == "new")),
        ("self_named_constructors", has_item(plan, "New")),
        ("wrong_self_convention", method(&converts)),
    ];
    lints
        .into_iter()
        .filter(|(_, needed)| *needed)
        .map(|(lint, _)| lint)
        .collect()
}

fn has_item(plan: &Plan, name: &str) -> bool {
    let types = plan.types.iter().map(|it| &it.head);
    let commands = plan.commands.iter().map(|it| &it.head);
    let events = plan.events.iter().map(|it| &it.head);
    let mut heads = types.chain(commands).chain(events);
    heads.any(|head| head.name == name)
}

fn all_fields(plan: &Plan) -> impl Iterator<Item = &Field> {
    let types = plan.types.iter().filter_map(|ty| match &ty.body {
        Body::Struct(fields) => Some(fields),
        Body::Union(union_) => Some(&union_.fields),
        Body::Enum(_) | Body::Alternate(_) => None,
    });
    let commands = plan.commands.iter().map(|command| &command.arguments);
    let events = plan.events.iter().map(|event| &event.arguments);
    let arguments = commands
        .chain(events)
        .filter_map(|arguments| match arguments {
            Arguments::Fields { fields, .. } => Some(fields),
            Arguments::None | Arguments::Whole(_) | Arguments::Own(_) => None,
        });
    types.chain(arguments).flatten()
}
