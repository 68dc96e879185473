//! Reading in the tolerant dialect (docs/reference/language.md §10.1, §10.2, §10.4): old forms are understood,
//! each with its warning; what no release accepted stays an error.

use qapi_parser::Dialect;
use qapi_parser::diag::Severity;
use qapi_parser::ir::{Doc, SectionKind};

#[expect(dead_code, reason = "shared by several tests")]
#[path = "support/load.rs"]
mod loading;

use loading::{brief, load_old, load_text};

/// Checks the warnings about a schema that is understood, and that it is wrong today.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let loaded = load_old(text);
    let found: Vec<_> = loaded
        .diagnostics
        .iter()
        .map(|found| {
            assert_eq!(found.severity, Severity::Warning, "{found:#?}");
            brief(&loaded.sources, found)
        })
        .collect();
    assert_eq!(found, expected, "{text}");
    assert!(loaded.schema.is_some());
    let strict = load_text(text, Dialect::Strict);
    assert_eq!(strict.schema.is_some(), expected.is_empty(), "{text}");
}

/// Checks the errors of a schema that no release accepted.
#[track_caller]
fn check_error(text: &str, expected: &[&str]) {
    let loaded = load_text(text, Dialect::Auto);
    let errors = loaded
        .diagnostics
        .iter()
        .filter(|it| it.severity == Severity::Error);
    let found: Vec<_> = errors.map(|it| brief(&loaded.sources, it)).collect();
    assert_eq!(found, expected, "{text}");
    assert!(loaded.schema.is_none());
}

fn docs(text: &str) -> Vec<Doc> {
    let loaded = load_old(text);
    loaded.schema.expect("it is understood").docs
}

#[test]
fn commas_may_be_missing() {
    check(
        "{ 'command': 's'\n  'data': { 'a': 'int' 'b': 'str'\n  'c': [ 'int' ] } }\n",
        &[
            "OLD-COMMA-MISSING 2:3",
            "OLD-COMMA-MISSING 2:24",
            "OLD-COMMA-MISSING 3:3",
        ],
    );
    check(
        "{ 'enum': 'As', 'data': [ 'a' 'b', 'c' 'd' ] }\n",
        &["OLD-COMMA-MISSING 1:31", "OLD-COMMA-MISSING 1:40"],
    );
}

#[test]
fn trailing_commas_are_dropped() {
    check(
        "{ 'enum': 'As', 'data': [ 'a', 'b', ], }\n",
        &["OLD-COMMA-TRAILING 1:37", "OLD-COMMA-TRAILING 1:40"],
    );
}

#[test]
fn commas_are_needed_where_nothing_else_makes_sense() {
    check_error(
        "{ 'enum': 'As', 'data': [ 'a',, 'b' ] }\n",
        &["SYN-EXPR 1:31"],
    );
    check_error("{ 'enum': 'As', 'data': [ , 'b' ] }\n", &["SYN-ELEM 1:27"]);
    check_error("{ , 'event': 'A' }\n", &["SYN-KEY-OR-CLOSE 1:3"]);
    check_error(
        "{ 'enum': 'As', 'data': [ 'a'\n{ 'event': 'A' }\n",
        &["SYN-ARR-SEP 2:1"],
    );
    check_error("{ 'event': 'A' 'B' }\n", &["SYN-OBJ-SEP 1:16"]);
}

#[test]
fn last_of_duplicate_keys_wins_at_the_place_of_the_first() {
    let text = "{ 'type': 'As', 'data': { 'a': 'int', 'b': 'int', 'a': 'str' } }\n";
    check(text, &["OLD-DUP-KEY 1:56", "OLD-STRUCT-TYPE 1 struct As"]);
    let schema = load_old(text).schema.unwrap();
    let ty = schema.types.iter().find(|it| it.name == "As").unwrap();
    let qapi_parser::ir::TypeKind::Object(object) = &ty.kind else {
        panic!("a struct");
    };
    let members: Vec<_> = object
        .members
        .iter()
        .map(|it| (&*it.name, &*schema.ty(it.ty).name))
        .collect();
    assert_eq!(members, [("a", "str"), ("b", "int")]);
}

#[test]
fn null_is_not_a_value() {
    check("{ 'event': 'A', 'data': null }\n", &["OLD-NULL 1:25"]);
    check_error("null\n", &["LEX-STRAY 1:1"]);
    check_error("{ null: 'A' }\n", &["LEX-STRAY 1:3"]);
}

#[test]
fn escapes_are_decoded() {
    let text = r"{ 'command': '\g\uest\-\x' }";
    check(text, &["OLD-ESCAPE 1:14"; 4]);
    let schema = load_old(text).schema.unwrap();
    assert_eq!(schema.commands[0].name, "guest-x");
    check(
        r"{ 'command': 'a', 'data': { '*\u0062': 'int' } }",
        &["OLD-ESCAPE 1:29"],
    );
    // No escape, only what follows a `u`.
    let text = r"{ 'type': 'Ab', 'data': { '\u00zz': 'int', '\u00e9': 'int' } }";
    check(
        text,
        &[
            "OLD-ESCAPE 1:27",
            "OLD-ESCAPE 1:44",
            "OLD-STRUCT-TYPE 1 struct Ab",
        ],
    );
    let text = r"{ 'enum': 'Ab', 'data': [ '\\' ] }";
    let found = &load_old(text).diagnostics;
    assert!(found.iter().all(|it| it.code.as_str() != "OLD-ESCAPE"));
}

#[test]
fn strings_may_hold_any_character() {
    let text = "{ 'enum': 'As', 'prefix': 'caf\u{e9}', 'data': [ 'b' ] }\n";
    let loaded = load_old(text);
    let first = &loaded.diagnostics[0];
    assert_eq!(brief(&loaded.sources, first), "OLD-STRING-CHAR 1:27");
    assert_eq!(first.primary.as_ref().unwrap().span.start, 30);
    check_error("{ 'event': 'A }\n", &["LEX-STR-EOL 1:12"]);
}

#[test]
fn characters_that_start_no_token_stay_errors() {
    check_error("{ 'event': 12 }\n", &["LEX-STRAY 1:12"]);
    check_error("\u{feff}{ 'event': 'A' }\n", &["LEX-STRAY 1:1"]);
    check("{\u{a0}'event':\u{a0}'A' }\n", &[]);
}

#[test]
fn comments_inside_an_expression_may_start_anyhow() {
    check(
        "{ 'event': 'A', ## why\n  'data': {\n## so\n} }\n",
        &["OLD-DOC-INSIDE 1:17", "OLD-DOC-INSIDE 3:1"],
    );
    check_error(
        "{ 'event': 'A', 'data': {\n##\n# @B:\n##\n{ 'event': 'B' }\n",
        &["SYN-KEY-OR-CLOSE 2:1"],
    );
}

#[test]
fn block_may_close_with_marks_and_blanks() {
    for closer in ["# ##", "####", "## ", "#  # #"] {
        let text = format!("##\n# @E:\n# x\n{closer}\n{{ 'event': 'E' }}\n");
        check(&text, &["OLD-DOC-END 4:1"]);
        assert_eq!(docs(&text)[0].body.text, "x");
    }
    check("##\n# @E:\n# ##\n# #\n##\n{ 'event': 'E' }\n", &[]);
}

#[test]
fn block_may_lack_its_opener() {
    let text = "# Before.\n\n# @E:\n#\n# x\n#\n# Since 2.3\n##\n{ 'event': 'E' }\n";
    check(text, &["OLD-DOC-START 3"]);
    let docs = docs(text);
    assert_eq!(docs[0].symbol.as_deref(), Some("E"));
    assert_eq!(docs[0].body.text, "x");
    assert_eq!(docs[0].sections[0].kind, SectionKind::Since);
    check(
        "{ 'event': 'A' } # behind\n##\n{ 'event': 'E' }\n",
        &["OLD-DOC-UNTERMINATED 3:1"],
    );
}

#[test]
fn block_may_lack_its_end() {
    let text = "##\n# @E:\n# x\n{ 'event': 'E' }\n##\n# y\n";
    check(
        text,
        &["OLD-DOC-UNTERMINATED 4:1", "OLD-DOC-UNTERMINATED 6:4"],
    );
    assert_eq!(docs(text)[0].body.text, "x");
    assert_eq!(docs(text)[1].body.text, "y");
}

#[test]
fn comments_may_start_with_two_marks() {
    check(
        "## Title\n#\n{ 'event': 'E' }\n",
        &["OLD-DOC-START-JUNK 1:1"],
    );
    let text = "####\n# @E:\n# x\n####\n{ 'event': 'E' }\n";
    check(text, &["OLD-DOC-START-JUNK 1:1", "OLD-DOC-END 4:1"]);
    assert_eq!(docs(text)[0].body.text, "x");
    let text = "##\n# @E:\n## x\n# y\n##\n{ 'event': 'E' }\n";
    check(text, &["OLD-DOC-END-JUNK 3:1"]);
    assert_eq!(docs(text)[0].body.text, "x\ny");
}

#[test]
fn blank_after_the_mark_may_be_missing() {
    let text = "##\n# @E:\n#x\n#Since: 2.5\n#\n#Since: 2.5\n##\n{ 'event': 'E' }\n";
    check(
        text,
        &[
            "OLD-DOC-NO-SPACE 3:1",
            "OLD-DOC-NO-SPACE 4:1",
            "OLD-DOC-NO-SPACE 6:1",
        ],
    );
    assert_eq!(docs(text)[0].body.text, "x\nSince: 2.5");
    assert_eq!(docs(text)[0].sections[0].text, "2.5");
}

#[test]
fn header_may_lack_its_colon() {
    let text = "##\n# @E\n#\n# x\n##\n{ 'event': 'E' }\n";
    check(text, &["OLD-DOC-HDR-COLON 2:1"]);
    assert_eq!(docs(text)[0].symbol.as_deref(), Some("E"));
    assert_eq!(docs(text)[0].body.text, "x");
    let text = "##\n# @E: x\n# y\n##\n{ 'event': 'E' }\n";
    check(text, &["OLD-DOC-HDR-COLON 2:1"]);
    assert_eq!(docs(text)[0].body.text, "x\n\ny");
    let text = "##\n# @E is it.\n##\n{ 'event': 'E' }\n";
    check(text, &["OLD-DOC-HDR-COLON 2:1"]);
    assert_eq!(docs(text)[0].symbol.as_deref(), Some("E"));
    assert_eq!(docs(text)[0].body.text, "@E is it.");
    check(
        "##\n# @:\n# x\n##\n{ 'event': 'E' }\n",
        &["OLD-DOC-HDR-NAME 2:1"],
    );
}

#[test]
fn header_may_be_missing() {
    let text = "##\n#\n# Does it.\n#\n# @id: x\n#\n# Since: 1.1\n##\n\
                { 'command': 'c', 'data': { 'id': 'int' } }\n";
    check(text, &["OLD-DOC-UNNAMED 1"]);
    let docs = docs(text);
    assert_eq!(docs[0].symbol.as_deref(), Some("c"));
    assert_eq!(docs[0].body.text, "Does it.");
    assert_eq!(docs[0].members[0].name, "id");
    assert_eq!(docs[0].sections[0].text, "1.1");
    let text = "##\n#\n# @c:\n# x\n##\n{ 'command': 'c' }\n";
    check(text, &["OLD-DOC-UNNAMED 1"]);
}

#[test]
fn free_form_text_elsewhere_is_free() {
    let text = "##\n# = Title\n# @x: y\n##\n##\n# @E:\n##\n{ 'event': 'E' }\n";
    check(text, &["OLD-DOC-FREE-AT 3:1"]);
    assert_eq!(docs(text)[0].symbol, None);
    assert_eq!(docs(text)[0].body.text, "= Title\n@x: y");
}

#[test]
fn documentation_may_be_left_over() {
    let text = "##\n# @gone:\n#\n# @a: b\n##\n##\n# @E:\n##\n{ 'event': 'E' }\n";
    check(text, &["OLD-DOC-ORPHAN 1"]);
    assert_eq!(docs(text)[0].symbol, None);
    assert_eq!(docs(text)[0].body.text, "@gone:\n\n@a: b");
}

#[test]
fn style_is_free() {
    let long = "x".repeat(100);
    let text = format!("##\n# @E:\n#\n# {long} A. B\n##\n{{ 'event': 'E' }}\n");
    check_style(&text);
}

/// Style is not even worth a warning.
#[track_caller]
fn check_style(text: &str) {
    let loaded = load_old(text);
    assert_eq!(loaded.diagnostics, []);
    assert!(!load_text(text, Dialect::Strict).diagnostics.is_empty());
}

/// A command with members `a` and `b`, below a block with these lines.
fn command(lines: &[&str]) -> String {
    let lines: Vec<_> = lines
        .iter()
        .map(|it| format!("# {it}").trim_end().to_owned())
        .collect();
    format!(
        "##\n# @c:\n#\n{}\n##\n{{ 'command': 'c', 'data': {{ 'a': 'int', 'b': 'int' }}, 'returns': ['int'] }}\n{{ 'pragma': {{ 'command-returns-exceptions': [ 'c' ] }} }}\n",
        lines.join("\n")
    )
}

fn sections(doc: &Doc) -> Vec<(SectionKind, &str)> {
    doc.sections.iter().map(|it| (it.kind, &*it.text)).collect()
}

#[test]
fn since_may_lack_its_colon() {
    let text = command(&["@a: x", "", "@b: x", "Since 0.15.0", "", "Since 1.0"]);
    check(&text, &[]);
    let docs = docs(&text);
    assert_eq!(
        sections(&docs[0]),
        [
            (SectionKind::Plain, "Since 1.0"),
            (SectionKind::Since, "0.15.0")
        ]
    );
    let text = command(&["@a: x", "", "@b: x", "Since 1.0 or so"]);
    assert_eq!(
        sections(&self::docs(&text)[0]),
        [(SectionKind::Plain, "Since 1.0 or so")]
    );
}

#[test]
fn optional_mark_is_dropped() {
    let text = command(&["@a: #optional x", "    y", "@b:", "    #optionally"]);
    check(&text, &[]);
    let docs = docs(&text);
    assert_eq!(docs[0].members[0].text, "x\n    y");
    assert_eq!(docs[0].members[1].text, "    #optionally");
}

#[test]
fn repeated_sections_are_joined() {
    let text = command(&[
        "@a: x",
        "@b: x",
        "",
        "Returns: x",
        "Returns: y",
        "  z",
        "",
        "Plain",
    ]);
    check(&text, &["OLD-DOC-DUP-SECTION 8"]);
    assert_eq!(
        sections(&docs(&text)[0]),
        [
            (SectionKind::Returns, "x\ny\n  z"),
            (SectionKind::Plain, "Plain")
        ]
    );
}

#[test]
fn notes_and_examples_are_plain_sections() {
    let text = command(&[
        "@a: x",
        "@b: x",
        "",
        "Note: this",
        "unindented",
        "",
        "Example:",
        "",
        "-> x",
        "   y",
    ]);
    check(&text, &["OLD-DOC-TAG 7:1", "OLD-DOC-TAG 10:1"]);
    assert_eq!(
        sections(&docs(&text)[0]),
        [(
            SectionKind::Plain,
            "Note: this\nunindented\n\nExample:\n\n-> x\n   y"
        )]
    );
}

#[test]
fn indentation_does_not_matter_where_it_is_missing() {
    let text = command(&["@a: x", "y", "", "@b:", "z", "", "Returns: u", "v"]);
    check(&text, &["OLD-DOC-ARG-LATE 7:1", "OLD-DOC-EMPTY-TEXT 7"]);
    let docs = docs(&text);
    let members: Vec<_> = docs[0]
        .members
        .iter()
        .map(|it| (&*it.name, &*it.text))
        .collect();
    assert_eq!(members, [("a", "x\ny"), ("b", "z")]);
    assert_eq!(sections(&docs[0]), [(SectionKind::Returns, "u\nv")]);
}

#[test]
fn lines_indented_less_belong_to_the_text() {
    let text = command(&["@a: x", "     y", "   z", "@b: x", "   y", "Since: 1.0"]);
    check(&text, &["OLD-DOC-DEINDENT 6:1", "OLD-DOC-DEINDENT 9:1"]);
    let docs = docs(&text);
    assert_eq!(docs[0].members[0].text, "x\n     y\n   z");
    assert_eq!(docs[0].members[1].text, "x\n   y");
    assert_eq!(sections(&docs[0]), [(SectionKind::Since, "1.0")]);
}

#[test]
fn members_may_be_described_late_or_twice() {
    let text = command(&["@a: x", "", "Plain.", "", "@b: y", "@a: z", "", "@: u"]);
    check(
        &text,
        &[
            "OLD-DOC-ARG-LATE 8:1",
            "OLD-DOC-DUP-ARG 9",
            "OLD-DOC-ARG-NAME 11",
        ],
    );
    let docs = docs(&text);
    let members: Vec<_> = docs[0]
        .members
        .iter()
        .map(|it| (&*it.name, &*it.text))
        .collect();
    assert_eq!(members, [("a", "x\nz"), ("b", "y")]);
}

#[test]
fn lists_of_features_may_be_odd() {
    let text = "##\n# @E:\n#\n# Features:\n#\n# Text.\n##\n{ 'event': 'E' }\n";
    check(text, &["OLD-DOC-NO-FEATURES 6:1"]);
    let text = "##\n# @E:\n#\n# Features:\n# @f: x\n#\n# Features:\n# @g: x\n##\n\
                { 'event': 'E', 'features': [ 'f', 'g' ] }\n";
    check(text, &["OLD-DOC-DUP-FEATURES 7:1"]);
    assert_eq!(docs(text)[0].features.len(), 2);
}

#[test]
fn documentation_without_old_forms_reads_the_same_everywhere() {
    let text = command(&[
        "Paragraph",
        "Since 1.0 it is",
        "Since: 1.0",
        "",
        "@a: x",
        "@b: x",
        "unindented",
        "",
        "Returns: x",
        "unindented",
        "Since: 1.0",
        "",
        "# ##",
        "#optional",
    ]);
    let docs = |dialect| {
        let loaded = load_text(&text, dialect);
        assert_eq!(loaded.diagnostics, []);
        loaded.schema.unwrap().docs
    };
    assert_eq!(docs(Dialect::Strict), docs(Dialect::Auto));
}
