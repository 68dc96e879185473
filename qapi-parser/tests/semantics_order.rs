//! Which errors come first, and that none comes twice (docs/reference/language.md §9).

#[expect(dead_code, reason = "shared by several tests")]
#[path = "support/load.rs"]
mod loading;

use loading::errors;

#[test]
fn arrays_are_checked_before_their_users() {
    assert_eq!(
        errors("{ 'struct': 'Ss', 'data': { 'a': 'NoneSuch', 'b': [ 'Missing' ] } }")[0],
        "REF-UNKNOWN 1 struct Ss"
    );
    let first = &loading::load_text(
        "{ 'struct': 'Ss', 'data': { 'a': 'NoneSuch', 'b': [ 'Missing' ] } }",
        qapi_parser::Dialect::Strict,
    )
    .diagnostics[0];
    assert_eq!(first.message, "struct `Ss` uses the unknown type `Missing`");
}

#[test]
fn errors_of_contained_types_come_first() {
    let text = "{ 'command': 'c', 'data': 'Ss', 'returns': 'int' }\n{ 'struct': 'Ss', 'data': { 'a': 'Nope' } }";
    assert_eq!(
        errors(text),
        ["REF-UNKNOWN 2 struct Ss", "RET-KIND 1 command c"]
    );
}

#[test]
fn phases_run_one_after_the_other_over_the_whole_schema() {
    let text = "##\n# @a:\n#\n# @bogus: x\n##\n{ 'command': 'a' }\n{ 'struct': 'Ss', 'data': { 'x': 'Nope' } }\n{ 'command': 'b' }\n{ 'command': 'b' }\n{ 'command': 'C' }\n{ 'event': false }";
    assert_eq!(
        errors(text),
        [
            "NAME-LOWER 10 command C",
            "META-NAME 11",
            "DEF-DUP 9 command b",
            "REF-UNKNOWN 7 struct Ss",
            "DOC-BOGUS 4",
        ]
    );
    assert_eq!(
        errors(&format!("{text}\n{{ 'event' }}"))[0],
        "SYN-COLON 12:11"
    );
}

#[test]
fn ten_mistakes_in_ten_definitions_are_ten_errors() {
    let text = "
{ 'struct': 'lower', 'data': {} }
{ 'enum': 'Ee', 'data': [ 'a', 'a' ] }
{ 'struct': 'Bad', 'data': { 'x': 'Nope' } }
{ 'struct': 'Sub', 'base': 'Bad', 'data': { 'ok': 'int' } }
{ 'union': 'Uu', 'base': { 't': 'Ee' }, 'discriminator': 'x', 'data': {} }
{ 'command': 'c', 'data': 'lower', 'returns': 'int' }
{ 'command': 'd', 'data': { 'a': { 'typ': 'int' } } }
{ 'event': 'E', 'data': 'Ee' }
{ 'event': 'E' }
{ 'alternate': 'Aa', 'data': { 'a': 'Sub', 'b': 'Bad' } }
{ 'command': 'e', 'gen': true }
{ 'command': 'f', 'data': 'Uu', 'boxed': true, 'returns': [ 'Aa' ] }
";
    assert_eq!(
        errors(text),
        [
            "NAME-CAMEL 2 struct lower",
            "KEY-MISSING 8 command d",
            "FLAG-FALSE 12 command e",
            "DEF-DUP 10 event E",
            "CLASH 3 enum Ee",
            "REF-UNKNOWN 4 struct Bad",
            "TAG-MISSING 6 union Uu",
            "RET-KIND 7 command c",
            "ARG-KIND 9 event E",
            "ALT-AMBIG 11 alternate Aa",
            "RET-KIND 13 command f",
        ]
    );
}

#[test]
fn broken_parts_do_not_affect_others() {
    for text in [
        // Unreadable definitions are still defined.
        "{ 'struct': 'Ss', 'enum': 'Tt' }\n{ 'command': 'c', 'data': { 'a': 'Ss', 'b': [ 'Tt' ] } }",
        "{ 'strukt': 'Ss' }\n{ 'command': 'c', 'data': 'Ss', 'returns': 'Ss' }",
        // The members of an unreadable base are unknown.
        "{ 'union': 'Uu', 'base': 'Nope', 'discriminator': 't', 'data': { 'x': 'Ss' } } { 'struct': 'Ss', 'data': {} }",
        "{ 'struct': 'Ss', 'data': true }\n{ 'union': 'Uu', 'base': 'Ss', 'discriminator': 't', 'data': {} }",
        "{ 'struct': 'Ss', 'base': true, 'data': {} }\n{ 'union': 'Uu', 'base': 'Ss', 'discriminator': 't', 'data': {} }",
        // Unreadable values of the discriminator.
        "{ 'enum': 'Ee', 'data': 'x' }\n{ 'union': 'Uu', 'base': { 't': 'Ee' }, 'discriminator': 't', 'data': { 'x': 'Ss' } } { 'struct': 'Ss', 'data': {} }",
        "{ 'union': 'Uu', 'base': { 't': true }, 'discriminator': 't', 'data': {} }",
        // Descriptions of unreadable parts.
        "##\n# @Ss:\n#\n# @a: x\n##\n{ 'struct': 'Ss', 'data': [ 'a' ] }",
        "##\n# @c:\n#\n# @a: x\n#\n# Features:\n# @f: x\n##\n{ 'command': 'c', 'data': { 'a': 'int' }, 'features': 'f' }",
        "##\n# @Uu:\n#\n# @a: x\n##\n{ 'union': 'Uu', 'base': true, 'discriminator': 'a', 'data': {} }",
        // An invalid name clashes with no other.
        "{ 'enum': 'Ee', 'data': [ 'a', '?', { 'name': 'b', 'if': 'X' } ] }",
        // A line that looks like the header of a definition.
        "##\n# @Ss\n##\n{ 'pragma': {} }",
        // Nothing could be boxed.
        "{ 'command': 'c', 'boxed': 'yes' }",
        // A cycle is one error.
        "{ 'struct': 'Aa', 'base': 'Bb', 'data': { 'x': 'int' } } { 'struct': 'Bb', 'base': 'Aa', 'data': { 'x': 'int' } }",
    ] {
        assert_eq!(errors(text).len(), 1, "{text}: {:?}", errors(text));
    }
}

#[test]
fn invalid_names_clash_with_nothing() {
    let text = "{ 'struct': 'Ss', 'data': { 'q-x': 'int', 'q_x': 'int', 'has-a': 'int', 'has_a': 'int' } }\n\
                { 'enum': 'Ee', 'data': [ '', '', 'x', 'x' ] }\n\
                { 'command': 'c', 'features': [ 'q.f', 'q_f' ] }";
    assert_eq!(
        errors(text),
        [
            "NAME-INVALID 1 struct Ss",
            "NAME-INVALID 1 struct Ss",
            "NAME-RESERVED 1 struct Ss",
            "NAME-LOWER 1 struct Ss",
            "NAME-INVALID 2 enum Ee",
            "NAME-INVALID 2 enum Ee",
            "NAME-INVALID 3 command c",
            "NAME-INVALID 3 command c",
            "CLASH 2 enum Ee",
        ]
    );
}

#[test]
fn syntax_errors_do_not_hide_what_is_wrong_elsewhere() {
    let text = "{ 'struct': 'Aa', 'data': { 'x': 'Nope' } }\n{ 'struct': 'Bb', 'data': { 'x' 'int' } }\n{ 'struct': 'Cc', 'data': { 'b': 'Bb' } }";
    assert_eq!(errors(text), ["SYN-COLON 2:33", "REF-UNKNOWN 1 struct Aa"]);
}

#[test]
fn definitions_on_one_line_keep_their_own_names() {
    assert_eq!(
        errors(
            "{ 'struct': 'Aa', 'data': { 'x': 'Nope' } } { 'struct': 'Bb', 'data': { 'x': 'Nope' } }"
        ),
        ["REF-UNKNOWN 1 struct Aa", "REF-UNKNOWN 1 struct Bb"]
    );
}

#[test]
fn names_are_not_checked_by_a_pragma_at_fault() {
    for (pragma, error) in [
        ("'command-returns-exceptions': 'a'", "PRAGMA-LIST 1"),
        ("'command-returns-exceptions': [ true ]", "PRAGMA-LIST 1"),
        ("'command-returns-exception': [ 'a' ]", "PRAGMA-UNKNOWN 1"),
        ("'returns-whitelist': [ 'a' ]", "PRAGMA-UNKNOWN 1"),
        (
            "'command-returns-exceptions': [ 'a' ] }, 'if': { 'not': 'X'",
            "PRAGMA-EXTRA 1",
        ),
    ] {
        let text =
            format!("{{ 'pragma': {{ {pragma} }} }}\n{{ 'command': 'a', 'returns': 'int' }}");
        assert_eq!(errors(&text), [error], "{pragma}");
        let other = format!("{text}\n{{ 'command': 'b_c' }}");
        assert_eq!(
            errors(&other),
            [error, "NAME-LOWER 3 command b_c"],
            "the other pragmas are as they were: {pragma}"
        );
    }
    let wrong = "{ 'pragma': [ ] }\n{ 'command': 'a_b', 'returns': 'int' }\n{ 'struct': 'Ss', 'data': { 'A': 'int' } }";
    assert_eq!(errors(wrong), ["PRAGMA-TYPE 1"]);
    let bool = "{ 'pragma': { 'doc-required': true } }\n{ 'pragma': { 'doc-required': 'false' } }\n{ 'command': 'a' }";
    assert_eq!(errors(bool), ["PRAGMA-BOOL 2"]);
}

#[test]
fn names_are_checked_by_what_a_pragma_at_fault_does_say() {
    assert_eq!(
        errors(
            "{ 'pragma': { 'command-returns-exception': [ 'b' ] } }\n{ 'command': 'a', 'returns': 'int' }"
        ),
        ["PRAGMA-UNKNOWN 1", "RET-KIND 2 command a"]
    );
    assert_eq!(
        errors(
            "{ 'pragma': { 'command-returns-exceptions': 'a' } }\n{ 'pragma': { 'command-returns-exceptions': [ 'b' ] } }\n{ 'command': 'a', 'returns': 'int' }"
        ),
        ["PRAGMA-LIST 1", "RET-KIND 3 command a"],
        "the last assignment wins"
    );
}

#[test]
fn block_without_header_is_one_mistake() {
    for text in [
        "##\n# free\n##\n{ 'struct': 'Ss', 'data': { 'a': 'int' }, 'features': [ 'x' ] }",
        "##\n##\n{ 'command': 'c', 'data': { 'a': 'int' } }",
        "##\n# free\n##\n{ 'enum': 'Ee', 'data': [ 'a' ] }\n{ 'pragma': { 'doc-required': true } }",
    ] {
        assert_eq!(errors(text), ["DOC-NOT-DEF 1"], "{text}");
    }
}

#[test]
fn flag_that_is_wrong_excludes_no_other() {
    assert_eq!(
        errors("{ 'command': 'c', 'coroutine': false, 'allow-oob': true }"),
        ["FLAG-TRUE 1 command c"]
    );
    assert_eq!(
        errors("{ 'command': 'c', 'coroutine': true, 'allow-oob': true }"),
        ["FLAG-OOB-CORO 1 command c"]
    );
}
