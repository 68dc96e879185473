//! The module that holds the others.

use super::Place;
use super::context::{Cx, ident};
use super::piece::{Piece, piece};
use crate::docs;
use crate::layout::Page;
use crate::plan::{Arguments, Body, Field, Plan};

/// The modules, and the types under their own names.
pub(super) fn modules(cx: &Cx<'_>, has_client: bool, has_server: bool) -> Piece {
    let plan = cx.plan;
    let allow = allowances(plan);
    let module = |name: &str, doc: &str| {
        let name = ident(name);
        let doc = cx.doc(doc.to_owned());
        piece! { #doc #allow pub mod #name; }
    };
    let mut about_types = format!("Types of the schema `{}`.", docs::plain(&plan.file));
    if !plan.introduction.is_empty() {
        about_types.push_str("\n\n");
        about_types.push_str(&plan.introduction);
    }
    let types = module("types", &about_types);
    let commands = module("commands", "Commands: one struct of arguments each.");
    let has_events = !plan.events.is_empty();
    let events = has_events.then(|| module("events", "Events: one struct of data each."));
    let has_introspection = plan.introspection.is_some();
    let introspect = has_introspection.then(|| module("introspect", "The schema as data."));
    let client = has_client.then(|| module("client", "The client side: a method per command."));
    let server = has_server.then(|| module("server", "The server side: a trait to implement."));
    let export = (!plan.types.is_empty()).then(|| {
        let unused = "callers may name the module";
        piece! { #[allow(unused_imports, reason = #unused)] pub use types::*; }
    });
    piece! {
        #types
        #commands
        #events
        #introspect
        #client
        #server
        #allow
        mod marshal;
        #export
    }
}

/// The modules of types, and the types under their own names.
pub(super) fn type_modules(plan: &Plan) -> Page<'_> {
    Page::new("types.rs", Place::Other, plan.modules.len(), |cx, index| {
        let module = &cx.plan.modules[index];
        let name = ident(&module.name);
        let doc = cx.doc(format!("Types of `{}`.", docs::plain(&module.file)));
        let unused = "callers may name the module";
        piece! {
            #doc
            pub mod #name;
            #[allow(unused_imports, reason = #unused)]
            pub use self::#name::*;
        }
    })
}

/// What the modules must not warn about.
fn allowances(plan: &Plan) -> Piece {
    // In a program, other than in a library, what a schema has and the program lacks would be dead code.
    let unused = piece! { #[allow(dead_code, reason = "few programs use all of a schema")] };
    let deprecated = plan.deprecated.then(|| {
        piece! { #[allow(deprecated, reason = "it is there for those who still use it")] }
    });
    let conditional = plan.conditional.then(|| {
        let reason = "conditions may leave no use for it";
        piece! { #[allow(unused_imports, unused_variables, reason = #reason)] }
    });
    let names = about_names(plan).into_iter().map(|name| {
        let name = ident(name);
        piece! { clippy::#name }
    });
    let names = piece! { #[allow(#(#names,)* reason = "the names are the schema's")] };
    piece! { #unused #deprecated #conditional #names }
}

/// Clippy's opinions on names, as far as the schema gives rise to them. It has them on what is not exported only.
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
        ("self_named_constructors", plan.shadows.contains("New")),
        ("wrong_self_convention", method(&converts)),
    ];
    lints
        .into_iter()
        .filter(|(_, needed)| *needed)
        .map(|(lint, _)| lint)
        .collect()
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
            Arguments::None | Arguments::Whole(_) => None,
        });
    types.chain(arguments).flatten()
}
