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
    /// The kind of a type changed: struct, enum, and so on.
    KindChanged {
        /// The older kind.
        old: &'static str,
        /// The newer kind.
        new: &'static str,
    },
    /// A struct or union has a new field.
    FieldAdded {
        /// Constructors take it.
        mandatory: bool,
        /// Code outside of the generated crate may list all fields.
        exhaustive: bool,
    },
    /// A field of a struct or union was removed.
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
    /// An enum has a new variant.
    VariantAdded {
        /// Code outside of the generated crate must expect further variants.
        open: bool,
    },
    /// A variant of an enum was removed.
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
    /// The arguments of a command or event changed from fields to a type, or the reverse, or to another type.
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
