//! Tokens and values (docs/reference/language.md §1, §2.1, §2.2): what is wrong, where, and only once.

use qapi_parser::Dialect;
use qapi_parser::diag::{Anchor, Diagnostic, Suggestion};

#[expect(dead_code, reason = "shared by several tests")]
#[path = "support/load.rs"]
mod loading;

use loading::{accepted, errors, only};

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(errors(text), expected, "{text}");
}

#[test]
fn stray_characters_are_found_where_they_stand() {
    check("\u{feff}{ 'event': 'A' }", &["LEX-STRAY 1:1"]);
    check("{ 'event': 'A' } ; { 'event': 'B' }\n", &["LEX-STRAY 1:18"]);
    check("{ 'event': \"A\" }\n", &["LEX-STRAY 1:12"]);
    check("{ event: 'A' }\n", &["LEX-STRAY 1:3"]);
    check("{ 'command': 'a', 'gen': falsey }\n", &["LEX-STRAY 1:31"]);
    check("{ 'event': null }\n", &["LEX-STRAY 1:12"]);
    check("\u{e9}\u{e9} \u{e9}\n{ 'event': 'A' }", &["LEX-STRAY 1:1"]);
    check("{ 'event': 'A' }\u{0}\n", &["LEX-STRAY 1:17"]);
}

#[test]
fn stray_run_is_quoted_up_to_the_next_mark() {
    for (text, quoted) in [
        ("{ 'event': nully }", "`nully`"),
        ("{ 'event': 12#x, }", "`12#x`"),
        ("{ 'event': a\u{a0}b }", "`a`"),
        ("\u{feff}{}", "`\\u{feff}`"),
    ] {
        let loaded = loading::load_text(text, Dialect::Strict);
        let message = &loaded.diagnostics[0].message;
        assert!(message.starts_with(quoted), "{message}");
    }
}

#[test]
fn stray_characters_are_one_mistake_until_something_is_in_between() {
    check(
        "no schema at all\nnor this\n{ 'event': 'A' }\n",
        &["LEX-STRAY 1:1"],
    );
    check(
        "{ 'struct': 'Ax', 'data': { 'a': 1, 'b': // 2 3\n 'str', 'c': 4 } }\n",
        &["LEX-STRAY 1:34", "LEX-STRAY 1:42", "LEX-STRAY 2:14"],
    );
    check(
        "{ 'enum': 'Ax', 'data': [ 1, 2 ] }",
        &["LEX-STRAY 1:27", "LEX-STRAY 1:30"],
    );
}

#[test]
fn string_errors_are_found_at_the_opening_quote() {
    check("{ 'event': 'A\\n' }\n", &["LEX-ESCAPE 1:12"]);
    check("{ 'event': 'A\\\\' }\n", &["NAME-INVALID 1 event A\\"]);
    check("{ 'event': 'A\u{e9}' }\n", &["LEX-STR-CHAR 1:12"]);
    check("{ 'event': 'A\t' }\n", &["LEX-STR-CHAR 1:12"]);
    check("{ 'event': 'A }\n", &["LEX-STR-EOL 1:12"]);
    check("{ 'event': 'A\\\n' }\n", &["LEX-STR-EOL 1:12"]);
    check("{ 'event': 'A\\x\u{e9}\n' }\n", &["LEX-ESCAPE 1:12"]);
    check("{ 'event': 'A\u{e9}\\x }\n", &["LEX-STR-CHAR 1:12"]);
}

#[test]
fn unclosed_string_does_not_spoil_the_next_definition() {
    check(
        "{ 'event': 'A }\n\n{ 'event': 'b' }\n",
        &["LEX-STR-EOL 1:12", "NAME-EVENT-CASE 3 event b"],
    );
}

#[test]
fn all_white_space_separates() {
    let schema = accepted("{\t'event'\u{b}:\u{c}'A'\u{a0}}\u{2003}\u{3000}\u{85}{'event':'B'}");
    assert_eq!(schema.events.len(), 2);
}

#[test]
fn line_ends_of_all_kinds_count_once() {
    check("\r\n\r\n }", &["SYN-EXPR 3:2"]);
    check("#\r#\r}", &["SYN-EXPR 3:1"]);
    check("\u{b}\u{c}\u{85}\u{2028}}", &["SYN-EXPR 1:5"]);
}

#[test]
fn columns_count_code_points() {
    check("# \u{e9}\n\u{3000}\t\u{a0}}", &["SYN-EXPR 2:4"]);
}

#[test]
fn missing_parts_are_found_at_the_token_instead() {
    check("{ 'event' 'A' }", &["SYN-COLON 1:11"]);
    check("{ 'event': }", &["SYN-EXPR 1:12"]);
    check("{ 'event': 'A', , 'data': {} }", &["SYN-KEY 1:17"]);
    check("{ , 'event': 'A' }", &["SYN-KEY-OR-CLOSE 1:3"]);
    check("{ true: 'A' }", &["SYN-KEY-OR-CLOSE 1:3"]);
    check("{ 'enum': 'Ax', 'data': [ : ] }", &["SYN-ELEM 1:27"]);
    check("{ 'enum': 'Ax', 'data': [ 'a' : ] }", &["SYN-ARR-SEP 1:31"]);
    check(
        "{ 'enum': 'Ax', 'data': [ 'a', , 'b' ] }",
        &["SYN-EXPR 1:32"],
    );
    check("{ 'event': 'A' : 'B' }", &["SYN-OBJ-SEP 1:16"]);
}

#[test]
fn end_of_the_file_is_its_last_line_feed() {
    check("{ 'event': 'A'", &["SYN-OBJ-SEP 1:15"]);
    check("{ 'event': 'A'\n\n", &["SYN-OBJ-SEP 2:1"]);
    check("{ 'event':\n", &["SYN-EXPR 1:11"]);
    check("{", &["SYN-KEY-OR-CLOSE 1:2"]);
    check("[", &["SYN-ELEM 1:2"]);
    check("{ 'a',", &["SYN-COLON 1:6", "SYN-KEY 1:7"]);
    check("{ 'a': 'b',", &["SYN-KEY 1:12"]);
}

#[test]
fn commas_are_checked_one_by_one() {
    check("{ 'event': 'A', }", &["SYN-KEY 1:17"]);
    check("{ 'enum': 'Ax', 'data': [ 'a', ] }", &["SYN-EXPR 1:32"]);
    check(
        "{ 'enum': 'Ax'\n  'data': [ 'a' 'b'\n 'c' ] }",
        &["SYN-OBJ-SEP 2:3", "SYN-ARR-SEP 2:17", "SYN-ARR-SEP 3:2"],
    );
}

#[test]
fn duplicate_key_is_found_at_its_value() {
    check("{ 'event': 'A',\n  'event':\n  'A' }", &["SYN-DUP-KEY 3:3"]);
    check(
        "{ 'struct': 'Ax', 'data': { 'a': 'int', '*a': 'int' } }",
        &["CLASH 1 struct Ax"],
    );
}

#[test]
fn duplicate_keys_are_found_among_many() {
    let members = (0..100)
        .map(|i| format!("'m{}': 'int',\n", i % 90))
        .collect::<Vec<_>>()
        .concat();
    let text = format!("{{ 'struct': 'Ax', 'data': {{\n{members} 'z': 'int' }} }}");
    let expected: Vec<_> = (92..102)
        .map(|line| format!("SYN-DUP-KEY {line}:{}", if line < 102 { 7 } else { 8 }))
        .collect();
    assert_eq!(errors(&text), expected);
}

#[test]
fn only_objects_stand_at_top_level() {
    check("'a'\n{ 'event': 'A' }", &["TOP-NOT-OBJECT 1"]);
    check("[ { 'event': 'A' } ]", &["TOP-NOT-OBJECT 1"]);
    check("\ntrue false\n'x', {\n", &["TOP-NOT-OBJECT 2"]);
    check("[\n 'a' : ]", &["SYN-ARR-SEP 2:6"]);
    check("'a' ;", &["LEX-STRAY 1:5", "TOP-NOT-OBJECT 1"]);
    check("'event': 'A' }\n{ 'event': 'B' }\n", &["TOP-NOT-OBJECT 1"]);
}

#[test]
fn token_after_an_expression_is_checked_before_it() {
    check(
        "{ 'include': 'gone.json' } ?\n",
        &["LEX-STRAY 1:28", "INC-READ 1"],
    );
    check(
        "{ 'event': 'a' } 'x\n",
        &["LEX-STR-EOL 1:18", "NAME-EVENT-CASE 1 event a"],
    );
}

#[test]
fn every_mistake_is_reported_once() {
    check(
        "{ 'struct': 'Ax', 'data': { 'a' 'int', 'b': , 'c': 'int' : 'int', 'd': 'Gone' } }\n\
         { 'struct': 'Bx', 'data': { 'a': [ 'int' } }\n\
         { 'struct': 'Cx', 'data': { 'a': 'Ax', 'b': 'Bx' }\n\
         { 'struct': 'Dx', 'data': { 'a': 'Cx' } } }\n\
         ##\n# @E:\n##\n{ 'event': 'E', 'data': {\n\
         ##\n# @F:\n##\n{ 'event': 'F', 'data': 'Gone' }\n",
        &[
            "SYN-COLON 1:33",
            "SYN-EXPR 1:45",
            "SYN-OBJ-SEP 1:58",
            "SYN-ARR-SEP 2:42",
            "SYN-OBJ-SEP 4:1",
            "SYN-EXPR 4:43",
            "SYN-KEY-OR-CLOSE 9:1",
            "REF-UNKNOWN 12 event F",
        ],
    );
}

#[test]
fn damaged_definitions_are_not_unknown_types() {
    check(
        "{ 'struct': 'Ax', 'data': { 'a': } }\n{ 'struct': 'Bx', 'data': { 'a': 'Ax' } }\n",
        &["SYN-EXPR 1:34"],
    );
}

#[test]
fn comment_inside_an_expression_must_not_start_like_documentation() {
    check(
        "{ 'event': 'A', ## why\n  'data': {} }\n",
        &["SYN-KEY 1:17"],
    );
    check("{ 'event': 'A' # ## fine\n}\n", &[]);
    check(
        "{ 'event':\n## why\n'A' }\n{ 'event': 'b' }\n",
        &["SYN-EXPR 2:1", "NAME-EVENT-CASE 4 event b"],
    );
}

#[test]
fn two_definitions_may_share_a_line() {
    let schema = accepted("{ 'event': 'A' } { 'event': 'B' }");
    assert_eq!(schema.events.len(), 2);
}

#[test]
fn empty_text_is_a_schema() {
    assert!(accepted("").events.is_empty());
    assert!(accepted("\n# nothing\n").events.is_empty());
}

#[test]
fn nesting_has_a_limit() {
    let nested = |depth: usize| {
        let open = "{ 'not': ".repeat(depth);
        let close = " }".repeat(depth);
        format!("{{ 'event': 'A', 'if': {open}'X'{close} }}\n{{ 'event': 'b' }}\n")
    };
    check(&nested(479), &["NAME-EVENT-CASE 2 event b"]);
    let found = errors(&nested(480));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("LIMIT-DEPTH 1:"), "{found:?}");
    assert_eq!(found[1], "NAME-EVENT-CASE 2 event b");
    for deep in ["[".repeat(100_000), "{'a':".repeat(50_000)] {
        let found = errors(&deep);
        assert!(found[0].starts_with("LIMIT-DEPTH 1:"), "{found:?}");
        assert_eq!(found.len(), 1);
    }
}

#[test]
fn reports_of_one_file_have_a_limit() {
    let text = "{ 'event': 1 }\n".repeat(5_000);
    let found = errors(&text);
    assert_eq!(found.len(), 1_001);
    assert_eq!(found[1_000], "LIMIT-REPORTS 1001:12");
}

#[test]
fn suggestions_fix_their_diagnostics() {
    for (wrong, right) in [
        (
            "{ 'event': 'A' 'data': {} }\n",
            "{ 'event': 'A', 'data': {} }\n",
        ),
        (
            "{ 'event': 'A' # c\n 'data': {} }\n",
            "{ 'event': 'A', # c\n 'data': {} }\n",
        ),
        ("{ 'event': 'A', }\n", "{ 'event': 'A' }\n"),
        (
            "{ 'enum': 'Ax', 'data': [ 'a', ] }\n",
            "{ 'enum': 'Ax', 'data': [ 'a' ] }\n",
        ),
        ("{ 'event' 'A' }\n", "{ 'event': 'A' }\n"),
        (
            "##\n# @A\n##\n{ 'event': 'A' }\n",
            "##\n# @A:\n##\n{ 'event': 'A' }\n",
        ),
        (
            "##\n# @A:\n#b\n##\n{ 'event': 'A' }\n",
            "##\n# @A:\n# b\n##\n{ 'event': 'A' }\n",
        ),
        (
            "##\n# @A:\n# B. C\n##\n{ 'event': 'A' }\n",
            "##\n# @A:\n# B.  C\n##\n{ 'event': 'A' }\n",
        ),
    ] {
        let found = only(wrong);
        let [suggestion] = &found.suggestions[..] else {
            panic!("one suggestion for {wrong}");
        };
        assert_eq!(mended(wrong, suggestion), right);
        check(right, &[]);
    }
}

fn mended(text: &str, suggestion: &Suggestion) -> String {
    let mut text = text.to_owned();
    let range = suggestion.span.start as usize..suggestion.span.end as usize;
    text.replace_range(range, &suggestion.replacement);
    text
}

#[test]
fn unclosed_bracket_is_pointed_out() {
    let text = "{ 'event': 'A',\n  'data': {\n\n{ 'event': 'B' }\n";
    let found: Diagnostic = only(text);
    assert_eq!(found.code.as_str(), "SYN-KEY-OR-CLOSE");
    assert_eq!(found.message, "expected a key or `}`, found `{`");
    assert_eq!(found.labels[0].text, "this `{` is not closed");
    assert_eq!(found.labels[0].span.start, 26);
    let Anchor::Point(at) = found.anchor else {
        panic!("a parse error");
    };
    assert_eq!(at.start, 29);
}
