//! Changes of the generated Rust interface.

/// A change of the generated Rust interface.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApiChange {
    /// A type is new.
    TypeAdded,
    /// A type is gone.
    TypeRemoved,
    /// A type has another name.
    TypeRenamed {
        /// Its name in the newer revision.
        new: String,
    },
    /// A type is a struct, enum, … where it was something else.
    KindChanged {
        /// The older kind.
        old: &'static str,
        /// The newer kind.
        new: &'static str,
    },
    /// A struct or union has a field more.
    FieldAdded {
        /// Constructors take it.
        mandatory: bool,
        /// Code outside of the generated crate may list all fields.
        exhaustive: bool,
    },
    /// A struct or union has a field less.
    FieldRemoved,
    /// A field has another type.
    FieldTypeChanged {
        /// The older Rust type.
        old: String,
        /// The newer Rust type.
        new: String,
    },
    /// The constructor takes the same fields in another order.
    ConstructorReordered,
    /// An enum has a variant more.
    VariantAdded {
        /// Code outside of the generated crate has to expect further variants.
        open: bool,
    },
    /// An enum has a variant less.
    VariantRemoved,
    /// A variant holds another type.
    VariantTypeChanged {
        /// The older Rust type; empty if it held nothing.
        old: String,
        /// The newer Rust type; empty if it holds nothing.
        new: String,
    },
    /// An enum can hold unlisted values now.
    BecameOpen,
    /// An enum can no longer hold unlisted values.
    BecameClosed,
    /// Code outside of the generated crate can no longer list all fields of a struct.
    BecameNonExhaustive,
    /// Code outside of the generated crate can list all fields of a struct now.
    BecameExhaustive,
    /// A command is new: a struct, a method of the client, a method of the handler.
    CommandAdded,
    /// A command is gone.
    CommandRemoved,
    /// A command's method returns another type.
    ReplyTypeChanged {
        /// The older Rust type.
        old: String,
        /// The newer Rust type.
        new: String,
    },
    /// A command or event holds its arguments as a type where it held fields, or another one.
    ArgumentsTypeChanged {
        /// `fields`, or the older type.
        old: String,
        /// `fields`, or the newer type.
        new: String,
    },
    /// An event is new.
    EventAdded,
    /// An event is gone.
    EventRemoved,
    /// The item is marked as deprecated now, so that using it is a warning.
    Deprecated,
}
