//! Documentation in the strict dialect (docs/reference/language.md §7.1 to §7.5).

use qapi_parser::Dialect;
use qapi_parser::ir::{Doc, SectionKind, SectionRef};

#[expect(dead_code, reason = "shared by several tests")]
#[path = "support/load.rs"]
mod loading;

use loading::{accepted, errors};

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(errors(text), expected, "{text}");
}

/// A block, given by its lines without `# `, around a command `c` with a member and two features.
fn block(lines: &[&str]) -> String {
    let lines: String = lines
        .iter()
        .map(|line| format!("# {line}").trim_end().to_owned() + "\n")
        .collect();
    format!("##\n{lines}##\n{COMMAND}")
}

const COMMAND: &str = "{ 'command': 'c', 'data': { 'm': 'int' }, 'returns': 'Rs', 'features': ['f', 'g'] }\n\
                       { 'struct': 'Rs', 'data': {} }\n";

/// Lines that make a complete block for the command, with others in between.
fn with(lines: &[&str]) -> String {
    let mut all = vec!["@c:", ""];
    all.extend(lines);
    all.extend(["", "@m: x", "", "Features:", "@f: x", "@g: y"]);
    block(&all)
}

fn doc(text: &str) -> Doc {
    accepted(text).docs.remove(0)
}

#[test]
fn block_opens_with_exactly_two_marks() {
    for opener in ["## ", "###", "## x", "##x"] {
        let text = format!("{opener}\n# @c:\n# x\n##\n{{ 'command': 'c' }}\n");
        check(&text, &["DOC-START-JUNK 1:1"]);
    }
    check("# ##\n# #\n#\n{ 'command': 'c' }\n", &[]);
    check("{ 'command': 'c' } ##\n# Text.\n##\n", &[]);
    check("{ 'command': 'c' } ## text\n", &["DOC-START-JUNK 1:20"]);
}

#[test]
fn block_closes_with_exactly_two_marks() {
    for closer in ["## ", "###", "## x"] {
        let text = format!("##\n# @c:\n# x\n{closer}\n{{ 'command': 'c' }}\n");
        check(&text, &["DOC-END-JUNK 4:1"]);
    }
    check(
        "##\n# @c:\n## x\n# y\n##\n{ 'command': 'c' }\n",
        &["DOC-END-JUNK 3:1"],
    );
}

#[test]
fn block_must_be_closed() {
    check(
        "##\n# @c:\n# x\n\n{ 'command': 'c' }\n",
        &["DOC-UNTERMINATED 5:1"],
    );
    check("##\n# Text.\n", &["DOC-UNTERMINATED 2:8"]);
    check(
        "##\n# @c:\n# ##\n{ 'command': 'c' }\n",
        &["DOC-UNTERMINATED 4:1"],
    );
    check("##\n", &["DOC-UNTERMINATED 1:3"]);
    check(
        "##\n# @c:\n# x\n?{ 'command': 'c' }\n",
        &["LEX-STRAY 4:1", "DOC-UNTERMINATED 4:2"],
    );
}

#[test]
fn block_without_opener_is_one_mistake() {
    check(
        "{ 'pragma': { 'doc-required': true } }\n# @c:\n#\n# x\n##\n{ 'command': 'c' }\n",
        &["DOC-UNTERMINATED 6:1"],
    );
}

#[test]
fn block_may_be_indented_and_interrupted_by_empty_lines() {
    let doc = doc("  ##\n\n # @c:\n\n\t# Text\n   #  more\n  ##\n{ 'command': 'c' }\n");
    assert_eq!(doc.symbol.as_deref(), Some("c"));
    assert_eq!(doc.body.text, "Text\n more");
}

#[test]
fn text_is_set_off_by_a_blank() {
    check(
        "##\n# @c:\n#x\n#\ty\n##\n{ 'command': 'c' }\n",
        &["DOC-NO-SPACE 3:1", "DOC-NO-SPACE 4:1"],
    );
}

#[test]
fn trailing_white_space_is_not_text() {
    let doc = doc("##\n# @c: \u{a0}\n# x\u{3000}\u{1f}\n#  \n#\n##\n{ 'command': 'c' }\n");
    assert_eq!(doc.body.text, "x");
}

#[test]
fn header_needs_name_and_colon() {
    check(
        &block(&["@c", "", "@m: x", "", "Features:", "@f: x", "@g: x"]),
        &["DOC-HDR-COLON 2:1"],
    );
    check(
        "##\n# @c: x\n##\n{ 'command': 'c' }\n",
        &["DOC-HDR-COLON 2:1"],
    );
    check(
        "##\n# @c is it\n##\n{ 'command': 'c' }\n",
        &["DOC-HDR-COLON 2:1"],
    );
    check("##\n# @:\n##\n{ 'command': 'c' }\n", &["DOC-HDR-NAME 2:1"]);
    check(
        "##\n# @c d:\n##\n{ 'command': 'c' }\n",
        &["DOC-SYMBOL 4 command c"],
    );
}

#[test]
fn free_form_blocks_are_kept_as_they_are() {
    let doc = doc("##\n#\n# = Title\n#\n#\n# Since: 1.0\n#   @x: y\n# a @b: c\n#\n##\n");
    assert_eq!(doc.symbol, None);
    assert_eq!(doc.body.text, "= Title\n\n\nSince: 1.0\n  @x: y\na @b: c");
    assert_eq!(doc.order, [SectionRef::Body]);
    assert!(accepted("##\n##\n").docs[0].body.text.is_empty());
}

#[test]
fn free_form_blocks_describe_nothing() {
    check("##\n# Text\n# @x: y\n# @z: y\n##\n", &["DOC-FREE-AT 3:1"]);
    check("##\n#  @c:\n##\n", &[]);
    check(
        "##\n# Text\n# @x y:z\n##\n{ 'event': 'E' }\n",
        &["DOC-FREE-AT 3:1"],
    );
}

#[test]
fn free_form_block_must_not_precede_a_definition() {
    check(
        "##\n# Text\n##\n# comment\n{ 'event': 'E' }\n",
        &["DOC-NOT-DEF 1"],
    );
    check("##\n# Text\n##\n{ 'pragma': {} }\n{ 'event': 'E' }\n", &[]);
    check("##\n# Text\n##\n##\n# @E:\n##\n{ 'event': 'E' }\n", &[]);
    check(
        "{ 'pragma': { 'doc-required': true } }\n##\n# Text\n##\n{ 'event': 'E' }\n",
        &["DOC-NOT-DEF 2"],
    );
}

#[test]
fn definition_must_follow_its_documentation() {
    let block = "##\n# @E:\n##\n";
    check(block, &["DOC-ORPHAN 1"]);
    check(
        &format!("{block}{block}{{ 'event': 'E' }}\n"),
        &["DOC-ORPHAN 1"],
    );
    check(&format!("{block}##\n# Text\n##\n"), &["DOC-ORPHAN 1"]);
    check(&format!("{block}{{ 'pragma': {{}} }}\n"), &["DOC-ORPHAN 1"]);
    check(
        &format!("{block}{{ 'include': [] }}\n"),
        &["DOC-ORPHAN 1", "INC-TYPE 4"],
    );
    check(&format!("{block}# comment\n\n{{ 'event': 'E' }}\n"), &[]);
    check(&format!("{block}{{ 'event': 'E', }}\n"), &["SYN-KEY 4:17"]);
    check(&format!("{block}'E'\n"), &["TOP-NOT-OBJECT 4"]);
}

#[test]
fn orphan_is_reported_before_the_next_block_is_read() {
    check(
        "##\n# @A:\n##\n##\n#x\n##\n",
        &["DOC-ORPHAN 1", "DOC-NO-SPACE 5:1"],
    );
}

#[test]
fn lines_have_at_most_seventy_columns() {
    let fits = "x".repeat(68);
    check(&with(&[&fits]), &[]);
    check(&with(&[&format!("{fits}x")]), &["DOC-LONG 4:1"]);
    check(&with(&["\u{e9}".repeat(68).as_str()]), &[]);
    check(&with(&["\u{e9}".repeat(69).as_str()]), &["DOC-LONG 4:1"]);
    check(&with(&[&format!("{fits}    ")]), &[]);
    check(&format!("##\n# {fits}x\n##\n"), &["DOC-LONG 2:1"]);
    check(
        &format!("##\n# @{fits}:\n##\n"),
        &["DOC-LONG 2:1", "DOC-ORPHAN 1"],
    );
}

#[test]
fn web_addresses_may_be_longer() {
    let path = "x".repeat(80);
    for (line, fits) in [
        (format!("https://{path}"), true),
        (format!("   http://{path}"), true),
        (format!("ftp://{path}"), true),
        (format!("https://{path} x"), false),
        (format!("x https://{path}"), false),
        (format!("gopher://{path}"), false),
    ] {
        let expected: &[&str] = if fits { &[] } else { &["DOC-LONG 4:1"] };
        check(&with(&[&line]), expected);
    }
}

#[test]
fn sentences_are_two_blanks_apart() {
    for (line, column) in [
        ("A. B", 5),
        ("Why? (Because", 7),
        ("No! 1", 6),
        ("i.e. Foo", 7),
        ("10. Foo", 6),
        ("x... Foo", 7),
        ("xe.g. Foo", 8),
        ("\u{e9}. Foo", 5),
    ] {
        check(&with(&[line]), &[&format!("DOC-SPACING 4:{column}")]);
    }
    check(
        &with(&["A. B. C.  D"]),
        &["DOC-SPACING 4:5", "DOC-SPACING 4:8"],
    );
    for line in [
        "A.  B",
        "A.   B",
        "A. b",
        "A. \"B",
        "A.\tB",
        "A.B",
        "e.g. Foo",
        "(e.g. Foo",
        "1. Foo",
        "   2. Foo",
        "A: B",
    ] {
        check(&with(&[line]), &[]);
    }
    check(
        &block(&[
            "@c:",
            "@m: x",
            "",
            "Features:",
            "@f: x",
            "@g: y",
            "",
            "Since: 1.5. Foo",
        ]),
        &["DOC-SPACING 9:14"],
    );
}

#[test]
fn column_of_a_missing_blank_counts_from_the_mark() {
    check("  ##\n  # A. B\n  ##\n", &["DOC-SPACING 2:5"]);
}

#[test]
fn literal_text_has_no_style() {
    for opener in ["::", "   ::", ".. qmp-example::", "..  qmp-example ::"] {
        check(&with(&[opener, "", "  A. B", "   C. D", "", "  E. F"]), &[]);
        check(&with(&[opener, "  A. B", " C. D"]), &["DOC-SPACING 6:6"]);
    }
    for line in [
        "Text::",
        "  .. qmp-example::",
        ".. code-block::",
        ".. qmp-example:: x",
        "..qmp-example::",
    ] {
        check(&with(&[line, "  A. B"]), &["DOC-SPACING 5:7"]);
    }
}

#[test]
fn literal_text_begins_with_its_first_indented_line() {
    check(
        &with(&["::", "A. B", "", "    A. B", "   A. B"]),
        &["DOC-SPACING 8:8"],
    );
    let long = "x".repeat(100);
    check(
        &with(&["::", "", &format!("  {long}"), &long]),
        &["DOC-LONG 7:1"],
    );
}

#[test]
fn end_of_a_block_ends_literal_text() {
    check(
        "##\n# ::\n#\n#  x\n##\n##\n#  A. B\n##\n",
        &["DOC-SPACING 7:6"],
    );
}

#[test]
fn sections_are_told_apart() {
    let doc = doc(&block(&[
        "@c:",
        "Introduction,",
        "Since: part of it",
        "",
        "",
        "more of it",
        "@m: text",
        "",
        "@m: text",
        "    more",
        "",
        "  ",
        "    still",
        "Features:",
        "",
        "@f:",
        "",
        " f text",
        "@g: g text",
        "",
        "Plain.",
        "",
        "Plainer.",
        "",
        "Returns: something",
        "   indented",
        "   more",
        "TODO: a",
        "Since::",
        "    x",
        "",
        "Errors:",
        "  - one",
        "",
        "Since:1.5",
        "TODO:   b",
    ]));
    assert_eq!(
        doc.body.text,
        "Introduction,\nSince: part of it\n\nmore of it\n@m: text"
    );
    assert_eq!(doc.members.len(), 1);
    assert_eq!(doc.members[0].text, "text\n    more\n\n\n    still");
    let features: Vec<_> = doc
        .features
        .iter()
        .map(|it| (&*it.name, &*it.text))
        .collect();
    assert_eq!(features, [("f", " f text"), ("g", "g text")]);
    let sections: Vec<_> = doc.sections.iter().map(|it| (it.kind, &*it.text)).collect();
    assert_eq!(
        sections,
        [
            (SectionKind::Plain, "Plain.\n\nPlainer."),
            (SectionKind::Returns, "something\n   indented\n   more"),
            (SectionKind::Todo, "a"),
            (SectionKind::Plain, "Since::\n    x"),
            (SectionKind::Errors, "  - one"),
            (SectionKind::Since, "1.5"),
            (SectionKind::Todo, "b"),
        ]
    );
    let mut order = vec![SectionRef::Body, SectionRef::Member(0)];
    order.extend([SectionRef::Feature(0), SectionRef::Feature(1)]);
    order.extend((0..7).map(SectionRef::Section));
    assert_eq!(doc.order, order);
}

#[test]
fn sections_remember_their_lines() {
    let text = block(&[
        "@c:",
        "",
        "Text",
        "",
        "@m: x",
        "",
        "Features:",
        "@f:",
        " x",
        "@g: x",
        "",
        "Since: 1",
    ]);
    let loaded = loading::load_text(&text, Dialect::Strict);
    let doc = &loaded.schema.as_ref().unwrap().docs[0];
    let line = |span| loaded.sources.position(span).line;
    assert_eq!(line(doc.span), 1);
    assert_eq!(loaded.sources.text(doc.span).lines().count(), 14);
    assert_eq!(line(doc.body.span), 4);
    assert_eq!(line(doc.members[0].span), 6);
    assert_eq!(line(doc.features[0].span), 9);
    assert_eq!(line(doc.features[1].span), 11);
    assert_eq!(line(doc.sections[0].span), 13);
}

#[test]
fn members_are_described_in_one_run() {
    let features = ["", "Features:", "@f: x", "@g: x"];
    let text = |lines: &[&str]| block(&[lines, &features].concat());
    check(
        &text(&["@c:", "Since: 1", "", "@m: x"]),
        &["DOC-ARG-LATE 5:1"],
    );
    check(
        &text(&["@c:", "", "@m: x", "unindented", "", "@m: x"]),
        &["DOC-ARG-LATE 7:1", "DOC-DUP-ARG 7"],
    );
    check(&text(&["@c:", "", "paragraph", "", "@m: x"]), &[]);
}

#[test]
fn descriptions_after_features_are_features() {
    check(
        &block(&["@c:", "Features:", "@f: x", "@g: x", "", "@m: x"]),
        &["DOC-MEMBER-MISSING 9 command c", "DOC-BOGUS 7"],
    );
}

#[test]
fn list_of_features_is_single_and_not_empty() {
    let run = ["@c:", "@m: x", "", "Features:", "@f: x", "@g: x"];
    check(
        &block(&[&run[..], &["", "Features:", "@h: x"]].concat()),
        &["DOC-DUP-FEATURES 9:1", "DOC-BOGUS 10"],
    );
    check(
        "##\n# @c:\n#\n# Features:\n#\n# x\n##\n{ 'command': 'c' }\n",
        &["DOC-NO-FEATURES 6:1"],
    );
    check(
        "##\n# @c:\n# Features:\n##\n{ 'command': 'c' }\n",
        &["DOC-NO-FEATURES 4:1"],
    );
    check(
        "##\n# @c:\n# Features:\n{ 'command': 'c' }\n",
        &["DOC-UNTERMINATED 4:1"],
    );
    check("##\n# @c:\n# Features: x\n##\n{ 'command': 'c' }\n", &[]);
}

#[test]
fn old_tags_are_not_sections() {
    for tag in ["Note", "Notes", "Example", "Examples"] {
        let line = format!("{tag}: x");
        check(&with(&[&line, "   y"]), &["DOC-OLD-TAG 4:1"]);
        check(&with(&["Text", &line]), &[]);
        check(&with(&[&format!("{tag}::"), "   y"]), &[]);
    }
}

#[test]
fn second_indented_line_must_not_be_indented_less() {
    let text = |tail: &[&str]| {
        let features = ["", "Features:", "@f: x", "@g: x"];
        block(&[&["@c:", "@m: x"], tail, &features].concat())
    };
    check(&text(&["    a", "  b"]), &["DOC-DEINDENT 5:1"]);
    check(&text(&["", "    a", "b"]), &["DOC-DEINDENT 6:1"]);
    check(&text(&["    a", "", "  b"]), &[]);
    check(&text(&["    a", "    b", "  c"]), &[]);
    check(&text(&["    a", "      b", "    c"]), &[]);
    check(&text(&["b"]), &[]);
    check(
        &block(&["@c:", "@m: x", "    a", "Features:", "@f: x", "@g: x"]),
        &["DOC-DEINDENT 5:1"],
    );
}

#[test]
fn sections_that_stand_once_stand_once() {
    let base = ["@c:", "@m: x", "", "Features:", "@f: x", "@g: x", ""];
    for (lines, expected) in [
        (["Returns: x", "Returns: y"], &["DOC-DUP-SECTION 10"][..]),
        (["Errors: x", "Errors: y"], &["DOC-DUP-SECTION 10"]),
        (["Since: x", "Since: y"], &["DOC-DUP-SECTION 10"]),
        (["TODO: x", "TODO: y"], &[]),
    ] {
        check(&block(&[&base[..], &lines].concat()), expected);
    }
}

#[test]
fn descriptions_have_names_and_are_single() {
    check(
        &block(&["@c:", "@:", "", "Features:", "@f: x", "@g: x"]),
        &["DOC-ARG-NAME 3", "DOC-MEMBER-MISSING 9 command c"],
    );
    check(
        &block(&[
            "@c:",
            "@m: x",
            "@m: y",
            "",
            "Features:",
            "@f: x",
            "@g: x",
            "@f: x",
        ]),
        &["DOC-DUP-ARG 4", "DOC-DUP-ARG 9"],
    );
}

#[test]
fn sections_have_text() {
    check(
        &block(&[
            "@c:",
            "@m:",
            "",
            "Features:",
            "@f:",
            "@g:",
            "",
            "Returns:",
            "",
            "TODO:",
        ]),
        &[
            "DOC-EMPTY-TEXT 3",
            "DOC-EMPTY-TEXT 6",
            "DOC-EMPTY-TEXT 7",
            "DOC-EMPTY-TEXT 9",
            "DOC-EMPTY-TEXT 11",
        ],
    );
    check(
        &block(&[
            "@c:",
            "@m:",
            "  x",
            "",
            "Features:",
            "@f:",
            "",
            " x",
            "@g: x",
        ]),
        &[],
    );
}

#[test]
fn empty_section_is_found_after_the_token_that_follows_the_block() {
    let loaded = loading::load_text(
        "##\n# @E:\n# Since:\n##\n?\n{ 'event': 'E' }\n",
        Dialect::Strict,
    );
    assert_eq!(loaded.diagnostics[0].code.as_str(), "LEX-STRAY");
    assert_eq!(loaded.diagnostics[1].code.as_str(), "DOC-EMPTY-TEXT");
}

#[test]
fn many_descriptions_take_no_longer_than_they_must() {
    let members: Vec<_> = (0..20_000).map(|i| format!("# @m{i}: x\n")).collect();
    let members = members.concat();
    let found = errors(&format!("##\n# @c:\n{members}##\n"));
    assert_eq!(found, ["DOC-ORPHAN 1"]);
}
