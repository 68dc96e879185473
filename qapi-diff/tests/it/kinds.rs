//! One type in the place of another, for all pairs of types: a table of the values that each takes
//! tells which level the finding must have.

use qapi_diff::{Direction, Level, Model, Symbols, Witnesses};

use crate::common::{parse, wire};

/// The JSON kinds, in the order of the tables.
const KINDS: [&str; 6] = ["null", "boolean", "number", "string", "array", "object"];

/// Types, with how much of each JSON kind they take: nothing, some values, or all.
const TYPES: [(&str, [u8; 6]); 14] = [
    ("'null'", [2, 0, 0, 0, 0, 0]),
    ("'bool'", [0, 2, 0, 0, 0, 0]),
    ("'int'", [0, 0, 1, 0, 0, 0]),
    ("'number'", [0, 0, 2, 0, 0, 0]),
    ("'Enum'", [0, 0, 0, 1, 0, 0]),
    ("'str'", [0, 0, 0, 2, 0, 0]),
    ("['int']", [0, 0, 0, 0, 1, 0]),
    ("'Struct'", [0, 0, 0, 0, 0, 1]),
    ("'StrNull'", [2, 0, 0, 2, 0, 0]),
    ("'EnumInt'", [0, 0, 1, 1, 0, 0]),
    ("'BoolNull'", [2, 2, 0, 0, 0, 0]),
    ("'EnumIntBool'", [0, 2, 1, 1, 0, 0]),
    ("'StructNull'", [2, 0, 0, 0, 0, 1]),
    ("'any'", [2, 2, 2, 2, 2, 2]),
];

fn schema(ty: &str) -> String {
    format!(
        "{{ 'enum': 'Enum', 'data': [ 'x', 'y' ] }}
         {{ 'struct': 'Struct', 'data': {{ '*s': 'int' }} }}
         {{ 'alternate': 'StrNull', 'data': {{ 's': 'str', 'n': 'null' }} }}
         {{ 'alternate': 'EnumInt', 'data': {{ 'e': 'Enum', 'i': 'int' }} }}
         {{ 'alternate': 'BoolNull', 'data': {{ 'b': 'bool', 'n': 'null' }} }}
         {{ 'alternate': 'EnumIntBool', 'data': {{ 'e': 'Enum', 'i': 'int', 'b': 'bool' }} }}
         {{ 'alternate': 'StructNull', 'data': {{ 's': 'Struct', 'n': 'null' }} }}
         {{ 'struct': 'Part', 'data': {{ 'm': {ty} }} }}
         {{ 'command': 'go', 'data': {{ 'm': {ty} }}, 'returns': 'Part' }}
         {{ 'event': 'GONE', 'data': {{ 'm': {ty} }} }}"
    )
}

/// The level that the values demand, where the one side sends what the other must understand.
fn expected(sent: [u8; 6], understood: [u8; 6], direction: Direction) -> Level {
    let beyond = |index: &usize| sent[*index] > understood[*index];
    let beyond: Vec<usize> = (0..KINDS.len()).filter(beyond).collect();
    let shares_kind = (0..KINDS.len()).any(|kind| sent[kind] > 0 && understood[kind] > 0);
    let is_str_to_enum = beyond
        .iter()
        .all(|kind| KINDS[*kind] == "string" && sent[*kind] == 2 && understood[*kind] == 1);
    match direction {
        _ if beyond.is_empty() => Level::Compatible,
        // A value that is sent may be refused; strings that are not in an enumeration seldom worked before.
        Direction::Argument if is_str_to_enum => Level::Risky,
        Direction::Argument => Level::Breaking,
        _ if shares_kind => Level::Risky,
        _ => Level::Breaking,
    }
}

#[test]
fn the_level_of_a_type_for_another_follows_from_their_values() {
    let symbols = Symbols::default();
    for ((old_type, old_values), (new_type, new_values)) in TYPES
        .iter()
        .flat_map(|old| TYPES.iter().map(move |new| (old, new)))
    {
        let (old, new) = (parse(&schema(old_type)), parse(&schema(new_type)));
        let models = (
            Model::of_schema(&old, &symbols),
            Model::of_schema(&new, &symbols),
        );
        let witnesses = Witnesses::new(&models.0, &models.1);
        let found = wire(&old, &new);
        for finding in found.iter().filter(|it| it.level == Level::Breaking) {
            let witness = witnesses.find(&finding.change);
            assert!(
                witness.is_some(),
                "{old_type} to {new_type}, {}: no witness",
                finding.change.path
            );
        }
        for direction in [Direction::Argument, Direction::Reply, Direction::Event] {
            let there = found.iter();
            let there = there.filter(|it| it.change.path.direction == Some(direction));
            let level = there.map(|it| it.level).max().unwrap_or(Level::Compatible);
            let values = if direction == Direction::Argument {
                expected(*old_values, *new_values, direction)
            } else {
                expected(*new_values, *old_values, direction)
            };
            assert_eq!(level, values, "{old_type} to {new_type}, {direction:?}");
        }
    }
}

/// The same two types at several members are as many differences.
#[test]
fn every_member_whose_type_changed_is_reported() {
    let text = |ty: &str| {
        format!(
            "{{ 'struct': 'Inner', 'data': {{ 'c': '{ty}', '*d': ['{ty}'] }} }}
             {{ 'command': 'go', 'data': {{ 'a': '{ty}', 'b': '{ty}', '*i': 'Inner' }} }}"
        )
    };
    let found = wire(&parse(&text("int")), &parse(&text("str")));
    let paths: Vec<_> = found.iter().map(|it| it.change.path.to_string()).collect();
    assert_eq!(
        paths,
        [
            "go arguments.a",
            "go arguments.b",
            "go arguments.i.c",
            "go arguments.i.d[]"
        ]
    );
    let mut causes: Vec<_> = found.iter().map(|it| it.change.cause).collect();
    causes.dedup();
    assert_eq!(causes.len(), 4);
}

#[test]
fn members_that_change_alike_are_all_reported() {
    let text = |ty: &str| {
        let second = |it: &str| it.replace(&format!("'m': {ty}"), &format!("'m': {ty}, 'n': {ty}"));
        second(&schema(ty))
    };
    let mut told = 0;
    for (old, _) in TYPES {
        for (new, _) in TYPES {
            let found = wire(&parse(&text(old)), &parse(&text(new)));
            let at = |name: &str| {
                let findings = found.iter().filter_map(|it| {
                    let path = it.change.path.to_string();
                    let owner = path.strip_suffix(name)?.to_owned();
                    Some((owner, it.rule.id, it.level))
                });
                findings.collect::<Vec<_>>()
            };
            assert_eq!(at(".m"), at(".n"), "{old} to {new}");
            told += at(".m").len();
        }
    }
    assert!(told > 300, "{told}");
}
