//! Numbers of several types in one place.

use qapi_parser::ir::Builtin;

/// Integers with ranges of their own, the smallest first.
const BY_SIZE: [Builtin; 8] = [
    Builtin::Uint8,
    Builtin::Int8,
    Builtin::Uint16,
    Builtin::Int16,
    Builtin::Uint32,
    Builtin::Int32,
    Builtin::Uint64,
    Builtin::Int,
];

/// The type that holds the values of both, the older one first.
///
/// An integer is a number. Of integers, the smallest type that holds both; where there is none, as for `int` and `uint64`,
/// the newer one: values that do not fit into it are those that the newer schema gave up.
pub(super) fn wider(older: Builtin, newer: Builtin) -> Builtin {
    if older == newer {
        return newer;
    }
    let (Some((low, high)), Some((newer_low, newer_high))) = (range(older), range(newer)) else {
        return Builtin::Number;
    };
    let holds = |ty: Builtin| {
        let range = range(ty);
        range.is_some_and(|(from, to)| from <= low.min(newer_low) && to >= high.max(newer_high))
    };
    // The newer one, the older one, then the smallest.
    let candidates = [newer, older].into_iter().chain(BY_SIZE);
    candidates
        .into_iter()
        .find(|ty| holds(*ty))
        .unwrap_or(newer)
}

/// Whether it is a number at all.
pub(super) fn is_number(builtin: Builtin) -> bool {
    builtin == Builtin::Number || range(builtin).is_some()
}

/// The least and the greatest value of an integer type.
fn range(builtin: Builtin) -> Option<(i128, i128)> {
    Some(match builtin {
        Builtin::Int | Builtin::Int64 => (i64::MIN.into(), i64::MAX.into()),
        Builtin::Int8 => (i8::MIN.into(), i8::MAX.into()),
        Builtin::Int16 => (i16::MIN.into(), i16::MAX.into()),
        Builtin::Int32 => (i32::MIN.into(), i32::MAX.into()),
        Builtin::Uint8 => (0, u8::MAX.into()),
        Builtin::Uint16 => (0, u16::MAX.into()),
        Builtin::Uint32 => (0, u32::MAX.into()),
        Builtin::Uint64 | Builtin::Size => (0, u64::MAX.into()),
        Builtin::Str | Builtin::Number | Builtin::Bool | Builtin::Any | Builtin::Null => {
            return None;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_unite_to_what_holds_both() {
        for (older, newer, expected) in [
            (Builtin::Int, Builtin::Int, Builtin::Int),
            (Builtin::Int, Builtin::Int64, Builtin::Int64),
            (Builtin::Int, Builtin::Uint8, Builtin::Int),
            (Builtin::Uint8, Builtin::Int, Builtin::Int),
            (Builtin::Int8, Builtin::Uint8, Builtin::Int16),
            (Builtin::Uint32, Builtin::Int32, Builtin::Int),
            (Builtin::Uint16, Builtin::Uint32, Builtin::Uint32),
            (Builtin::Uint64, Builtin::Size, Builtin::Size),
            (Builtin::Int, Builtin::Uint64, Builtin::Uint64),
            (Builtin::Size, Builtin::Int, Builtin::Int),
            (Builtin::Int, Builtin::Number, Builtin::Number),
            (Builtin::Number, Builtin::Uint8, Builtin::Number),
        ] {
            assert_eq!(wider(older, newer), expected, "{older:?}, {newer:?}");
        }
    }
}
