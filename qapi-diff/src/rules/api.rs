//! The generated Rust interface, judged by semantic versioning: breaking needs a new major version;
//! risky still compiles, except for discouraged code or with new warnings.

use crate::change::{ApiChange, Change, ChangeKind};

fn is(change: &Change, what: fn(&ApiChange) -> bool) -> bool {
    matches!(&change.kind, ChangeKind::Api(api) if what(api))
}

rules! { Rust;
    /// A type was added. No code can have used it, so all code still compiles.
    "rust-type-added", "type added", Compatible / Compatible,
        |change| is(change, |api| *api == ApiChange::TypeAdded);

    /// A type was removed. Code that uses it does not compile.
    "rust-type-removed", "type removed", Breaking / Breaking,
        |change| is(change, |api| *api == ApiChange::TypeRemoved);

    /// A type has a new name, which is not visible on the wire. Code that uses it does not compile.
    ///
    /// A type counts as renamed if the two names are used in the same places and neither exists in
    /// the other revision. The members are compared as those of one type.
    "rust-type-renamed", "type renamed", Breaking / Breaking,
        |change| is(change, |api| matches!(api, ApiChange::TypeRenamed { .. }));

    /// A type changed between struct, enumeration, union and alternate.
    "rust-type-kind-changed", "kind of type changed", Breaking / Breaking,
        |change| is(change, |api| matches!(api, ApiChange::KindChanged { .. }));

    /// A struct has a new field, and it is an `Option`.
    ///
    /// Constructors and setters do not change.
    "rust-optional-field-added", "optional field added", Compatible / Compatible,
        |change| is(change, |api| matches!(api, ApiChange::FieldAdded { mandatory: false, exhaustive: false }));

    /// A struct has a new field, it is an `Option`, and the struct is not `#[non_exhaustive]`.
    ///
    /// Code that uses the constructor and setters still compiles. Code that lists all fields, in a
    /// literal or a pattern, does not.
    "rust-optional-field-added-to-exhaustive", "optional field added to an exhaustive struct", Risky / Risky,
        |change| is(change, |api| matches!(api, ApiChange::FieldAdded { mandatory: false, exhaustive: true }));

    /// A struct has a new field, and its constructor takes it.
    "rust-mandatory-field-added", "mandatory field added", Breaking / Breaking,
        |change| is(change, |api| matches!(api, ApiChange::FieldAdded { mandatory: true, .. }));

    /// A field of a struct was removed. Code that uses it does not compile.
    "rust-field-removed", "field removed", Breaking / Breaking,
        |change| is(change, |api| *api == ApiChange::FieldRemoved);

    /// The type of a field changed: it has another schema type, or it became an `Option`, or is no
    /// longer one. A member that becomes conditional becomes an `Option`.
    "rust-field-type-changed", "type of a field changed", Breaking / Breaking,
        |change| is(change, |api| matches!(api, ApiChange::FieldTypeChanged { .. }));

    /// The constructor takes the mandatory members in a different order.
    ///
    /// Constructors with few values that cannot be confused take them by position; others take a
    /// struct with named fields, so order does not matter. Order does not matter on the wire
    /// either.
    "rust-constructor-reordered", "constructor takes its arguments in another order", Breaking / Breaking,
        |change| is(change, |api| *api == ApiChange::ConstructorReordered);

    /// An open enum has a new variant. Code must expect further variants anyway.
    "rust-variant-added-to-open", "variant added to an open enum", Compatible / Compatible,
        |change| is(change, |api| matches!(api, ApiChange::VariantAdded { open: true }));

    /// A closed enum has a new variant. Enums that clients send are closed: they list all values.
    ///
    /// A `match` without a wildcard does not compile.
    "rust-variant-added-to-closed", "variant added to a closed enum", Breaking / Breaking,
        |change| is(change, |api| matches!(api, ApiChange::VariantAdded { open: false }));

    /// A variant of an enum was removed. Code that uses it does not compile.
    "rust-variant-removed", "variant removed", Breaking / Breaking,
        |change| is(change, |api| *api == ApiChange::VariantRemoved);

    /// The type in a variant of a union or alternate changed.
    "rust-variant-type-changed", "type of a variant changed", Breaking / Breaking,
        |change| is(change, |api| matches!(api, ApiChange::VariantTypeChanged { .. }));

    /// The type no longer occurs in arguments, so its enum can hold unlisted values.
    ///
    /// It has a variant for them, is `#[non_exhaustive]`, and is no longer `Copy`.
    "rust-enum-opened", "enum became open", Breaking / Breaking,
        |change| is(change, |api| *api == ApiChange::BecameOpen);

    /// The type now occurs in arguments, so its enum can no longer hold unlisted values.
    ///
    /// Code that uses the variant for them does not compile.
    "rust-enum-closed", "enum became closed", Breaking / Breaking,
        |change| is(change, |api| *api == ApiChange::BecameClosed);

    /// The type now occurs in replies or events, so its struct is `#[non_exhaustive]`.
    ///
    /// Code that lists all fields, in a literal or a pattern, does not compile.
    "rust-struct-became-non-exhaustive", "struct became non-exhaustive", Breaking / Breaking,
        |change| is(change, |api| *api == ApiChange::BecameNonExhaustive);

    /// The type now occurs in arguments only, so its struct is no longer `#[non_exhaustive]`.
    "rust-struct-became-exhaustive", "struct no longer non-exhaustive", Compatible / Compatible,
        |change| is(change, |api| *api == ApiChange::BecameExhaustive);

    /// A command was added. Handlers answer that it is not implemented, until they implement it.
    "rust-command-added", "command added", Compatible / Compatible,
        |change| is(change, |api| *api == ApiChange::CommandAdded);

    /// A command was removed, and with it a struct and two methods.
    "rust-command-removed", "command removed", Breaking / Breaking,
        |change| is(change, |api| *api == ApiChange::CommandRemoved);

    /// The return type of a command's methods, of the client and of the handler, changed.
    "rust-reply-type-changed", "type of a reply changed", Breaking / Breaking,
        |change| is(change, |api| matches!(api, ApiChange::ReplyTypeChanged { .. }));

    /// The arguments of a command or event changed from fields to one value of a type, or the
    /// reverse, or to another type.
    "rust-arguments-type-changed", "arguments are stored differently", Breaking / Breaking,
        |change| is(change, |api| matches!(api, ApiChange::ArgumentsTypeChanged { .. }));

    /// An event was added. The enum of events is open.
    "rust-event-added", "event added", Compatible / Compatible,
        |change| is(change, |api| *api == ApiChange::EventAdded);

    /// An event was removed. Code that uses its type or its variant does not compile.
    "rust-event-removed", "event removed", Breaking / Breaking,
        |change| is(change, |api| *api == ApiChange::EventRemoved);

    /// An item is now `#[deprecated]`: using it causes a warning, which some builds treat as an
    /// error.
    "rust-deprecated", "marked as deprecated", Risky / Risky,
        |change| is(change, |api| *api == ApiChange::Deprecated);
}
