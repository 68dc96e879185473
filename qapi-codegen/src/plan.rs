//! Everything about the Rust output, decided before anything is printed: names, direction of use, open and closed
//! enums, boxes, derives, conditions, order, documentation.

mod bodies;
mod boxing;
mod build;
mod calls;
mod checks;
mod choices;
mod conditions;
mod direction;
mod items;
mod mandatory;
mod modules;
mod objects;
mod printed;
mod rust_name_clash;
mod settings;
mod sizes;
mod symbols;
#[cfg(test)]
mod tests;
mod types;

pub(crate) use build::build;
pub(crate) use conditions::default_features;
pub(crate) use items::{
    Alternate, Arguments, Body, Branch, Command, Derives, Enum, Event, Extras, Field, ItemHead,
    Payload, Plan, Ty, Type, TypeModule, Union,
};
