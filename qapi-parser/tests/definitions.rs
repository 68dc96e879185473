//! Phase 2: each definition on its own (docs/reference/language.md §2.2 to §2.7, §4, §5, §7.5).

#[expect(dead_code, reason = "shared by several tests")]
#[path = "support/load.rs"]
mod loading;

use loading::{accepted, errors, only};

/// Every text gives exactly this one error, `CODE line meta name`.
fn each(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(errors(text), [*expected], "{text}");
    }
}

/// Every text is fine in both dialects.
fn fine(cases: &[&str]) {
    for text in cases {
        accepted(text);
    }
}

#[test]
fn definition_has_exactly_one_kind() {
    each(&[
        ("{ }", "META-ONE 1"),
        ("\n{ 'data': {} }", "META-ONE 2"),
        ("{ 'enum': 'E', 'struct': 'S', 'data': [] }", "META-ONE 1"),
        (
            "{ 'command': 'a', 'event': 'B', 'union': 'C' }",
            "META-ONE 1",
        ),
        ("{ 'strcut': 'S', 'data': {} }", "META-ONE 1"),
    ]);
    let error = only("{ 'strcut': 'S', 'data': {} }");
    assert_eq!(error.help.as_deref(), Some("did you mean `struct`?"));
    assert_eq!(error.suggestions[0].replacement, "'struct'");
}

#[test]
fn definition_name_is_a_string() {
    each(&[
        ("{ 'struct': false, 'data': {} }", "META-NAME 1"),
        ("{ 'event': [ 'A' ] }", "META-NAME 1"),
        ("{ 'command': {} }", "META-NAME 1"),
    ]);
}

#[test]
fn empty_name_has_no_entity() {
    each(&[
        ("{ 'struct': '', 'data': {} }", "NAME-INVALID 1"),
        ("{ 'command': '' }", "NAME-INVALID 1"),
    ]);
}

#[test]
fn keys_are_those_of_the_kind() {
    each(&[
        ("{ 'enum': 'Ee' }", "KEY-MISSING 1 enum Ee"),
        ("{ 'struct': 'Ss' }", "KEY-MISSING 1 struct Ss"),
        ("{ 'alternate': 'Aa' }", "KEY-MISSING 1 alternate Aa"),
        ("{ 'union': 'Uu', 'data': {} }", "KEY-MISSING 1 union Uu"),
        (
            "{ 'struct': 'Ss', 'data': {}, 'gen': false }",
            "KEY-UNKNOWN 1 struct Ss",
        ),
        (
            "{ 'enum': 'Ee', 'data': [], 'base': 'X' }",
            "KEY-UNKNOWN 1 enum Ee",
        ),
        ("{ 'event': 'E', 'returns': 'X' }", "KEY-UNKNOWN 1 event E"),
        (
            "{ 'event': 'E', 'allow-oob': true }",
            "KEY-UNKNOWN 1 event E",
        ),
        ("{ 'command': 'c', 'base': 'X' }", "KEY-UNKNOWN 1 command c"),
        (
            "{ 'command': 'c', 'discriminator': 'X' }",
            "KEY-UNKNOWN 1 command c",
        ),
    ]);
}

#[test]
fn missing_keys_are_all_named_and_come_before_unknown_ones() {
    let error = only("{ 'union': 'Uu', 'zzz': 1 }".replace('1', "true").as_str());
    assert_eq!(
        error.message,
        "union `Uu` lacks the required keys `base`, `data` and `discriminator`"
    );
    assert_eq!(error.labels.len(), 1, "the unknown key is pointed at");
}

#[test]
fn unknown_keys_are_all_named_with_the_valid_ones() {
    let error = only("{ 'event': 'E', 'zz': true, 'aa': true }");
    assert_eq!(
        error.message,
        "event `E` has the unknown keys `aa` and `zz`"
    );
    assert_eq!(
        error.notes,
        ["valid keys are `boxed`, `data`, `event`, `features` and `if`"]
    );
}

#[test]
fn misspelt_key_is_one_mistake() {
    let error = only("{ 'struct': 'Ss', 'dta': {} }");
    assert_eq!(error.code.as_str(), "KEY-MISSING");
    assert_eq!(error.suggestions[0].replacement, "'data'");
    let error = only("{ 'command': 'c', 'return': 'Ss' }\n{ 'struct': 'Ss', 'data': {} }");
    assert_eq!(error.code.as_str(), "KEY-UNKNOWN");
    assert_eq!(error.suggestions[0].replacement, "'returns'");
}

#[test]
fn names_follow_the_rules_of_their_kind() {
    each(&[
        ("{ 'struct': 'foo', 'data': {} }", "NAME-CAMEL 1 struct foo"),
        ("{ 'enum': 'FOO', 'data': [] }", "NAME-CAMEL 1 enum FOO"),
        (
            "{ 'alternate': 'A-b', 'data': { 'a': 'int' } }",
            "NAME-CAMEL 1 alternate A-b",
        ),
        (
            "{ 'struct': 'FooList', 'data': {} }",
            "NAME-LIST-SUFFIX 1 struct FooList",
        ),
        (
            "{ 'struct': '1Foo', 'data': {} }",
            "NAME-INVALID 1 struct 1Foo",
        ),
        (
            "{ 'struct': '_Foo', 'data': {} }",
            "NAME-INVALID 1 struct _Foo",
        ),
        ("{ 'command': 'Foo' }", "NAME-LOWER 1 command Foo"),
        ("{ 'command': 'foo_bar' }", "NAME-LOWER 1 command foo_bar"),
        ("{ 'command': 'q_foo' }", "NAME-INVALID 1 command q_foo"),
        ("{ 'event': 'Foo' }", "NAME-EVENT-CASE 1 event Foo"),
        ("{ 'event': 'FOO-BAR' }", "NAME-EVENT-CASE 1 event FOO-BAR"),
        (
            "{ 'struct': 'Ss', 'data': { 'a_b': 'int' } }",
            "NAME-LOWER 1 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { '*aB': 'int' } }",
            "NAME-LOWER 1 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { '': 'int' } }",
            "NAME-INVALID 1 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { '*': 'int' } }",
            "NAME-INVALID 1 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { '**a': 'int' } }",
            "NAME-INVALID 1 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { '*u': 'int' } }",
            "NAME-RESERVED 1 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { 'has-x': 'int' } }",
            "NAME-RESERVED 1 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { 'has-X': 'int' } }",
            "NAME-LOWER 1 struct Ss",
        ),
        (
            "{ 'command': 'c', 'data': { 'u': 'int' } }",
            "NAME-RESERVED 1 command c",
        ),
        ("{ 'enum': 'Ee', 'data': [ 'A' ] }", "NAME-LOWER 1 enum Ee"),
        (
            "{ 'enum': 'Ee', 'data': [ 'a b' ] }",
            "NAME-INVALID 1 enum Ee",
        ),
        ("{ 'enum': 'Ee', 'data': [ '' ] }", "NAME-INVALID 1 enum Ee"),
        (
            "{ 'alternate': 'Aa', 'data': { 'x_y': 'int' } }",
            "NAME-LOWER 1 alternate Aa",
        ),
        (
            "{ 'command': 'c', 'features': [ 'a_b' ] }",
            "NAME-LOWER 1 command c",
        ),
        (
            "{ 'command': 'c', 'features': [ '' ] }",
            "NAME-INVALID 1 command c",
        ),
    ]);
    fine(&[
        "{ 'enum': 'Ee', 'data': [ '1', '802-1x', 'u', 'has-x', 'max' ] }",
        "{ 'alternate': 'Aa', 'data': { 'u': 'int', 'has-x': 'Ss' } }
         { 'struct': 'Ss', 'data': { 'has': 'int' } }",
        "{ 'command': '__org.example_x-foo', 'data': { '__RFQDN_a': 'int' } }",
        "{ 'event': 'x-FOO' } { 'event': '__com_FOO_BAR' }",
        "{ 'enum': 'FooKind', 'data': [] }",
    ]);
}

#[test]
fn pragmas_relax_names_of_members_and_commands() {
    let pragma = "{ 'pragma': { 'member-name-exceptions': [ 'Ss', 'Ee', 'c' ],
                                'command-name-exceptions': [ 'c_d', 'c_D' ] } }\n";
    let with = |text: &str| format!("{pragma}{text}");
    accepted(&with("{ 'struct': 'Ss', 'data': { 'a_B': 'int' } }"));
    accepted(&with("{ 'enum': 'Ee', 'data': [ 'a_B' ] }"));
    accepted(&with("{ 'command': 'c_d' }"));
    assert_eq!(
        errors(&with("{ 'command': 'c_D' }")),
        ["NAME-LOWER 3 command c_D"]
    );
    assert_eq!(
        errors(&with("{ 'command': 'c', 'data': { 'a_b': 'int' } }")),
        ["NAME-LOWER 3 command c"],
        "arguments are never relaxed"
    );
    assert_eq!(
        errors(&with("{ 'struct': 'Ss', 'data': { 'has_B': 'int' } }")),
        ["NAME-RESERVED 3 struct Ss"]
    );
}

#[test]
fn last_pragma_wins_for_definitions_before_it() {
    let text = "{ 'command': 'c_d' }
                { 'pragma': { 'command-name-exceptions': [ 'c_d' ] } }";
    accepted(text);
    assert_eq!(
        errors(&format!(
            "{text} {{ 'pragma': {{ 'command-name-exceptions': [] }} }}"
        )),
        ["NAME-LOWER 1 command c_d"]
    );
}

#[test]
fn pragma_of_an_included_file_counts_for_all() {
    use qapi_parser::Dialect;
    let files = [
        (
            "dir/root.json",
            "{ 'command': 'c_d' }\n{ 'include': './sub/p.json' }",
        ),
        (
            "dir/./sub/p.json",
            "{ 'pragma': { 'command-name-exceptions': [ 'c_d' ] } }",
        ),
    ];
    let loaded = loading::load_files(&files, Dialect::Strict);
    assert_eq!(loaded.diagnostics, []);
    let schema = loaded.schema.unwrap();
    let names = schema.modules.iter().map(|module| &*module.name);
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["./builtin", "root.json", "sub/p.json"]
    );
}

#[test]
fn enum_form_is_checked() {
    each(&[
        ("{ 'enum': 'Ee', 'data': {} }", "ENUM-DATA 1 enum Ee"),
        ("{ 'enum': 'Ee', 'data': 'a' }", "ENUM-DATA 1 enum Ee"),
        (
            "{ 'enum': 'Ee', 'data': [], 'prefix': false }",
            "ENUM-PREFIX 1 enum Ee",
        ),
        (
            "{ 'enum': 'Ee', 'data': [ true ] }",
            "NAME-NOT-STRING 1 enum Ee",
        ),
        (
            "{ 'enum': 'Ee', 'data': [ [ 'a' ] ] }",
            "NAME-NOT-STRING 1 enum Ee",
        ),
        (
            "{ 'enum': 'Ee', 'data': [ { 'name': [] } ] }",
            "NAME-NOT-STRING 1 enum Ee",
        ),
        (
            "{ 'enum': 'Ee', 'data': [ { 'if': 'A' } ] }",
            "KEY-MISSING 1 enum Ee",
        ),
        (
            "{ 'enum': 'Ee', 'data': [ { 'name': 'a', 'type': 'b' } ] }",
            "KEY-UNKNOWN 1 enum Ee",
        ),
    ]);
    fine(&[
        "{ 'enum': 'Ee', 'data': [ 'a', { 'name': 'b', 'if': 'B', 'features': [ 'x' ] } ], 'prefix': 'E_E' }",
    ]);
}

#[test]
fn struct_form_is_checked() {
    each(&[
        (
            "{ 'struct': 'Ss', 'data': 'Tt' }",
            "TYPE-OBJ-OR-NAME 1 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': [] }",
            "TYPE-OBJ-OR-NAME 1 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': {}, 'base': { 'a': 'int' } }",
            "TYPE-NAME 1 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': {}, 'base': [ 'Tt' ] }",
            "TYPE-NAME 1 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { 'a': true } }",
            "TYPE-NAME-OR-ARRAY 1 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { 'a': [] } }",
            "TYPE-ARRAY-ONE 1 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { 'a': [ 'int', 'int' ] } }",
            "TYPE-ARRAY-ONE 1 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { 'a': [ [ 'int' ] ] } }",
            "TYPE-ARRAY-ONE 1 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { 'a': { 'type': {} } } }",
            "TYPE-NAME-OR-ARRAY 1 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { 'a': {} } }",
            "KEY-MISSING 1 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { 'a': { 'b': 'int' } } }",
            "KEY-MISSING 1 struct Ss",
        ),
        (
            "{ 'struct': 'Ss', 'data': { 'a': { 'type': 'int', 'b': 'int' } } }",
            "KEY-UNKNOWN 1 struct Ss",
        ),
    ]);
    fine(&[
        "{ 'struct': 'Ss', 'data': { 'a': { 'type': [ 'int' ], 'if': 'A', 'features': [] } }, 'base': '' }",
    ]);
}

#[test]
fn union_form_is_checked() {
    let union_ = |rest: &str| {
        format!(
            "{{ 'enum': 'Ee', 'data': [ 'a' ] }} {{ 'struct': 'Ss', 'data': {{}} }}
             {{ 'union': 'Uu', {rest} }}"
        )
    };
    for (rest, code) in [
        (
            "'base': [], 'discriminator': 't', 'data': {}",
            "TYPE-OBJ-OR-NAME",
        ),
        (
            "'base': true, 'discriminator': 't', 'data': {}",
            "TYPE-OBJ-OR-NAME",
        ),
        (
            "'base': { 't': 'Ee' }, 'discriminator': {}, 'data': {}",
            "NAME-NOT-STRING",
        ),
        (
            "'base': { 't': 'Ee' }, 'discriminator': 't', 'data': []",
            "DATA-OBJECT",
        ),
        (
            "'base': { 't': 'Ee' }, 'discriminator': 't', 'data': 'Ss'",
            "DATA-OBJECT",
        ),
        (
            "'base': { 't': 'Ee' }, 'discriminator': 't', 'data': { 'a': [ 'Ss' ] }",
            "TYPE-NAME",
        ),
        (
            "'base': { 't': 'Ee' }, 'discriminator': 't', 'data': { 'a': true }",
            "TYPE-NAME",
        ),
        (
            "'base': { 't': 'Ee' }, 'discriminator': 't', 'data': { 'a': {} }",
            "KEY-MISSING",
        ),
        (
            "'base': { 't': 'Ee' }, 'discriminator': 't', 'data': { 'a': { 'type': 'Ss', 'features': [] } }",
            "KEY-UNKNOWN",
        ),
        (
            "'base': { 't': 'Ee', 'B': 'int' }, 'discriminator': 't', 'data': {}",
            "NAME-LOWER",
        ),
        (
            "'base': { 't': 'Ee', 'u': 'int' }, 'discriminator': 't', 'data': {}",
            "NAME-RESERVED",
        ),
    ] {
        assert_eq!(
            errors(&union_(rest)),
            [format!("{code} 2 union Uu")],
            "{rest}"
        );
    }
}

#[test]
fn alternate_form_is_checked() {
    each(&[
        (
            "{ 'alternate': 'Aa', 'data': {} }",
            "ALT-EMPTY 1 alternate Aa",
        ),
        (
            "{ 'alternate': 'Aa', 'data': [] }",
            "ALT-EMPTY 1 alternate Aa",
        ),
        (
            "{ 'alternate': 'Aa', 'data': '' }",
            "ALT-EMPTY 1 alternate Aa",
        ),
        (
            "{ 'alternate': 'Aa', 'data': false }",
            "ALT-EMPTY 1 alternate Aa",
        ),
        (
            "{ 'alternate': 'Aa', 'data': true }",
            "DATA-OBJECT 1 alternate Aa",
        ),
        (
            "{ 'alternate': 'Aa', 'data': [ 'int' ] }",
            "DATA-OBJECT 1 alternate Aa",
        ),
        (
            "{ 'alternate': 'Aa', 'data': { 'a': false } }",
            "TYPE-NAME-OR-ARRAY 1 alternate Aa",
        ),
        (
            "{ 'alternate': 'Aa', 'data': { 'a': [] } }",
            "TYPE-ARRAY-ONE 1 alternate Aa",
        ),
        (
            "{ 'alternate': 'Aa', 'data': { 'a': { 'type': 'int', 'features': [] } } }",
            "KEY-UNKNOWN 1 alternate Aa",
        ),
    ]);
}

#[test]
fn command_and_event_forms_are_checked() {
    each(&[
        (
            "{ 'command': 'c', 'data': [] }",
            "TYPE-OBJ-OR-NAME 1 command c",
        ),
        (
            "{ 'event': 'E', 'data': true }",
            "TYPE-OBJ-OR-NAME 1 event E",
        ),
        (
            "{ 'command': 'c', 'boxed': true }",
            "BOXED-DATA 1 command c",
        ),
        ("{ 'event': 'E', 'boxed': true }", "BOXED-DATA 1 event E"),
        (
            "{ 'command': 'c', 'boxed': true, 'data': { 'a': 'int' } }",
            "TYPE-NAME 1 command c",
        ),
        (
            "{ 'command': 'c', 'boxed': true, 'data': [ 'Ss' ] }",
            "TYPE-NAME 1 command c",
        ),
        (
            "{ 'command': 'c', 'returns': true }",
            "TYPE-NAME-OR-ARRAY 1 command c",
        ),
        (
            "{ 'command': 'c', 'returns': { 'a': 'int' } }",
            "TYPE-NAME-OR-ARRAY 1 command c",
        ),
        (
            "{ 'command': 'c', 'returns': [] }",
            "TYPE-ARRAY-ONE 1 command c",
        ),
    ]);
    fine(&[
        "{ 'command': 'c', 'data': '', 'returns': '' }",
        "{ 'command': 'c', 'data': {} } { 'event': 'E', 'data': {} }",
        "{ 'struct': 'Ss', 'data': {} } { 'command': 'c', 'data': 'Ss', 'boxed': true }",
    ]);
}

#[test]
fn flags_have_one_value() {
    each(&[
        ("{ 'command': 'c', 'gen': true }", "FLAG-FALSE 1 command c"),
        ("{ 'command': 'c', 'gen': 'no' }", "FLAG-FALSE 1 command c"),
        (
            "{ 'command': 'c', 'success-response': [] }",
            "FLAG-FALSE 1 command c",
        ),
        (
            "{ 'command': 'c', 'boxed': false }",
            "FLAG-TRUE 1 command c",
        ),
        (
            "{ 'command': 'c', 'allow-oob': false }",
            "FLAG-TRUE 1 command c",
        ),
        (
            "{ 'command': 'c', 'allow-preconfig': 'yes' }",
            "FLAG-TRUE 1 command c",
        ),
        (
            "{ 'command': 'c', 'coroutine': {} }",
            "FLAG-TRUE 1 command c",
        ),
        ("{ 'event': 'E', 'boxed': false }", "FLAG-TRUE 1 event E"),
        (
            "{ 'command': 'c', 'allow-oob': true, 'coroutine': true }",
            "FLAG-OOB-CORO 1 command c",
        ),
    ]);
    assert_eq!(
        errors("{ 'command': 'c', 'boxed': 'yes' }"),
        ["BOXED-DATA 1 command c"],
        "a wrong value counts as set first"
    );
    let schema = accepted(
        "{ 'command': 'c', 'gen': false, 'success-response': false, 'allow-oob': true, 'allow-preconfig': true }",
    );
    let command = &schema.commands[0];
    assert!(!command.gen_ && !command.success_response);
    assert!(command.allow_oob && command.allow_preconfig && !command.coroutine && !command.boxed);
}

#[test]
fn conditions_follow_the_grammar() {
    for (condition, code) in [
        ("''", "COND-IDENT"),
        ("' '", "COND-IDENT"),
        ("'a'", "COND-IDENT"),
        ("'_A'", "COND-IDENT"),
        ("'defined(A)'", "COND-IDENT"),
        ("false", "COND-TYPE"),
        ("[ 'A' ]", "COND-TYPE"),
        ("{ 'not': [ 'A' ] }", "COND-TYPE"),
        ("{}", "COND-ONE-KEY"),
        ("{ 'all': [ 'A' ], 'any': [ 'B' ] }", "COND-ONE-KEY"),
        ("{ 'all': 'A' }", "COND-LIST"),
        ("{ 'any': {} }", "COND-LIST"),
        ("{ 'all': [] }", "COND-EMPTY"),
        ("{ 'al': [ 'A' ] }", "KEY-UNKNOWN"),
        ("{ 'al': [], 'all': [] }", "KEY-UNKNOWN"),
        (
            "{ 'all': [ 'A', { 'any': [ 'B', { 'not': 'c' } ] } ] }",
            "COND-IDENT",
        ),
    ] {
        for text in [
            format!("{{ 'event': 'E', 'if': {condition} }}"),
            format!("{{ 'event': 'E', 'features': [ {{ 'name': 'f', 'if': {condition} }} ] }}"),
            format!(
                "{{ 'event': 'E', 'data': {{ 'a': {{ 'type': 'int', 'if': {condition} }} }} }}"
            ),
        ] {
            assert_eq!(errors(&text), [format!("{code} 1 event E")], "{text}");
        }
    }
}

#[test]
fn all_operands_of_a_condition_are_checked() {
    assert_eq!(
        errors("{ 'event': 'E', 'if': { 'all': [ 'a', 'B', 'c', { 'not': 'd' } ] } }").len(),
        3
    );
}

#[test]
fn features_follow_the_grammar() {
    each(&[
        (
            "{ 'command': 'c', 'features': {} }",
            "FEAT-LIST 1 command c",
        ),
        (
            "{ 'command': 'c', 'features': 'a' }",
            "FEAT-LIST 1 command c",
        ),
        (
            "{ 'command': 'c', 'features': [ true ] }",
            "NAME-NOT-STRING 1 command c",
        ),
        (
            "{ 'command': 'c', 'features': [ { 'name': true } ] }",
            "NAME-NOT-STRING 1 command c",
        ),
        (
            "{ 'command': 'c', 'features': [ { 'if': 'A' } ] }",
            "KEY-MISSING 1 command c",
        ),
        (
            "{ 'command': 'c', 'features': [ { 'name': 'a', 'type': 'b' } ] }",
            "KEY-UNKNOWN 1 command c",
        ),
        (
            "{ 'struct': 'Ss', 'data': { 'a': { 'type': 'int', 'features': 'f' } } }",
            "FEAT-LIST 1 struct Ss",
        ),
        (
            "{ 'enum': 'Ee', 'data': [ { 'name': 'a', 'features': [ 'F' ] } ] }",
            "NAME-LOWER 1 enum Ee",
        ),
    ]);
}

#[test]
fn checks_of_a_definition_run_in_the_order_of_the_reference() {
    // Name, keys, body, condition, features, flags: what comes first is reported first.
    let name =
        "{ 'command': 'C', 'x': true, 'data': true, 'if': true, 'features': true, 'gen': true }";
    assert_eq!(
        errors(name),
        [
            "NAME-LOWER 1 command C",
            "KEY-UNKNOWN 1 command C",
            "TYPE-OBJ-OR-NAME 1 command C",
            "COND-TYPE 1 command C",
            "FEAT-LIST 1 command C",
            "FLAG-FALSE 1 command C",
        ]
    );
    let member = "{ 'struct': 'Ss', 'if': 'x', 'data': { 'A': { 'typ': 'int', 'if': 'y', 'features': 'z' } } }";
    assert_eq!(
        errors(member)[0],
        "NAME-LOWER 1 struct Ss",
        "the body is judged before the condition in front of it"
    );
}

#[test]
fn members_are_checked_in_order_and_all_of_them() {
    let text = "{ 'struct': 'Ss', 'data': { 'A': 'int', 'b': true, 'c': [], 'd': { 'if': 'D' } } }";
    let codes = errors(text);
    assert_eq!(
        codes,
        [
            "NAME-LOWER 1 struct Ss",
            "TYPE-NAME-OR-ARRAY 1 struct Ss",
            "TYPE-ARRAY-ONE 1 struct Ss",
            "KEY-MISSING 1 struct Ss",
        ]
    );
}

#[test]
fn documentation_must_be_for_the_definition() {
    each(&[
        (
            "##\n# @b:\n##\n{ 'command': 'a' }",
            "DOC-SYMBOL 4 command a",
        ),
        (
            "##\n# @a:\n#\n# Returns: x\n##\n{ 'command': 'a' }",
            "DOC-RETURNS-NONE 4",
        ),
        (
            "##\n# @E:\n#\n# Returns: x\n##\n{ 'event': 'E' }",
            "DOC-SECTION-KIND 4",
        ),
        (
            "##\n# @E:\n#\n# Errors: x\n##\n{ 'event': 'E' }",
            "DOC-SECTION-KIND 4",
        ),
    ]);
    fine(&["##\n# @a:\n#\n# Errors: x\n##\n{ 'command': 'a' }"]);
}

#[test]
fn documentation_can_be_required() {
    let text = "{ 'pragma': { 'doc-required': true } }\n{ 'command': 'a' }";
    assert_eq!(errors(text), ["DOC-REQUIRED 2 command a"]);
    let both = "{ 'pragma': { 'doc-required': true } }\n{ 'struct': 'a', 'dta': {} }";
    assert_eq!(
        errors(both),
        [
            "NAME-CAMEL 2 struct a",
            "DOC-REQUIRED 2 struct a",
            "KEY-MISSING 2 struct a"
        ]
    );
}
