//! Phases 3 to 5: definitions against each other (docs/reference/language.md §5, §6, §7.6).

#[expect(dead_code, reason = "shared by several tests")]
#[path = "support/load.rs"]
mod loading;

use loading::{accepted, errors, only};
use qapi_parser::ir::{Entity, Schema, TypeKind};

/// Definitions that most cases build on, in one line so that the cases begin in line 2.
const COMMON: &str = "{ 'enum': 'Tag', 'data': [ 'one', 'two' ] } \
    { 'struct': 'Empty', 'data': {} } \
    { 'struct': 'Base', 'data': { 'tag': 'Tag', 'n': 'int' } } \
    { 'struct': 'One', 'data': { 'a': 'int' } } \
    { 'union': 'Choice', 'base': 'Base', 'discriminator': 'tag', 'data': { 'one': 'One' } } \
    { 'alternate': 'Either', 'data': { 'i': 'int', 'o': 'One' } }\n";

fn with_common(text: &str) -> String {
    format!("{COMMON}{text}")
}

/// Every text, after the common definitions, gives exactly this one error.
fn each(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(errors(&with_common(text)), [*expected], "{text}");
    }
}

fn fine(cases: &[&str]) {
    for text in cases {
        accepted(&with_common(text));
    }
}

#[test]
fn name_is_defined_once() {
    each(&[
        ("{ 'struct': 'Tag', 'data': {} }", "DEF-DUP 2 struct Tag"),
        (
            "{ 'command': 'x-foo' }\n{ 'command': 'x-foo' }",
            "DEF-DUP 3 command x-foo",
        ),
        (
            "{ 'struct': 'QType', 'data': {} }",
            "DEF-DUP-PREDEF 2 struct QType",
        ),
        ("{ 'command': 'str' }", "DEF-DUP-PREDEF 2 command str"),
        ("{ 'command': 'size' }", "DEF-DUP-PREDEF 2 command size"),
    ]);
    fine(&["{ 'command': 'x-foo' } { 'event': 'X-FOO' }"]);
    let error = only("{ 'command': 'a' }\n{ 'command': 'a' }");
    assert_eq!(error.labels[0].text, "first defined here");
}

#[test]
fn redefinition_precedes_everything_semantic() {
    assert_eq!(
        errors(
            "{ 'struct': 'A1a', 'data': { 'x': 'Unknown' } }\n{ 'command': 'a' }\n{ 'command': 'a' }"
        ),
        ["DEF-DUP 3 command a", "REF-UNKNOWN 1 struct A1a"]
    );
}

#[test]
fn unknown_types_are_reported_wherever_they_are_used() {
    each(&[
        (
            "{ 'struct': 'Ss', 'data': { 'a': 'Nope' } }",
            "REF-UNKNOWN 2 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { 'a': [ 'Nope' ] } }",
            "REF-UNKNOWN 2 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { 'a': '' } }",
            "REF-UNKNOWN 2 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { 'a': [ '' ] } }",
            "REF-UNKNOWN 2 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { 'a': '**' } }",
            "REF-UNKNOWN 2 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'base': 'Nope', 'data': {} }",
            "REF-UNKNOWN 2 struct Ss",
        ),
        (
            "{ 'command': 'c', 'data': 'Nope' }",
            "REF-UNKNOWN 2 command c",
        ),
        ("{ 'command': 'c', 'data': 'c' }", "REF-UNKNOWN 2 command c"),
        (
            "{ 'event': 'E', 'data': { 'x': 'E' } }",
            "REF-UNKNOWN 2 event E",
        ),
        (
            "{ 'command': 'c', 'returns': 'Nope' }",
            "REF-UNKNOWN 2 command c",
        ),
        (
            "{ 'command': 'c', 'returns': [ 'Nope' ] }",
            "REF-UNKNOWN 2 command c",
        ),
        (
            "{ 'alternate': 'Aa', 'data': { 'a': 'Nope' } }",
            "REF-UNKNOWN 2 alternate Aa",
        ),
        (
            "{ 'union': 'Uu', 'base': 'Nope', 'discriminator': 'tag', 'data': {} }",
            "REF-UNKNOWN 2 union Uu",
        ),
        (
            "{ 'union': 'Uu', 'base': 'Base', 'discriminator': 'tag', 'data': { 'one': 'Nope' } }",
            "REF-UNKNOWN 2 union Uu",
        ),
        (
            "{ 'union': 'Uu', 'base': { 'tag': 'Tag', 'x': 'Nope' }, 'discriminator': 'tag', 'data': {} }",
            "REF-UNKNOWN 2 union Uu",
        ),
        (
            "{ 'union': 'Uu', 'base': 'Base', 'discriminator': 'tag', 'data': { 'one': '' } }",
            "REF-UNKNOWN 2 union Uu",
        ),
    ]);
}

#[test]
fn unknown_type_suggests_the_one_that_is_close() {
    let error =
        only("{ 'struct': 'Address', 'data': {} } { 'command': 'c', 'data': { 'a': 'Adress' } }");
    assert_eq!(error.help.as_deref(), Some("did you mean `Address`?"));
    assert_eq!(error.suggestions[0].replacement, "'Address'");
    let error = only("{ 'command': 'foo' } { 'command': 'c', 'data': { 'a': 'foo' } }");
    assert_eq!(error.notes, ["`foo` is a command, not a type"]);
}

#[test]
fn names_of_implicit_types_resolve() {
    fine(&[
        "{ 'struct': 'Ss', 'data': { 'a': 'intList', 'c': 'OneList', 'd': [ 'One' ] } }",
        "{ 'command': 'c', 'data': { 'x': 'int' } } { 'struct': 'Ss', 'base': 'q_obj_c-arg', 'data': {} }",
        "{ 'alternate': 'Aa', 'data': { 'a': 'strList', 'b': 'int' } }",
        "{ 'struct': 'Ss', 'data': { 'a': [ 'One' ] } } { 'command': 'c', 'returns': 'OneList' }",
        "{ 'struct': 'Ss', 'data': { 'a': 'QType' } }",
    ]);
    each(&[
        (
            "{ 'struct': 'Ss', 'data': { 'a': [ 'intList' ] } }",
            "REF-UNKNOWN 2 struct Ss",
        ),
        (
            "{ 'command': 'c', 'returns': 'OneList' } { 'struct': 'Ss', 'data': { 'a': [ 'One' ] } }",
            "REF-UNKNOWN 2 command c",
        ),
        (
            "{ 'struct': 'Ss', 'data': { 'a': 'EmptyList' } }",
            "REF-UNKNOWN 2 struct Ss",
        ),
    ]);
}

#[test]
fn base_is_a_struct() {
    for base in ["int", "any", "Tag", "Either", "Choice", "intList"] {
        let text = format!("{{ 'struct': 'Ss', 'base': '{base}', 'data': {{}} }}");
        each(&[(&text, "BASE-KIND 2 struct Ss")]);
        let text =
            format!("{{ 'union': 'Uu', 'base': '{base}', 'discriminator': 'tag', 'data': {{}} }}");
        each(&[(&text, "BASE-KIND 2 union Uu")]);
    }
}

#[test]
fn circles_are_reported_once_at_the_type_met_again() {
    each(&[
        (
            "{ 'struct': 'Aa', 'base': 'Aa', 'data': {} }",
            "OBJ-CYCLE 2 struct Aa",
        ),
        (
            "{ 'struct': 'Aa', 'base': 'Bb', 'data': {} }\n{ 'struct': 'Bb', 'base': 'Cc', 'data': {} }\n{ 'struct': 'Cc', 'base': 'Aa', 'data': {} }",
            "OBJ-CYCLE 2 struct Aa",
        ),
        (
            "{ 'struct': 'Cc', 'base': 'Aa', 'data': {} }\n{ 'struct': 'Aa', 'base': 'Bb', 'data': {} }\n{ 'struct': 'Bb', 'base': 'Aa', 'data': {} }",
            "OBJ-CYCLE 3 struct Aa",
        ),
        (
            "{ 'union': 'Uu', 'base': 'Base', 'discriminator': 'tag', 'data': { 'one': 'Uu' } }",
            "OBJ-CYCLE 2 union Uu",
        ),
        (
            "{ 'command': 'c', 'data': 'Aa' }\n{ 'struct': 'Aa', 'base': 'Aa', 'data': {} }",
            "OBJ-CYCLE 3 struct Aa",
        ),
    ]);
    fine(&[
        "{ 'struct': 'Aa', 'data': { 'a': 'Aa', 'b': [ 'Aa' ], 'c': 'Bb' } } { 'struct': 'Bb', 'data': { 'a': 'Aa' } }",
    ]);
}

#[test]
fn members_must_not_clash() {
    each(&[
        (
            "{ 'struct': 'Ss', 'data': { 'a-b': 'int', '*a-b': 'int' } }",
            "CLASH 2 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { 'a': 'int', '*a': 'str' } }",
            "CLASH 2 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'base': 'Base', 'data': { 'n': 'int' } }",
            "CLASH 2 struct Ss",
        ),
        (
            "{ 'command': 'c', 'data': { '__a.b_c': 'int', '__a-b_c': 'int' } }",
            "CLASH 2 command c",
        ),
        (
            "{ 'enum': 'Ee', 'data': [ 'a-b', 'a-b' ] }",
            "CLASH 2 enum Ee",
        ),
        (
            "{ 'enum': 'Ee', 'data': [ '__a.b_c', '__a-b_c' ] }",
            "CLASH 2 enum Ee",
        ),
        (
            "{ 'alternate': 'Aa', 'data': { '__a.b_c': 'int', '__a-b_c': 'One' } }",
            "CLASH 2 alternate Aa",
        ),
        (
            "{ 'command': 'c', 'features': [ 'f', 'f' ] }",
            "CLASH 2 command c",
        ),
        (
            "{ 'struct': 'Ss', 'data': { 'a': { 'type': 'int', 'features': [ 'f', 'f' ] } } }",
            "CLASH 2 struct Ss",
        ),
    ]);
    fine(&[
        "{ 'pragma': { 'member-name-exceptions': [ 'Ss' ] } } { 'struct': 'Ss', 'data': { 'aB': 'int', 'ab': 'int' } }",
        // Values are not looked at.
        "{ 'enum': 'Ee', 'data': [ { 'name': 'a', 'features': [ 'f', 'f' ] } ] }",
        // Features have a name space of their own.
        "{ 'struct': 'Ss', 'data': { 'a': 'int' }, 'features': [ 'a' ] }",
    ]);
}

#[test]
fn members_clash_in_large_objects_too() {
    let names = |range: std::ops::Range<u32>| {
        range
            .map(|n| format!("'m{n}': 'int'"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let text = format!(
        "{{ 'struct': 'Big', 'data': {{ {} }} }}\n{{ 'struct': 'Sub', 'base': 'Big', 'data': {{ {}, 'x': 'int', 'm3': 'str' }} }}",
        names(0..40),
        names(100..140)
    );
    assert_eq!(errors(&text), ["CLASH 2 struct Sub"]);
    let text = format!(
        "{{ 'struct': 'Big', 'data': {{ {}, '*m39': 'int' }} }}",
        names(0..40)
    );
    assert_eq!(errors(&text), ["CLASH 1 struct Big"]);
}

#[test]
fn discriminator_is_a_common_enum_member() {
    let union_ = |base: &str, tag: &str| {
        format!(
            "{{ 'union': 'Uu', 'base': {base}, 'discriminator': '{tag}', 'data': {{ 'one': 'One' }} }}"
        )
    };
    for (base, tag, code) in [
        ("{ 't': 'Tag' }", "x", "TAG-MISSING"),
        ("{ 't': 'Tag' }", "", "TAG-MISSING"),
        ("{ '*t': 'Tag' }", "*t", "TAG-MISSING"),
        ("{ 'a-b': 'Tag' }", "a_b", "TAG-MISSING"),
        ("{}", "t", "TAG-MISSING"),
        ("'Empty'", "t", "TAG-MISSING"),
        ("{ 't': 'str' }", "t", "TAG-ENUM"),
        ("{ 't': [ 'Tag' ] }", "t", "TAG-ENUM"),
        ("{ 't': 'Either' }", "t", "TAG-ENUM"),
        ("{ '*t': 'Tag' }", "t", "TAG-OPTIONAL"),
        ("{ 't': { 'type': 'Tag', 'if': 'A' } }", "t", "TAG-COND"),
    ] {
        let text = union_(base, tag);
        each(&[(&text, &format!("{code} 2 union Uu"))]);
    }
    // The member may come from a base of the base.
    let text = "{ 'struct': 'Grand', 'data': { '*t': 'Tag' } } { 'struct': 'Child', 'base': 'Grand', 'data': {} }\n";
    each(&[(
        &format!("{text}{}", union_("'Child'", "t")),
        "TAG-OPTIONAL 3 union Uu",
    )]);
    let error = only(&with_common(&format!("{text}{}", union_("'Child'", "t"))));
    assert!(
        error.message.contains("of struct `Grand`"),
        "{}",
        error.message
    );
}

#[test]
fn branches_are_values_and_objects() {
    let union_ = |data: &str| {
        format!("{{ 'union': 'Uu', 'base': 'Base', 'discriminator': 'tag', 'data': {{ {data} }} }}")
    };
    for (data, code) in [
        ("'three': 'One'", "BRANCH-VALUE"),
        ("'One': 'One'", "BRANCH-VALUE"),
        ("'*one': 'One'", "BRANCH-VALUE"),
        ("'one': 'int'", "BRANCH-TYPE"),
        ("'one': 'Tag'", "BRANCH-TYPE"),
        ("'one': 'Either'", "BRANCH-TYPE"),
        ("'one': 'intList'", "BRANCH-TYPE"),
        ("'one': 'Choice'", "CLASH"),
    ] {
        each(&[(&union_(data), &format!("{code} 2 union Uu"))]);
    }
    fine(&[
        &union_(""),
        &union_("'one': 'One', 'two': 'One'"),
        &union_("'two': 'q_empty'"),
    ]);
    each(&[(
        "{ 'enum': 'None', 'data': [] } { 'union': 'Uu', 'base': { 't': 'None' }, 'discriminator': 't', 'data': {} }",
        "UNION-EMPTY 2 union Uu",
    )]);
}

#[test]
fn branches_must_not_clash_with_common_members_however_deep() {
    let common = "{ 'enum': 'Kind', 'data': [ 'k' ] } \
        { 'struct': 'Leaf', 'data': { 'deep': 'int' } } \
        { 'union': 'Inner', 'base': { 'inner': 'Kind' }, 'discriminator': 'inner', 'data': { 'k': 'Leaf' } }\n";
    let outer = |member: &str| {
        format!(
            "{common}{{ 'union': 'Outer', 'base': {{ 'tag': 'Tag', '{member}': 'int' }}, 'discriminator': 'tag', 'data': {{ 'two': 'Inner' }} }}"
        )
    };
    each(&[
        (&outer("inner"), "CLASH 3 union Outer"),
        (&outer("deep"), "CLASH 3 union Outer"),
    ]);
    fine(&[&outer("other")]);
    // Branches are independent of each other.
    fine(&[
        "{ 'struct': 'Two', 'data': { 'a': 'str' } } { 'union': 'Uu', 'base': 'Base', 'discriminator': 'tag', 'data': { 'one': 'One', 'two': 'Two' } }",
    ]);
}

#[test]
fn arguments_are_objects() {
    for data in ["int", "any", "Tag", "Either", "intList"] {
        let text = format!("{{ 'command': 'c', 'data': '{data}' }}");
        each(&[(&text, "ARG-KIND 2 command c")]);
        let text = format!("{{ 'event': 'E', 'data': '{data}', 'boxed': true }}");
        each(&[(&text, "ARG-KIND 2 event E")]);
    }
    each(&[
        (
            "{ 'command': 'c', 'data': 'Choice' }",
            "ARG-UNBOXED-UNION 2 command c",
        ),
        (
            "{ 'event': 'E', 'data': 'Choice' }",
            "ARG-UNBOXED-UNION 2 event E",
        ),
    ]);
    fine(&[
        "{ 'command': 'c', 'data': 'Choice', 'boxed': true }",
        "{ 'command': 'c', 'data': 'Empty' } { 'command': 'd', 'data': 'Empty', 'boxed': true }",
    ]);
}

#[test]
fn unboxed_arguments_are_unconditional() {
    each(&[
        (
            "{ 'command': 'c', 'data': { 'a': { 'type': 'int', 'if': 'A' } } }",
            "ARG-UNBOXED-COND 2 command c",
        ),
        (
            "{ 'struct': 'Aa', 'data': { 'x': { 'type': 'int', 'if': 'A' } } } { 'struct': 'Bb', 'base': 'Aa', 'data': {} }\n{ 'event': 'E', 'data': 'Bb' }",
            "ARG-UNBOXED-COND 3 event E",
        ),
    ]);
    fine(&[
        "{ 'struct': 'Aa', 'data': { 'x': { 'type': 'int', 'if': 'A' } } } { 'event': 'E', 'data': 'Aa', 'boxed': true }",
    ]);
}

#[test]
fn commands_return_objects() {
    for returns in [
        "'int'",
        "'any'",
        "'Tag'",
        "'Either'",
        "[ 'str' ]",
        "[ 'Tag' ]",
        "[ 'Either' ]",
    ] {
        let text = format!("{{ 'command': 'c', 'returns': {returns} }}");
        each(&[(&text, "RET-KIND 2 command c")]);
        let text = format!(
            "{{ 'pragma': {{ 'command-returns-exceptions': [ 'c' ] }} }} {{ 'command': 'c', 'returns': {returns} }}"
        );
        fine(&[&text]);
    }
    fine(&["{ 'command': 'c', 'returns': 'Choice' } { 'command': 'd', 'returns': [ 'Choice' ] }"]);
}

#[test]
fn alternatives_are_told_apart_by_json_kind() {
    let alternate = |a: &str, b: &str| {
        format!(
            "{{ 'enum': 'OnOff', 'data': [ 'on' ] }} {{ 'enum': 'Num', 'data': [ '1x' ] }} \
             {{ 'alternate': 'Aa', 'data': {{ 'a': {a}, 'b': {b} }} }}"
        )
    };
    for (a, b) in [
        ("'int'", "'number'"),
        ("'str'", "'int'"),
        ("'bool'", "'str'"),
        ("'str'", "'Tag'"),
        ("'Tag'", "'QType'"),
        ("'OnOff'", "'bool'"),
        ("'Num'", "'uint8'"),
        ("'One'", "'Choice'"),
        ("[ 'int' ]", "[ 'str' ]"),
        ("'null'", "'null'"),
    ] {
        for text in [alternate(a, b), alternate(b, a)] {
            each(&[(&text, "ALT-AMBIG 2 alternate Aa")]);
        }
    }
    for bad in ["'any'", "'Either'"] {
        each(&[(&alternate(bad, "'null'"), "BRANCH-TYPE 2 alternate Aa")]);
    }
    fine(&[
        &alternate("'OnOff'", "'int'"),
        &alternate("'Num'", "'bool'"),
        &alternate("'Tag'", "'number'"),
        &alternate("'str'", "'null'"),
        &alternate("[ 'One' ]", "'Choice'"),
        "{ 'alternate': 'Aa', 'data': { 'only': 'str' } }",
    ]);
    // Conditions make no difference.
    each(&[(
        "{ 'alternate': 'Aa', 'data': { 'a': { 'type': 'int', 'if': 'A' }, 'b': { 'type': 'int', 'if': { 'not': 'A' } } } }",
        "ALT-AMBIG 2 alternate Aa",
    )]);
}

#[test]
fn special_features_are_not_for_types() {
    for feature in ["deprecated", "unstable"] {
        for text in [
            format!("{{ 'enum': 'Ee', 'data': [], 'features': [ '{feature}' ] }}"),
            format!("{{ 'struct': 'Ee', 'data': {{}}, 'features': [ '{feature}' ] }}"),
            format!(
                "{{ 'alternate': 'Ee', 'data': {{ 'a': 'int' }}, 'features': [ '{feature}' ] }}"
            ),
            format!(
                "{{ 'union': 'Ee', 'base': 'Base', 'discriminator': 'tag', 'data': {{}}, 'features': [ '{feature}' ] }}"
            ),
        ] {
            let found = errors(&with_common(&text));
            assert_eq!(found.len(), 1, "{text}");
            assert!(found[0].starts_with("FEAT-SPECIAL-TYPE 2 "), "{text}");
        }
        fine(&[&format!(
            "{{ 'command': 'c', 'features': [ '{feature}' ], 'data': {{ 'a': {{ 'type': 'int', 'features': [ '{feature}' ] }} }} }} \
             {{ 'event': 'E', 'features': [ '{feature}' ] }} \
             {{ 'enum': 'Ee', 'data': [ {{ 'name': 'a', 'features': [ '{feature}' ] }} ] }}"
        )]);
    }
}

#[test]
fn schema_has_at_most_64_different_features() {
    let list = |range: std::ops::Range<u32>| {
        range
            .map(|n| format!("'f{n}'"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let text = |last: u32| {
        format!(
            "{{ 'command': 'a', 'features': [ {}, 'deprecated' ] }}\n{{ 'struct': 'Ss', 'data': {{ 'm': {{ 'type': 'int', 'features': [ {} ] }} }} }}\n{{ 'command': 'b', 'features': [ 'late' ] }}",
            list(0..30),
            list(25..last)
        )
    };
    accepted(&text(61));
    assert_eq!(errors(&text(62)), ["FEAT-LIMIT 3 command b"]);
    assert_eq!(errors(&text(63)), ["FEAT-LIMIT 2 struct Ss"]);
}

#[test]
fn deep_structures_neither_overflow_nor_take_for_ever() {
    use std::fmt::Write;
    let count = 5_000;
    let mut bases = String::new();
    let mut unions =
        "{ 'enum': 'Tag', 'data': [ 'one', 'two' ] } { 'struct': 'U5000', 'data': {} }".to_owned();
    for n in 0..count {
        let next = n + 1;
        writeln!(
            bases,
            "{{ 'struct': 'Ss{n}', 'base': 'Ss{next}', 'data': {{ 'm{n}': 'int' }} }}"
        )
        .unwrap();
        writeln!(
            unions,
            "{{ 'union': 'Uu{n}', 'base': {{ 't{n}': 'Tag' }}, 'discriminator': 't{n}', 'data': {{ 'one': 'Uu{next}', 'two': 'Uu{next}' }} }}"
        )
        .unwrap();
    }
    writeln!(bases, "{{ 'struct': 'Ss{count}', 'data': {{}} }}").unwrap();
    let unions = unions.replace("'U5000'", "'Uu5000'");
    // Every member would be written out for each of thousands of types.
    let found = errors(&bases);
    assert!(
        found.len() == 1 && found[0].starts_with("LIMIT-REPEATS"),
        "{found:?}"
    );
    accepted(&unions);
    let circle = bases.replace(
        &format!("'struct': 'Ss{count}',"),
        &format!("'struct': 'Ss{count}', 'base': 'Ss0',"),
    );
    assert_eq!(errors(&circle), ["OBJ-CYCLE 1 struct Ss0"]);
}

fn names(schema: &Schema) -> Vec<&str> {
    schema
        .entities
        .iter()
        .filter(|entity| schema.module_of(**entity).0 > 0)
        .map(|entity| match entity {
            Entity::Type(id) => &*schema.ty(*id).name,
            Entity::Command(id) => &schema.command(*id).name,
            Entity::Event(id) => &schema.event(*id).name,
            Entity::Include(_) => "include",
        })
        .collect()
}

#[test]
fn implied_entities_come_before_the_definition_that_implies_them() {
    let schema = accepted(
        "{ 'command': 'c', 'data': { 'a': [ 'Ss' ] }, 'returns': [ 'Tt' ] } \
         { 'struct': 'Ss', 'data': { 'x': [ 'Ss' ], 'y': [ 'Tt' ], 'z': [ 'Ee' ] } } \
         { 'union': 'Uu', 'base': { 'e': 'Ee', 'f': [ 'Uu' ] }, 'discriminator': 'e', 'data': {} } \
         { 'struct': 'Tt', 'data': {} } { 'enum': 'Ee', 'data': [ 'v' ] } \
         { 'event': 'E', 'data': {} }",
    );
    assert_eq!(
        names(&schema),
        [
            "SsList",
            "q_obj_c-arg",
            "TtList",
            "c",
            "EeList",
            "Ss",
            "UuList",
            "q_obj_Uu-base",
            "Uu",
            "Tt",
            "Ee",
            "E"
        ]
    );
}

#[test]
fn implied_types_exist_when_their_definition_does() {
    let schema = accepted(
        "{ 'command': 'c', 'data': { 'a': 'int' }, 'if': 'A' } \
         { 'enum': 'Ee', 'data': [ 'x', { 'name': 'y', 'if': 'Y' } ], 'if': 'E' } \
         { 'union': 'Uu', 'base': { 'e': 'Ee', 'l': [ 'Ee' ] }, 'discriminator': 'e', 'data': {}, 'if': { 'not': 'B' } }",
    );
    let condition = |name: &str| match schema.lookup(name) {
        Some(Entity::Type(id)) => format!("{:?}", schema.ty(id).condition),
        other => panic!("{name} is {other:?}"),
    };
    assert!(condition("q_obj_c-arg").contains("\"A\""));
    assert!(condition("q_obj_Uu-base").contains("Not"));
    assert!(condition("EeList").contains("\"E\""));
    let Some(Entity::Type(id)) = schema.lookup("Uu") else {
        panic!("there is a union");
    };
    let TypeKind::Object(object) = &schema.ty(id).kind else {
        panic!("a union is an object");
    };
    let branches = &object.union_.as_ref().unwrap().branches;
    assert!(branches[0].condition.is_none());
    assert!(format!("{:?}", branches[1].condition).contains("\"Y\""));
}
