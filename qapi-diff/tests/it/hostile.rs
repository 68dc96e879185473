//! Schemas and documents that are made to be costly.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use qapi_diff::{Model, ServerSchema, Symbols, Witnesses, compare};

use crate::common::{lines, parse, wire};

/// A chain of so many types, each in the one before; the last one has this member.
fn chain(length: usize, last: &str, member: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for index in 0..length {
        let next = member(index + 1);
        writeln!(text, "{{ 'struct': 'T{index}', 'data': {{ {next} }} }}").unwrap();
    }
    writeln!(text, "{{ 'struct': 'T{length}', 'data': {{ {last} }} }}").unwrap();
    text + "{ 'command': 'go', 'data': 'T0' }"
}

#[test]
fn a_long_way_down_needs_no_stack() {
    let deep = |last: &str| chain(5_000, last, |next| format!("'m': 'T{next}'"));
    let found = wire(&parse(&deep("'a': 'int'")), &parse(&deep("'a': 'str'")));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].change.path.steps.len(), 5_001);
}

#[test]
fn types_without_any_value_have_no_witness_and_do_no_harm() {
    let endless = |extra: &str| {
        parse(&format!(
            "{{ 'struct': 'T', 'data': {{ 't': 'T'{extra} }} }} {{ 'command': 'go', 'data': 'T' }}"
        ))
    };
    let (old, new) = (endless(""), endless(", 'x': 'int'"));
    let symbols = Symbols::default();
    let (old, new) = (
        Model::of_schema(&old, &symbols),
        Model::of_schema(&new, &symbols),
    );
    let changes = compare(&old, &new).changes;
    assert_eq!(changes.len(), 1);
    assert!(Witnesses::new(&old, &new).find(&changes[0]).is_none());
}

/// Types that all refer to all others, so that there are more paths than could be walked.
#[test]
fn many_ways_to_one_difference_are_one_finding() {
    let tangle = |last: &str| {
        let mut text = String::new();
        for index in 0..60 {
            let members: Vec<_> = (0..60).map(|to| format!("'*m{to}': 'T{to}'")).collect();
            let last = if index == 59 { last } else { "" };
            let members = members.join(", ");
            writeln!(
                text,
                "{{ 'struct': 'T{index}', 'data': {{ {members}{last} }} }}"
            )
            .unwrap();
        }
        parse(&(text + "{ 'command': 'go', 'data': 'T0' }"))
    };
    let found = wire(&tangle(""), &tangle(", '*x': 'int'"));
    assert_eq!(
        lines(&found),
        "wire:\n  compatible go arguments.m59.x [optional-member-added] optional member added\n"
    );
}

#[test]
fn time_grows_with_the_schema_and_no_faster() {
    let wide = |types: usize, ty: &str| {
        let mut text = String::new();
        for index in 0..types {
            writeln!(
                text,
                "{{ 'struct': 'T{index}', 'data': {{ 'a': '{ty}', '*b': 'T{}' }} }}
                 {{ 'command': 'c{index}', 'data': 'T{index}' }}",
                index / 2
            )
            .unwrap();
        }
        parse(&text)
    };
    let least = |types: usize| {
        let (old, new) = (wide(types, "int"), wide(types, "int64"));
        let symbols = Symbols::default();
        let time = |_| {
            let start = Instant::now();
            let old = Model::of_schema(&old, &symbols);
            let new = Model::of_schema(&new, &symbols);
            assert!(compare(&old, &new).changes.is_empty());
            start.elapsed()
        };
        (0..3).map(time).min().unwrap_or_default()
    };
    let (small, large) = (least(1_000), least(10_000));
    // Ten times is expected; a hundred times would be quadratic.
    let bound = small * 40 + Duration::from_millis(20);
    assert!(
        large < bound,
        "{small:?} for 1,000 types, {large:?} for 10,000"
    );
}

#[test]
fn a_description_with_cycles_can_be_compared() {
    let circle = |extra: &str| {
        let text = format!(
            r#"[ {{ "name": "go", "meta-type": "command", "arg-type": "1", "ret-type": "0" }},
                 {{ "name": "0", "meta-type": "object", "members": [] }},
                 {{ "name": "2", "meta-type": "enum", "values": [ "a" ] }},
                 {{ "name": "str", "meta-type": "builtin", "json-type": "string" }},
                 {{ "name": "1", "meta-type": "object", "tag": "t",
                    "members": [ {{ "name": "t", "type": "2" }}{extra} ],
                    "variants": [ {{ "case": "a", "type": "1" }} ] }} ]"#
        );
        ServerSchema::parse(text.as_bytes()).unwrap()
    };
    let (old, new) = (circle(""), circle(r#", { "name": "x", "type": "str" }"#));
    let (old, new) = (old.model(), new.model());
    let changes = compare(&old, &new).changes;
    assert_eq!(changes.len(), 1);
    let witnesses = Witnesses::new(&old, &new);
    // Any result will do, as long as there is one.
    let _ = witnesses.find(&changes[0]);
}

#[test]
fn a_deprecated_value_of_a_discriminator_is_deprecated_on_both_sides() {
    let said = br#"[ { "name": "go", "meta-type": "command", "arg-type": "1", "ret-type": "0" },
        { "name": "0", "meta-type": "object", "members": [] },
        { "name": "2", "meta-type": "enum",
          "members": [ { "name": "a", "features": [ "deprecated" ] } ], "values": [ "a" ] },
        { "name": "1", "meta-type": "object", "tag": "t",
          "members": [ { "name": "t", "type": "2" } ],
          "variants": [ { "case": "a", "type": "0" } ] } ]"#;
    let schema = parse(
        "{ 'enum': 'Ee', 'data': [ { 'name': 'a', 'features': [ 'deprecated' ] } ] }
         { 'union': 'Uu', 'base': { 't': 'Ee' }, 'discriminator': 't', 'data': {} }
         { 'command': 'go', 'data': 'Uu', 'boxed': true }",
    );
    let introspection = ServerSchema::parse(said).unwrap();
    let (schema, server) = (
        Model::of_schema(&schema, &Symbols::default()),
        introspection.model(),
    );
    assert_eq!(compare(&schema, &server).changes, []);
    assert_eq!(compare(&server, &schema).changes, []);
}

#[test]
fn documents_that_are_not_introspection_say_why() {
    let message = |text: &str| {
        ServerSchema::parse(text.as_bytes())
            .unwrap_err()
            .to_string()
    };
    for (text, expected) in [
        ("", "not the reply to `query-qmp-schema`"),
        ("[ 1 ]", "not the reply to `query-qmp-schema`"),
        (
            r#"[ { "name": "a", "meta-type": "new" } ]"#,
            "`a` has the unknown meta-type `new`",
        ),
        (
            r#"[ { "name": "A", "meta-type": "event", "arg-type": "7" } ]"#,
            "`A` refers to type `7`, which is not described",
        ),
        (
            r#"[ { "name": "A", "meta-type": "event" } ]"#,
            "not the reply to `query-qmp-schema`",
        ),
        (
            r#"[ { "name": "int", "meta-type": "builtin", "json-type": "int" },
                 { "name": "A", "meta-type": "event", "arg-type": "int" } ]"#,
            "the data of `A` has a type that is not an object",
        ),
        (
            r#"[ { "name": "int", "meta-type": "builtin", "json-type": "int" },
                 { "name": "int", "meta-type": "builtin", "json-type": "int" } ]"#,
            "`int` is described twice",
        ),
        (
            r#"[ { "name": "int", "meta-type": "builtin", "json-type": "int" },
                 { "name": "1", "meta-type": "alternate",
                   "members": [ { "type": "int" }, { "type": "int" } ] } ]"#,
            "`1` has two alternatives for number",
        ),
    ] {
        let found = message(text);
        assert!(found.contains(expected), "{found}");
    }
}

/// Types that each have the next one twice: written out, the smallest value would have 2^60 parts.
#[test]
fn witnesses_of_types_that_share_their_parts_stay_small() {
    let diamond = |last: &str| {
        let mut text = String::new();
        for index in 0..60 {
            let next = index + 1;
            writeln!(
                text,
                "{{ 'struct': 'T{index}', 'data': {{ 'a': 'T{next}', 'b': 'T{next}' }} }}"
            )
            .unwrap();
        }
        writeln!(text, "{{ 'struct': 'T60', 'data': {{ {last} }} }}").unwrap();
        parse(&(text + "{ 'command': 'go', 'data': 'T0', 'returns': 'T0' }"))
    };
    let (old, new) = (diamond("'x': 'int'"), diamond("'x': 'str'"));
    let symbols = Symbols::default();
    let (old, new) = (
        Model::of_schema(&old, &symbols),
        Model::of_schema(&new, &symbols),
    );
    let changes = compare(&old, &new).changes;
    assert_eq!(changes.len(), 2);
    let witnesses = Witnesses::new(&old, &new);
    for change in &changes {
        let witness = witnesses.find(change).expect("there is a message");
        assert!(witness.is_elided);
        let text = witness.message.to_json().to_string();
        assert!(text.len() < 10_000 && text.contains('…'), "{text}");
        assert!(
            witness.violation.path.ends_with("a.x"),
            "{}",
            witness.violation
        );
    }
}

#[test]
fn a_long_chain_of_bases_takes_no_more_than_its_names() {
    let chain = |ty: &str| {
        let mut text = format!("{{ 'struct': 'T0', 'data': {{ 'm0': '{ty}' }} }}\n");
        for index in 1..360 {
            writeln!(
                text,
                "{{ 'struct': 'T{index}', 'base': 'T{}', 'data': {{ 'm{index}': 'int' }} }}
                 {{ 'command': 'c{index}', 'data': 'T{index}' }}",
                index - 1
            )
            .unwrap();
        }
        parse(&text)
    };
    let found = wire(&chain("int"), &chain("str"));
    assert_eq!(found.len(), 359);
}

/// Every command reaches every type, and every type differs: more places than could be listed.
#[test]
fn places_beyond_the_limit_are_counted() {
    let grid = |member: &str| {
        let mut text = String::new();
        for index in 0..600 {
            let next = if index == 599 {
                String::new()
            } else {
                format!(", '*n': 'T{}'", index + 1)
            };
            writeln!(
                text,
                "{{ 'struct': 'T{index}', 'data': {{ '{member}': 'int'{next} }} }}
                 {{ 'command': 'c{index}', 'data': 'T0' }}"
            )
            .unwrap();
        }
        parse(&text)
    };
    let (old, new) = (grid("m"), grid("*m"));
    let symbols = Symbols::default();
    let (old, new) = (
        Model::of_schema(&old, &symbols),
        Model::of_schema(&new, &symbols),
    );
    let changes = compare(&old, &new).changes;
    let counted: u32 = changes.iter().map(|change| change.further_places).sum();
    assert_eq!(changes.len() + usize::try_from(counted).unwrap(), 600 * 600);
    assert!(changes.len() < 10_000, "{}", changes.len());
}
