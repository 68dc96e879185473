//! The goldens of generated code, compiled as ordinary modules without a warning, and run.
#![deny(warnings)]

mod asynchronous;
mod basics;
mod choices;
mod conditions;
mod events;
mod names;
mod revisions;
mod settings;
mod sides;
mod support;
mod unions;

/// The goldens. Clippy's pedantic lints and those about visibility are matters of taste that a generator cannot have.
#[path = "."]
#[allow(
    clippy::pedantic,
    unreachable_pub,
    reason = "the lints of this workspace go beyond what generated code promises"
)]
mod golden {
    #[path = "../../data/golden/asynchronous/generated/mod.rs"]
    pub mod asynchronous;
    #[path = "../../data/golden/basics/generated/mod.rs"]
    pub mod basics;
    #[path = "../../data/golden/choices/generated/mod.rs"]
    pub mod choices;
    #[path = "../../data/golden/conditions/generated/mod.rs"]
    pub mod conditions;
    #[path = "../../data/golden/events/generated/mod.rs"]
    pub mod happenings;
    #[path = "../../data/golden/names/generated/mod.rs"]
    pub mod names;
    #[path = "../../data/golden/revisions/generated/mod.rs"]
    pub mod revisions;
    #[path = "../../data/golden/settings/generated/mod.rs"]
    pub mod settings;
    #[path = "../../data/golden/sides/generated/mod.rs"]
    pub mod sides;
    #[path = "../../data/golden/unions/generated/mod.rs"]
    pub mod unions;
}
