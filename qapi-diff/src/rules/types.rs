//! Values whose type changed.

use crate::change::{Change, ChangeKind};
use crate::path::Direction;

/// Matches a change of numbers in the direction of the change: kinds were added and removed.
fn numbers(change: &Change, came: bool, went: bool) -> bool {
    let direction = change.path.direction.unwrap_or(Direction::Argument);
    let ChangeKind::NumberChanged { old, new } = change.kind else {
        return false;
    };
    came != old.contains(new, direction) && went != new.contains(old, direction)
}

rules! { Wire;
    /// The JSON kind of a value changed, for example from number to string. For alternates: none of
    /// the accepted kinds is left.
    ///
    /// Neither side understands the values of the other. Add a new member and deprecate the old
    /// one, or make the type an alternate of the old type and the new one.
    "type-changed", "type changed", Breaking / Breaking,
        |change| matches!(change.kind, ChangeKind::TypeChanged { .. });

    /// More numbers are possible than before: a wider integer type, or `number` instead of an
    /// integer type.
    ///
    /// Requests still work. Clients that store a value of a reply or event in a variable of the old
    /// width, or in an integer, fail when they receive such a number. Unsigned 64-bit arguments
    /// accept negative numbers, too, so `int` to `size` or `uint64` is a widening there; in replies
    /// it is `number-changed`.
    "number-widened", "number type widened", Compatible / Risky,
        |change| numbers(change, true, false);

    /// Fewer numbers are possible than before: a narrower integer type, or an integer type instead
    /// of `number`.
    ///
    /// Requests with an excluded number are rejected. Replies and events no longer contain these
    /// numbers.
    "number-narrowed", "number type narrowed", Breaking / Compatible,
        |change| numbers(change, false, true);

    /// Some numbers are no longer possible, and others have become possible: a signed integer type
    /// instead of an unsigned one, or the reverse.
    ///
    /// Requests with the excluded numbers are rejected. Replies and events can contain numbers that
    /// clients do not expect, such as the first negative one.
    "number-changed", "number type lost some numbers and gained others", Breaking / Risky,
        |change| numbers(change, true, true);

    /// Any string was accepted; now only the values of an enumeration are.
    ///
    /// Often only these values ever worked, and other strings now fail earlier. Requests with other
    /// strings are rejected, so this is risky.
    "str-became-enum", "string became an enumeration", Risky / Compatible,
        |change| change.kind == ChangeKind::StrBecameEnum;

    /// Only the values of an enumeration were possible; now any string is.
    ///
    /// Clients can receive strings that are not in their list of values.
    "enum-became-str", "enumeration became a string", Compatible / Risky,
        |change| change.kind == ChangeKind::EnumBecameStr;

    /// A value that had a type can now be any value.
    ///
    /// Requests still work. Replies and events can contain values that clients do not expect, as
    /// with every type that becomes wider: a wider number type, further values, a string instead of
    /// an enumeration, a further alternative.
    "became-any", "type became `any`", Compatible / Risky,
        |change| matches!(change.kind, ChangeKind::BecameAny { .. });

    /// A value that could be anything now has a type.
    ///
    /// Requests with other values are rejected. Clients that accept any value accept this.
    "no-longer-any", "type was `any`", Breaking / Compatible,
        |change| matches!(change.kind, ChangeKind::NoLongerAny { .. });

    /// A value of one JSON kind can now have other kinds, too: its type became an alternate.
    ///
    /// Requests still work. Clients that accept only the old kind fail when they receive another
    /// one.
    "became-alternate", "type became an alternate that includes it", Compatible / Risky,
        |change| matches!(change.kind, ChangeKind::BecameAlternate { .. });

    /// A value that could have several JSON kinds now always has one.
    ///
    /// Requests with a value of another kind are rejected.
    "no-longer-alternate", "alternate became one of its alternatives", Breaking / Compatible,
        |change| matches!(change.kind, ChangeKind::BecamePlain { .. });

    /// An alternate accepts another JSON kind.
    ///
    /// Requests still work. Clients can receive a kind that they do not expect.
    "alternative-added", "alternative added", Compatible / Risky,
        |change| change.kind == ChangeKind::AlternativeAdded;

    /// An alternate no longer accepts a JSON kind.
    ///
    /// Requests with a value of that kind are rejected.
    "alternative-removed", "alternative removed", Breaking / Compatible,
        |change| change.kind == ChangeKind::AlternativeRemoved;
}
