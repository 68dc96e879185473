//! Values that became something else.

use crate::change::{Change, ChangeKind};
use crate::path::Direction;

/// Matches a change of numbers in the direction of the change: further ones came, some went.
fn numbers(change: &Change, came: bool, went: bool) -> bool {
    let direction = change.path.direction.unwrap_or(Direction::Argument);
    let ChangeKind::NumberChanged { old, new } = change.kind else {
        return false;
    };
    came != old.contains(new, direction) && went != new.contains(old, direction)
}

rules! { Wire;
    /// A value is of another JSON kind: a string was a number, an array was an object. For alternates: no
    /// kind is left of those that were taken.
    ///
    /// Neither side can make sense of what the other one sends. Add a new member and deprecate the
    /// old one, or make the type an alternate of the old type and the new one.
    "type-changed", "type changed", Breaking / Breaking,
        |change| matches!(change.kind, ChangeKind::TypeChanged { .. });

    /// Numbers may occur that did not before: a wider integer type, or `number` after an integer type.
    ///
    /// Requests go on working. Clients that read a reply or event into a variable of the old width, or
    /// into an integer, fail once such a number comes. Unsigned 64-bit arguments take negative numbers,
    /// too, so `int` to `size` or `uint64` is a widening there; in replies it is `number-changed`.
    "number-widened", "number type widened", Compatible / Risky,
        |change| numbers(change, true, false);

    /// Numbers are excluded that could occur before: a narrower integer type, or an integer type after `number`.
    ///
    /// Requests with such a number are refused. In replies and events they no longer come.
    "number-narrowed", "number type narrowed", Breaking / Compatible,
        |change| numbers(change, false, true);

    /// Numbers are excluded that could occur before, and others may occur that did not: a signed integer
    /// type after an unsigned one, or the other way round.
    ///
    /// Requests with the excluded numbers are refused. In replies and events numbers come that clients do not
    /// expect, such as the first negative one.
    "number-changed", "number type lost some numbers and gained others", Breaking / Risky,
        |change| numbers(change, true, true);

    /// Any string was taken, and only the values of an enumeration are now.
    ///
    /// Often the values are all that ever worked, and what failed later now fails earlier. Requests
    /// with other strings are refused, so this is risky.
    "str-became-enum", "string became an enumeration", Risky / Compatible,
        |change| change.kind == ChangeKind::StrBecameEnum;

    /// Only the values of an enumeration occurred, and any string may now.
    ///
    /// Clients that know the list of values meet strings that are not on it.
    "enum-became-str", "enumeration became a string", Compatible / Risky,
        |change| change.kind == ChangeKind::EnumBecameStr;

    /// A value that had a type may be any value now.
    ///
    /// Requests go on working. In replies and events values may come that clients do not expect, as
    /// with every type that takes more than it did: a wider number type, further values, a string in
    /// place of an enumeration, a further alternative.
    "became-any", "type became `any`", Compatible / Risky,
        |change| matches!(change.kind, ChangeKind::BecameAny { .. });

    /// A value that could be anything has a type now.
    ///
    /// Requests with other values are refused. Clients that can read anything can read this.
    "no-longer-any", "type was `any`", Breaking / Compatible,
        |change| matches!(change.kind, ChangeKind::NoLongerAny { .. });

    /// A value of one JSON kind may now be of others, too: its type became an alternate.
    ///
    /// Requests go on working. Clients that read only the old kind fail when another one comes.
    "became-alternate", "type became an alternate that includes it", Compatible / Risky,
        |change| matches!(change.kind, ChangeKind::BecameAlternate { .. });

    /// A value that could be of several JSON kinds is always of one now.
    ///
    /// Requests with a value of another kind are refused.
    "no-longer-alternate", "alternate became one of its alternatives", Breaking / Compatible,
        |change| matches!(change.kind, ChangeKind::BecamePlain { .. });

    /// An alternate takes a further JSON kind.
    ///
    /// Requests go on working. Clients that know the list of kinds meet one that is not on it.
    "alternative-added", "alternative added", Compatible / Risky,
        |change| change.kind == ChangeKind::AlternativeAdded;

    /// An alternate does not take a JSON kind any more.
    ///
    /// Requests with a value of that kind are refused.
    "alternative-removed", "alternative removed", Breaking / Compatible,
        |change| change.kind == ChangeKind::AlternativeRemoved;
}
