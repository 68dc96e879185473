//! Merges number types.

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

/// Returns the type that holds the values of both, the older one first.
///
/// An integer and a number become a number. Two integers become the smallest type that holds both; if there is none, as
/// for `int` and `uint64`, the newer type, because the newer schema has given up the other values.
pub(super) fn wider(older: Builtin, newer: Builtin) -> Builtin {
    if older == newer {
        return newer;
    }
    let (Some(older_range), Some(newer_range)) = (older.integers(), newer.integers()) else {
        return Builtin::Number;
    };
    let ends = [&older_range, &newer_range].map(|range| [range.start(), range.end()]);
    let holds = |ty: Builtin| {
        let range = ty.integers();
        range.is_some_and(|range| ends.iter().flatten().all(|end| range.contains(end)))
    };
    // The newer one, the older one, then the smallest.
    let candidates = [newer, older].into_iter().chain(BY_SIZE);
    candidates
        .into_iter()
        .find(|ty| holds(*ty))
        .unwrap_or(newer)
}

/// Returns true for numbers.
pub(super) fn is_number(builtin: Builtin) -> bool {
    builtin == Builtin::Number || builtin.integers().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_merge_to_the_type_that_holds_both() {
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
