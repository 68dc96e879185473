//! Typed indices into the vectors of a schema.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// Returns the position in its vector.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        })*
    };
}

ids! {
    /// A type, as an index into [`Schema::types`](super::Schema::types).
    TypeId,
    /// A command, as an index into [`Schema::commands`](super::Schema::commands).
    CommandId,
    /// An event, as an index into [`Schema::events`](super::Schema::events).
    EventId,
    /// A module, as an index into [`Schema::modules`](super::Schema::modules).
    ModuleId,
    /// An include directive, as an index into [`Schema::includes`](super::Schema::includes).
    IncludeId,
    /// A documentation block, as an index into [`Schema::docs`](super::Schema::docs).
    DocId,
}
