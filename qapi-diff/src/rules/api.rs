//! The generated Rust interface, judged as a checker of semantic versions would: breaking is a
//! new major version, risky compiles but for habits that are discouraged or warnings.

use crate::change::{ApiChange, Change, ChangeKind};

fn is(change: &Change, what: fn(&ApiChange) -> bool) -> bool {
    matches!(&change.kind, ChangeKind::Api(api) if what(api))
}

rules! { Rust;
    /// A type is new. Nobody can have named it, so no code stops compiling.
    "rust-type-added", "type added", Compatible / Compatible,
        |change| is(change, |api| *api == ApiChange::TypeAdded);

    /// A type is gone. Code that names it does not compile.
    "rust-type-removed", "type removed", Breaking / Breaking,
        |change| is(change, |api| *api == ApiChange::TypeRemoved);

    /// A type has another name, which the wire does not show. Code that names it does not compile.
    ///
    /// It is taken for renamed if the two names stand in the same places, and neither exists in the
    /// other revision. Its members are compared as those of one type.
    "rust-type-renamed", "type renamed", Breaking / Breaking,
        |change| is(change, |api| matches!(api, ApiChange::TypeRenamed { .. }));

    /// A type is a struct, enumeration, union or alternate where it was another one of these.
    "rust-type-kind-changed", "kind of type changed", Breaking / Breaking,
        |change| is(change, |api| matches!(api, ApiChange::KindChanged { .. }));

    /// A struct has a field more, and it is an `Option`.
    ///
    /// Constructors and setters stay as they were.
    "rust-optional-field-added", "optional field added", Compatible / Compatible,
        |change| is(change, |api| matches!(api, ApiChange::FieldAdded { mandatory: false, exhaustive: false }));

    /// A struct has a field more, it is an `Option`, and the struct is not `#[non_exhaustive]`.
    ///
    /// Code that uses the constructor and setters goes on compiling. Code that lists all fields, in a
    /// literal or a pattern, does not.
    "rust-optional-field-added-to-exhaustive", "optional field added to an exhaustive struct", Risky / Risky,
        |change| is(change, |api| matches!(api, ApiChange::FieldAdded { mandatory: false, exhaustive: true }));

    /// A struct has a field more, and its constructor takes it.
    "rust-mandatory-field-added", "mandatory field added", Breaking / Breaking,
        |change| is(change, |api| matches!(api, ApiChange::FieldAdded { mandatory: true, .. }));

    /// A struct has a field less. Code that names it does not compile.
    "rust-field-removed", "field removed", Breaking / Breaking,
        |change| is(change, |api| *api == ApiChange::FieldRemoved);

    /// A field has another type: another schema type, or an `Option` where there was none, or none
    /// where there was one. A member that becomes conditional becomes an `Option`.
    "rust-field-type-changed", "type of a field changed", Breaking / Breaking,
        |change| is(change, |api| matches!(api, ApiChange::FieldTypeChanged { .. }));

    /// The constructor takes the mandatory members in another order.
    ///
    /// Calls give the values by position as long as these are few and cannot be mistaken for each other; otherwise a
    /// struct names them, and their order does not matter. The wire does not know of any order.
    "rust-constructor-reordered", "constructor takes its arguments in another order", Breaking / Breaking,
        |change| is(change, |api| *api == ApiChange::ConstructorReordered);

    /// An open enum has a variant more. Code has to expect further variants anyway.
    "rust-variant-added-to-open", "variant added to an open enum", Compatible / Compatible,
        |change| is(change, |api| matches!(api, ApiChange::VariantAdded { open: true }));

    /// A closed enum has a variant more: one that clients send, so that it lists all there is.
    ///
    /// A `match` without a wildcard does not compile.
    "rust-variant-added-to-closed", "variant added to a closed enum", Breaking / Breaking,
        |change| is(change, |api| matches!(api, ApiChange::VariantAdded { open: false }));

    /// An enum has a variant less. Code that names it does not compile.
    "rust-variant-removed", "variant removed", Breaking / Breaking,
        |change| is(change, |api| *api == ApiChange::VariantRemoved);

    /// A variant of a union or alternate holds another type.
    "rust-variant-type-changed", "type of a variant changed", Breaking / Breaking,
        |change| is(change, |api| matches!(api, ApiChange::VariantTypeChanged { .. }));

    /// No argument has the type any more, so its enum can hold unlisted values.
    ///
    /// It has a variant for them, is `#[non_exhaustive]`, and no longer `Copy`.
    "rust-enum-opened", "enum became open", Breaking / Breaking,
        |change| is(change, |api| *api == ApiChange::BecameOpen);

    /// An argument has the type now, so its enum can no longer hold unlisted values.
    ///
    /// Code that names the variant for them does not compile.
    "rust-enum-closed", "enum became closed", Breaking / Breaking,
        |change| is(change, |api| *api == ApiChange::BecameClosed);

    /// A reply or event has the type now, so its struct is `#[non_exhaustive]`.
    ///
    /// Code that lists all fields, in a literal or a pattern, does not compile.
    "rust-struct-became-non-exhaustive", "struct became non-exhaustive", Breaking / Breaking,
        |change| is(change, |api| *api == ApiChange::BecameNonExhaustive);

    /// Only arguments have the type now, so its struct is no longer `#[non_exhaustive]`.
    "rust-struct-became-exhaustive", "struct no longer non-exhaustive", Compatible / Compatible,
        |change| is(change, |api| *api == ApiChange::BecameExhaustive);

    /// A command is new. Handlers answer that they do not implement it until they do.
    "rust-command-added", "command added", Compatible / Compatible,
        |change| is(change, |api| *api == ApiChange::CommandAdded);

    /// A command is gone, and with it a struct and two methods.
    "rust-command-removed", "command removed", Breaking / Breaking,
        |change| is(change, |api| *api == ApiChange::CommandRemoved);

    /// The methods of a command, of the client and of the handler, return another type.
    "rust-reply-type-changed", "type of a reply changed", Breaking / Breaking,
        |change| is(change, |api| matches!(api, ApiChange::ReplyTypeChanged { .. }));

    /// A command or event holds its arguments as one value of a type where it held fields, or the
    /// other way round, or it holds another type.
    "rust-arguments-type-changed", "arguments are stored differently", Breaking / Breaking,
        |change| is(change, |api| matches!(api, ApiChange::ArgumentsTypeChanged { .. }));

    /// An event is new. The enum of events is open.
    "rust-event-added", "event added", Compatible / Compatible,
        |change| is(change, |api| *api == ApiChange::EventAdded);

    /// An event is gone. Code that names its type or its variant does not compile.
    "rust-event-removed", "event removed", Breaking / Breaking,
        |change| is(change, |api| *api == ApiChange::EventRemoved);

    /// Something is `#[deprecated]` now: using it is a warning, which some builds take for an error.
    "rust-deprecated", "marked as deprecated", Risky / Risky,
        |change| is(change, |api| *api == ApiChange::Deprecated);
}
