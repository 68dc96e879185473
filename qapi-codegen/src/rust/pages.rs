//! The files of the output, and the constructs in each.

use proc_macro2::TokenStream;

use super::forms::Forms;
use super::structs::StructParts;
use super::{
    alternates, client, commands, enums, events, introspect, marshal, root, server, structs, unions,
};
use crate::config::{Config, Formatter};
use crate::plan::{Arguments, Body, ItemHead, Plan, Type, TypeModule};
use crate::print::PrintedFile;
use crate::tokens::{FileContext, FileScope};

/// Positions in the plan of the constructs to print.
#[derive(Debug, Default)]
pub(super) struct Constructs {
    pub(super) types: Vec<usize>,
    pub(super) commands: Vec<usize>,
    pub(super) events: Vec<usize>,
}

impl Constructs {
    /// Puts them in the order of the plan.
    pub(super) fn sort(&mut self) {
        self.types.sort_unstable();
        self.commands.sort_unstable();
        self.events.sort_unstable();
    }
}

/// Returns the files.
pub(super) fn pages<'p>(
    plan: &'p Plan,
    constructs: &'p Constructs,
    config: &Config,
) -> Vec<PrintedFile<'p>> {
    let forms = Forms {
        blocking: config.blocking,
        asynchronous: config.asynchronous,
    };
    let has_client = config.client && forms.any();
    let has_server = config.server && forms.any();
    let is_skipped = config.formatter != Formatter::Rustfmt;
    let mut pages = vec![commands_page(constructs), marshal_page(constructs)];
    if plan.modules.is_empty() {
        pages.extend((!plan.types.is_empty()).then(|| types(constructs)));
    } else {
        pages.push(root::type_modules(plan, is_skipped));
        pages.extend((0..plan.modules.len()).map(|module| types_of(plan, module)));
    }
    if !plan.events.is_empty() {
        pages.push(events_page(constructs));
    }
    if let Some(introspection) = &plan.introspection {
        pages.push(PrintedFile::new(
            "introspect.rs",
            FileScope::Other,
            1,
            move |file, _| introspect::constant(file, introspection),
        ));
    }
    if has_client {
        pages.push(client_page(forms));
    }
    if has_server {
        pages.push(server_page(forms));
    }
    pages.push(PrintedFile::new(
        "mod.rs",
        FileScope::Other,
        1,
        move |file, _| root::modules(file, has_client, has_server, is_skipped),
    ));
    pages
}

fn types(constructs: &Constructs) -> PrintedFile<'_> {
    let types = &constructs.types;
    PrintedFile::new("types.rs", FileScope::Types, types.len(), |file, index| {
        define(file, &file.plan.types[types[index]])
    })
}

/// Returns the types of a schema file.
fn types_of(plan: &Plan, module: usize) -> PrintedFile<'_> {
    let TypeModule { name, types, .. } = &plan.modules[module];
    let path = format!("types/{name}.rs");
    PrintedFile::new(
        path,
        FileScope::Module(module),
        types.len(),
        move |file, index| define(file, &file.plan.types[types[index]]),
    )
}

fn define(file: &FileContext<'_>, ty: &Type) -> TokenStream {
    match &ty.body {
        Body::Enum(enum_) => enums::definition(file, ty, enum_),
        Body::Struct(fields) => {
            let parts = StructParts {
                fields,
                mandatory: ty.body.mandatory(&ty.head),
                is_non_exhaustive: ty.is_non_exhaustive(),
                ..StructParts::default()
            };
            structs::definition(file, &ty.head, parts)
        }
        Body::Union(union_) => unions::definition(file, ty, union_),
        Body::Alternate(alternate) => alternates::definition(file, ty, alternate),
    }
}

fn commands_page(constructs: &Constructs) -> PrintedFile<'_> {
    let commands = &constructs.commands;
    PrintedFile::new(
        "commands.rs",
        FileScope::Other,
        commands.len() + 1,
        |file, index| match commands.get(index) {
            Some(position) => commands::definition(file, &file.plan.commands[*position]),
            None => commands::table(file),
        },
    )
}

fn events_page(constructs: &Constructs) -> PrintedFile<'_> {
    let events = &constructs.events;
    PrintedFile::new(
        "events.rs",
        FileScope::Other,
        events.len() + 1,
        |file, index| match events.get(index) {
            Some(position) => events::definition(file, &file.plan.events[*position]),
            None => events::all(file),
        },
    )
}

fn client_page<'p>(forms: Forms) -> PrintedFile<'p> {
    PrintedFile::new("client.rs", FileScope::Other, 1, move |file, _| {
        client::methods(file, forms)
    })
}

fn server_page<'p>(forms: Forms) -> PrintedFile<'p> {
    PrintedFile::new("server.rs", FileScope::Other, 1, move |file, _| {
        server::service(file, forms)
    })
}

/// Reading and writing: for each type, each command, each event.
fn marshal_page(constructs: &Constructs) -> PrintedFile<'_> {
    let Constructs {
        types,
        commands,
        events,
    } = constructs;
    let count = types.len() + commands.len() + events.len();
    PrintedFile::new(
        "marshal.rs",
        FileScope::Other,
        count + 1,
        move |file, index| {
            let plan = file.plan;
            if let Some(position) = types.get(index) {
                return marshal_type(file, &plan.types[*position]);
            }
            let index = index - types.len();
            if let Some(position) = commands.get(index) {
                let command = &plan.commands[*position];
                return marshal_arguments(file, "commands", &command.head, &command.arguments);
            }
            match events.get(index - commands.len()) {
                Some(position) => {
                    let event = &plan.events[*position];
                    marshal_arguments(file, "events", &event.head, &event.arguments)
                }
                None => events::marshal(file),
            }
        },
    )
}

fn marshal_type(file: &FileContext<'_>, ty: &Type) -> TokenStream {
    let target = file.target("types", &ty.head);
    match &ty.body {
        Body::Enum(enum_) => enums::marshal(&target, enum_),
        Body::Struct(fields) => marshal::record(&target, fields, None),
        Body::Union(union_) => unions::marshal(file, &target, union_),
        Body::Alternate(alternate) => alternates::marshal(file, &target, &ty.head.wire, alternate),
    }
}

fn marshal_arguments(
    file: &FileContext<'_>,
    module: &'static str,
    head: &ItemHead,
    arguments: &Arguments,
) -> TokenStream {
    // A target imports its module.
    let target = || file.target(module, head);
    match arguments {
        Arguments::None => marshal::record(&target(), &[], None),
        Arguments::Fields { fields, extra } => marshal::record(&target(), fields, extra.as_deref()),
        Arguments::Whole(_) => marshal::whole(&target()),
        // That is the type's.
        Arguments::Own(_) => TokenStream::new(),
    }
}
